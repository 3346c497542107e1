import type { EngineContext, OrderProcessingOptions } from "veloz"
import { OrderType } from "veloz/hot"

/** Refuses here what the venue's filters would refuse there, a round trip later. */
export function tapValidation({ order, symbols }: EngineContext<OrderProcessingOptions>): void {
  const specs = symbols.all
  const priceRange = order.reason("price-range", "the price is outside the range that the venue takes for this symbol")
  const qtyRange = order.reason("qty-range", "the quantity is outside the range that the venue takes for this symbol")
  const minNotional = order.reason("min-notional", "price times quantity is below the venue's minimum for this symbol")

  order.validate.tap("price-range", ({ symbol, type, priceTicks }) => {
    if (type === OrderType.Market) return 0
    const spec = specs[symbol]
    return priceTicks < spec.minPriceTicks || isAbove(priceTicks, spec.maxPriceTicks) ? priceRange : 0
  })
  order.validate.tap("qty-range", ({ symbol, qtyLots }) => {
    const spec = specs[symbol]
    return qtyLots < spec.minQtyLots || isAbove(qtyLots, spec.maxQtyLots) ? qtyRange : 0
  })
  order.validate.tap("min-notional", ({ symbol, type, notional }) => {
    return type !== OrderType.Market && notional < specs[symbol].minNotional ? minNotional : 0
  })
}

/** A venue that names no maximum says 0. */
function isAbove(value: number, maximum: number): boolean {
  return maximum > 0 && value > maximum
}
