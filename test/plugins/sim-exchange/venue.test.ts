import { test } from "uvu"
import * as assert from "uvu/assert"
import { type Account, balanceOf, openAccount } from "../../../plugins/sim-exchange/account.js"
import { formatAmount } from "../../../plugins/sim-exchange/amounts.js"
import { BUY, SELL } from "../../../plugins/sim-exchange/hot/order-book.js"
import { instrumentOf } from "../../../plugins/sim-exchange/instrument.js"
import type { OrderWish, UserOrder } from "../../../plugins/sim-exchange/order.js"
import type { ExecutionReport } from "../../../plugins/sim-exchange/report.js"
import { SymbolMarket } from "../../../plugins/sim-exchange/symbol-market.js"
import { Venue } from "../../../plugins/sim-exchange/venue.js"
import { below, seededRandom } from "../../support/random.js"
import { refusalOf } from "./support.js"

const INSTRUMENT = instrumentOf("BTCUSDT", undefined)

function floor({ empty = true, seed = 1, maxOpenOrders = 200, balances = { USDT: "1000", BTC: "1" } } = {}) {
  const market = new SymbolMarket(INSTRUMENT, { seed, eventsPerSecond: 500, levelsPerSide: 50, volatilityBps: 0.5 })
  if (empty) market.flow.withdraw()
  const open = (owner: number, key: string) => openAccount(owner, { api_key: key, api_secret: "s", balances })
  const alice = open(1, "alice")
  const bob = open(2, "bob")
  const venue = new Venue([market], [alice, bob], maxOpenOrders)
  return { venue, market, alice, bob }
}

let nextId = 0
function wish(side: "BUY" | "SELL", price: number, qty: number, more: Partial<OrderWish> = {}): OrderWish {
  return {
    instrument: INSTRUMENT,
    side,
    type: "LIMIT",
    timeInForce: "GTC",
    priceTicks: Math.round(price * 100),
    lots: Math.round(qty * 100_000),
    quoteUnits: 0,
    clientOrderId: `id-${nextId++}`,
    selfTradeMode: "EXPIRE_TAKER",
    ...more,
  }
}

const market = (side: "BUY" | "SELL", qty: number): OrderWish => wish(side, 0, qty, { type: "MARKET" })

function funds(account: Account, asset: string): [free: string, locked: string] {
  const { free, locked } = balanceOf(account, asset)
  return [formatAmount(free), formatAmount(locked)]
}

function executions(venue: Venue): string[] {
  const reports = venue.reports.filter((report): report is ExecutionReport => report.kind === "execution")
  venue.reports = []
  return reports.map(({ order, executionType, status, isMaker }) => {
    return `${order.id} ${executionType} ${status}${isMaker ? " maker" : ""}`
  })
}

test("an open order locks what it may take, and a cancel gives it back", () => {
  const { venue, alice } = floor()
  const { order } = venue.place(alice, wish("BUY", 50_000, 0.01), 1)
  assert.equal(funds(alice, "USDT"), ["500.00000000", "500.00000000"])
  venue.cancel(order, "c", undefined, 2)
  assert.equal(funds(alice, "USDT"), ["1000.00000000", "0.00000000"])
  assert.is(order.status, "CANCELED")
  assert.equal(executions(venue), ["1 NEW NEW", "1 CANCELED CANCELED"])
})

test("a trade settles both sides at the maker's price, and the taker gets the difference back", () => {
  const { venue, alice, bob } = floor()
  venue.place(alice, wish("SELL", 50_000, 0.01), 1)
  const { order, fills } = venue.place(bob, wish("BUY", 60_000, 0.015), 2)
  assert.equal(fills, [{ ticks: 5_000_000, lots: 1000, tradeId: 1 }])
  assert.is(order.status, "PARTIALLY_FILLED")
  assert.equal(funds(alice, "USDT"), ["1500.00000000", "0.00000000"])
  assert.equal(funds(alice, "BTC"), ["0.99000000", "0.00000000"])
  assert.equal(funds(bob, "BTC"), ["1.01000000", "0.00000000"])
  // 0.01 at 50,000 is paid, 0.005 at 60,000 is locked.
  assert.equal(funds(bob, "USDT"), ["200.00000000", "300.00000000"])
  assert.equal(executions(venue), ["1 NEW NEW", "2 NEW NEW", "1 TRADE FILLED maker", "2 TRADE PARTIALLY_FILLED"])
})

test("an order beyond the balance is rejected, told so on the user stream, and locks nothing", () => {
  const { venue, alice } = floor()
  const refusal = refusalOf(() => venue.place(alice, wish("BUY", 50_000, 0.02001), 1))
  assert.equal(refusal, { code: -2010, message: "Account has insufficient balance for requested action." })
  assert.equal(funds(alice, "USDT"), ["1000.00000000", "0.00000000"])
  assert.equal(executions(venue), ["1 REJECTED REJECTED"])
})

