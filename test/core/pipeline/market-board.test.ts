import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { Book } from "../../../core/hot/book.js"
import { Side } from "../../../core/hot/records.js"
import { PublishedBook, Top } from "../../../core/pipeline/book-view.js"
import { boardBytes, MarketBoard } from "../../../core/pipeline/market-board.js"
import { symbolSpecs } from "../../../core/testing/test-symbols.js"

const NOW = Float64Array.of(1_700_000_000_000)

function bookOf(bids: readonly [number, number][], asks: readonly [number, number][], depth = 5): PublishedBook {
  const book = new Book()
  for (const [price, qty] of bids) book.apply(Side.Buy, price, qty)
  for (const [price, qty] of asks) book.apply(Side.Sell, price, qty)
  book.lastUpdateId = 7
  const view = new PublishedBook(symbolSpecs(["BTCUSDT"])[0], book)
  view.depth = depth
  view.isLive = true
  return view
}

test("a reader sees the touch, the last price and the levels that were published", () => {
  const board = new MarketBoard(new ArrayBuffer(boardBytes()), 0)
  const top = Object.assign(new Top(0), { bidTicks: 100, bidLots: 1, askTicks: 102, askLots: 2 })
  board.writeTop(top, NOW)
  board.writeTrade(Float64Array.of(0, 101), 1, NOW)
  board.writeBook(
    bookOf(
      [
        [100, 1],
        [99, 4],
      ],
      [[102, 2]],
    ),
    0,
  )
  const { bidTicks, askLots, lastPriceTicks, timestampMs, bids, asks, lastUpdateId, isLive } = board.read()
  assert.equal([bidTicks, askLots, lastPriceTicks, timestampMs], [100, 2, 101, NOW[0]])
  assert.equal(
    [bids, asks, lastUpdateId, isLive],
    [
      [
        [100, 1],
        [99, 4],
      ],
      [[102, 2]],
      7,
      true,
    ],
  )
})

test("a change below the published depth leaves the levels as they are, and the update id moves", () => {
  const board = new MarketBoard(new ArrayBuffer(boardBytes()), 0)
  const view = bookOf(
    [
      [100, 1],
      [99, 1],
      [98, 1],
    ],
    [
      [102, 1],
      [103, 1],
    ],
    2,
  )
  board.writeBook(view, 0)
  view.book.apply(Side.Buy, 97, 5)
  view.book.lastUpdateId = 8
  board.writeBook(view, 3)
  assert.equal(
    [board.read().lastUpdateId, board.read().bids],
    [
      8,
      [
        [100, 1],
        [99, 1],
      ],
    ],
  )
})

test("a reader may ask for fewer levels than are published", () => {
  const board = new MarketBoard(new ArrayBuffer(boardBytes()), 0)
  board.writeBook(
    bookOf(
      [
        [100, 1],
        [99, 1],
      ],
      [
        [102, 1],
        [103, 1],
      ],
    ),
    0,
  )
  assert.equal([board.read(1).bids, board.read(1).asks], [[[100, 1]], [[102, 1]]])
})

test("symbols have boards of their own", () => {
  const memory = new ArrayBuffer(2 * boardBytes())
  const [one, other] = [new MarketBoard(memory, 0), new MarketBoard(memory, 1)]
  one.writeTrade(Float64Array.of(5), 0, NOW)
  assert.equal([one.read().lastPriceTicks, other.read().lastPriceTicks], [5, 0])
})

/** A thread that writes books whose numbers are all the same, as fast as it can. */
const WRITER = `
  import { workerData } from "node:worker_threads"
  const { MarketBoard } = await import(workerData.board)
  const board = new MarketBoard(workerData.memory, 0)
  let value = 0
  const level = () => value
  const view = {
    get updateId() { return value }, isLive: true, bidCount: 20, askCount: 20,
    bidTicks: level, bidLots: level, askTicks: level, askLots: level,
  }
  while (Atomics.load(workerData.stop, 0) === 0) {
    value++
    board.writeBook(view, 0)
    if (value % 50 === 0) Atomics.wait(workerData.stop, 0, 0, 0.05)
  }
`

test("a reader on another thread never sees half of a book", async () => {
  const memory = new SharedArrayBuffer(boardBytes())
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const board = new MarketBoard(memory, 0)
  const writer = new Worker(new URL(`data:text/javascript,${encodeURIComponent(WRITER)}`), {
    workerData: { memory, stop, board: new URL("../../../core/pipeline/market-board.js", import.meta.url).href },
  })
  await once(writer, "online")
  const seen = new Set<number>()
  let torn = 0
  for (let reads = 0; reads < 20_000 || (seen.size < 100 && reads < 400_000); reads += 1) {
    const { lastUpdateId, bids, asks } = board.read()
    seen.add(lastUpdateId)
    if (![...bids, ...asks].flat().every((number) => number === lastUpdateId)) torn += 1
  }
  Atomics.store(stop, 0, 1)
  await once(writer, "exit")
  assert.is(torn, 0)
  assert.ok(seen.size >= 100, `${seen.size} different books were seen`)
})

test.run()
