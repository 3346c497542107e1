import { test } from "uvu"
import * as assert from "uvu/assert"
import { definePlugin } from "veloz"
import { harness } from "veloz/testing"
import { Side } from "../../../core/hot/records.js"
import type { Harness } from "../../../core/testing/harness.js"

const buy = (engine: Harness) => engine.buy("BTCUSDT", "1", "100.00")

/** Frames that wait for a batch of so many, for at most a millisecond. */
async function batching(frames: number): Promise<Harness> {
  const engine = await harness("order-processing")
  await engine.change({ batch_size: frames, batch_wait_us: 1000, price_band_pct: 0 })
  return engine
}

test("frames of a batch leave in one write when it is full", async () => {
  const engine = await batching(3)
  const flushes = countFlushes(engine)
  const orders = [buy(engine), buy(engine)]
  assert.equal([flushes(), engine.venue.requests.length], [0, 0])
  orders.push(buy(engine))
  assert.equal([flushes(), engine.venue.requests.length], [1, 3])
  assert.equal([...new Set(orders.map(({ state }) => state))], ["open"])
  await engine.close()
})

test("a batch that does not fill leaves when its time is over", async () => {
  const engine = await batching(3)
  const order = buy(engine)
  engine.clock.advance("900us")
  assert.is(order.state, "pending")
  engine.clock.advance("100us")
  assert.is(order.state, "open")
  await engine.close()
})

test("a cancel does not wait for a batch, and takes along what waits, in order", async () => {
  const engine = await batching(10)
  const first = buy(engine)
  engine.clock.advance("1ms")
  buy(engine)
  engine.cancel(first)
  assert.equal(
    engine.venue.requests.map(({ kind }) => kind),
    ["place", "place", "cancel"],
  )
  await engine.close()
})

test("frames that wait are sent before another generation takes over", async () => {
  const engine = await batching(10)
  const order = buy(engine)
  await engine.change({ batch_size: 1 })
  assert.is(order.state, "open")
  await engine.close()
})

test("orders of a batch that could not be written are all denied, also when their strategy places anew at once", async () => {
  let denied = 0
  const stubborn = definePlugin<object>({
    name: "stubborn",
    version: "1.0.0",
    veloz: "^1.0.0",
    strategy({ orders, timers }) {
      const place = (): number => orders.place(0, Side.Buy, 10_000, 100_000)
      timers.after(1, () => {
        for (let count = 0; count < 3; count += 1) place()
      })
      orders.onUpdate(({ status }) => {
        if (status !== 6) return
        denied += 1
        place()
        place()
      })
    },
  })
  const engine = await harness(["order-processing", stubborn])
  await engine.change("order-processing", { batch_size: 3, batch_wait_us: 1000, price_band_pct: 0 })
  const { connection } = engine.venue
  const flush = connection.flush.bind(connection)
  let isBroken = true
  connection.flush = () => {
    if (!isBroken) return flush()
    isBroken = false
    engine.venue.forgetAppended()
    return false
  }
  engine.clock.advance("50ms")
  assert.is(denied, 3)
  assert.equal(engine.orders.all.map(({ state }) => state).sort(), [
    ...Array(3).fill("denied"),
    ...Array(6).fill("open"),
  ])
  assert.is(engine.venue.requests.length, 6)
  await engine.close()
})

test("an adapter that is not ready denies", async () => {
  const engine = await harness([])
  engine.venue.isReady = false
  assert.is(buy(engine).denied, "venue-away")
  await engine.close()
})

function countFlushes(engine: Harness): () => number {
  const { connection } = engine.venue
  const flush = connection.flush.bind(connection)
  let count = 0
  connection.flush = () => {
    count += 1
    return flush()
  }
  return () => count
}

test.run()
