import type { ControlContext, MarketDataOptions } from "veloz"
import { symbolOf } from "./symbol.js"

const SYMBOL = { type: "string", minLength: 1, maxLength: 20 }

export function control(context: ControlContext<MarketDataOptions>): void {
  const { options, http, engine } = context
  http.route({
    method: "GET",
    url: "/api/market",
    summary: "The best bid and ask, and the last price",
    query: { properties: { symbol: SYMBOL } },
    handler: ({ query }) => engine.market.top(symbolOf(query.symbol, context)),
  })
  http.route({
    method: "GET",
    url: "/api/book",
    summary: "The levels of a book that are published",
    query: { properties: { symbol: SYMBOL, depth: { type: "integer", minimum: 1, maximum: 5000 } } },
    handler: ({ query }) => {
      const depth = (query.depth as number | undefined) ?? options.order_book_depth
      return engine.market.book(symbolOf(query.symbol, context), depth)
    },
  })
  http.route({
    method: "POST",
    url: "/api/config/market_data",
    summary: "Changes any of the market path's options, live",
    body: context.schema,
    handler: async ({ body }) => {
      const changes = Object.entries(body).map(([name, value]) => [`plugins.market-data.${name}`, value])
      await engine.configuration.change(Object.fromEntries(changes), "POST /api/config/market_data")
      return { ok: true, market_data_config: currentOptions(context) }
    },
  })
}

/** Read from the engine, because a change may have replaced this very part and its view of the options. */
function currentOptions({ engine }: ControlContext<MarketDataOptions>): unknown {
  return (engine.configuration.effective().plugins as Record<string, unknown>)["market-data"]
}
