import { test } from "uvu"
import * as assert from "uvu/assert"
import { type CancelAllOutcome, definePlugin, type VelozError } from "veloz"
import { OrderStatus, Side } from "../../../core/hot/records.js"
import { Harness, type HarnessOptions } from "../../../core/testing/harness.js"

const SYMBOLS = ["BTCUSDT", "ETHUSDT"]

const start = (options: HarnessOptions = {}): Promise<Harness> =>
  new Harness({ symbols: SYMBOLS, ...options }).start([])

/** Asks, and lets the engine and the venue have their say. */
function cancelAll(engine: Harness, symbol?: string): Promise<CancelAllOutcome> {
  const answer = engine.control.desk.cancelAll(symbol)
  engine.settle()
  return answer
}

const outcome = (canceled: number, ended_otherwise = 0, unconfirmed = 0): CancelAllOutcome => {
  return { ok: unconfirmed === 0, canceled, ended_otherwise, unconfirmed }
}

test("every open order is cancelled, and its end can be read when the answer comes", async () => {
  const engine = await start()
  const orders = SYMBOLS.flatMap((symbol) => [engine.buy(symbol, "1", "100.00"), engine.sell(symbol, "1", "200.00")])
  assert.equal(await cancelAll(engine), outcome(4))
  assert.equal(
    orders.map(({ id }) => engine.control.desk.get(id)?.status),
    Array(4).fill("CANCELED"),
  )
  await engine.close()
})

test("with a symbol, orders of others stay open", async () => {
  const engine = await start()
  const [btc, eth] = SYMBOLS.map((symbol) => engine.buy(symbol, "1", "100.00"))
  assert.equal(await cancelAll(engine, "ETHUSDT"), outcome(1))
  assert.equal([btc.state, eth.state], ["open", "canceled"])
  await engine.close()
})

test("where nothing is open the answer comes at once, also when the venue is away", async () => {
  const engine = await start()
  assert.equal(await cancelAll(engine), outcome(0))
  engine.venue.goAway()
  engine.settle()
  assert.equal(await cancelAll(engine, "BTCUSDT"), outcome(0))
  await engine.close()
})

test("a symbol that the engine does not trade is refused, and nothing is cancelled", async () => {
  const engine = await start()
  const order = engine.buy("BTCUSDT", "1", "100.00")
  try {
    engine.control.desk.cancelAll("XRPUSDT")
    assert.unreachable()
  } catch (error) {
    assert.equal([(error as VelozError).status, (error as VelozError).field], [400, "symbol"])
  }
  engine.settle()
  assert.is(order.state, "open")
  await engine.close()
})

test("an order that the venue has not acknowledged yet is cancelled too", async () => {
  const engine = await start({ venue: { place: "silence" } })
  const order = engine.buy("BTCUSDT", "1", "100.00")
  assert.is(order.state, "pending")
  assert.equal(await cancelAll(engine), outcome(1))
  await engine.close()
})

test("an order that fills while its cancel is on its way has ended otherwise", async () => {
  const engine = await start()
  const order = engine.buy("BTCUSDT", "1", "100.00")
  engine.venue.fill(order.id)
  assert.equal(await cancelAll(engine), outcome(0, 1))
  assert.is(order.state, "filled")
  await engine.close()
})

test("what is not confirmed in five seconds is counted, and asked for until it is gone", async () => {
  const engine = await start({ venue: { cancel: "silence" } })
  const [quiet, quick] = [engine.buy("BTCUSDT", "1", "100.00"), engine.buy("BTCUSDT", "1", "99.00")]
  const answer = cancelAll(engine)
  engine.venue.cancelUnasked(quick.id)
  engine.clock.advance("4900ms")
  engine.venue.answers.cancel = "vanish"
  engine.clock.advance("200ms")
  assert.equal(await answer, outcome(1, 0, 1))
  assert.is(quiet.state, "open")
  engine.venue.answers.cancel = "cancel"
  engine.clock.advance("1500ms")
  assert.is(quiet.state, "canceled")
  await engine.close()
})

