import type { ControlContext } from "veloz"
import type { LargeTrade } from "./large-trade.js"
import type { TradeStatsOptions } from "./schema.js"

/** Runs on control, where time does not matter: it reads what the engine part counts, and tells of it. */
export function startControl({ http, engine, channel, events }: ControlContext<TradeStatsOptions>): void {
  http.route({
    method: "GET",
    url: "/api/trade_stats",
    summary: "Public trades of each symbol since the start",
    handler: () => ({
      symbols: engine.symbols.all.map(({ index, name }) => ({
        symbol: name,
        trades: engine.metrics.counter(`trade-stats.trades.${name}`),
        volume: engine.symbols.qty(index, engine.metrics.counter(`trade-stats.lots.${name}`)),
      })),
    }),
  })

  channel.onMessage((message) => {
    const { symbol, priceTicks, qtyLots } = message as LargeTrade
    const { symbols } = engine
    events.publish("market", "large_trade", {
      symbol: symbols.all[symbol].name,
      price: symbols.price(symbol, priceTicks),
      qty: symbols.qty(symbol, qtyLots),
    })
  })
}
