import { test } from "uvu"
import * as assert from "uvu/assert"
import { BUY, NO_ASK, NO_BID, OrderBook, SELL, SelfTrade } from "../../../../plugins/sim-exchange/hot/order-book.js"
import { NO_ORDER } from "../../../../plugins/sim-exchange/hot/price-levels.js"
import { below, seededRandom } from "../../../support/random.js"

const ALICE = 1
const BOB = 2
const CAROL = 3

function limit(
  book: OrderBook,
  side: number,
  ticks: number,
  lots: number,
  owner: number,
  mode: number = SelfTrade.Allow,
) {
  return book.submit(side, ticks, lots, owner, mode, true)
}

function met(book: OrderBook): [owner: number, ticks: number, lots: number][] {
  const { fills } = book
  return Array.from({ length: fills.count }, (_, row) => [fills.makerOwner[row], fills.ticks[row], fills.lots[row]])
}

test("the better price trades first, and at one price the earlier order", () => {
  const book = new OrderBook(10_000)
  limit(book, SELL, 102, 5, ALICE)
  limit(book, SELL, 101, 5, BOB)
  limit(book, SELL, 101, 5, CAROL)
  limit(book, BUY, 102, 12, 4)
  assert.equal(met(book), [
    [BOB, 101, 5],
    [CAROL, 101, 5],
    [ALICE, 102, 2],
  ])
})

test("an order that was filled in part keeps its place", () => {
  const book = new OrderBook(10_000)
  limit(book, SELL, 101, 5, ALICE)
  limit(book, SELL, 101, 5, BOB)
  limit(book, BUY, 101, 2, CAROL)
  limit(book, BUY, 101, 4, CAROL)
  assert.equal(met(book), [
    [ALICE, 101, 3],
    [BOB, 101, 1],
  ])
})

test("what a limit order cannot match rests at its limit; what may not rest is gone", () => {
  const book = new OrderBook(10_000)
  limit(book, SELL, 101, 5, ALICE)
  assert.is.not(limit(book, BUY, 101, 8, BOB), NO_ORDER)
  assert.is(book.bestBidTicks, 101)
  assert.is(book.lotsAt(101), 3)
  assert.is(book.bestAskTicks, NO_ASK)
  assert.is(book.submit(SELL, 101, 9, CAROL, SelfTrade.Allow, false), NO_ORDER)
  assert.is(book.unfilledLots, 6)
  assert.is(book.bestBidTicks, NO_BID)
})

test("availableLots counts down to the limit and stops at the taker's own order", () => {
  const book = new OrderBook(10_000)
  limit(book, SELL, 101, 5, ALICE)
  limit(book, SELL, 102, 5, BOB)
  limit(book, SELL, 103, 5, CAROL)
  assert.is(book.availableLots(BUY, 102, 100, 4, SelfTrade.ExpireTaker), 10)
  assert.is(book.availableLots(BUY, 103, 100, BOB, SelfTrade.ExpireTaker), 5)
  assert.is(book.availableLots(BUY, 103, 100, BOB, SelfTrade.ExpireMaker), 10)
  assert.is(book.availableLots(BUY, 103, 100, BOB, SelfTrade.Allow), 15)
  assert.is(book.availableLots(BUY, 100, 100, 4, SelfTrade.Allow), 0)
})

test("a taker that must not meet its owner's order stops there", () => {
  const book = new OrderBook(10_000)
  limit(book, SELL, 101, 2, BOB)
  limit(book, SELL, 101, 5, ALICE)
  assert.is(limit(book, BUY, 101, 9, ALICE, SelfTrade.ExpireTaker), NO_ORDER)
  assert.ok(book.takerPrevented)
  assert.equal(met(book), [
    [BOB, 101, 2],
    [ALICE, 101, 0],
  ])
  assert.is(book.lotsAt(101), 5)
})

test("a taker that expires its owner's orders goes on behind them", () => {
  const book = new OrderBook(10_000)
  limit(book, SELL, 101, 5, ALICE)
  limit(book, SELL, 102, 5, BOB)
  assert.is.not(limit(book, BUY, 102, 9, ALICE, SelfTrade.ExpireMaker), NO_ORDER)
  assert.not.ok(book.takerPrevented)
  assert.is(book.bestBidTicks, 102)
  assert.is(book.lotsAt(102), 4)
  assert.is(book.lotsAt(101), 0)
})

