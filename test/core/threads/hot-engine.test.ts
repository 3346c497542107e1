import { test } from "uvu"
import * as assert from "uvu/assert"
import { definePlugin, type EngineContext, type OrderUpdate, type Plugin, type PluginDefinition } from "veloz"
import { harness, type TextLevel } from "veloz/testing"
import { DenyReason } from "../../../core/hot/deny.js"
import { Side } from "../../../core/hot/records.js"
import type { Harness } from "../../../core/testing/harness.js"
import { Word } from "../../../core/threads/shared-memory.js"

const plugin = (definition: Omit<PluginDefinition<object>, "version" | "veloz">): Plugin =>
  definePlugin<object>({ version: "1.0.0", veloz: "^1.0.0", ...definition })

const BOOK: { bids: TextLevel[]; asks: TextLevel[] } = { bids: [["100.00", "1"]], asks: [["101.00", "1"]] }
const buy = (engine: Harness) => engine.buy("BTCUSDT", "1", "100.00")
const generationOf = (engine: Harness): number => new Int32Array(engine.memory.words)[Word.Generation]

/** The message of the error that an act ends with. */
async function failure(act: () => unknown): Promise<string> {
  try {
    await act()
  } catch (error) {
    return (error as Error).message
  }
  return "it did not fail"
}

// ---- a strategy and its orders

test("a strategy never hears of its order before place has returned", async () => {
  const heard: string[] = []
  const engine = await harness(
    plugin({
      name: "placer",
      strategy({ orders, timers, market }) {
        const place = (from: string): void => {
          const handle = orders.place(0, Side.Buy, 10_000, 100)
          heard.push(`${from} placed ${handle}`)
        }
        orders.onUpdate(({ handle, status }) => void heard.push(`${handle} is ${status}`))
        market.onTrade(() => place("trade"))
        timers.after(5, () => place("timer"))
      },
    }),
  )
  engine.trade("BTCUSDT", { price: "100.00", qty: "1" })
  engine.clock.advance("5ms")
  assert.equal(heard, ["trade placed 1", "1 is 1", "timer placed 2", "2 is 1"])
  await engine.close()
})

test("a denial comes as an update with its reason, and no word of others' orders comes at all", async () => {
  const updates: OrderUpdate[] = []
  let reason = 0
  const engine = await harness([
    plugin({
      name: "strict",
      engine({ order }) {
        reason = order.reason("no-buys")
        order.risk.tap("no-buys", ({ side }) => (side === Side.Buy ? reason : 0))
      },
    }),
    plugin({
      name: "first",
      strategy({ orders, timers }) {
        orders.onUpdate((update) => void updates.push({ ...update }))
        timers.after(1, () => orders.place(0, Side.Buy, 10_000, 100))
      },
    }),
    plugin({
      name: "second",
      strategy({ orders, timers }) {
        timers.after(1, () => orders.place(0, Side.Sell, 10_000, 100))
      },
    }),
  ])
  engine.clock.advance("1ms")
  buy(engine)
  assert.equal(
    updates.map(({ handle, reason: why }) => [handle, why]),
    [[1, reason]],
  )
  assert.is(engine.orders.open.length, 1)
  await engine.close()
})

test("fills come with their price and quantity, and the whole of it in the update", async () => {
  const fills: unknown[] = []
  const engine = await harness(
    plugin({
      name: "filled",
      strategy({ orders, timers }) {
        orders.onFill(({ handle, priceTicks, qtyLots }) => void fills.push([handle, priceTicks, qtyLots]))
        orders.onUpdate(({ handle, filledLots }) => void fills.push([handle, filledLots]))
        timers.after(1, () => orders.place(0, Side.Buy, 10_000, 100))
      },
    }),
  )
  engine.clock.advance("1ms")
  const [order] = engine.orders.open
  engine.fill(order, "0.00040", "99.00")
  assert.equal(fills, [
    [1, 0],
    [1, 9_900, 40],
    [1, 40],
  ])
  await engine.close()
})

test("a cancel of what is not open is answered with a reason", async () => {
  const updates: number[][] = []
  const engine = await harness(
    plugin({
      name: "canceller",
      strategy({ orders, timers }) {
        orders.onUpdate(({ handle, reason }) => void updates.push([handle, reason]))
        timers.after(1, () => orders.cancel(99))
      },
    }),
  )
  engine.clock.advance("1ms")
  assert.equal(updates, [[99, DenyReason.NotOpen]])
  await engine.close()
})

