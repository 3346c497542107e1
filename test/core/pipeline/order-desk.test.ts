import { test } from "uvu"
import * as assert from "uvu/assert"
import type { OrderState, OrderWish, VelozError } from "veloz"
import { SystemClock } from "../../../core/hot/clock.js"
import type { Link } from "../../../core/hot/link.js"
import { RecordType } from "../../../core/hot/records.js"
import { NO_CAPACITY, RingBuffer } from "../../../core/hot/ring.js"
import { DenyReasons } from "../../../core/pipeline/deny-reasons.js"
import { EventFedOrderDesk } from "../../../core/pipeline/order-desk.js"
import { SymbolTable } from "../../../core/pipeline/symbols.js"
import { Harness, type HarnessOptions } from "../../../core/testing/harness.js"
import { symbolSpecs } from "../../../core/testing/test-symbols.js"

/** The desk of control before a hot engine, which a test turns by hand. */
class Rig {
  readonly desk: EventFedOrderDesk
  isReading = true

  private constructor(readonly engine: Harness) {
    const { hot, memory } = engine
    const events = new RingBuffer(memory.events)
    const take = (): void => void (this.isReading && events.poll(this.desk.onRecord))
    const commands = new RingBuffer(memory.commands)
    const reasons = new DenyReasons()
    // The harness leaves rings and events to this desk.
    engine.settle = () => {
      for (let round = 0; round < 100; round += 1) {
        hot.endTurn()
        if (engine.venue.hasAnswers) engine.venue.deliver()
      }
      take()
    }
    const ring = (): void => void hot.takeTurn()
    this.desk = new EventFedOrderDesk(hot.symbols, new SystemClock(), reasons, commands, ring, take, 7)
  }

  static async start(options: HarnessOptions = {}): Promise<Rig> {
    return new Rig(await new Harness(options).start([]))
  }

  /** Places an order and lets the engine and the venue have their say. */
  place(changes: Partial<OrderWish> = {}): Promise<OrderState> {
    const wish = { ...WISH, symbol: "BTCUSDT", ...changes }
    const answer = this.desk.place(wish)
    this.engine.settle()
    return answer
  }

  cancel(id: string): Promise<OrderState> {
    const answer = this.desk.cancel(id)
    this.engine.settle()
    return answer
  }

  async end(): Promise<void> {
    this.desk.close()
    await this.engine.close()
  }
}

const WISH = { side: "BUY", qty: "1", price: "100.00", enteredNs: 0 } as const

/** Status and code of the refusal that an act ends with. */
async function refusal(act: () => Promise<unknown>): Promise<[number, string]> {
  try {
    await act()
  } catch (error) {
    return [(error as VelozError).status, (error as VelozError).httpCode]
  }
  return [200, "none"]
}

test("a place is answered when the venue has acknowledged, and a read after it sees the order", async () => {
  const rig = await Rig.start()
  const order = await rig.place({ client_order_id: "mine" })
  assert.equal([order.status, order.client_order_id, order.qty, order.price], ["NEW", "mine", "1.00000", "100.00"])
  assert.ok(order.venue_order_id)
  assert.equal(rig.desk.get("mine"), order)
  assert.is(rig.desk.openCount, 1)
  await rig.end()
})

test("an order without an id gets one that is new each time", async () => {
  const rig = await Rig.start()
  const [one, other] = [await rig.place(), await rig.place()]
  assert.is.not(one.client_order_id, other.client_order_id)
  await rig.end()
})

test("the venue's reject is 422 with its words, and the order can be read", async () => {
  const rig = await Rig.start({ venue: { place: "reject" } })
  assert.equal(await refusal(() => rig.place({ client_order_id: "no" })), [422, "insufficient_balance"])
  assert.is(rig.desk.get("no")?.status, "REJECTED")
  assert.is(rig.desk.get("no")?.reason?.code, "-2010")
  await rig.end()
})

test("a second order with the id of an open one is 409, and covers nothing of the first", async () => {
  const rig = await Rig.start()
  await rig.place({ client_order_id: "mine" })
  const second = () => rig.place({ client_order_id: "mine", price: "99.00" })
  assert.equal(await refusal(second), [409, "duplicate_client_order_id"])
  assert.equal([rig.desk.get("mine")?.status, rig.desk.get("mine")?.price], ["NEW", "100.00"])
  assert.is((await rig.cancel("mine")).status, "CANCELED")
  assert.is((await second()).price, "99.00", "the id is free again")
  await rig.end()
})

