import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { startExchange } from "../../../plugins/sim-exchange/io/exchange.js"
import { launchExchange } from "../../../plugins/sim-exchange/io/launch.js"
import {
  API_KEY,
  API_SECRET,
  addressesOf,
  atOutsideVenue,
  atVenue,
  type Config,
  config,
  countsAddUp,
  FINAL,
  inProject,
  ordersAt,
  type Project,
  place,
  placeAndCancel,
  refused,
  sameAsTheExchange,
  sleep,
  taken,
} from "../../support/engine-project.js"
import { freePort } from "../../support/running-engine.js"
import { inEachTopology, TOPOLOGIES, type Topology } from "../../support/topologies.js"

// One set of hot threads takes over from another, in whole engines that trade.

/** Of which every one has to be accounted for. */
const ORDERS_BETWEEN = 30
const MOVES = 4
/** Few enough orders for the exchange to remember all of them, however long it takes. */
const PACE = { orders_per_second: 20 }
const PAUSE_MS = 50

const otherThan = (topology: Topology): Topology => TOPOLOGIES.find((other) => other !== topology)!

const placed = (topology: Topology, plugins: Record<string, unknown> = {}): Config => ({ ...config(plugins), topology })

const threadNames = (project: Project): string[] => {
  const threads = project.facade.metrics.threads().filter(({ roles }) => roles.some((role) => role === "engine"))
  return threads.map(({ name }) => name)
}

inEachTopology(
  `${MOVES} moves from one topology to the other under load lose, double and invent no order`,
  async (topology) => {
    const port = await freePort()
    const exchange = { "sim-exchange": { port, api_key: API_KEY, api_secret: API_SECRET } }
    const base = { ...exchange, quoter: PACE }
    await inProject(placed(topology, base), async (project) => {
      const bid = await project.market()
      await project.until("quotes", () => project.facade.metrics.counter("orders_acked") > 5)
      let isMoving = true
      const mine = placeAndCancel(project, bid * 0.9, () => isMoving, PAUSE_MS)
      let updates = 0
      for (let move = 1; move <= MOVES; move += 1) {
        const next = move % 2 === 1 ? otherThan(topology) : topology
        await taken(project, placed(next, base))
        assert.equal(threadNames(project), [next === "split" ? "engine-main" : "veloz-hot"])
        const now = project.facade.metrics.counter("market_updates")
        assert.ok(now > updates, `figures go on: ${now} after ${updates}`)
        updates = now
        const entered = project.facade.metrics.counter("orders_entered")
        await project.until(
          "orders go on",
          () => project.facade.metrics.counter("orders_entered") > entered + ORDERS_BETWEEN,
        )
      }
      isMoving = false
      assert.ok((await mine) > 5, "orders over the API were answered all the while")
      await taken(project, placed(topology, { ...exchange, quoter: { orders_per_second: 0 } }))
      await project.until("every order is over", () =>
        project.facade.orders.list().every(({ status }) => FINAL.has(status)),
      )
      countsAddUp(project)
      await sameAsTheExchange(project, port)
    })
  },
)

inEachTopology("an order that is open goes along, and an answer that is awaited comes", async (topology) => {
  await inProject(placed(topology), async (project) => {
    const bid = await project.market()
    const before = await place(project, bid * 0.9, "mine")
    project.save(placed(otherThan(topology)))
    const moving = project.engine.reload()
    const answers: string[] = []
    let isMoving = true
    const asking = (async () => {
      for (let number = 0; isMoving; number += 1, await sleep(20))
        answers.push((await place(project, bid * 0.9, `during-${number}`)).status)
    })()
    assert.ok(await moving, project.lines.at(-1))
    isMoving = false
    await asking
    assert.ok(answers.length > 1 && answers.every((status) => status === "NEW"), answers.join())
    assert.equal(project.facade.orders.get("mine"), before)
    assert.is((await project.facade.orders.cancel("mine")).status, "CANCELED")
    const { ok, canceled } = await project.facade.orders.cancelAll()
    assert.equal([ok, canceled], [true, answers.length])
    assert.is(project.facade.orders.list().length, answers.length + 1, "finished orders stay readable")
  })
})