test("a strategy that throws in a timer is stopped, named, and its orders alone are cancelled", async () => {
  let turns = 0
  const engine = await harness(
    plugin({
      name: "doomed",
      strategy({ orders, timers }) {
        timers.every(10, () => {
          turns += 1
          if (turns === 2) throw new Error("second thoughts")
          orders.place(0, Side.Buy, 10_000, 100)
        })
      },
    }),
  )
  const mine = buy(engine)
  engine.clock.advance("100ms")
  assert.is(turns, 2)
  assert.equal(engine.takeFaults(), ["doomed in strategy, a timer: second thoughts"])
  const theirs = engine.orders.all.filter((order) => order !== mine)
  assert.equal([mine.state, ...theirs.map(({ state }) => state)], ["open", "canceled"])
  await engine.close()
})

test("timers that a part has called off do not run, also before it was in force", async () => {
  const ran: string[] = []
  const engine = await harness(
    plugin({
      name: "timed",
      strategy({ timers }) {
        timers.cancel(timers.after(5, () => void ran.push("cancelled early")))
        const late = timers.after(20, () => void ran.push("cancelled late"))
        timers.after(10, () => {
          ran.push("ten")
          timers.cancel(late)
        })
      },
    }),
  )
  engine.clock.advance("1s")
  assert.equal(ran, ["ten"])
  await engine.close()
})

// ---- generations

const limited = definePlugin({
  name: "limited",
  version: "1.0.0",
  veloz: "^1.0.0",
  schema: {
    type: "object",
    properties: {
      max: { type: "integer", default: 10, "x-veloz-reload": "live" },
      mode: { type: "string", default: "calm" },
    },
  },
  engine({ options, order, counter, keep }) {
    const made = counter("made")
    made.increment()
    const tooMany = order.reason("too-many")
    const seen = keep("seen", 1, () => ({ count: 0 }))
    order.risk.tap("limit", () => {
      if (options.mode === "broken") throw new Error("broken")
      return ++seen.count > options.max ? tooMany : 0
    })
    if (options.mode === "unstartable") throw new Error("cannot start like this")
  },
})

test("options change in place, and the part is not made anew", async () => {
  const engine = await harness(limited({ max: 1 }))
  assert.is(buy(engine).state, "open")
  assert.is(buy(engine).denied, "too-many")
  engine.retune({ max: 3 })
  assert.is(buy(engine).state, "open")
  assert.is(engine.metrics.counter("limited.made"), 1)
  await engine.close()
})

test("a part that is made anew finds its state, its orders and its books as they were", async () => {
  const engine = await harness(limited({ max: 2 }))
  engine.book("BTCUSDT", BOOK)
  const order = buy(engine)
  engine.retune({ mode: "eager" })
  assert.is(engine.metrics.counter("limited.made"), 2)
  assert.is(engine.hot.market.books[0].isLive, true)
  assert.is(buy(engine).state, "open")
  assert.is(buy(engine).denied, "too-many", "two were seen before and after the change")
  engine.fill(order)
  assert.is(order.state, "filled")
  await engine.close()
})

test("a generation that cannot be prepared leaves the running one as it was", async () => {
  const engine = await harness(limited({ max: 1 }))
  const before = [generationOf(engine), ...engine.pipeline.order]
  assert.is(
    await failure(() => engine.retune({ max: 5, mode: "unstartable" })),
    'plugin "limited" failed in engine: cannot start like this',
  )
  assert.equal([generationOf(engine), ...engine.pipeline.order], before)
  assert.is(buy(engine).state, "open")
  assert.is(buy(engine).denied, "too-many")
  engine.retune({ max: 3 })
  assert.is(buy(engine).state, "open")
  await engine.close()
})

test("what a failed generation has begun is undone: timers, parts, state", async () => {
  let ticks = 0
  const disposed: string[] = []
  const counting = (version: number, fails: boolean): Plugin =>
    plugin({
      name: "counting",
      engine({ keep }) {
        keep("state", version, () => `made by ${version}`)
        return { dispose: () => void disposed.push(`engine ${version}`) }
      },
      strategy({ timers }) {
        timers.every(10, () => void ticks++)
        if (fails) throw new Error("no")
        return { dispose: () => void disposed.push(`strategy ${version}`) }
      },
    })
  let state = ""
  const reading = plugin({
    name: "counting",
    engine({ keep }) {
      state = keep("state", 1, () => "made again")
    },
  })
  const engine = await harness(counting(1, false))
  engine.clock.advance("30ms")
  const before = ticks
  assert.match(await failure(() => engine.reload(counting(2, true))), 'plugin "counting" failed in strategy')
  assert.equal(disposed, ["engine 2"])
  engine.clock.advance("30ms")
  assert.is(ticks - before, 3, "the timer of the running part alone")
  await engine.reload(reading)
  assert.is(state, "made by 1", "the failed generation has not replaced the state")
  assert.equal(disposed, ["engine 2", "strategy 1", "engine 1"])
  await engine.close()
})

