import { definePlugin } from "veloz"
import { OrderStatus, Side } from "veloz/hot"
import { schema } from "./schema.js"

/** No order is open on a side. */
const NONE = 0

export default definePlugin({
  name: "mid-quoter",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "Quotes a fixed distance around the middle of the market.",
  schema,
  primable: true,
  strategy({ options, symbols, books, orders, timers, counter, keep }) {
    const spec = symbols.get(options.symbol)
    const book = books.get(spec.index)
    // Throws for a quantity that is not in whole lots: the configuration is refused then, and nothing has changed.
    const qtyLots = symbols.lots(spec.name, options.qty)
    const placed = counter("placed")
    // Handles of the two quotes, by side. Kept: the quotes of the part before are still open at the venue.
    const quotes = keep("quotes", 1, () => new Float64Array(2))

    const quote = (side: number, priceTicks: number): void => {
      if (quotes[side] !== NONE) orders.cancel(quotes[side])
      const handle = orders.place(spec.index, side, priceTicks, qtyLots)
      // Below 0 it is denied on the spot: the next turn tries again.
      quotes[side] = Math.max(handle, NONE)
      if (handle > 0) placed.increment()
    }

    timers.every(options.every_ms, () => {
      if (!book.isLive || book.bidCount === 0 || book.askCount === 0) return
      const midTicks = (book.bidTicks(0) + book.askTicks(0)) / 2
      const awayTicks = (midTicks * options.spread_bps) / 10_000
      quote(Side.Buy, Math.floor(midTicks - awayTicks))
      quote(Side.Sell, Math.ceil(midTicks + awayTicks))
    })

    orders.onUpdate(({ handle, side, status }) => {
      if (quotes[side] === handle && isOver(status)) quotes[side] = NONE
    })
  },
})

function isOver(status: number): boolean {
  return status >= OrderStatus.Filled && status <= OrderStatus.Expired
}
