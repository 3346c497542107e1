import assert from "node:assert/strict"
import { EventEmitter } from "node:events"
import { DepthMessages } from "../depth-messages.js"
import { startBenchEngine } from "../engine.js"
import { compare, type Subject } from "../measure.js"

/**
 * The whole market path: from the bytes of a depth update, as a frame holds them, until a strategy has been told and has
 * read the best bid and ask. VeloZ's way is the running engine's, with every timestamp, histogram and counter it keeps.
 */
export const marketPath = compare({
  name: "market-path",
  operation: "225-byte JSON to strategy",
  batch: 16,
  async prepare() {
    const subjects = [await engineSubject(), naiveSubject()]
    assertSameTouch(subjects)
    return subjects
  },
})

interface MarketSubject extends Subject {
  /** Best bid and ask that the strategy has read, in ticks. */
  readonly touch: Float64Array
}

async function engineSubject(): Promise<MarketSubject> {
  const messages = new DepthMessages()
  const { bytes, starts } = messages
  const touch = new Float64Array(2)
  const { engine, clock } = await startBenchEngine({
    plugins: { "market-data": {}, binance: {} },
    strategy: ({ market }) => {
      market.onBook((book) => {
        touch[0] = book.bidTicks(0)
        touch[1] = book.askTicks(0)
      })
    },
  })
  const adapter = engine.network.adapter!
  const snapshot = Buffer.from(DepthMessages.snapshot())
  adapter.replay(snapshot, 0, snapshot.length, clock.nowNs())
  return {
    name: "veloz engine",
    touch,
    run() {
      const index = messages.next()
      adapter.replay(bytes, starts[index], starts[index + 1] - starts[index], clock.nowNs())
      engine.endTurn()
    },
    dispose: () => engine.stop(),
  }
}

interface Level {
  price: number
  quantity: number
}

/** Text, objects, sorted arrays of levels, an event emitter: what a first version looks like, and without any metric. */
function naiveSubject(): MarketSubject {
  const messages = new DepthMessages()
  const { bytes, starts } = messages
  const touch = new Float64Array(2)
  const market = new EventEmitter()
  const { bids: bidLevels, asks: askLevels } = JSON.parse(DepthMessages.snapshot())
  const toLevel = ([price, quantity]: [string, string]): Level => ({ price: Number(price), quantity: Number(quantity) })
  const book = { updateId: 0, bids: bidLevels.map(toLevel) as Level[], asks: askLevels.map(toLevel) as Level[] }
  market.on("book", ({ bids, asks }: typeof book) => {
    touch[0] = Math.round(bids[0].price * 100)
    touch[1] = Math.round(asks[0].price * 100)
  })
  return {
    name: "JSON.parse, objects, emitter",
    touch,
    run() {
      const index = messages.next()
      const { data } = JSON.parse(bytes.toString("utf8", starts[index], starts[index + 1]))
      for (const level of data.b) setLevel(book.bids, toLevel(level), (a, b) => a > b)
      for (const level of data.a) setLevel(book.asks, toLevel(level), (a, b) => a < b)
      book.updateId = data.u
      market.emit("book", book)
    },
  }
}

function setLevel(levels: Level[], level: Level, isBetter: (a: number, b: number) => boolean): void {
  const at = levels.findIndex(({ price }) => !isBetter(price, level.price))
  const isThere = at >= 0 && levels[at].price === level.price
  if (level.quantity === 0) {
    if (isThere) levels.splice(at, 1)
  } else {
    levels.splice(at < 0 ? levels.length : at, isThere ? 1 : 0, level)
  }
}

function assertSameTouch([own, naive]: readonly MarketSubject[]): void {
  for (let operation = 0; operation < 5_000; operation++) {
    own.run(operation)
    naive.run(operation)
    assert.deepEqual(own.touch, naive.touch, `after message ${operation}`)
  }
  assert.ok(own.touch[0] > 0)
}
