import { test } from "uvu"
import * as assert from "uvu/assert"
import { BUY, OrderBook, SELL, SelfTrade } from "../../../../plugins/sim-exchange/hot/order-book.js"
import { OrderFlow } from "../../../../plugins/sim-exchange/hot/order-flow.js"
import { NO_ORDER } from "../../../../plugins/sim-exchange/hot/price-levels.js"
import { Random } from "../../../../plugins/sim-exchange/hot/random.js"

const SETTINGS = {
  referenceTicks: 6_000_000,
  levelsPerSide: 50,
  gapTicks: 60,
  stepTicks: 13,
  reversion: 1e-6,
  meanLots: 1000,
  maxTicks: 100_000_000,
}

function market(seed: number) {
  const book = new OrderBook(SETTINGS.maxTicks)
  const flow = new OrderFlow(book, new Random(seed), SETTINGS)
  flow.populate()
  return { book, flow, step: () => step(book, flow) }
}

function step(book: OrderBook, flow: OrderFlow): void {
  flow.step()
  const { fills } = book
  for (let row = 0; row < fills.count; row++) if (fills.makerLots[row] === 0) flow.forget(fills.makerSlot[row])
}

test("each event changes the book, which is never crossed and stays about as deep as asked", () => {
  const { book, flow, step } = market(1)
  for (let i = 0; i < 20_000; i++) {
    const before = book.updateId
    step()
    assert.ok(book.updateId > before)
    assert.ok(book.bestBidTicks < book.bestAskTicks)
  }
  for (const side of [BUY, SELL]) {
    assert.ok(book.levelCount[side] > 30 && book.levelCount[side] < 70, `levels: ${book.levelCount[side]}`)
  }
  assert.ok(Math.abs(book.bestBidTicks - flow.referenceTicks) < 60_000, "the book has lost its reference")
})

test("it trades, and the same seed makes the same market", () => {
  const one = market(7)
  const same = market(7)
  const other = market(8)
  let trades = 0
  let differs = false
  for (let i = 0; i < 5000; i++) {
    one.step()
    same.step()
    other.step()
    trades += one.book.fills.count
    assert.is(one.book.bestBidTicks, same.book.bestBidTicks)
    assert.is(one.book.lotsAt(one.book.bestAskTicks), same.book.lotsAt(same.book.bestAskTicks))
    differs ||= one.book.bestBidTicks !== other.book.bestBidTicks
  }
  assert.ok(trades > 500, `${trades} trades in 5000 events`)
  assert.ok(differs, "another seed made the same market")
})

test("its takers fill the order of a user at the touch", () => {
  const { book, step } = market(3)
  const slot = book.submit(BUY, book.bestAskTicks - 1, 10, 1, SelfTrade.Allow, true)
  assert.is.not(slot, NO_ORDER)
  let filled = 0
  for (let i = 0; i < 5000 && filled < 10; i++) {
    step()
    const { fills } = book
    for (let row = 0; row < fills.count; row++) if (fills.makerOwner[row] === 1) filled += fills.lots[row]
  }
  assert.is(filled, 10)
})

test("withdraw takes every generated order away and leaves the user's", () => {
  const { book, flow, step } = market(4)
  for (let i = 0; i < 500; i++) step()
  book.submit(BUY, 1000, 3, 1, SelfTrade.Allow, true)
  flow.withdraw()
  assert.is(flow.orderCount, 0)
  assert.is(book.bestBidTicks, 1000)
  assert.is(book.levelCount[BUY], 1)
  assert.is(book.levelCount[SELL], 0)
})

test.run()
