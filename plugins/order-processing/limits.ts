import type { OrderProcessingOptions, Symbols } from "veloz"
import { wholeSteps } from "./whole-steps.js"

/** The limits in the units of the hot path. An option of 0 is no limit, which is Infinity here. */
export class Limits {
  readonly maxQtyLots: Float64Array
  readonly maxNotional: Float64Array
  maxOpenOrders = Number.POSITIVE_INFINITY
  maxOrdersPerSecond = 0

  constructor(
    private readonly options: OrderProcessingOptions,
    private readonly symbols: Symbols,
  ) {
    this.maxQtyLots = new Float64Array(symbols.all.length)
    this.maxNotional = new Float64Array(symbols.all.length)
  }

  /** The options changed. Amounts between two steps are rounded down, as limits are. */
  derive(): void {
    const { max_order_qty, max_order_notional, max_open_orders, max_orders_per_second } = this.options
    for (const { index, name, lotSize } of this.symbols.all) {
      this.maxQtyLots[index] = orNone(max_order_qty, (qty) => wholeSteps(qty, lotSize))
      this.maxNotional[index] = orNone(max_order_notional, (amount) => this.symbols.notional(name, amount))
    }
    this.maxOpenOrders = max_open_orders === 0 ? Number.POSITIVE_INFINITY : max_open_orders
    this.maxOrdersPerSecond = max_orders_per_second
  }
}

function orNone(option: string | number, limitOf: (amount: string | number) => number): number {
  return Number(option) === 0 ? Number.POSITIVE_INFINITY : limitOf(option)
}