inEachTopology("symbols come and go, and one in use does not go", async (topology) => {
  const with_ = (symbols: string[], plugins = {}): Config => ({ ...placed(topology, plugins), symbols })
  await inProject(with_(["BTCUSDT"]), async (project) => {
    const bid = await project.market()
    await place(project, bid * 0.9, "mine")
    await refused(project, with_(["BTCUSDT", "NOPEUSDT"]), /VELOZ_EXCHANGE_SYMBOL: cannot list "NOPEUSDT"/)
    await refused(
      project,
      with_(["ETHUSDT"]),
      /VELOZ_SYMBOL_IN_USE: BTCUSDT cannot go while it has an open order: cancel/,
    )
    await taken(project, with_(["ETHUSDT", "BTCUSDT"]))
    assert.is(project.facade.orders.get("mine")?.symbol, "BTCUSDT", "symbols may have other numbers")
    const { ask } = project.facade.market.top("ETHUSDT")
    const wish = { symbol: "ETHUSDT", side: "BUY", qty: "0.01", price: ask!, tif: "IOC", enteredNs: 0 } as const
    await project.facade.orders.place(wish)
    assert.is((await project.facade.orders.cancel("mine")).status, "CANCELED")
    await taken(project, with_(["ETHUSDT"]))
    assert.equal(
      project.facade.positions.list().map(({ symbol, size }) => [symbol, Number(size) > 0]),
      [["ETHUSDT", true]],
    )
    assert.is(project.facade.orders.get("mine")?.qty, "0.00100", "what was traded before can still be read")
    await refused(
      project,
      with_(["BTCUSDT"]),
      /VELOZ_SYMBOL_IN_USE: ETHUSDT cannot go while it has a position of 0\.01/,
    )
  })
})

inEachTopology("threads that do not get ready leave the old ones trading", async (topology) => {
  const exchange = await startExchange({ symbols: ["BTCUSDT", "ETHUSDT"], api_key: API_KEY, api_secret: API_SECRET })
  const run = async (project: Project): Promise<void> => {
    const bid = await project.market()
    await place(project, bid * 0.9, "mine")
    const deaf = { ...addressesOf(exchange), stream_url: `ws://127.0.0.1:${await freePort()}` }
    const save = { ...config({ binance: deaf }), venue: { kind: "binance" }, symbols: ["BTCUSDT", "ETHUSDT"] }
    await refused(project, save, /VELOZ_SUCCESSOR_NOT_READY: .*the book of BTCUSDT, the book of ETHUSDT/)
    assert.ok(project.lines.some((line) => line.startsWith("new hot threads wait for the venue; the old ones go on")))
    assert.is((await project.facade.orders.cancel("mine")).status, "CANCELED")
    assert.is((await ordersAt(exchange.port)).map(({ status }) => status).join(), "CANCELED")
  }
  try {
    await atVenue(topology, exchange, run, { handover: { readyMs: 1300 } })
  } finally {
    await exchange.close()
  }
})

inEachTopology("another venue gets no orders of this one", async (topology) => {
  const other = await launchExchange({ symbols: ["BTCUSDT"], api_key: API_KEY, api_secret: API_SECRET })
  const there = addressesOf(other)
  const at = (binance: unknown, plugins = {}): Config => ({
    ...config({ binance, ...plugins }),
    venue: { kind: "binance" },
  })
  const staying = { "order-processing": { cancel_on_stop: false } }
  try {
    await atOutsideVenue(topology, async (project, exchange) => {
      const here = (project.saved as Config).plugins.binance
      const bid = await project.market()
      await place(project, bid * 0.9, "mine")
      await taken(project, at(here, staying))
      await refused(project, at(there, staying), /VELOZ_VENUE_IN_USE: an order is open at the venue that is to be left/)
      assert.is((await place(project, bid * 0.9, "another")).status, "NEW", "the old threads go on")
      await taken(project, at(here))
      await taken(project, at(there))
      assert.equal(
        (await ordersAt(exchange.port)).map(({ status }) => status),
        ["CANCELED", "CANCELED"],
      )
      assert.is((await place(project, bid * 0.9, "there")).status, "NEW")
      assert.equal(
        (await ordersAt(other.port)).map(({ clientOrderId }) => clientOrderId),
        ["there"],
      )
    })
  } finally {
    await other.close()
  }
})

