import { test } from "uvu"
import * as assert from "uvu/assert"
import { BUY, OrderBook, SELL, SelfTrade } from "../../../../plugins/sim-exchange/hot/order-book.js"
import { OrderFlow } from "../../../../plugins/sim-exchange/hot/order-flow.js"
import { Random } from "../../../../plugins/sim-exchange/hot/random.js"
import { StreamMessages } from "../../../../plugins/sim-exchange/hot/stream-messages.js"
import { bytesPerCall, NO_ALLOCATION } from "../../../support/allocation.js"

const MAX_TICKS = 100_000_000
const SETTINGS = {
  referenceTicks: 6_000_000,
  levelsPerSide: 200,
  gapTicks: 60,
  stepTicks: 13,
  reversion: 1e-6,
  meanLots: 1000,
  maxTicks: MAX_TICKS,
}

test("placing, matching and cancelling allocate nothing", () => {
  const book = new OrderBook(MAX_TICKS)
  const bytes = bytesPerCall((i) => {
    const slot = book.submit(BUY, 6_000_000 + (i % 50), 10 + (i % 7), 1, SelfTrade.Allow, true)
    book.submit(SELL, 6_000_000, 5, 2, SelfTrade.Allow, false)
    book.cancel(slot)
    if (book.changes.count > 100) book.changes.clear()
  })
  assert.ok(bytes < NO_ALLOCATION, `${bytes} bytes a call`)
})

test("an event of the flow and its book ticker allocate nothing", () => {
  const book = new OrderBook(MAX_TICKS)
  const flow = new OrderFlow(book, new Random(1), SETTINGS)
  const messages = new StreamMessages(book, "BTCUSDT", 1_000_000, 1_000)
  flow.populate()
  const bytes = bytesPerCall(() => {
    flow.step()
    const { fills } = book
    for (let row = 0; row < fills.count; row++) {
      messages.trade(row, fills.ticks[row], fills.lots[row], true, 1_723_161_255_342, 1_723_161_255_343)
      if (fills.makerLots[row] === 0) flow.forget(fills.makerSlot[row])
    }
    messages.bookTicker()
    if (book.changes.count > 100) book.changes.clear()
  })
  assert.ok(bytes < NO_ALLOCATION, `${bytes} bytes a call`)
})

test.run()
