import type { MemoryPoolsOptions, NetworkContext, Part } from "veloz"
import { answerHeapQuestions } from "./heap.js"

/** Sizes the pool that market records wait in. */
export function network({ options, marketEvents, channel }: NetworkContext<MemoryPoolsOptions>): Part {
  const retune = (): void => marketEvents.resize(options.market_event_pool_size, options.preallocate)
  retune()
  answerHeapQuestions("network", channel)
  return { retune }
}
