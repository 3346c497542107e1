import { test } from "uvu"
import * as assert from "uvu/assert"
import type { OrderView } from "veloz"
import { OrderType, Side } from "../../../core/hot/records.js"
import { Account } from "../../../core/pipeline/account.js"
import { SymbolTable } from "../../../core/pipeline/symbols.js"
import { symbolSpecs } from "../../../core/testing/test-symbols.js"

const UNIT = 1e8
const symbols = new SymbolTable(symbolSpecs(["BTCUSDT", { name: "ETHBTC", tickSize: "0.00001", lotSize: "0.001" }]))
const USDT = "USDT"

function order(changes: Partial<OrderView>): OrderView {
  const view = { symbol: 0, side: Side.Buy, type: OrderType.Limit, priceTicks: 10_000, qtyLots: 100_000, filledLots: 0 }
  return { ...view, ...changes } as OrderView
}

function funded(free: number): { account: Account; usdt: number; row: Float64Array } {
  const account = new Account(symbols)
  const usdt = symbols.assets.indexOf(USDT)
  account.onBalance(usdt, free * UNIT)
  return { account, usdt, row: new Float64Array(1) }
}

test("a buy takes the quote asset and a sell the base asset, in units of 1e-8", () => {
  const { account } = funded(0)
  assert.is(account.requiredUnits(order({})), 100 * UNIT)
  assert.is(account.requiredUnits(order({ side: Side.Sell })), UNIT)
  assert.is(account.nameOf(account.assetOf(symbols.all[0], Side.Sell)), "BTC")
  assert.is(account.nameOf(account.assetOf(symbols.all[1], Side.Buy)), "BTC")
})

test("each symbol counts in its own ticks and lots", () => {
  const { account } = funded(0)
  assert.is(account.requiredUnits(order({ symbol: 1, priceTicks: 5_000, qtyLots: 2_000 })), 0.1 * UNIT)
})

test("what is filled is not required again, and a market order counts with its notional", () => {
  const { account } = funded(0)
  assert.is(account.requiredUnits(order({ filledLots: 40_000 })), 60 * UNIT)
  assert.is(account.requiredUnits(order({ type: OrderType.Market, priceTicks: 0, notional: 2e9 })), 200 * UNIT)
})

test("an asset that the venue has said nothing of covers everything", () => {
  const account = new Account(symbols)
  const usdt = symbols.assets.indexOf(USDT)
  assert.equal([account.covers(usdt, order({})), account.freeUnits(usdt)], [true, -1])
})

test("orders on their way share what is free", () => {
  const { account, usdt, row } = funded(150)
  assert.ok(account.covers(usdt, order({})))
  account.hold(usdt, order({}), row, 0)
  assert.is(account.freeUnits(usdt), 50 * UNIT)
  assert.not.ok(account.covers(usdt, order({})))
  assert.ok(account.covers(usdt, order({ priceTicks: 5_000 })))
})

test("an order that never left gives back what it held", () => {
  const { account, usdt, row } = funded(150)
  account.hold(usdt, order({}), row, 0)
  account.release(usdt, row, 0, false)
  assert.equal([account.freeUnits(usdt), row[0]], [150 * UNIT, 0])
})

test("an accepted order stays taken off until the venue's next word", () => {
  const { account, usdt, row } = funded(150)
  account.hold(usdt, order({}), row, 0)
  account.release(usdt, row, 0, true)
  assert.is(account.freeUnits(usdt), 50 * UNIT)
  account.onBalance(usdt, 90 * UNIT)
  assert.is(account.freeUnits(usdt), 90 * UNIT)
})

test("balances of assets that no symbol has are passed over", () => {
  const account = new Account(symbols)
  for (const asset of [-1, symbols.assets.names.length]) account.onBalance(asset, 5)
  assert.is(account.freeUnits(-1), -1)
  assert.is(account.freeUnits(0), -1)
})

test.run()
