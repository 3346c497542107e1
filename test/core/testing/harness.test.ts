import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { definePlugin, type EngineContext, type OrderView, type Plugin, type PluginDefinition } from "veloz"
import { EventCause } from "veloz/hot"
import { harness } from "veloz/testing"
import quoter from "../../../plugins/quoter/index.js"

const maxNotional = definePlugin({
  name: "max-notional",
  version: "1.0.0",
  veloz: "^1.0.0",
  schema: { type: "object", properties: { max: { type: "integer", default: 50_000, minimum: 1 } } },
  requires: ["order-processing"],
  engine({ options, order, symbols }) {
    const tooLarge = order.reason("max-notional")
    const limit = symbols.notional("BTCUSDT", options.max)
    order.risk.tap("max-notional", ({ notional }) => (notional > limit ? tooLarge : 0))
  },
})

test("a risk check denies above its limit, and follows a new limit", async () => {
  const engine = await harness(maxNotional({ max: 1_000 }))
  assert.is(engine.buy("BTCUSDT", "0.02", "60000.00").denied, "max-notional")
  engine.retune({ max: 2_000 })
  assert.is(engine.buy("BTCUSDT", "0.02", "60000.00").state, "open")
  await engine.close()
})

test("options are checked as the configuration checks them", async () => {
  let message = ""
  await harness(maxNotional({ max: 0 })).catch((error: Error) => {
    message = error.message
  })
  assert.match(message, "plugins.max-notional.max")
})

test("a strategy quotes when its timer says so, and time passes only when the test says so", async () => {
  const engine = await harness(quoter({ orders_per_second: 10, offset_ticks: 100 }))
  engine.book("BTCUSDT", { bids: [["59999.00", "1"]], asks: [["60001.00", "1"]] })
  engine.clock.advance("300ms")
  const sides = engine.orders.open.map(({ side, price }) => `${side} ${price}`)
  assert.ok(sides.includes("buy 59998.00") && sides.includes("sell 60002.00"), sides.join())
  const { length } = engine.orders.all
  engine.settle()
  assert.is(engine.orders.all.length, length)
  await engine.close()
})

test("a route reads the plugins that run, as in an engine", async () => {
  const plugin = definePlugin({
    name: "listing",
    version: "1.2.3",
    veloz: "^1.0.0",
    control({ http, engine }) {
      const handler = () => engine.configuration.plugins().map(({ name, version, state }) => [name, version, state])
      http.route({ method: "GET", url: "/api/listing", handler })
    },
  })
  const engine = await harness(plugin)
  assert.equal((await engine.request("GET", "/api/listing")).body, [["listing", "1.2.3", "running"]])
  await engine.close()
})

test("an order follows the venue: acknowledged, filled in part, filled", async () => {
  const engine = await harness([])
  const order = engine.sell("BTCUSDT", "1.00000", "60000.00")
  assert.is(order.state, "open")
  engine.fill(order, "0.40000")
  assert.equal([order.state, order.filled], ["partially-filled", "0.40000"])
  engine.fill(order, "0.60000", "61000.00")
  assert.equal([order.state, order.averagePrice], ["filled", "60600.00000000"])
  assert.equal(order.events, ["sent", "ack", "fill", "fill"])
  await engine.close()
})

test("the venue answers as it was told to", async () => {
  const engine = await harness([])
  engine.venue.next("place", "reject", "silence", "lost")
  const [rejected, pending, lost] = ["r", "p", "l"].map((id) => engine.buy("BTCUSDT", "1", "10.00", { id }))
  assert.equal([rejected.state, pending.state, lost.state], ["rejected", "pending", "open"])
  assert.equal(lost.events, ["sent", "unknown", "ack"])
  engine.cancel(lost)
  assert.is(lost.state, "canceled")
  await engine.close()
})

