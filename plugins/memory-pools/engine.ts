import type { EngineContext, MemoryPoolsOptions, Part } from "veloz"
import { answerHeapQuestions } from "./heap.js"
import { stringCells } from "./sizes.js"

/** Sizes the pools that the engine role owns. */
export function engine(context: EngineContext<MemoryPoolsOptions>): Part {
  const { options, pools } = context
  const retune = (): void => {
    pools.resizeOrders(options.order_pool_size, options.preallocate)
    pools.resizeStrings(stringCells(options.string_pool_size_mb), options.preallocate)
  }
  retune()
  answerHeapQuestions("engine", context.channel)
  return { retune }
}
