import type { MemoryPoolsOptions, StrategyContext } from "veloz"
import { answerHeapQuestions } from "./heap.js"

/** Owns no pool: it is here for the heap of its thread. */
export function strategy({ channel }: StrategyContext<MemoryPoolsOptions>): void {
  answerHeapQuestions("strategy", channel)
}
