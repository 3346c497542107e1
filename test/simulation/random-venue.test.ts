import { test } from "uvu"
import * as assert from "uvu/assert"
import { definePlugin, type EngineContext } from "veloz"
import { OrderStatus, Side } from "../../core/hot/records.js"
import type { CancelAnswer, PlaceAnswer, QueryAnswer } from "../../core/testing/fake-venue.js"
import { Harness } from "../../core/testing/harness.js"
import type { TestOrder } from "../../core/testing/test-orders.js"
import { below, seededRandom } from "../support/random.js"

// A venue that loses answers, doubles reports, fills and cancels as it likes, and goes away. Whatever it does, when it
// has come to rest the engine knows of each order what the venue knows, and holds nothing of it any more.

const SEEDS = 60
const STEPS = 250
const VENUE_TIMEOUT_MS = 10_000
const FINAL = new Set(["filled", "canceled", "rejected", "denied", "expired"])
const PLACE: PlaceAnswer[] = ["ack", "ack", "ack", "fill", "reject", "lost", "vanish", "late", "silence"]
const CANCEL: CancelAnswer[] = ["cancel", "cancel", "reject", "lost", "vanish", "silence"]
const QUERY: QueryAnswer[] = ["status", "status", "lost", "silence"]
const STATES: Record<number, string> = {
  [OrderStatus.Filled]: "filled",
  [OrderStatus.Canceled]: "canceled",
  [OrderStatus.Expired]: "expired",
}

let account: EngineContext<object>["account"] | undefined

/** Lets the test see the account, and cancels orders of its own strategy at random. */
const probe = definePlugin<object>({
  name: "probe",
  version: "1.0.0",
  veloz: "^1.0.0",
  engine(context) {
    account = context.account
  },
})

class Run {
  readonly #random: () => number
  readonly #known = new Map<TestOrder, { state: string; filled: number }>()
  #isAway = false
  /** Simulated milliseconds since the last late order has arrived. A venue gives up after some seconds. */
  #quietMs = 0

  constructor(
    seed: number,
    private readonly engine: Harness,
  ) {
    this.#random = seededRandom(seed)
  }