test("a plugin of this repository is loaded by its name", async () => {
  const engine = await harness("order-processing")
  engine.book("BTCUSDT", { bids: [["99.00", "1"]], asks: [["101.00", "1"]] })
  engine.retune({ max_order_qty: "0.5" })
  assert.is(engine.buy("BTCUSDT", "0.6", "100.00").denied, "max-order-qty")
  assert.is(engine.buy("BTCUSDT", "0.5", "100.00").state, "open")
  await engine.close()
})

test("closing fails on a timer that a plugin has left running", async () => {
  let leak: NodeJS.Timeout | undefined
  const leaky = definePlugin<object>({
    name: "leaky",
    version: "1.0.0",
    veloz: "^1.0.0",
    engine() {
      leak = setInterval(() => undefined, 1000)
    },
  })
  const engine = await harness(leaky)
  let message = ""
  await engine.close().catch((error: Error) => {
    message = error.message
  })
  clearInterval(leak)
  assert.match(message, "plugins have left open after dispose(): 1 timer;")
})

test("closing fails when a plugin has failed and nobody asked", async () => {
  const failing = definePlugin<object>({
    name: "failing",
    version: "1.0.0",
    veloz: "^1.0.0",
    strategy({ market }) {
      market.onTrade(() => {
        throw new Error("no trades, please")
      })
    },
  })
  const engine = await harness(failing)
  engine.trade("BTCUSDT", { price: "100.00", qty: "1" })
  let message = ""
  await engine.close().catch((error: Error) => {
    message = error.message
  })
  assert.match(message, 'failing in strategy, market.onTrade "onTrade": no trades, please')
})

test("closing fails on a server, and on a listener of the process, that a plugin has left", async () => {
  const server = createServer()
  const listener = (): void => undefined
  const leaky = plugin({
    engine() {
      process.on("SIGUSR2", listener)
    },
    async control() {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    },
  })
  const engine = await harness(leaky)
  const message = await failure(engine.close())
  await new Promise((resolve) => server.close(resolve))
  process.off("SIGUSR2", listener)
  assert.match(message, /left open after dispose\(\): .*1 server/)
  assert.match(message, '1 process listener for "SIGUSR2"')
})

const limited = (
  part: (options: { max: number }, deny: number) => Partial<PluginDefinition<{ max: number }>>["engine"],
) =>
  definePlugin<{ max: number }>({
    name: "limited",
    version: "1.0.0",
    veloz: "^1.0.0",
    schema: {
      type: "object",
      properties: { max: { type: "integer", default: 10, description: "Lots.", "x-veloz-reload": "live" } },
    },
    engine: (context) => part(context.options, context.order.reason("limited"))?.(context),
  })

const tap =
  (limit: () => number, deny: number, retune?: () => void) =>
  ({ order }: EngineContext<{ max: number }>) => {
    order.risk.tap("limited", ({ qtyLots }) => (qtyLots > limit() ? deny : 0))
    return retune && { retune }
  }

test("closing fails on a copy of an option that has gone stale", async () => {
  const copying = limited(({ max }, deny) => tap(() => max, deny))
  const engine = await harness(copying)
  engine.retune({ max: 20 })
  assert.is(engine.buy("BTCUSDT", "0.00015", "60000.00").denied, "limited", "it has kept the old limit")
  assert.match(
    await failure(engine.close()),
    "the engine part of limited read options.max while it was made, and not since it has changed",
  )
})

test("an option that is read where it is needed, or again in retune, is not stale", async () => {
  const reading = limited((options, deny) => tap(() => options.max, deny))
  const deriving = limited((options, deny) => {
    let limit = options.max
    return tap(
      () => limit,
      deny,
      () => {
        limit = options.max
      },
    )
  })
  for (const subject of [reading, deriving]) {
    const engine = await harness(subject)
    engine.retune({ max: 20 })
    assert.is.not(engine.buy("BTCUSDT", "0.00015", "60000.00").denied, "limited")
    assert.equal(engine.takeStale(), [])
    await engine.close()
  }
})