test("while the venue is away orders are wanted gone all the same, and are when it is back", async () => {
  const engine = await start()
  const order = engine.buy("BTCUSDT", "1", "100.00")
  engine.venue.goAway()
  engine.settle()
  const answer = cancelAll(engine)
  engine.clock.advance("5s")
  assert.equal(await answer, outcome(0, 0, 1))
  engine.venue.comeBack()
  engine.settle()
  engine.clock.advance("1500ms")
  assert.is(order.state, "canceled")
  await engine.close()
})

test("orders that a strategy places in answer are not meant", async () => {
  const again = definePlugin<object>({
    name: "again",
    version: "1.0.0",
    veloz: "^1.0.0",
    strategy: ({ orders, timers }) => {
      const place = (): void => void orders.place(0, Side.Buy, 10_000, 100_000)
      timers.after(1, place)
      orders.onUpdate(({ status }) => {
        if (status === OrderStatus.Canceled) place()
      })
    },
  })
  const engine = await new Harness({}).start([again])
  engine.clock.advance("10ms")
  assert.is(engine.orders.open.length, 1)
  assert.equal(await cancelAll(engine), outcome(1))
  assert.equal(
    engine.orders.all.map(({ state }) => state),
    ["canceled", "open"],
  )
  await engine.close()
})

test("wishes that overlap are each answered with all that they meant", async () => {
  const engine = await start({ venue: { cancel: "silence" } })
  const orders = SYMBOLS.map((symbol) => engine.buy(symbol, "1", "100.00"))
  const answers = [cancelAll(engine, "BTCUSDT"), cancelAll(engine), cancelAll(engine, "ETHUSDT")]
  const late = engine.buy("BTCUSDT", "1", "99.00")
  for (const { id } of [late, ...orders]) engine.venue.cancelUnasked(id)
  engine.settle()
  assert.equal(await Promise.all(answers), [outcome(1), outcome(2), outcome(1)])
  await engine.close()
})

test("more wishes at once than are followed are answered all the same, the oldest early", async () => {
  const engine = await start({ venue: { cancel: "silence" } })
  const order = engine.buy("BTCUSDT", "1", "100.00")
  const answers = Array.from({ length: 200 }, () => cancelAll(engine))
  engine.venue.cancelUnasked(order.id)
  engine.settle()
  const counts = (await Promise.all(answers)).map(({ canceled, unconfirmed }) => `${canceled} ${unconfirmed}`)
  assert.equal(counts, [...Array(136).fill("0 1"), ...Array(64).fill("1 0")])
  await engine.close()
})

test("when control was too slow for the events, the answer comes behind those of its orders", async () => {
  const engine = await start({ orderPoolSize: 4096 })
  for (let order = 0; order < 3000; order += 1) engine.buy("BTCUSDT", "1", "100.00")
  const { takeEvents } = engine.control
  engine.control.takeEvents = () => 0
  for (let order = 0; order < 2000; order += 1) engine.buy("BTCUSDT", "1", "100.00")
  let openWhenAnswered = -1
  const answer = cancelAll(engine).then((value) => {
    openWhenAnswered = engine.control.desk.openCount
    return value
  })
  engine.control.takeEvents = takeEvents
  for (let tick = 0; tick < 10; tick += 1) {
    engine.clock.advance("100ms")
    await Promise.resolve()
  }
  assert.equal(await answer, outcome(5000))
  assert.is(openWhenAnswered, 0)
  assert.ok(engine.metrics.counter("order_events_coalesced") > 1000)
  await engine.close()
})

test("who still waits when the engine stops is told that the outcome is not known", async () => {
  const engine = await start({ venue: { cancel: "silence" } })
  engine.buy("BTCUSDT", "1", "100.00")
  const answer = cancelAll(engine).catch((error: VelozError) => error)
  await engine.close()
  assert.is(((await answer) as VelozError).status, 504)
})

test.run()
