import { test } from "uvu"
import * as assert from "uvu/assert"
import { definePlugin, type EngineContext } from "veloz"
import { harness } from "veloz/testing"
import { DenyReason } from "../../../core/hot/deny.js"
import { OrderStatus, ReportKind, VenueChannel } from "../../../core/hot/records.js"
import { Field } from "../../../core/pipeline/order-store.js"
import type { Harness } from "../../../core/testing/harness.js"
import type { TestOrder } from "../../../core/testing/test-orders.js"

const kindsOf = (engine: Harness): string[] => engine.venue.requests.map(({ kind }) => kind)
const buy = (engine: Harness, id?: string): TestOrder =>
  engine.buy("BTCUSDT", "1.00000", "100.00", id === undefined ? {} : { id })

/** Venue away, then back: what the adapter does around it, it does not tell of orders by itself here. */
function setVenue(engine: Harness, isUp: boolean): void {
  engine.venue.connection.isOpen = isUp
  engine.venue.status(VenueChannel.Orders, isUp)
  engine.settle()
}

/** A plugin with one engine part. */
const engineOnly = (engine: (context: EngineContext<object>) => void) =>
  definePlugin<object>({ name: "under-test", version: "1.0.0", veloz: "^1.0.0", engine })

// ---- the plain life of an order

test("an acknowledged order is open, and counts once", async () => {
  const engine = await harness([])
  const order = buy(engine)
  assert.equal([order.state, order.events], ["open", ["sent", "ack"]])
  assert.is(engine.metrics.counter("orders_acked"), 1)
  assert.is(engine.metrics.counter("open_orders"), 1)
  await engine.close()
})

test("a rejected order is over, with the venue's own words", async () => {
  const engine = await harness([], { venue: { place: "reject" } })
  const order = buy(engine)
  assert.equal([order.state, order.events], ["rejected", ["sent", "reject"]])
  assert.equal([engine.metrics.counter("orders_rejected"), engine.metrics.counter("open_orders")], [1, 0])
  await engine.close()
})

test("what is told twice counts once", async () => {
  const engine = await harness([])
  const order = buy(engine)
  const requestId = engine.venue.requests[0].requestId
  engine.venue.say({ kind: ReportKind.Ack, requestId, clientId: order.id })
  engine.fill(order, "0.40000")
  const fill = { kind: ReportKind.Fill, clientId: order.id, tradeId: 1, lastPriceTicks: 10_000, lastQtyLots: 40_000 }
  engine.venue.say({ ...fill, cumulativeLots: 40_000 })
  engine.settle()
  assert.equal([order.filled, order.events], ["0.40000", ["sent", "ack", "fill"]])
  assert.is(engine.metrics.counter("duplicate_reports"), 2)
  engine.cancel(order)
  engine.venue.say({ kind: ReportKind.Canceled, requestId, clientId: order.id })
  engine.settle()
  assert.is(engine.metrics.counter("orders_canceled"), 1)
  assert.is(engine.metrics.counter("duplicate_reports"), 3)
  await engine.close()
})

test("the first trade of a venue may have the id 0", async () => {
  const engine = await harness([])
  const order = buy(engine)
  const fill = { kind: ReportKind.Fill, tradeId: 0, lastPriceTicks: 10_000, lastQtyLots: 40_000 }
  engine.venue.say({ ...fill, clientId: order.id, cumulativeLots: 40_000 })
  engine.settle()
  assert.is(order.filled, "0.40000")
  await engine.close()
})

test("a repeated fill that does not say how much is filled in all counts once", async () => {
  const engine = await harness([])
  const order = buy(engine)
  const fill = { kind: ReportKind.Fill, clientId: order.id, tradeId: 5, lastPriceTicks: 10_000, lastQtyLots: 40_000 }
  for (let times = 0; times < 2; times += 1) engine.venue.say(fill)
  engine.settle()
  assert.equal([order.filled, engine.metrics.counter("fills")], ["0.40000", 1])
  await engine.close()
})