  step(): void {
    const { engine } = this
    const { venue } = engine
    venue.next("place", this.#pick(PLACE))
    venue.next("cancel", this.#pick(CANCEL))
    venue.next("query", this.#pick(QUERY))
    const dice = below(this.#random, 100)
    if (dice < 40) this.#place()
    else if (dice < 60) this.#cancel()
    else if (dice < 75) this.#trade()
    else if (dice < 80) this.#endUnasked()
    else if (dice < 84) venue.timeOut()
    else if (dice < 88) this.#toggle()
    else if (dice < 90) venue.repeat()
    else if (dice < 92) this.#advance(20_000)
    else this.#advance(below(this.#random, 1500))
    engine.settle()
    this.check()
  }

  /** The venue becomes honest, and everything ends. */
  finish(): void {
    const { engine } = this
    const { venue } = engine
    venue.calm()
    venue.arriveLate()
    if (this.#isAway) this.#toggle()
    venue.timeOut()
    engine.settle()
    engine.clock.advance("20s")
    const unsettled = engine.orders.open.filter(({ state }) => state === "unknown" || state === "pending")
    assert.equal(unsettled, [], "an outcome stays unknown although the venue answers")
    const resting = engine.venue.resting.map(({ id }) => id)
    assert.equal(engine.orders.open.map(({ id }) => id).sort(), resting.sort(), "what is open here rests there")
    for (const order of engine.orders.open) engine.cancel(order)
    this.check()
  }

  /** No quantity falls, and no end is taken back. */
  check(): void {
    for (const order of this.engine.orders.all) {
      const before = this.#known.get(order)
      const filled = Number(order.filled)
      if (before !== undefined) {
        assert.ok(filled >= before.filled, `${order.id} was filled ${before.filled}, is ${filled}`)
        if (FINAL.has(before.state)) assert.is(order.state, before.state, order.id)
      }
      this.#known.set(order, { state: order.state, filled })
    }
    assert.is(this.engine.hot.orders.openCount, this.engine.orders.open.length)
  }

  #advance(ms: number): void {
    this.#quietMs += ms
    if (this.#quietMs > VENUE_TIMEOUT_MS || this.#random() < 0.3) {
      this.engine.venue.arriveLate()
      this.#quietMs = 0
    }
    this.engine.clock.advance(ms)
  }

  #place(): void {
    const side = this.#random() < 0.5 ? "buy" : "sell"
    this.engine[side]("BTCUSDT", `0.0${1 + below(this.#random, 9)}`, `${90 + below(this.#random, 20)}.00`)
  }

  #cancel(): void {
    const order = this.#pick(this.engine.orders.open)
    if (order !== undefined) this.engine.cancel(order)
  }

  #trade(): void {
    const order = this.#pick(this.engine.venue.resting)
    if (order === undefined) return
    this.engine.venue.fill(order.id, 1 + below(this.#random, order.qtyLots - order.filledLots))
  }

  #endUnasked(): void {
    const order = this.#pick(this.engine.venue.resting)
    if (order === undefined) return
    if (this.#random() < 0.5) this.engine.venue.cancelUnasked(order.id)
    else this.engine.venue.expire(order.id)
  }

  #toggle(): void {
    this.#isAway = !this.#isAway
    if (this.#isAway) this.engine.venue.goAway()
    else this.engine.venue.comeBack()
  }

  #pick<T>(list: readonly T[]): T {
    return list[below(this.#random, list.length)]
  }
}

for (let seed = 1; seed <= SEEDS; seed += 1) {
  test(`after any history the engine and the venue agree (seed ${seed})`, async () => {
    const engine = await new Harness({}).start([probe])
    engine.balance("USDT", "1000000")
    engine.balance("BTC", "1000")
    const run = new Run(seed, engine)
    for (let step = 0; step < STEPS; step += 1) run.step()
    run.finish()
    assert.equal(engine.orders.open, [])
    agree(engine)
    positionAddsUp(engine)
    holdsNothing(engine)
    countsAddUp(engine)
    await engine.close()
  })
}

function agree(engine: Harness): void {
  for (const order of engine.orders.all) {
    const known = engine.venue.orders.get(order.id)
    if (known === undefined) {
      assert.ok(order.state === "rejected" || order.state === "denied", `${order.id} is ${order.state}, unknown there`)
      continue
    }
    assert.is(order.state, STATES[known.status], order.id)
    assert.is(order.filled, engine.symbols.qty(0, known.filledLots), order.id)
    const sent = engine.venue.requests.filter(({ kind, id }) => kind === "place" && id === order.id)
    assert.is(sent.length, 1, `${order.id} was sent ${sent.length} times`)
  }
}

/** The position is what the venue has filled, whichever reports of it were lost. */
function positionAddsUp(engine: Harness): void {
  let lots = 0
  for (const { side, filledLots } of engine.venue.orders.values()) lots += side === Side.Buy ? filledLots : -filledLots
  assert.is(engine.control.positions.list()[0].size, engine.symbols.qty(0, lots))
}

function holdsNothing(engine: Harness): void {
  const { store } = engine.hot.orders
  assert.equal([store.openCount, store.pool.inUse, store.strings.slots.inUse], [0, 0, 0])
  engine.balance("USDT", "500")
  engine.balance("BTC", "5")
  assert.equal([account!.freeUnits("USDT"), account!.freeUnits("BTC")], [500e8, 5e8])
}

function countsAddUp(engine: Harness): void {
  const count = (name: string): number => engine.metrics.counter(`orders_${name}`)
  const ended = ["filled", "canceled", "rejected", "denied", "expired"].reduce((sum, name) => sum + count(name), 0)
  assert.is(ended, count("entered"))
  assert.is(count("entered"), engine.orders.all.length)
}

test.run()