inEachTopology("an answer that does not come lets the old threads go on", async (topology) => {
  const exchange = await startExchange({ symbols: ["BTCUSDT"], api_key: API_KEY, api_secret: API_SECRET })
  const run = async (project: Project): Promise<void> => {
    const bid = await project.market()
    exchange.faults.swallowOrderAnswers(1)
    const lost = place(project, bid * 0.9, "lost").catch(({ code }) => code)
    const save = { ...(project.saved as Config), topology: otherThan(topology) }
    await refused(project, save, /VELOZ_HANDOVER_LATE: the venue has not answered everything/)
    assert.is((await place(project, bid * 0.9, "next")).status, "NEW", "the old threads go on")
    assert.is(await lost, "VELOZ_ORDER_UNKNOWN")
    await project.until("it is found", () => project.facade.orders.get("lost")?.status === "NEW")
    assert.is((await project.facade.orders.cancelAll()).canceled, 2)
  }
  try {
    const more = { binance: { request_timeout_ms: 8000 }, root: { topology }, handover: { answersMs: 100 } }
    await atVenue(undefined, exchange, run, more)
  } finally {
    await exchange.close()
  }
})

/** A strategy that counts what it hears, in state that it keeps. */
const COUNTING = (made: string): string => `import { definePlugin } from "veloz"
class Count { value = 0 }
export default definePlugin({
  name: "counting",
  version: "1.0.0",
  veloz: "^1.0.0",
  strategy({ market, keep, counter }) {
    const count = keep("count", 1, () => ${made})
    const shown = counter("shown")
    market.onTop(() => shown.set(++count.value))
  },
})
`

inEachTopology("what a strategy keeps goes along, and what cannot is refused by name", async (topology) => {
  const files = { "counting.ts": COUNTING("({ value: 1e6 })") }
  const save = (where: Topology): Config => placed(where, { "./counting.ts": true })
  const run = async (project: Project): Promise<void> => {
    await project.market()
    const shown = (): number => {
      const counters = Object.entries(project.facade.metrics.counters())
      return counters.find(([name]) => name.endsWith(".shown"))?.[1] ?? 0
    }
    const before = await project.until("a count", () => shown() > 1e6 && shown())
    await taken(project, save(otherThan(topology)))
    await project.until("it goes on", () => shown() > before)
    assert.ok(shown() < 1.5e6, `${shown()} is no sum of both`)
    writeFileSync(join(project.cwd, "counting.ts"), COUNTING("new Count()").replace('"count", 1', '"count", 2'))
    assert.ok(await project.engine.reload())
    await refused(project, save(topology), /VELOZ_STATE_STUCK: .*"count" of the strategy part of plugin ".*counting/)
    await project.until("it counts", () => shown() > 1)
  }
  await inProject(save(topology), run, { files })
})

test("new hot threads prime the code of plugins before they take over, and say what that took", async () => {
  const code = 'import { definePlugin } from "veloz"\nexport default definePlugin({ name: "mine", version: "1.0.0",'
  const files = { "mine.js": `${code} veloz: "^1.0.0", primable: true, engine() {} })` }
  const plugins = { "./mine.js": {} }
  await inProject(
    placed("fused", plugins),
    async (project) => {
      await project.market()
      await taken(project, placed("split", plugins))
      const line = project.lines.findLast((one) => one.includes("committed in"))
      assert.match(
        line!,
        /; code that is new to new hot threads took [\d.]+ ms to make, and was primed, [\d.]+ ms at a/,
      )
    },
    { files },
  )
})

test.run()