test("once an order is acknowledged the venue's own word on the balance counts", async () => {
  const engine = await harness("order-processing")
  engine.retune({ price_band_pct: 0 })
  engine.balance("USDT", "150")
  assert.is(buy(engine).state, "open")
  assert.is(engine.buy("BTCUSDT", "1", "60.00").denied, "insufficient-balance", "100 of 150 are taken")
  engine.balance("USDT", "50", "100")
  assert.is(engine.buy("BTCUSDT", "1", "50.00").state, "open")
  await engine.close()
})

test("a fill that overtakes its acknowledgement acknowledges", async () => {
  const engine = await harness([], { venue: { place: "silence" } })
  const order = buy(engine)
  assert.is(order.state, "pending")
  engine.fill(order, "0.40000")
  assert.equal([order.state, order.events], ["partially-filled", ["sent", "ack", "fill"]])
  engine.venue.say({ kind: ReportKind.Ack, requestId: engine.venue.requests[0].requestId, clientId: order.id })
  engine.settle()
  assert.equal([order.state, order.filled], ["partially-filled", "0.40000"])
  assert.is(engine.metrics.counter("orders_acked"), 1)
  await engine.close()
})

test("a whole fill that overtakes its acknowledgement ends the order", async () => {
  const engine = await harness([], { venue: { place: "silence" } })
  const order = buy(engine)
  engine.fill(order)
  engine.venue.say({ kind: ReportKind.Ack, requestId: engine.venue.requests[0].requestId, clientId: order.id })
  engine.settle()
  assert.equal([order.state, order.events], ["filled", ["sent", "ack", "fill"]])
  assert.is(engine.hot.orders.openCount, 0)
  await engine.close()
})

test("a cancel that crosses a fill leaves the order filled", async () => {
  const engine = await harness([], { venue: { cancel: "silence" } })
  const order = buy(engine)
  engine.cancel(order)
  engine.venue.fill(order.id)
  const refusal = { code: -2011, text: "Unknown order sent." }
  engine.venue.say({ kind: ReportKind.CancelReject, requestId: engine.venue.requests[1].requestId, ...refusal })
  engine.settle()
  assert.is(order.state, "filled")
  assert.is(engine.metrics.counter("orders_canceled"), 0)
  await engine.close()
})

test("a refused cancel asks the venue what became of the order", async () => {
  const engine = await harness([])
  const order = buy(engine)
  engine.venue.fill(order.id)
  engine.venue.drop()
  engine.cancel(order)
  assert.equal(kindsOf(engine), ["place", "cancel", "query"])
  assert.equal([order.state, order.filled], ["filled", "1.00000"])
  await engine.close()
})

test("a canceled order's last word counts fills whose reports were lost", async () => {
  const engine = await harness([])
  const order = buy(engine)
  engine.venue.fill(order.id, 30_000)
  engine.venue.drop()
  engine.cancel(order)
  assert.equal([order.state, order.filled], ["canceled", "0.30000"])
  assert.equal(order.events, ["sent", "ack", "fill", "canceled"])
  await engine.close()
})

test("a fill report that a status has overtaken is not counted again", async () => {
  const engine = await harness([])
  const order = buy(engine)
  engine.venue.say({ kind: ReportKind.Status, clientId: order.id, status: 2, cumulativeLots: 50_000 })
  engine.settle()
  const fill = { kind: ReportKind.Fill, clientId: order.id, lastPriceTicks: 10_000 }
  engine.venue.say({ ...fill, tradeId: 7, lastQtyLots: 50_000, cumulativeLots: 50_000 })
  engine.settle()
  assert.equal([order.filled, order.averagePrice], ["0.50000", "100.00000000"])
  engine.venue.say({ ...fill, tradeId: 8, lastQtyLots: 10_000, cumulativeLots: 60_000 })
  engine.settle()
  assert.equal([order.filled, order.averagePrice], ["0.60000", "100.00000000"])
  await engine.close()
})

test("what unheard fills have cost is what the average of a status leaves for them, to the last unit", async () => {
  const engine = await harness([])
  const order = buy(engine)
  engine.venue.fill(order.id, 10_000, 9_001)
  engine.settle()
  const average = (10_000 * 9_001 + 20_003 * 9_507) / 30_003
  engine.venue.say({ kind: ReportKind.Status, clientId: order.id, cumulativeLots: 30_003, lastPriceTicks: average })
  engine.settle()
  const { store } = engine.hot.orders
  const row = store.row(store.firstOpen())
  assert.is(row[Field.FilledNotional], 10_000 * 9_001 + 20_003 * 9_507)
  assert.equal([row[Field.LastPriceTicks], row[Field.LastQtyLots]], [9_507, 20_003])
  await engine.close()
})