test("a generation that fails leaves the limits of the running one as they were", async () => {
  const engine = await harness(["order-processing", limited({ max: 1_000 })])
  engine.retune("order-processing", { max_orders_per_second: 2, price_band_pct: 0 })
  assert.is(buy(engine).state, "open")
  await failure(() => engine.reload("order-processing", limited({ mode: "unstartable" })))
  assert.is(buy(engine).state, "open")
  assert.is(buy(engine).denied, "max-orders-per-second")
  await engine.close()
})

test("two plugins cannot stand at one place of the pipeline", async () => {
  const stage = (name: string): Plugin =>
    plugin({ name, engine: ({ market }) => market.stage("conflate", (next) => ({ offer: next })) })
  const engine = await harness([])
  assert.match(await failure(() => engine.reload(stage("one"), stage("other"))), /conflate/)
  assert.is(buy(engine).state, "open")
  await engine.close()
})

test("a part may return retune and dispose, and nothing else", async () => {
  const engine = await harness([])
  const misspelt = plugin({ name: "misspelt", engine: () => ({ retun() {} }) as never })
  assert.match(await failure(() => engine.reload(misspelt)), '"retun"')
  const text = plugin({ name: "text", engine: () => "nonsense" as never })
  assert.match(await failure(() => engine.reload(text)), 'not "nonsense"')
  await engine.close()
})

test("a retune that throws takes the plugin out and the commit stands", async () => {
  const engine = await harness([
    limited({ max: 5 }),
    definePlugin({
      name: "touchy",
      version: "1.0.0",
      veloz: "^1.0.0",
      schema: { type: "object", properties: { x: { type: "integer", default: 0, "x-veloz-reload": "live" } } },
      strategy: () => ({
        retune() {
          throw new Error("do not touch")
        },
      }),
    }),
  ])
  const before = generationOf(engine)
  engine.retune("touchy", { x: 1 })
  assert.is(generationOf(engine), before + 1)
  assert.equal(engine.takeFaults(), ["touchy in strategy, retune: do not touch"])
  assert.is(buy(engine).state, "open")
  await engine.close()
})

test("the orders of a strategy that leaves are cancelled, those of one that is made anew are not", async () => {
  const quoting = definePlugin({
    name: "quoting",
    version: "1.0.0",
    veloz: "^1.0.0",
    schema: { type: "object", properties: { price: { type: "integer", default: 10_000 } } },
    strategy({ options, orders, timers }) {
      timers.after(1, () => orders.place(0, Side.Buy, options.price, 100))
    },
  })
  const engine = await harness(quoting)
  engine.clock.advance("1ms")
  engine.retune({ price: 9_000 })
  engine.clock.advance("1ms")
  assert.equal(
    engine.orders.open.map(({ price }) => price),
    ["100.00", "90.00"],
  )
  await engine.reload()
  assert.equal(engine.orders.open, [])
  await engine.close()
})

test("a strategy that is made anew hears of the orders that its predecessor placed", async () => {
  const heard: string[] = []
  const placing = (name: string): Plugin =>
    plugin({
      name: "placing",
      strategy({ orders, timers }) {
        orders.onUpdate(({ handle, status }) => void heard.push(`${name}: ${handle} is ${status}`))
        timers.after(1, () => orders.place(0, Side.Buy, 10_000, 100))
      },
    })
  const engine = await harness(placing("old"))
  engine.clock.advance("1ms")
  await engine.reload(placing("new"))
  engine.fill(engine.orders.open[0])
  assert.equal(heard, ["old: 1 is 1", "new: 1 is 3"])
  await engine.close()
})