test("an answer that was lost is 504, and the order is found when the venue is asked", async () => {
  const rig = await Rig.start({ venue: { place: "lost", query: "silence" } })
  assert.equal(await refusal(() => rig.place({ client_order_id: "where" })), [504, "unknown"])
  assert.is(rig.desk.get("where")?.status, "UNKNOWN")
  rig.engine.venue.answers.query = "status"
  rig.engine.clock.advance("1500ms")
  assert.is(rig.desk.get("where")?.status, "NEW")
  await rig.end()
})

test("while the venue is away orders and cancels are 503", async () => {
  const rig = await Rig.start()
  await rig.place({ client_order_id: "open" })
  rig.engine.venue.goAway()
  rig.engine.settle()
  assert.equal(await refusal(() => rig.place()), [503, "venue_away"])
  assert.equal(await refusal(() => rig.cancel("open")), [503, "venue_away"])
  assert.is(rig.desk.get("open")?.status, "NEW")
  await rig.end()
})

test("a cancel is answered by its end, also when that is another one", async () => {
  const rig = await Rig.start()
  await rig.place({ client_order_id: "a" })
  assert.is((await rig.cancel("a")).status, "CANCELED")
  await rig.place({ client_order_id: "b" })
  rig.engine.venue.fill("b")
  assert.is((await rig.cancel("b")).status, "FILLED")
  await rig.end()
})

test("two cancels of one order are both answered", async () => {
  const rig = await Rig.start()
  await rig.place({ client_order_id: "a" })
  const both = [rig.desk.cancel("a"), rig.desk.cancel("a")]
  rig.engine.settle()
  assert.equal(
    (await Promise.all(both)).map(({ status }) => status),
    ["CANCELED", "CANCELED"],
  )
  await rig.end()
})

test("a cancel of what is not open is 404", async () => {
  const rig = await Rig.start()
  assert.equal(await refusal(() => rig.cancel("never-heard-of")), [404, "not_found"])
  await rig.place({ client_order_id: "over" })
  await rig.cancel("over")
  assert.equal(await refusal(() => rig.cancel("over")), [404, "not_found"])
  await rig.end()
})

test("what is no order is refused with the field, before the engine hears of it", async () => {
  const rig = await Rig.start()
  for (const [field, wish] of [
    ["price", { price: "100.001" }],
    ["price", { price: undefined }],
    ["price", { price: "0" }],
    ["price", { type: "MARKET" }],
    ["qty", { qty: "0.000001" }],
    ["qty", { qty: "0" }],
    ["qty", { qty: "-1" }],
    ["client_order_id", { client_order_id: "with space" }],
    ["client_order_id", { client_order_id: "x".repeat(37) }],
    ["symbol", { symbol: "XRPUSDT" }],
  ] as const) {
    try {
      await rig.place(wish as Partial<OrderWish>)
      assert.unreachable(JSON.stringify(wish))
    } catch (error) {
      assert.equal([(error as VelozError).status, (error as VelozError).field], [400, field], JSON.stringify(wish))
    }
  }
  assert.is(rig.engine.metrics.counter("orders_entered"), 0)
  await rig.end()
})

test("a value that is refused is named in the sentence too", async () => {
  const rig = await Rig.start()
  for (const wish of [{ qty: "0" }, { price: "0" }, { client_order_id: "with space" }]) {
    const [name] = Object.keys(wish)
    try {
      await rig.place(wish)
      assert.unreachable(name)
    } catch (error) {
      assert.match((error as VelozError).message, new RegExp(`^${name} must be`))
    }
  }
  await rig.end()
})

test("open orders are listed before finished ones, the newest first", async () => {
  const rig = await Rig.start()
  for (const id of ["a", "b", "c", "d"]) await rig.place({ client_order_id: id })
  await rig.cancel("b")
  await rig.cancel("a")
  assert.equal(
    rig.desk.list().map(({ client_order_id }) => client_order_id),
    ["d", "c", "a", "b"],
  )
  assert.equal(
    rig.desk
      .events()
      .slice(0, 2)
      .map(({ event, order }) => `${event} ${order.client_order_id}`),
    ["canceled a", "canceled b"],
  )
  await rig.end()
})

test("fills show with their average price", async () => {
  const rig = await Rig.start()
  await rig.place({ client_order_id: "a" })
  rig.engine.fill("a", "0.25000", "99.00")
  rig.engine.fill("a", "0.75000", "98.00")
  const order = rig.desk.get("a")!
  assert.equal([order.status, order.filled_qty, order.avg_price], ["FILLED", "1.00000", "98.25000000"])
  await rig.end()
})