test("a market order whose fills were never reported counts at the touch that it was checked with", async () => {
  const engine = await harness([])
  engine.book("BTCUSDT", { bids: [["99.00", "1"]], asks: [["101.00", "1"]] })
  const order = engine.buy("BTCUSDT", "1")
  engine.venue.fill(order.id, 30_000)
  engine.venue.drop()
  engine.venue.expire(order.id)
  engine.settle()
  assert.equal([order.state, order.filled, order.averagePrice], ["expired", "0.30000", "101.00000000"])
  await engine.close()
})

test("an order that the venue cancels or expires by itself is over", async () => {
  const engine = await harness([])
  const [first, second] = [buy(engine), buy(engine)]
  engine.venue.cancelUnasked(first.id)
  engine.venue.expire(second.id)
  engine.settle()
  assert.equal([first.state, second.state], ["canceled", "expired"])
  const { counter } = { counter: (name: string) => engine.metrics.counter(name) }
  assert.equal([counter("orders_canceled"), counter("orders_expired"), counter("open_orders")], [1, 1, 0])
  await engine.close()
})

test("reports of somebody else's orders are counted and nothing else", async () => {
  const engine = await harness([])
  engine.venue.say({ kind: ReportKind.Fill, clientId: "theirs", tradeId: 1, lastQtyLots: 5, cumulativeLots: 5 })
  engine.venue.say({ kind: ReportKind.Canceled, clientId: "" })
  engine.settle()
  assert.equal([engine.metrics.counter("foreign_reports"), engine.orders.all.length], [2, 0])
  await engine.close()
})

test("late words of an order that is over are not taken for somebody else's", async () => {
  const engine = await harness([])
  const order = buy(engine)
  engine.cancel(order)
  engine.venue.say({ kind: ReportKind.Canceled, clientId: order.id })
  engine.settle()
  assert.equal([engine.metrics.counter("foreign_reports"), engine.metrics.counter("duplicate_reports")], [0, 1])
  await engine.close()
})

// ---- outcomes that are not known

test("an order whose answer was lost is asked for and never sent again", async () => {
  const engine = await harness([], { venue: { place: "lost", query: "silence" } })
  const order = buy(engine)
  assert.is(order.state, "unknown")
  engine.clock.advance("5s")
  const kinds = kindsOf(engine)
  assert.is(kinds.filter((kind) => kind === "place").length, 1)
  const asked = kinds.filter((kind) => kind === "query").length
  assert.ok(asked >= 4 && asked <= 6, `asked ${asked} times in five seconds`)
  engine.venue.answers.query = "status"
  engine.clock.advance("1100ms")
  assert.is(order.state, "open")
  await engine.close()
})

test("not found proves nothing until the venue can no longer act on the request", async () => {
  const engine = await harness([], { venue: { place: "vanish" } })
  const order = buy(engine)
  engine.clock.advance("14s")
  assert.is(order.state, "unknown")
  engine.clock.advance("3s")
  assert.equal([order.state, order.events], ["rejected", ["sent", "unknown", "reject"]])
  assert.is(engine.hot.orders.openCount, 0)
  await engine.close()
})

test("an order that turns up at the venue after not found was told is open", async () => {
  const engine = await harness([], { venue: { place: "vanish" } })
  const order = buy(engine)
  engine.clock.advance("3s")
  engine.venue.say({ kind: ReportKind.Ack, requestId: engine.venue.requests[0].requestId, clientId: order.id })
  engine.settle()
  engine.clock.advance("30s")
  assert.is(order.state, "open")
  await engine.close()
})