test("each filter refuses by its name", () => {
  const { venue, alice } = floor()
  const refused = (order: OrderWish) => refusalOf(() => venue.place(alice, order, 1)).message
  assert.is(refused(wish("BUY", 0, 1)), "Filter failure: PRICE_FILTER")
  assert.is(refused(wish("BUY", 1_000_000.01, 1)), "Filter failure: PRICE_FILTER")
  assert.is(refused(wish("BUY", 50_000, 0)), "Filter failure: LOT_SIZE")
  assert.is(refused(wish("SELL", 50_000, 9000.00001)), "Filter failure: LOT_SIZE")
  assert.is(refused(wish("BUY", 50_000, 0.00009)), "Filter failure: NOTIONAL")
  assert.is(refused(wish("SELL", 50_000, 180.00001)), "Filter failure: NOTIONAL")
})

test("open orders are limited, and finished ones make room", () => {
  const { venue, alice } = floor({ maxOpenOrders: 2 })
  const { order } = venue.place(alice, wish("BUY", 10_000, 0.001), 1)
  venue.place(alice, wish("BUY", 10_000, 0.001), 1)
  const refusal = refusalOf(() => venue.place(alice, wish("BUY", 10_000, 0.001), 1))
  assert.equal(refusal, { code: -1013, message: "Filter failure: MAX_NUM_ORDERS" })
  venue.cancel(order, "c", undefined, 1)
  assert.is(refusalOf(() => venue.place(alice, wish("BUY", 10_000, 0.001), 1)).code, 0)
})

test("a client id is taken while its order is open, and free afterwards", () => {
  const { venue, alice, bob } = floor()
  const first = wish("BUY", 10_000, 0.001, { clientOrderId: "mine" })
  const { order } = venue.place(alice, first, 1)
  assert.equal(
    refusalOf(() => venue.place(alice, { ...first }, 1)),
    { code: -2010, message: "Duplicate order sent." },
  )
  assert.is(refusalOf(() => venue.place(bob, { ...first }, 1)).code, 0, "another account's id is its own")
  venue.cancel(order, "c", undefined, 1)
  assert.is(refusalOf(() => venue.place(alice, { ...first }, 1)).code, 0)
  assert.is(refusalOf(() => venue.cancel(order, "d", undefined, 1)).code, -2011)
})

test("LIMIT_MAKER is refused when it would take", () => {
  const { venue, alice, bob } = floor()
  venue.place(alice, wish("SELL", 50_000, 0.01), 1)
  const maker = (price: number) => wish("BUY", price, 0.001, { type: "LIMIT_MAKER" })
  const refusal = refusalOf(() => venue.place(bob, maker(50_000), 1))
  assert.equal(refusal, { code: -2010, message: "Order would immediately match and take." })
  assert.is(refusalOf(() => venue.place(bob, maker(49_999.99), 1)).code, 0)
})

test("IOC takes what there is and expires with the rest", () => {
  const { venue, alice, bob } = floor()
  venue.place(alice, wish("SELL", 50_000, 0.01), 1)
  venue.reports = []
  const { order } = venue.place(bob, wish("BUY", 50_000, 0.015, { timeInForce: "IOC" }), 1)
  assert.is(order.status, "EXPIRED")
  assert.is(order.filledLots, 1000)
  assert.is(order.expiryReason, "UNFILLED_IOC_QUANTITY_EXPIRED")
  assert.equal(funds(bob, "USDT"), ["500.00000000", "0.00000000"])
  assert.equal(executions(venue), [
    "2 NEW NEW",
    "1 TRADE FILLED maker",
    "2 TRADE PARTIALLY_FILLED",
    "2 EXPIRED EXPIRED",
  ])
})

test("FOK takes all or nothing", () => {
  const { venue, market: book, alice, bob } = floor()
  venue.place(alice, wish("SELL", 50_000, 0.01), 1)
  const failed = venue.place(bob, wish("BUY", 50_000, 0.011, { timeInForce: "FOK" }), 1)
  assert.is(failed.order.status, "EXPIRED")
  assert.is(failed.order.filledLots, 0)
  assert.is(book.book.lotsAt(5_000_000), 1000)
  assert.is(venue.place(bob, wish("BUY", 50_000, 0.01, { timeInForce: "FOK" }), 1).order.status, "FILLED")
})

test("a market order walks the book; what the book lacks expires", () => {
  const { venue, alice, bob } = floor()
  venue.place(alice, wish("SELL", 20_000, 0.01), 1)
  venue.place(alice, wish("SELL", 30_000, 0.01), 1)
  const { order, fills } = venue.place(bob, market("BUY", 0.03), 2)
  assert.is(fills.length, 2)
  assert.is(order.status, "EXPIRED")
  assert.is(order.expiryReason, "INSUFFICIENT_LIQUIDITY")
  assert.equal(funds(bob, "USDT"), ["500.00000000", "0.00000000"])
})

test("a market order by amount buys as much as the amount pays for", () => {
  const { venue, alice, bob } = floor()
  venue.place(alice, wish("SELL", 20_000, 0.01), 1)
  venue.place(alice, wish("SELL", 30_000, 0.01), 1)
  const byAmount = { ...market("BUY", 0), quoteUnits: 350 * 1e8 }
  const { order } = venue.place(bob, byAmount, 2)
  assert.is(order.status, "FILLED")
  assert.is(order.lots, 1500)
  assert.equal(funds(bob, "USDT"), ["650.00000000", "0.00000000"])
})