test("a copy is not stale once its part has been made anew", async () => {
  const engine = await harness(limited(({ max }, deny) => tap(() => max, deny)))
  engine.retune({ max: 20 })
  await engine.remake()
  assert.is.not(engine.buy("BTCUSDT", "0.00015", "60000.00").denied, "limited")
  await engine.close()
})

test("control parts run: routes answer, messages pass both ways, services and timers are theirs", async () => {
  const seen: unknown[] = []
  const subject = plugin({
    engine({ channel, order }) {
      let orders = 0
      order.sent.tap("count", () => {
        orders += 1
        channel.post({ orders })
      })
      channel.onMessage((message) => seen.push(message))
    },
    control({ channel, http, timers, events, engine, use, counter }) {
      let told: unknown = null
      channel.onMessage((message) => {
        told = message
      })
      timers.every(1000, () => events.publish("tests", "second", { uptime: engine.uptimeSeconds() }))
      const asked = counter("asked")
      http.route({
        method: "GET",
        url: "/api/told",
        handler: () => {
          asked.increment()
          channel.post({ asked: asked.get() })
          return { told, open: engine.orders.list().length, symbols: use("venue").symbols.length }
        },
      })
    },
  })
  const engine = await harness(subject)
  engine.buy("BTCUSDT", "1", "10.00")
  const answer = await engine.request("GET", "/api/told")
  assert.equal(answer, { status: 200, body: { told: { orders: 1 }, open: 1, symbols: 1 } })
  assert.equal(seen, [{ asked: 1 }])
  assert.is((await engine.request("GET", "/api/none")).status, 404)
  engine.clock.advance("2.5s")
  const seconds = await engine.events("tests")
  assert.equal(
    seconds.map(({ type, data }) => [type, data]),
    [
      ["second", { uptime: 1 }],
      ["second", { uptime: 2 }],
    ],
  )
  assert.ok((await engine.events("orders")).length > 0, "the steps of orders are events")
  await engine.close()
})

test("a plugin that provides what its definition does not name is refused", async () => {
  const undeclared = plugin({ control: ({ provide }) => provide("venue", { symbols: [] }) })
  assert.match(
    await failure(harness(undeclared)),
    /"subject" provides the service "venue", .*add provides: \["venue"\]/,
  )
})

test("what an async function of a plugin fails with is told with its hook, wherever it runs", async () => {
  const late = (what: string) => async (): Promise<never> => {
    await Promise.resolve()
    throw new Error(`late ${what}`)
  }
  const cases: [Partial<PluginDefinition<object>>, string][] = [
    [
      { strategy: ({ market }) => market.onTop(late("onTop")) },
      'subject in strategy, market.onTop "onTop": late onTop',
    ],
    [{ strategy: ({ timers }) => timers.every(10, late("timer")) }, "subject in strategy, a timer: late timer"],
    [{ engine: () => ({ dispose: late("dispose") }) }, "subject in engine, dispose: late dispose"],
    [{ control: ({ timers }) => timers.every(10, late("timer")) }, "subject in control, a timer: late timer"],
  ]
  for (const [definition, expected] of cases) {
    const engine = await harness(plugin(definition))
    engine.top("BTCUSDT", { bid: ["59999.00", "1"], ask: ["60001.00", "1"] })
    engine.clock.advance("15ms")
    if (expected.includes("dispose")) await engine.reload(plugin({}))
    await new Promise((resolve) => setImmediate(resolve))
    assert.is(engine.takeFaults()[0], expected)
    await engine.close()
  }
  const check = late("check") as unknown as () => void
  assert.match(await failure(harness(plugin({ check }))), /failed in check: it must not be async/)
})