test("an order that is not found before its answer was lost becomes unknown, not rejected", async () => {
  const engine = await harness([], { venue: { place: "silence" } })
  const order = buy(engine)
  engine.venue.orders.delete(order.id)
  engine.cancel(order)
  assert.is(order.state, "unknown")
  engine.venue.say({ kind: ReportKind.Reject, requestId: engine.venue.requests[0].requestId, clientId: order.id })
  engine.settle()
  assert.is(order.state, "rejected")
  await engine.close()
})

test("an acknowledged order that the venue no longer knows expires, and is not called rejected", async () => {
  const engine = await harness([])
  const order = buy(engine)
  engine.fill(order, "0.20000")
  engine.venue.orders.delete(order.id)
  engine.cancel(order)
  assert.is(order.state, "unknown")
  engine.venue.say({ kind: ReportKind.Status, clientId: order.id, status: 2, cumulativeLots: 20_000 })
  engine.settle()
  assert.equal([order.state, engine.metrics.counter("orders_acked")], ["partially-filled", 1])
  engine.cancel(order)
  engine.clock.advance("20s")
  assert.equal([order.state, order.filled], ["expired", "0.20000"])
  await engine.close()
})

test("an order of unknown outcome can be cancelled", async () => {
  const engine = await harness([], { venue: { place: "lost", query: "silence" } })
  const order = buy(engine)
  engine.cancel(order)
  assert.is(order.state, "canceled")
  await engine.close()
})

test("an order of unknown outcome keeps its balance held until the venue has spoken", async () => {
  const engine = await harness("order-processing", { venue: { place: "vanish" } })
  engine.retune("order-processing", { price_band_pct: 0 })
  engine.balance("USDT", "150")
  buy(engine)
  assert.is(buy(engine).denied, "insufficient-balance")
  engine.clock.advance("20s")
  engine.venue.answers.place = "ack"
  assert.is(buy(engine).state, "open")
  await engine.close()
})

test("the answer to a cancel that was lost leaves the order's state alone", async () => {
  const engine = await harness([])
  engine.venue.next("cancel", "vanish")
  const order = buy(engine)
  engine.cancel(order)
  assert.equal([order.state, kindsOf(engine)], ["open", ["place", "cancel", "query"]])
  engine.venue.next("cancel", "lost")
  engine.cancel(order)
  assert.is(order.state, "canceled", "the query says how the cancel ended")
  await engine.close()
})

test("bytes that may have left before the connection was lost are not denied", async () => {
  const engine = await harness([])
  const flush = engine.venue.connection.flush.bind(engine.venue.connection)
  // The socket has taken the bytes, and breaks in the same breath: the adapter tells of it first.
  engine.venue.connection.flush = () => {
    engine.venue.connection.flush = flush
    flush()
    engine.venue.drop()
    engine.venue.say({ kind: ReportKind.Lost, requestId: engine.venue.requests.at(-1)!.requestId })
    engine.venue.deliver()
    return false
  }
  const order = buy(engine)
  engine.clock.advance("1100ms")
  assert.equal([order.denied, order.state], [undefined, "open"])
  await engine.close()
})

// ---- the venue goes away and comes back

test("while the venue is away new orders are denied and cancels are refused at once", async () => {
  const engine = await harness([])
  const order = buy(engine)
  setVenue(engine, false)
  assert.is(buy(engine).denied, "venue-away")
  engine.cancel(order)
  assert.equal([order.state, order.events.at(-1)], ["open", "cancel_rejected"])
  await engine.close()
})

test("after an outage the engine asks for each order that the venue did not tell of", async () => {
  const engine = await harness([])
  const [filled, told, quiet] = [buy(engine), buy(engine), buy(engine)]
  setVenue(engine, false)
  engine.venue.fill(filled.id)
  engine.venue.drop()
  engine.venue.connection.isOpen = true
  engine.venue.say({ kind: ReportKind.Status, clientId: told.id, status: OrderStatus.New })
  setVenue(engine, true)
  const asked = engine.venue.requests.filter(({ kind }) => kind === "query").map(({ id }) => id)
  assert.equal(asked.sort(), [filled.id, quiet.id].sort())
  assert.equal([filled.state, told.state, quiet.state], ["filled", "open", "open"])
  await engine.close()
})