test("an account's orders do not trade with each other, as the taker wishes", () => {
  const outcome = (selfTradeMode: OrderWish["selfTradeMode"]) => {
    const { venue, alice } = floor()
    const maker = venue.place(alice, wish("SELL", 500, 0.1), 1).order
    const taker = venue.place(alice, wish("BUY", 500, 0.2, { selfTradeMode }), 1).order
    return [maker.status, taker.status]
  }
  assert.equal(outcome("EXPIRE_TAKER"), ["NEW", "EXPIRED_IN_MATCH"])
  assert.equal(outcome("EXPIRE_MAKER"), ["EXPIRED_IN_MATCH", "NEW"])
  assert.equal(outcome("EXPIRE_BOTH"), ["EXPIRED_IN_MATCH", "EXPIRED_IN_MATCH"])
  assert.equal(outcome("NONE"), ["FILLED", "PARTIALLY_FILLED"])
})

test("a taker's slot that a filled maker has just left is the taker's", () => {
  const { venue, alice, bob } = floor()
  venue.place(alice, wish("SELL", 500, 0.1), 1)
  const { order } = venue.place(bob, wish("BUY", 500, 0.2), 1)
  assert.is(order.status, "PARTIALLY_FILLED")
  venue.place(alice, wish("SELL", 500, 0.1), 1)
  assert.is(order.status, "FILLED")
})

test("the generated flow fills users' orders", () => {
  const { venue, market: symbol, alice } = floor({ empty: false })
  const touch = symbol.book.bestBidTicks / 100
  const { order } = venue.place(alice, wish("BUY", touch, 0.001), 1)
  for (let i = 0; i < 20_000 && order.status !== "FILLED"; i++) venue.step(symbol, i)
  assert.is(order.status, "FILLED")
  assert.equal(funds(alice, "BTC"), ["1.00100000", "0.00000000"])
})

test("random orders of two accounts keep every balance whole, none below zero, none created or lost", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seededRandom(seed)
    const { venue, market: symbol, alice, bob } = floor({ balances: { USDT: "5000", BTC: "0.1" } })
    const placed: UserOrder[] = []
    for (let i = 0; i < 500; i++) {
      const account = random() < 0.5 ? alice : bob
      try {
        if (random() < 0.25 && placed.length > 0) {
          venue.cancel(placed[below(random, placed.length)], "c", undefined, i)
        } else placed.push(venue.place(account, randomWish(random), i).order)
      } catch (error) {
        assert.ok(
          refusalOf(() => {
            throw error
          }).code < 0,
        )
      }
      for (const asset of ["USDT", "BTC"]) {
        const [a, b] = [balanceOf(alice, asset), balanceOf(bob, asset)]
        for (const balance of [a, b]) assert.ok(balance.free >= 0 && balance.locked >= 0, `${asset} below zero`)
        assert.is(a.free + a.locked + b.free + b.locked, (asset === "USDT" ? 10_000 : 0.2) * 1e8)
        for (const each of [alice, bob]) assert.is(lockedByOrders(venue, each, asset), balanceOf(each, asset).locked)
      }
      assert.ok(symbol.book.bestBidTicks < symbol.book.bestAskTicks)
    }
    assert.ok(venue.counts.trades > 20, `${venue.counts.trades} trades`)
  }
})

function randomWish(random: () => number): OrderWish {
  const side = random() < 0.5 ? "BUY" : "SELL"
  const qty = (1 + below(random, 400)) / 100_000
  if (random() < 0.15) return market(side, qty)
  const kinds = ["GTC", "GTC", "GTC", "IOC", "FOK"] as const
  const modes = ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"] as const
  return wish(side, 50_000 + below(random, 20), qty, {
    timeInForce: kinds[below(random, kinds.length)],
    selfTradeMode: modes[below(random, modes.length)],
  })
}

function lockedByOrders(venue: Venue, account: Account, asset: string): number {
  const orders = venue.orders.open(account).filter(({ wish: { side } }) => (side === "BUY") === (asset === "USDT"))
  return orders.reduce((sum, order) => sum + order.lockedUnits, 0)
}

test("the tape says which side took", () => {
  const { venue, market: symbol, alice, bob } = floor()
  venue.place(alice, wish("SELL", 500, 0.1), 1)
  venue.place(bob, wish("BUY", 500, 0.1), 2)
  assert.is(symbol.takerSide, BUY)
  venue.place(alice, wish("BUY", 500, 0.1), 3)
  venue.place(bob, wish("SELL", 500, 0.1), 4)
  assert.is(symbol.takerSide, SELL)
  assert.equal(
    symbol.tape.latest(10).map(({ id, timeUs, buyerIsMaker }) => [id, timeUs, buyerIsMaker]),
    [
      [1, 2, false],
      [2, 4, true],
    ],
  )
})

test.run()