test("services of a part that has left are gone: its timers, its messages, its taps", async () => {
  const heard: string[] = []
  const chatty = plugin({
    name: "chatty",
    engine({ channel, market }) {
      channel.onMessage((message) => void heard.push(`message ${message}`))
      market.decoded.tap("all", () => void heard.push("record"))
    },
    strategy({ timers }) {
      timers.every(1, () => void heard.push("tick"))
    },
  })
  const engine = await harness(chatty)
  engine.post("chatty", 1)
  engine.book("BTCUSDT", BOOK)
  engine.clock.advance("1ms")
  assert.equal(heard, ["message 1", "record", "tick"])
  await engine.reload()
  engine.post("chatty", 2)
  engine.book("BTCUSDT", BOOK)
  engine.clock.advance("5ms")
  assert.is(heard.length, 3)
  await engine.close()
})

test("a wish that a running part changes holds at once", async () => {
  let context: EngineContext<object> | undefined
  const engine = await harness(
    plugin({
      name: "wishful",
      engine(own) {
        context = own
      },
    }),
  )
  engine.book("BTCUSDT", { bids: Array.from({ length: 10 }, (_, i): TextLevel => [`${100 - i}.00`, "1"]), asks: [] })
  context!.market.publishDepth(3)
  assert.is(engine.published("BTCUSDT").bids.length, 3)
  await engine.close()
})

test("over 200 commits, every third of them bad, every order and every update is counted", async () => {
  const quoting = definePlugin({
    name: "busy",
    version: "1.0.0",
    veloz: "^1.0.0",
    schema: {
      type: "object",
      properties: { step: { type: "integer", default: 0 }, fails: { type: "boolean", default: false } },
    },
    strategy({ options, orders, market, counter, keep }) {
      const state = keep("state", 1, () => ({ heard: 0, placed: 0, ended: 0 }))
      market.onTop(() => {
        state.heard += 1
        counter("heard").set(state.heard)
        const handle = orders.place(0, state.placed % 2, 10_000 + (options.step % 50), 1_000)
        if (handle > 0) state.placed += 1
        counter("placed").set(state.placed)
      })
      orders.onUpdate(({ status }) => {
        if (status < 3) return
        state.ended += 1
        counter("ended").set(state.ended)
      })
      if (options.fails) throw new Error("bad save")
    },
  })
  const engine = await harness(["market-data", "order-processing", quoting])
  engine.retune("order-processing", { price_band_pct: 0, max_orders_per_second: 0, max_open_orders: 0 })
  engine.book("BTCUSDT", BOOK)
  let sent = 0
  let refused = 0
  for (let step = 1; step <= 200; step += 1) {
    for (let count = 0; count < 5; count += 1) {
      engine.top("BTCUSDT", { bid: [`${100 + count}.00`, "1"], ask: ["200.00", "1"] })
      sent += 1
    }
    engine.clock.advance("3ms")
    const [fillable] = engine.orders.open
    if (fillable !== undefined) engine.fill(fillable)
    if (step % 3 === 0) {
      assert.match(await failure(() => engine.retune("busy", { step, fails: true })), "bad save")
      refused += 1
    } else if (step % 3 === 1) engine.retune("busy", { step })
    else {
      await engine.change("market-data", { order_book_depth: 1 + (step % 20), conflate_updates: step % 2 === 0 })
      await engine.change("order-processing", { batch_size: 1 + (step % 4) })
    }
  }
  engine.clock.advance("1s")
  const counter = (name: string): number => engine.metrics.counter(name)
  assert.is(refused, 66)
  assert.is(counter("top_updates"), sent)
  const open = engine.orders.open.length
  assert.is(counter("orders_entered"), counter("busy.placed"))
  assert.is(counter("orders_sent"), counter("orders_entered"))
  assert.is(counter("orders_acked"), counter("orders_sent"))
  assert.is(counter("orders_filled") + open, counter("orders_acked"))
  assert.is(counter("busy.ended"), counter("orders_filled"))
  assert.is(engine.venue.requests.filter(({ kind }) => kind === "place").length, counter("orders_sent"))
  assert.equal([counter("book_gaps"), counter("duplicate_reports"), counter("orders_denied")], [0, 0, 0])
  await engine.close()
})

// ---- the end

test("a stop cancels what is open, if so configured, and denies what is new", async () => {
  const engine = await harness(plugin({ name: "tidy", engine: ({ order }) => order.cancelOnStop(true) }))
  const order = buy(engine)
  await engine.close()
  assert.is(order.state, "canceled")
  assert.is(buy(engine).denied, "not-running")
})

test("without that wish a stop leaves orders open", async () => {
  const engine = await harness([])
  const order = buy(engine)
  await engine.close()
  assert.is(order.state, "open")
})

test.run()