test("both can expire", () => {
  const book = new OrderBook(10_000)
  limit(book, SELL, 101, 5, ALICE)
  assert.is(limit(book, BUY, 102, 9, ALICE, SelfTrade.ExpireBoth), NO_ORDER)
  assert.is(book.bestAskTicks, NO_ASK)
  assert.is(book.bestBidTicks, NO_BID)
})

test("each changed level counts one update, and is noted once a side", () => {
  const book = new OrderBook(10_000, 100)
  limit(book, SELL, 101, 5, ALICE)
  limit(book, SELL, 102, 5, ALICE)
  assert.is(book.updateId, 102)
  book.changes.clear()
  limit(book, BUY, 102, 12, BOB)
  assert.is(book.updateId, 105)
  assert.equal([...book.changes.keys.subarray(0, book.changes.count)], [101 * 2 + SELL, 102 * 2 + SELL, 102 * 2 + BUY])
})

test("quoteFor and lotsWithin price a taker by the levels that are there", () => {
  const book = new OrderBook(10_000)
  limit(book, SELL, 100, 5, ALICE)
  limit(book, SELL, 110, 5, ALICE)
  assert.is(book.quoteFor(BUY, 7), 720)
  assert.is(book.quoteFor(BUY, 100), 1050)
  assert.is(book.lotsWithin(BUY, 720), 7)
  assert.is(book.lotsWithin(BUY, 719), 6)
  assert.is(book.lotsWithin(BUY, 1e9), 10)
})

// The slow and obvious book: a list of orders, searched whole for each match.
interface ModelOrder {
  slot: number
  side: number
  ticks: number
  lots: number
  owner: number
}

class ModelBook {
  orders: ModelOrder[] = []

  submit(side: number, limitTicks: number, lots: number, owner: number, mayRest: boolean): [number, number, number][] {
    const fills: [number, number, number][] = []
    let left = lots
    for (let maker = this.best(1 - side); left > 0 && maker !== undefined; maker = this.best(1 - side)) {
      if (side === BUY ? maker.ticks > limitTicks : maker.ticks < limitTicks) break
      const traded = Math.min(left, maker.lots)
      fills.push([maker.owner, maker.ticks, traded])
      left -= traded
      maker.lots -= traded
      if (maker.lots === 0) this.orders.splice(this.orders.indexOf(maker), 1)
    }
    if (left > 0 && mayRest) this.orders.push({ slot: NO_ORDER, side, ticks: limitTicks, lots: left, owner })
    return fills
  }

  best(side: number): ModelOrder | undefined {
    const sign = side === BUY ? -1 : 1
    return this.orders.filter((order) => order.side === side).sort((a, b) => sign * (a.ticks - b.ticks))[0]
  }

  lotsAt(ticks: number): number {
    return this.orders.filter((order) => order.ticks === ticks).reduce((sum, order) => sum + order.lots, 0)
  }
}

test("random flow trades exactly as an obvious book does, never crossed, no lot lost", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed)
    const book = new OrderBook(100_000)
    const model = new ModelBook()
    let entered = 0
    let left = 0
    for (let i = 0; i < 600; i++) {
      if (random() < 0.3 && model.orders.length > 0) {
        const [order] = model.orders.splice(below(random, model.orders.length), 1)
        assert.is(book.cancel(order.slot), order.lots)
        left += order.lots
        continue
      }
      const side = below(random, 2)
      const ticks = 1000 + below(random, 30)
      const lots = 1 + below(random, 20)
      const mayRest = random() < 0.8
      entered += lots
      const slot = book.submit(side, ticks, lots, i, SelfTrade.Allow, mayRest)
      const expected = model.submit(side, ticks, lots, i, mayRest)
      assert.equal(met(book), expected)
      if (slot !== NO_ORDER) model.orders.at(-1)!.slot = slot
      // A trade takes its lots from both sides; what could not rest has left as well.
      left += 2 * expected.reduce((sum, [, , traded]) => sum + traded, 0) + (mayRest ? 0 : book.unfilledLots)

      assert.ok(book.bestBidTicks < book.bestAskTicks, "crossed")
      assert.is(book.bestBidTicks, model.best(BUY)?.ticks ?? NO_BID)
      assert.is(book.bestAskTicks, model.best(SELL)?.ticks ?? NO_ASK)
      assert.is(book.lotsAt(ticks), model.lotsAt(ticks))
    }
    const resting = model.orders.reduce((sum, order) => sum + order.lots, 0)
    assert.is(entered, left + resting)
    assert.is(book.levelCount[BUY] + book.levelCount[SELL], new Set(model.orders.map((order) => order.ticks)).size)
  }
})

test.run()