test("after an outage the engine asks for an order whose cancel was on its way", async () => {
  const engine = await harness([], { venue: { cancel: "silence" } })
  const order = buy(engine)
  engine.cancel(order)
  engine.venue.goAway()
  engine.settle()
  engine.venue.fill(order.id)
  engine.venue.drop()
  engine.venue.comeBack()
  engine.settle()
  assert.is(order.state, "filled")
  await engine.close()
})

test("what the engine wants cancelled while the venue is away is cancelled when it is back", async () => {
  const removed = definePlugin<object>({
    name: "removed",
    version: "1.0.0",
    veloz: "^1.0.0",
    strategy({ orders, timers }) {
      timers.after(1, () => orders.place(0, 0, 10_000, 100))
    },
  })
  const engine = await harness(removed)
  engine.clock.advance("2ms")
  const [order] = engine.orders.open
  engine.venue.goAway()
  await engine.reload()
  assert.is(order.state, "open")
  engine.venue.comeBack()
  engine.settle()
  assert.is(order.state, "canceled")
  await engine.close()
})

test("a frame that cannot be written denies its order", async () => {
  const engine = await harness([])
  engine.venue.refusal = DenyReason.Unencodable
  assert.is(buy(engine).denied, "bad-params")
  engine.venue.refusal = DenyReason.None
  engine.venue.connection.isOpen = false
  assert.is(buy(engine).denied, "venue-away")
  assert.equal([engine.hot.orders.openCount, engine.metrics.counter("orders_sent")], [0, 0])
  await engine.close()
})

// ---- what is denied

test("an id of an open order is denied, and free again when that order is over", async () => {
  const engine = await harness([])
  const first = buy(engine, "mine")
  assert.is(buy(engine, "mine").denied, "duplicate-client-order-id")
  assert.is(first.state, "open")
  engine.cancel(first)
  assert.is(buy(engine, "mine").state, "open")
  await engine.close()
})

test("an order that makes no sense is denied before any plugin sees it", async () => {
  let checked = 0
  const engine = await harness(
    engineOnly(({ order }) => {
      order.risk.tap("count", () => {
        checked += 1
        return 0
      })
    }),
  )
  assert.is(engine.buy("BTCUSDT", "0", "100.00").denied, "bad-params")
  assert.is(engine.buy("BTCUSDT", "1", "0").denied, "bad-params")
  assert.is(engine.buy("BTCUSDT", "1", "100.00", { type: "Market" }).denied, "bad-params")
  assert.is(engine.buy("BTCUSDT", "1", "100.00", { id: "" }).denied, "bad-params")
  assert.is(checked, 0)
  assert.is(engine.buy("BTCUSDT", "1").state, "open", "a market order has no price")
  assert.is(checked, 1)
  await engine.close()
})

test("of several checks the first that objects ends the check, and 0 passes", async () => {
  const asked: string[] = []
  const engine = await harness(
    engineOnly(({ order }) => {
      const [second, third] = [order.reason("second"), order.reason("third")]
      const answer = (name: string, reason: number) => () => {
        asked.push(name)
        return reason
      }
      order.risk.tap("first", answer("first", 0))
      order.risk.tap("second", answer("second", second))
      order.risk.tap("third", answer("third", third))
    }),
  )
  assert.is(buy(engine).denied, "second")
  assert.equal(asked, ["first", "second"])
  await engine.close()
})

for (const [what, nonsense] of [
  ["undefined", undefined],
  ["a negative number", -1],
  ["a fraction", 0.5],
  ["not a number", Number.NaN],
  ["true", true],
] as const) {
  test(`a check that answers ${what} denies everything from then on`, async () => {
    let answer: unknown = nonsense
    const engine = await harness(engineOnly(({ order }) => order.risk.tap("odd", () => answer as number)))
    assert.is(buy(engine).denied, "halted")
    answer = 0
    assert.is(buy(engine).denied, "halted")
    assert.is(engine.takeFaults().length, 1)
    await engine.close()
  })
}

test("a check that throws denies everything until a new generation brings it anew", async () => {
  let isBroken = true
  const plugin = engineOnly(({ order }) => {
    order.risk.tap("fragile", () => {
      if (isBroken) throw new Error("out of luck")
      return 0
    })
  })
  const engine = await harness(plugin)
  assert.is(buy(engine).denied, "halted")
  isBroken = false
  assert.is(buy(engine).denied, "halted")
  assert.equal(engine.takeFaults(), ['under-test in engine, order.risk "fragile": out of luck'])
  await engine.reload(plugin)
  assert.is(buy(engine).state, "open")
  await engine.close()
})

