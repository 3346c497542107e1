import type { Counter, EngineContext } from "veloz"
import { RecordType, TRADE_PRICE_TICKS, TRADE_QTY_LOTS, TRADE_SYMBOL } from "veloz/hot"
import type { LargeTrade } from "./large-trade.js"
import type { TradeStatsOptions } from "./schema.js"

interface Sums {
  readonly trades: Counter
  readonly lots: Counter
}

/** Runs on the hot thread, for each record of the market: it counts, and allocates nothing but for a large trade. */
export function startEngine({ options, market, symbols, counter, channel }: EngineContext<TradeStatsOptions>): void {
  const sums = symbols.all.map(({ name }): Sums => {
    return { trades: counter(`trades.${name}`), lots: counter(`lots.${name}`) }
  })
  // Throws for a quantity that is not in whole lots: the configuration is refused then, and nothing has changed.
  const largeLots = symbols.all.map(({ name }) => symbols.lots(name, options.large_qty))

  market.decoded.tap("count", (type, offset, { f64, i32 }) => {
    if (type !== RecordType.Trade) return
    const symbol = i32[(offset + TRADE_SYMBOL) >> 2]
    const qtyLots = f64[(offset + TRADE_QTY_LOTS) >> 3]
    sums[symbol].trades.increment()
    sums[symbol].lots.add(qtyLots)
    if (qtyLots < largeLots[symbol]) return
    const priceTicks = f64[(offset + TRADE_PRICE_TICKS) >> 3]
    channel.post({ symbol, priceTicks, qtyLots } satisfies LargeTrade)
  })
}