test("each fill is told with its own price, quantity and trade, also one that only the order's state told of", async () => {
  const rig = await Rig.start()
  const told: unknown[] = []
  rig.desk.onEvent((event, { status }, fill) => told.push([event, status, fill]))
  await rig.place({ client_order_id: "a" })
  rig.engine.fill("a", "0.25000", "99.00")
  const { venue } = rig.engine
  venue.fill("a", 25_000, 9_800)
  venue.goAway()
  venue.comeBack()
  rig.engine.settle()
  rig.engine.fill("a", "0.50000", "97.00")
  assert.equal(told.slice(2), [
    ["fill", "PARTIALLY_FILLED", { price: "99.00", qty: "0.25000", trade_id: 1 }],
    ["fill", "PARTIALLY_FILLED", { price: "100.00", qty: "0.25000", trade_id: null }],
    ["fill", "FILLED", { price: "97.00", qty: "0.50000", trade_id: 3 }],
  ])
  await rig.end()
})

test("when control was too slow for events, denials and ends arrive as what they are", async () => {
  const rig = await Rig.start({ orderPoolSize: 4096 })
  await rig.place({ client_order_id: "taken" })
  rig.isReading = false
  const wishes = Array.from({ length: 9000 }, (_, number) => {
    const id = number % 3 === 0 ? "taken" : `order-${number}`
    return rig.place({ client_order_id: id }).then(
      () => "placed",
      (error: VelozError) => error.httpCode,
    )
  })
  assert.ok(rig.engine.metrics.counter("order_events_coalesced") > 1000)
  rig.isReading = true
  for (let tick = 0; tick < 10; tick += 1) rig.engine.clock.advance("100ms")
  const answers = await Promise.all(wishes)
  assert.is(answers.filter((answer) => answer === "duplicate_client_order_id").length, 3000)
  assert.is(answers.filter((answer) => answer === "placed").length, 6000)
  assert.is(rig.desk.get("taken")?.status, "NEW")
  assert.is(rig.desk.openCount, rig.engine.hot.orders.openCount)
  await rig.end()
})

test("who still waits when the desk closes is told that the outcome is not known", async () => {
  const rig = await Rig.start({ venue: { place: "silence" } })
  const answer = refusal(() => rig.place())
  await rig.end()
  assert.equal(await answer, [504, "unknown"])
})

test("moved to threads with other symbols, finished orders keep theirs, and wishes go there", async () => {
  const rig = await Rig.start({ symbols: ["BTCUSDT", "ETHUSDT"] })
  const { desk } = rig
  await rig.place({ client_order_id: "btc" })
  await rig.place({ client_order_id: "eth", symbol: "ETHUSDT" })
  for (const id of ["btc", "eth"]) await rig.cancel(id)
  const before = desk.list()
  const asked: number[] = []
  const claim = (type: number): number => {
    asked.push(type)
    return NO_CAPACITY
  }
  const full = { claim } as Partial<Link> as Link
  const move = (...names: string[]): void => desk.moveTo(new SymbolTable(symbolSpecs(names)), full, () => undefined)

  move("ETHUSDT", "SOLUSDT")
  assert.equal(desk.list(), before, "one symbol has another number, one is gone")
  move("SOLUSDT", "BTCUSDT")
  assert.equal(desk.list(), before, "and one is back")
  assert.equal(await refusal(async () => rig.desk.place({ ...WISH, symbol: "ETHUSDT" })), [400, "bad_params"])
  assert.equal(await refusal(async () => rig.desk.place({ ...WISH, symbol: "BTCUSDT" })), [503, "overloaded"])
  assert.equal(asked, [RecordType.NewOrder])
  await rig.end()
})

test("wishes that come while the orders move wait, and go to the new threads in their order", async () => {
  const rig = await Rig.start()
  rig.desk.pause()
  const answers = ["a", "b"].map((id) => rig.desk.place({ ...WISH, symbol: "BTCUSDT", client_order_id: id }))
  rig.engine.settle()
  assert.is(rig.desk.list().length, 0, "nothing has been sent")
  rig.desk.goOn()
  await Promise.resolve()
  rig.engine.settle()
  const placed = await Promise.all(answers)
  assert.equal(
    placed.map(({ client_order_id, status }) => `${client_order_id} ${status}`),
    ["a NEW", "b NEW"],
  )
  await rig.end()
})

test.run()
