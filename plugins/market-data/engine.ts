import type { EngineContext, MarketDataOptions, Part } from "veloz"
import { ConflateStage } from "./hot/conflate.js"
import { ThrottleStage } from "./hot/throttle.js"

/** Composes the stages that the options ask for, and no others. */
export function engine({ options, symbols, market, counter }: EngineContext<MarketDataOptions>): Part {
  const symbolCount = symbols.all.length
  if (options.conflate_updates) {
    const conflated = counter("conflated")
    market.stage("conflate", (next) => new ConflateStage(symbolCount, next, conflated))
  }
  if (options.update_throttle_us > 0) {
    const throttled = counter("throttled")
    market.stage("throttle", (next, context) => new ThrottleStage(symbolCount, options, next, context, throttled))
  }
  const retune = (): void => market.publishDepth(options.order_book_depth)
  retune()
  return { retune }
}
