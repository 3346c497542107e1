import type { EngineContext, OrderProcessingOptions } from "veloz"
import { OrderType } from "veloz/hot"
import { isOutsideBand } from "./hot/price-band.js"
import { RateWindow } from "./hot/rate-window.js"
import { Limits } from "./limits.js"

/**
 * The risk checks, cheapest first; the rate comes last, because it counts what it lets pass.
 *
 * Only the price band may run after the send. The others bound what can be lost or spent, or how often the venue is
 * asked, and a late deny takes none of that back. The band questions one price against a moving market; the quantity
 * and notional of the order it comes late for have been bounded before.
 */
export function tapRisk(context: EngineContext<OrderProcessingOptions>): Limits {
  const { options, symbols, order } = context
  const limits = new Limits(options, symbols)

  const maxQty = order.reason("max-order-qty", "the quantity is above order-processing.max_order_qty")
  order.risk.tap("max-order-qty", ({ symbol, qtyLots }) => (qtyLots > limits.maxQtyLots[symbol] ? maxQty : 0))

  const maxNotional = order.reason("max-order-notional", "the notional is above order-processing.max_order_notional")
  order.risk.tap("max-order-notional", ({ symbol, notional }) =>
    notional > limits.maxNotional[symbol] ? maxNotional : 0,
  )

  const maxOpen = order.reason("max-open-orders", "order-processing.max_open_orders orders are open")
  order.risk.tap("max-open-orders", () => (order.openCount() >= limits.maxOpenOrders ? maxOpen : 0))

  tapBalance(context)
  tapPriceBand(context)
  tapRate(context, limits)
  return limits
}

function tapBalance({ order, account }: EngineContext<OrderProcessingOptions>): void {
  const insufficient = order.reason("insufficient-balance", "the account has not enough free of what the order takes")
  order.risk.tap("balance", (view) => (account.covers(view) ? 0 : insufficient))
}

function tapPriceBand({ options, books, tops, order }: EngineContext<OrderProcessingOptions>): void {
  const outside = order.reason(
    "price-band",
    "the price is further from the market than order-processing.price_band_pct",
  )
  const noMarket = order.reason("no-market", "no market price has come yet that the limit price could be judged by")
  const check = ({ symbol, type, priceTicks }: { symbol: number; type: number; priceTicks: number }): number => {
    if (type === OrderType.Market || options.price_band_pct === 0) return 0
    const { bidTicks, askTicks } = tops.get(symbol)
    // While the book is repaired the last touch still tells a slip of the finger. Before the first one nothing does,
    // and what cannot be judged is denied; but a book that is live and empty has no price to be far from.
    if (bidTicks === 0 && askTicks === 0) return books.get(symbol).isLive ? 0 : noMarket
    return isOutsideBand(priceTicks, bidTicks, askTicks, options.price_band_pct) ? outside : 0
  }
  order.risk.tap("price-band", check, { deferrable: true })
}

function tapRate({ clock, order, keep }: EngineContext<OrderProcessingOptions>, limits: Limits): void {
  const tooMany = order.reason(
    "max-orders-per-second",
    "order-processing.max_orders_per_second orders came within a second",
  )
  // Kept over reloads: a new generation must not grant a second helping of the same second.
  const window = keep("rate-window", 1, () => new RateWindow(), {
    save: (window) => window.admitted(),
    load: (admitted) => new RateWindow(admitted as Float64Array),
  })
  const now = new Float64Array(1)
  order.risk.tap("max-orders-per-second", () => {
    // A generation that is only prepared must leave the window of the running one as it is: sized when first asked.
    window.resize(limits.maxOrdersPerSecond)
    now[0] = clock.nowNs()
    return window.admitAt(now) ? 0 : tooMany
  })
}
