import { test } from "uvu"
import * as assert from "uvu/assert"
import type { OrderProcessingOptions } from "veloz"
import { OrderType, Side } from "../../../core/hot/records.js"
import { engine } from "../../../plugins/order-processing/engine.js"
import { BTCUSDT, defaultOptions, EngineProbe, ETHUSDT, orderView } from "../../support/part-contexts.js"

/** A market of 60000.00 and 60000.10, where every order of the tests is fine unless an option says otherwise. */
function running(changes: Partial<OrderProcessingOptions> = {}) {
  const probe = new EngineProbe(defaultOptions<OrderProcessingOptions>("order-processing", changes), [BTCUSDT, ETHUSDT])
  for (const top of probe.tops) Object.assign(top, { bidTicks: 6_000_000, askTicks: 6_000_010 })
  const part = engine(probe.context)
  const retune = (options: Partial<OrderProcessingOptions>): void => {
    Object.assign(probe.options, options)
    part.retune!()
  }
  return { probe, retune }
}

test("an ordinary order passes", () => {
  assert.is(running().probe.verdict({}), undefined)
})

test("an order above the largest quantity is denied, one at it is not", () => {
  const { probe, retune } = running({ max_order_qty: "0.5" })
  assert.is(probe.verdict({ qtyLots: 50_000 }), undefined)
  assert.is(probe.verdict({ qtyLots: 50_001 }), "max-order-qty")
  retune({ max_order_qty: "0.7" })
  assert.is(probe.verdict({ qtyLots: 70_000 }), undefined)
  assert.is(probe.verdict({ qtyLots: 70_001 }), "max-order-qty")
})

test("a largest quantity between two lots is rounded down, for each symbol by its own lot", () => {
  const { probe } = running({ max_order_qty: "0.50009" })
  assert.is(probe.verdict({ symbol: 1, qtyLots: 5000 }), undefined)
  assert.is(probe.verdict({ symbol: 1, qtyLots: 5001 }), "max-order-qty")
  assert.is(probe.verdict({ symbol: 0, qtyLots: 50_009 }), undefined)
})

test("an order above the largest notional is denied", () => {
  const { probe } = running({ max_order_notional: "60000" })
  assert.is(probe.verdict({ priceTicks: 6_000_000, qtyLots: 100_000 }), undefined)
  assert.is(probe.verdict({ priceTicks: 6_000_001, qtyLots: 100_000 }), "max-order-notional")
})

test("limits of 0 are no limits", () => {
  const { probe } = running({
    max_order_qty: 0,
    max_order_notional: "0",
    price_band_pct: 0,
    max_open_orders: 0,
    max_orders_per_second: 0,
  })
  probe.openCount = 1e6
  for (let i = 0; i < 20_000; i += 1)
    assert.is(probe.verdict({ priceTicks: 90_000_000, qtyLots: 90_000_000 }), undefined)
})

test("a limit order away from the market is denied, a market order has no price to judge", () => {
  const { probe, retune } = running({ price_band_pct: 1 })
  assert.is(probe.verdict({ priceTicks: 6_060_000 }), undefined)
  assert.is(probe.verdict({ priceTicks: 6_060_100 }), "price-band")
  assert.is(probe.verdict({ priceTicks: 5_900_000 }), "price-band")
  assert.is(probe.verdict({ priceTicks: 0, type: OrderType.Market, notional: 6e8 }), undefined)
  retune({ price_band_pct: 5 })
  assert.is(probe.verdict({ priceTicks: 5_900_000 }), undefined)
})

test("while the book is repaired the last touch judges; before the first one orders are denied", () => {
  const { probe } = running({ price_band_pct: 1 })
  probe.books[0].isLive = false
  assert.is(probe.verdict({}), undefined)
  assert.is(probe.verdict({ priceTicks: 5_900_000 }), "price-band")
  Object.assign(probe.tops[0], { bidTicks: 0, askTicks: 0 })
  assert.is(probe.verdict({}), "no-market")
})

test("a market that is live and empty has no band", () => {
  const { probe } = running()
  Object.assign(probe.tops[0], { bidTicks: 0, askTicks: 0 })
  assert.is(probe.verdict({}), undefined)
})

test("no order joins the largest number of open ones", () => {
  const { probe, retune } = running({ max_open_orders: 3 })
  probe.openCount = 2
  assert.is(probe.verdict({}), undefined)
  probe.openCount = 3
  assert.is(probe.verdict({}), "max-open-orders")
  retune({ max_open_orders: 4 })
  assert.is(probe.verdict({}), undefined)
})

test("more orders than the rate allows in a second are denied, and orders denied for another reason do not count", () => {
  const { probe } = running({ max_orders_per_second: 2, max_open_orders: 10 })
  probe.openCount = 10
  for (let i = 0; i < 5; i += 1) assert.is(probe.verdict({}), "max-open-orders")
  probe.openCount = 0
  assert.is(probe.verdict({}), undefined)
  assert.is(probe.verdict({}), undefined)
  assert.is(probe.verdict({}), "max-orders-per-second")
  probe.context.clock.advanceMs(1000)
  assert.is(probe.verdict({}), undefined)
})

test("a reload grants no second helping of the same second", () => {
  const { probe } = running({ max_orders_per_second: 1 })
  assert.is(probe.verdict({}), undefined)
  probe.validate.length = 0
  probe.risk.length = 0
  engine(probe.context)
  assert.is(probe.verdict({}), "max-orders-per-second")
})

test("an order that takes more than is free is denied; what the venue has not told is left to the venue", () => {
  const { probe } = running()
  probe.free.set("USDT", 6_000_000_000)
  assert.is(probe.verdict({ side: Side.Buy, priceTicks: 6_000_000, qtyLots: 100 }), undefined)
  assert.is(probe.verdict({ side: Side.Buy, priceTicks: 6_000_000, qtyLots: 101 }), "insufficient-balance")
  assert.is(probe.verdict({ side: Side.Sell, qtyLots: 101 }), undefined)
  probe.free.set("BTC", 0)
  assert.is(probe.verdict({ side: Side.Sell, qtyLots: 100 }), "insufficient-balance")
})

test("the venue's own filters are checked before the order leaves", () => {
  const { probe } = running({ price_band_pct: 0, max_order_notional: 0 })
  assert.is(probe.verdict({ priceTicks: BTCUSDT.maxPriceTicks + 1 }), "price-range")
  assert.is(probe.verdict({ qtyLots: BTCUSDT.maxQtyLots + 1 }), "qty-range")
  assert.is(probe.verdict({ priceTicks: 6_000_000, qtyLots: 0 }), "qty-range")
  assert.is(probe.verdict({ priceTicks: 100, qtyLots: 1 }), "min-notional")
})

test("only the price band may run after the send: limits, balances and the rate never do", () => {
  const { probe } = running()
  const deferrable = probe.risk.filter((tap) => tap.deferrable).map(({ name }) => name)
  assert.equal(deferrable, ["price-band"])
  assert.ok(probe.risk.length >= 6)
})

test("the paths follow the live options", () => {
  const { probe, retune } = running({ skip_redundant_validation: false, async_risk_check: false })
  assert.equal([probe.trustsTyped, probe.defersRisk], [false, false])
  retune({ skip_redundant_validation: true, async_risk_check: true })
  assert.equal([probe.trustsTyped, probe.defersRisk], [true, true])
})

test("checks are functions of the order alone, so that one view can serve them all", () => {
  const { probe } = running()
  const order = Object.freeze(orderView())
  for (const { check } of [...probe.validate, ...probe.risk]) assert.is(check(order), 0)
})

test.run()