test("a listener that throws is named and taken out, and the order lives on", async () => {
  let calls = 0
  const failing = definePlugin<object>({
    name: "failing",
    version: "1.0.0",
    veloz: "^1.0.0",
    engine({ order }) {
      order.report.tap("books", () => {
        calls += 1
        throw new Error("no ink")
      })
    },
  })
  let heard = 0
  const engine = await harness([failing, engineOnly(({ order }) => order.report.tap("count", () => void heard++))])
  const order = buy(engine)
  engine.fill(order)
  assert.is(order.state, "filled")
  assert.equal([calls, heard], [1, 2])
  assert.equal(engine.takeFaults(), ['failing in engine, order.report "books": no ink'])
  await engine.close()
})

// ---- checks that may come late

const late = (denies: { value: boolean }) =>
  engineOnly(({ order }) => {
    const reason = order.reason("late")
    order.deferRisk(true)
    order.risk.tap("band", () => (denies.value ? reason : 0), { deferrable: true })
  })

test("a deferred check that objects cancels the order that was sent", async () => {
  const denies = { value: false }
  const engine = await harness(late(denies))
  assert.is(buy(engine).state, "open")
  denies.value = true
  const order = buy(engine)
  assert.equal(kindsOf(engine), ["place", "place", "cancel"])
  assert.equal([order.state, order.denied], ["canceled", undefined])
  await engine.close()
})

test("the cancel of a late denial is asked for until the order is gone", async () => {
  const denies = { value: true }
  const engine = await harness(late(denies))
  engine.venue.next("cancel", "vanish", "vanish")
  const order = buy(engine)
  assert.is(order.state, "open")
  engine.clock.advance("3s")
  assert.is(order.state, "canceled")
  await engine.close()
})

test("a check that is not deferrable runs before the send even when others are deferred", async () => {
  const engine = await harness([
    late({ value: false }),
    definePlugin<object>({
      name: "strict",
      version: "1.0.0",
      veloz: "^1.0.0",
      engine({ order }) {
        const reason = order.reason("strict")
        order.risk.tap("strict", () => reason)
      },
    }),
  ])
  assert.is(buy(engine).denied, "strict")
  assert.equal(kindsOf(engine), [])
  await engine.close()
})

// ---- typed orders

test("validation of typed orders is left out when trusted, that of others never", async () => {
  let validated = 0
  const plugin = definePlugin<object>({
    name: "trusting",
    version: "1.0.0",
    veloz: "^1.0.0",
    engine({ order }) {
      order.trustTyped(true)
      order.validate.tap("count", () => {
        validated += 1
        return 0
      })
    },
    strategy({ orders, timers }) {
      timers.after(1, () => orders.place(0, 0, 10_000, 100))
    },
  })
  const engine = await harness(plugin)
  engine.clock.advance("2ms")
  assert.equal([validated, engine.orders.open.length], [0, 1])
  buy(engine)
  assert.is(validated, 1)
  await engine.close()
})

// ---- events for control

test("events for which there is no room leave later as one, and no order and no slot is lost", async () => {
  const engine = await harness([], { orderPoolSize: 4096 })
  // Nobody takes events: the ring fills.
  const { hot, venue } = engine
  const settle = engine.settle.bind(engine)
  engine.settle = () => {
    while (true) {
      hot.endTurn()
      if (!venue.hasAnswers) return
      venue.deliver()
    }
  }
  const orders = Array.from({ length: 3000 }, () => buy(engine))
  for (const order of orders) engine.cancel(order)
  assert.ok(engine.metrics.counter("order_events_coalesced") > 0)
  assert.is(hot.orders.openCount, 0)
  engine.settle = settle
  for (let tick = 0; tick < 20; tick += 1) engine.clock.advance("100ms")
  assert.equal([...new Set(orders.map(({ state }) => state))], ["canceled"])
  await engine.close()
})

test.run()
