import { test } from "uvu"
import * as assert from "uvu/assert"
import { BUY, OrderBook, SELL, SelfTrade } from "../../../../plugins/sim-exchange/hot/order-book.js"
import { StreamMessages } from "../../../../plugins/sim-exchange/hot/stream-messages.js"

const CENT = 1_000_000
const LOT = 1_000

function place(book: OrderBook, side: number, ticks: number, lots: number): number {
  return book.submit(side, ticks, lots, 1, SelfTrade.Allow, true)
}

function fixture() {
  const book = new OrderBook(100_000_000, 50_093_239_210)
  place(book, BUY, 6_183_763, 378_826)
  place(book, SELL, 6_183_764, 154_698)
  const messages = new StreamMessages(book, "BTCUSDT", CENT, LOT)
  return { book, messages, text: () => Buffer.from(messages.bytes).toString("latin1", messages.start, messages.end) }
}

// The expected texts are messages that the real exchange sent on 2024-08-08, field for field.

test("a book ticker reads as the venue's", () => {
  const { messages, text } = fixture()
  messages.bookTicker()
  assert.is(
    text(),
    '{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}',
  )
})

test("a trade reads as the venue's", () => {
  const { messages, text } = fixture()
  messages.trade(3_735_683_259, 6_183_763, 2_000, true, 1_723_161_255_342, 1_723_161_255_343)
  assert.is(
    text(),
    '{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}',
  )
})

test("a depth update has the changed levels, best first, zero where nothing is left", () => {
  const { book, messages, text } = fixture()
  book.changes.clear()
  const slot = place(book, BUY, 6_173_763, 7)
  place(book, BUY, 5_565_387, 9)
  place(book, SELL, 6_183_804, 32_332)
  place(book, SELL, 6_184_430, 40_163)
  book.cancel(slot)
  book.changes.keys.subarray(0, book.changes.count).sort()
  messages.depthUpdate(book.changes.keys, book.changes.count, 50_093_239_203, 50_093_239_207, 1_723_161_255_308)
  assert.is(
    text(),
    '{"e":"depthUpdate","E":1723161255308,"s":"BTCUSDT","U":50093239203,"u":50093239207,' +
      '"b":[["61737.63000000","0.00000000"],["55653.87000000","0.00009000"]],' +
      '"a":[["61838.04000000","0.32332000"],["61844.30000000","0.40163000"]]}',
  )
})

test("a price that changed sides is gone on the one and there on the other", () => {
  const { book, messages, text } = fixture()
  book.changes.clear()
  place(book, SELL, 6_183_763, 378_826 + 5)
  book.changes.keys.subarray(0, book.changes.count).sort()
  messages.depthUpdate(book.changes.keys, book.changes.count, 1, 2, 3)
  const { b, a } = JSON.parse(text())
  assert.equal(b, [["61837.63000000", "0.00000000"]])
  assert.equal(a, [["61837.63000000", "0.00005000"]])
})

test("a side without changes is an empty list", () => {
  const { messages, text } = fixture()
  messages.depthUpdate(new Int32Array(0), 0, 1, 2, 3)
  assert.is(text(), '{"e":"depthUpdate","E":3,"s":"BTCUSDT","U":1,"u":2,"b":[],"a":[]}')
})

test("a partial book has the best levels of both sides and no symbol", () => {
  const { book, messages, text } = fixture()
  for (let i = 1; i < 9; i++) place(book, BUY, 6_183_763 - i * 10, i)
  messages.partialDepth(5)
  const { lastUpdateId, bids, asks, ...rest } = JSON.parse(text())
  assert.is(lastUpdateId, book.updateId)
  assert.is(bids.length, 5)
  assert.equal(bids[1], ["61837.53000000", "0.00001000"])
  assert.equal(asks, [["61837.64000000", "1.54698000"]])
  assert.equal(rest, {})
})

test("a long update grows the buffer instead of running over", () => {
  const { book, messages, text } = fixture()
  for (let i = 0; i < 5000; i++) place(book, BUY, 1_000_000 + i, 1)
  messages.partialDepth(5000)
  assert.is(JSON.parse(text()).bids.length, 5000)
})

test.run()