test("what a check reports that is no error is told, and so is a part that is made later", async () => {
  const check: PluginDefinition<object>["check"] = (_options, { report }) => report("no" as never)
  assert.match(await failure(harness(plugin({ check }))), /failed in check: it reported "no": report\(new VelozError/)
  const engine = (async () => undefined) as unknown as PluginDefinition<object>["engine"]
  assert.match(await failure(harness(plugin({ engine }))), /failed in engine: .* make it without async/)
})

test("a fill is told with its own price and quantity, and an option that is required is one of its part", async () => {
  const heard: string[] = []
  const subject = definePlugin({
    name: "subject",
    version: "1.0.0",
    veloz: "^1.0.0",
    schema: { type: "object", required: ["symbol"], properties: { symbol: { type: "string" } } },
    engine({ options, order, symbols }) {
      const { index } = symbols.get(options.symbol)
      order.report.tap("fills", ({ symbol, lastPriceTicks, lastQtyLots }, cause) => {
        if (cause === EventCause.Fill && symbol === index) heard.push(`${lastQtyLots} @ ${lastPriceTicks}`)
      })
    },
  })
  assert.match(await failure(harness(subject)), "plugins.subject.symbol")
  const engine = await harness(subject({ symbol: "BTCUSDT" }))
  const order = engine.buy("BTCUSDT", "0.003", "60000.00")
  engine.fill(order, "0.001", "59999.00")
  engine.fill(order, "0.002", "59998.50")
  assert.equal(heard, ["100 @ 5999900", "200 @ 5999850"])
  await engine.close()
})

test("a route that answers text is asked like any other, and a handler that fails is a fault of its plugin", async () => {
  const engine = await harness(
    plugin({
      control({ http }) {
        http.route({ method: "GET", url: "/metrics", text: "text/plain", handler: () => "up 1\n" })
        http.route({ method: "GET", url: "/broken", handler: () => Promise.reject(new Error("no data")) })
      },
    }),
  )
  assert.equal(await engine.request("GET", "/metrics"), { status: 200, body: "up 1\n" })
  assert.is((await engine.request("GET", "/broken")).status, 500)
  assert.equal(engine.takeFaults(), ["subject in control, GET /broken: no data"])
  await engine.close()
})

test("a control part follows its options, is made anew with those that ask for it, and fails by name", async () => {
  const made: string[] = []
  const subject = definePlugin<{ text: string; live: string }>({
    name: "following",
    version: "1.0.0",
    veloz: "^1.0.0",
    schema: {
      type: "object",
      properties: {
        text: { type: "string", default: "a", "x-veloz-reload": "plugin" },
        live: { type: "string", default: "x", "x-veloz-reload": "live" },
      },
    },
    control({ options }) {
      made.push(`made ${options.text}`)
      return { retune: () => made.push(`retuned ${options.live}`), dispose: () => void made.push("gone") }
    },
  })
  const engine = await harness(subject)
  engine.retune({ live: "y" })
  assert.throws(() => engine.retune({ text: "b" }), "await engine.change")
  await engine.change({ text: "b" })
  assert.equal(made, ["made a", "retuned y", "made b", "gone"])
  const failing = plugin({ control: () => Promise.reject(new Error("no disk")) })
  assert.match(await failure(engine.reload(subject, failing)), 'plugin "subject" failed in control: no disk')
  await engine.close()
  assert.equal(made.slice(4), ["made a", "gone", "gone"])
})

test("what something holds of a part that has left is seen", async () => {
  const held: unknown[] = []
  const engine = await harness([
    plugin({ name: "holding", engine: (context) => void held.push(context) }),
    plugin({ name: "leaving", engine: ({ market }) => market.booked.tap("book", () => undefined) }),
  ])
  await engine.remake("holding")
  await engine.remake("leaving")
  await engine.reload()
  assert.equal([...(await engine.heldParts())], [["holding, engine", 2]])
  held.length = 0
  assert.equal([...(await engine.heldParts())], [])
  await engine.close()
})

test("a recording runs through the market path at its own times, with the timers in between", async () => {
  const folder = mkdtempSync(join(tmpdir(), "veloz-harness-"))
  const file = join(folder, "btcusdt.txt")
  const messages = [
    [0, { lastUpdateId: 100, bids: [["59999.00", "2"]], asks: [["60001.00", "3"]] }],
    [1_500_000_000, trade("60001.00", "0.5")],
    [1_600_000_000, trade("60000.00", "0.25")],
  ] as const
  const lines = messages.map(([ns, message]) => `${1_723_161_253_937_085_768n + BigInt(ns)} ${JSON.stringify(message)}`)
  writeFileSync(file, [...lines, "no message", ""].join("\n"))
  const seen: string[] = []
  const watching = plugin({
    strategy({ market, timers, clock }) {
      const say = (what: string): void => void seen.push(`${clock.nowNs() / 1e9} ${what}`)
      market.onTrade(({ priceTicks, qtyLots }) => say(`trade ${qtyLots} @ ${priceTicks}`))
      timers.every(1000, () => say("a second"))
    },
  })
  try {
    const engine = await harness(watching)
    assert.equal(await engine.replay(file), { messages: 3, badLines: 1 })
    assert.equal(seen, ["1 a second", "1.5 trade 50000 @ 6000100", "1.6 trade 25000 @ 6000000"])
    assert.equal(engine.published("BTCUSDT", 1).bids, [["59999.00", "2.00000"]])
    await engine.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("a scenario over a recording ends in the same orders at the same times, whenever it runs", async () => {
  const folder = mkdtempSync(join(tmpdir(), "veloz-harness-"))
  const file = join(folder, "btcusdt.txt")
  const tops = [7, -4, 12].map((move, index) => {
    const [b, a] = [59_999 + move, 60_001 + move].map((price) => price.toFixed(2))
    return { stream: "btcusdt@bookTicker", data: { u: 101 + index, s: "BTCUSDT", b, B: "2", a, A: "3" } }
  })
  const snapshot = { lastUpdateId: 100, bids: [["59999.00", "2"]], asks: [["60001.00", "3"]] }
  const lines = [snapshot, ...tops].map((message, index) => {
    return `${1_723_161_253_937_085_768n + BigInt(index) * 700_000_000n} ${JSON.stringify(message)}\n`
  })
  writeFileSync(file, lines.join(""))
  const run = async (): Promise<string[]> => {
    const told: string[] = []
    const watching = plugin({
      engine({ order, clock }) {
        const tell = (what: string, { priceTicks, status }: OrderView): void => {
          told.push(`${clock.nowNs()} ${what} ${priceTicks} ${status}`)
        }
        order.sent.tap("watch", (view) => tell("sent", view))
        order.report.tap("watch", (view, cause) => tell(`report ${cause}`, view))
      },
    })
    const engine = await harness([quoter({ orders_per_second: 10, offset_ticks: 100 }), watching])
    await engine.replay(file)
    engine.fill(engine.orders.open[0], "0.00010")
    engine.clock.advance("2s")
    const orders = engine.orders.all.map(({ id, side, price, events }) => `${id} ${side} ${price} ${events}`)
    await engine.close()
    return [...told, ...orders]
  }
  try {
    const first = await run()
    assert.ok(
      first.some((line) => line.endsWith("buy 60005.00 sent,ack,canceled")),
      first.join("\n"),
    )
    assert.ok(first.filter((line) => line.includes(" sent ")).length > 10, first.join("\n"))
    // Were the clock of this machine in it, it would be another time.
    await new Promise((resolve) => setTimeout(resolve, 5))
    assert.equal(await run(), first)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

function trade(p: string, q: string): object {
  return { stream: "btcusdt@trade", data: { e: "trade", E: 1, s: "BTCUSDT", t: 1, p, q, T: 1, m: false, M: true } }
}

function plugin(definition: Partial<PluginDefinition<object>>): Plugin {
  return definePlugin<object>({ name: "subject", version: "1.0.0", veloz: "^1.0.0", ...definition })
}

async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    return (error as Error).message
  }
  return ""
}

test.run()
