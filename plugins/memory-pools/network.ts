import type { MemoryPoolsOptions, NetworkContext, Part } from "veloz"
import { answerHeapQuestions } from "./heap.js"
import { isTouched, pagesOf } from "./sizes.js"

/** Sizes the pool that market records wait in. */
export function network({ options, marketEvents, channel }: NetworkContext<MemoryPoolsOptions>): Part {
  const retune = (): void => {
    marketEvents.keepPages(pagesOf(options))
    marketEvents.resize(options.market_event_pool_size, isTouched(options))
  }
  retune()
  answerHeapQuestions("network", channel)
  return { retune }
}
