import type { EngineContext, MemoryPoolsOptions, Part } from "veloz"
import { answerHeapQuestions } from "./heap.js"
import { isTouched, pagesOf, stringCells } from "./sizes.js"

/** Sizes the pools that the engine role owns. */
export function engine(context: EngineContext<MemoryPoolsOptions>): Part {
  const { options, pools } = context
  const retune = (): void => {
    pools.keepPages(pagesOf(options))
    pools.resizeOrders(options.order_pool_size, isTouched(options))
    pools.resizeStrings(stringCells(options.string_pool_size_mb), isTouched(options))
  }
  retune()
  answerHeapQuestions("engine", context.channel)
  return { retune }
}
