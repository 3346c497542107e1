import { test } from "uvu"
import * as assert from "uvu/assert"
import { symbolSpecOf } from "../../../plugins/binance/symbol-spec.js"

const ENTRY = {
  symbol: "BTCUSDT",
  baseAsset: "BTC",
  quoteAsset: "USDT",
  filters: [
    { filterType: "PRICE_FILTER", minPrice: "0.01000000", maxPrice: "1000000.00000000", tickSize: "0.01000000" },
    { filterType: "LOT_SIZE", minQty: "0.00001000", maxQty: "9000.00000000", stepSize: "0.00001000" },
    { filterType: "NOTIONAL", minNotional: "5.00000000" },
  ],
}

test("filters become whole ticks, lots and ticks times lots", () => {
  assert.equal(symbolSpecOf(ENTRY, 3), {
    index: 3,
    name: "BTCUSDT",
    baseAsset: "BTC",
    quoteAsset: "USDT",
    tickSize: "0.01",
    lotSize: "0.00001",
    minPriceTicks: 1,
    maxPriceTicks: 100_000_000,
    minQtyLots: 1,
    maxQtyLots: 900_000_000,
    minNotional: 50_000_000,
  })
})

test("limits between two steps are rounded to the side that the venue accepts", () => {
  const filters = [
    { filterType: "PRICE_FILTER", minPrice: "0.06", maxPrice: "0.99", tickSize: "0.05" },
    { filterType: "LOT_SIZE", minQty: "3.5", maxQty: "9.5", stepSize: "2" },
    { filterType: "MIN_NOTIONAL", minNotional: "1.01" },
  ]
  const spec = symbolSpecOf({ ...ENTRY, filters }, 0)!
  assert.equal([spec.tickSize, spec.lotSize], ["0.05", "2"])
  assert.equal([spec.minPriceTicks, spec.maxPriceTicks, spec.minQtyLots, spec.maxQtyLots], [2, 19, 2, 4])
  // One tick times one lot is 0.10: 1.01 takes eleven.
  assert.is(spec.minNotional, 11)
})

test("a rule that is turned off, or missing, bounds nothing", () => {
  const filters = [
    { filterType: "PRICE_FILTER", minPrice: "0.00000000", maxPrice: "0.00000000", tickSize: "0.00000000" },
  ]
  const spec = symbolSpecOf({ ...ENTRY, filters }, 0)!
  assert.equal([spec.tickSize, spec.lotSize, spec.minNotional], ["0.00000001", "0.00000001", 0])
  assert.equal([spec.minPriceTicks, spec.maxPriceTicks, spec.minQtyLots], [1, Number.MAX_SAFE_INTEGER, 1])
})

test("what is no symbol is none", () => {
  for (const entry of [undefined, null, 5, [], {}, { symbol: "X" }]) assert.is(symbolSpecOf(entry, 0), undefined)
})

test.run()
