import { once } from "node:events"
import { rmSync, unlinkSync, writeFileSync } from "node:fs"
import net from "node:net"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { PluginReading, VelozError } from "veloz"
import {
  API_KEY,
  API_SECRET,
  atOutsideVenue,
  type Config,
  config,
  countsAddUp,
  FINAL,
  inProject,
  ordersAt,
  Project,
  place,
  placeAndCancel,
  refused,
  sameAsTheExchange,
  sleep,
  taken,
} from "../../support/engine-project.js"
import { freePort } from "../../support/running-engine.js"
import { inEachTopology } from "../../support/topologies.js"

inEachTopology(
  "a saved configuration is live, a bad one changes nothing, and a stage comes and goes",
  async (topology) => {
    await inProject(
      config(),
      async (project) => {
        const stages = (): string[] => project.facade.configuration.pipeline().market
        assert.is(project.option("market-data", "order_book_depth"), 5)
        assert.not.ok(stages().some((stage) => stage.startsWith("conflate")))

        project.save(config({ "market-data": { order_book_depth: 7, conflate_updates: true } }))
        await project.until("the save is live", () => project.option("market-data", "order_book_depth") === 7)
        assert.ok(stages().includes("conflate (market-data)"), stages().join(" -> "))
        const generation = project.facade.configuration.generation()

        project.save(config({ "market-data": { order_book_depht: 9 } }))
        const refusal = await project.until("a refusal", () => project.lines.find((line) => line.includes("refused")))
        assert.match(refusal, "order_book_depth", "it names the nearest option")
        assert.match(refusal, "veloz.config.json")
        assert.is(project.facade.configuration.generation(), generation)
        assert.is(project.option("market-data", "order_book_depth"), 7)

        project.save("{ this is no JSON")
        await project.until(
          "another refusal",
          () => project.lines.filter((line) => line.includes("refused")).length === 2,
        )
        assert.is(project.facade.configuration.generation(), generation)

        project.save(config({ "market-data": { order_book_depth: 7 } }))
        await project.until("the stage is gone", () => !stages().some((stage) => stage.startsWith("conflate")))
      },
      { topology, watch: true },
    )
  },
)

/** A plugin of a user with an option that it can only read when the engine starts. */
const STARTING = `import { definePlugin } from "veloz"
const seed = { type: "integer", default: 1, "x-veloz-reload": "restart" } as const
const schema = { type: "object", properties: { seed } } as const
export default definePlugin({ name: "starting", version: "1.0.0", veloz: "^1.0.0", schema })
`

inEachTopology("a change that needs a restart is refused by name, and everything goes on", async (topology) => {
  await inProject(
    config({ "./starting.ts": true }),
    async (project) => {
      const generation = project.facade.configuration.generation()
      project.save(config({ "./starting.ts": { seed: 2 } }))
      await project.engine.reload()
      assert.match(project.lines.at(-1)!, /refused.*VELOZ_RESTART_NEEDED: .*seed/)
      assert.is(project.facade.configuration.generation(), generation)
      project.save(config({ "./starting.ts": true, "market-data": { order_book_depth: 8 } }))
      await project.engine.reload()
      assert.is(project.option("market-data", "order_book_depth"), 8)
    },
    { topology, files: { "starting.ts": STARTING } },
  )
})

inEachTopology("what idle threads do changes live", async (topology) => {
  await inProject(
    config(),
    async (project) => {
      project.save({ ...config(), idle_strategy: "backoff" })
      assert.ok(await project.engine.reload())
      assert.match(
        project.lines.findLast((line) => line.includes("committed"))!,
        'idle_strategy "auto" -> "backoff" (live)',
      )
      const bid = await project.market()
      assert.is((await place(project, bid * 0.9, "after")).status, "NEW")
    },
    { topology },
  )
})

/** A plugin whose check denies every order. */
const DENYING = (name: string): string => `import { definePlugin } from "veloz"
export default definePlugin({
  name: "${name}",
  version: "1.0.0",
  veloz: "^1.0.0",
  engine({ order }) {
    const no = order.reason("${name}", "${name} came first")
    order.risk.tap("no", () => no)
  },
})
`

inEachTopology("plugins come, change their order, and go while the engine runs", async (topology) => {
  await inProject(
    config(),
    async (project) => {
      const bid = await project.market()
      const answer = (): Promise<string> =>
        place(project, bid * 0.9, "mine").then(
          ({ status }) => status,
          ({ message }) => message,
        )
      const saved = async (...files: string[]): Promise<string> => {
        await taken(project, config(Object.fromEntries(files.map((file) => [file, true]))))
        return answer()
      }
      assert.match(await saved("./one.ts", "./two.ts"), "one came first")
      assert.match(await saved("./two.ts", "./one.ts"), "two came first")
      assert.ok(project.lines.some((line) => line.endsWith(" ms: order of ./two.ts, ./one.ts (pipeline)")))
      assert.match(await saved("./one.ts"), "one came first")
      assert.is(await saved(), "NEW")
    },
    { topology, files: { "one.ts": DENYING("one"), "two.ts": DENYING("two") } },
  )
})

inEachTopology("another port is live, and one that is taken leaves the API where it was", async (topology) => {
  const holder = net.createServer().listen(0, "127.0.0.1")
  await once(holder, "listening")
  const { port: held } = holder.address() as net.AddressInfo
  const run = async (project: Project): Promise<void> => {
    const health = async (): Promise<unknown> => {
      const { port } = project.engine.address!
      return (await fetch(`http://127.0.0.1:${port}/api/health`)).status
    }
    const port = await freePort()
    await taken(project, config({ "metrics-api": { port } }))
    assert.equal([project.engine.address?.port, await health()], [port, 200])
    const refusal = new RegExp(`VELOZ_PORT_TAKEN: cannot listen on 127\\.0\\.0\\.1:${held}`)
    await refused(project, config({ "metrics-api": { port: held } }), refusal)
    assert.equal([project.engine.address?.port, await health()], [port, 200])
  }
  try {
    await inProject(config({ "metrics-api": { port: 0 } }), run, { topology, port: null })
  } finally {
    holder.close()
  }
})

test("a save says what the environment hides of it, once, and that it changes nothing", async () => {
  await inProject(
    config(),
    async (project) => {
      const told = (part: string): number => project.lines.filter((line) => line.includes(part)).length
      assert.is(told("VELOZ_CONFIG_MASKED"), 0)
      project.save(config({ "market-data": { order_book_depth: 9 } }))
      for (const saves of [1, 2]) {
        await project.engine.reload()
        assert.is(told("nothing changes: generation 1 goes on"), saves)
        assert.is(told("VELOZ_CONFIG_MASKED: plugins.market-data.order_book_depth"), 1, project.lines.join("\n"))
      }
      // The lines around the place are others, and it says the same.
      await taken(project, config({ "market-data": { order_book_depth: 9, conflate_updates: true } }))
      assert.is(told("VELOZ_CONFIG_MASKED"), 1)
      await taken(project, config({ "market-data": { order_book_depth: 7, conflate_updates: true } }))
      assert.is(told("VELOZ_CONFIG_MASKED: plugins.market-data.order_book_depth 7 has no effect here"), 1)
      await project.facade.configuration.change({ "plugins.market-data.order_book_depth": 6 }, "a request")
      assert.is(told("VELOZ_CONFIG_MASKED: plugins.market-data.order_book_depth 6 has no effect here"), 1)
      assert.is(project.option("market-data", "order_book_depth"), 8)
    },
    { topology: "fused", env: { VELOZ_ORDER_BOOK_DEPTH: "8" } },
  )
})

/** A plugin that asks for what it cannot have. */
const ASKING = `import { definePlugin } from "veloz"
const schema = { type: "object", properties: { cores: { type: "array", items: { type: "integer" }, default: [] } } } as const
export default definePlugin({
  name: "asking",
  version: "1.0.0",
  veloz: "^1.0.0",
  schema,
  claims: ({ cores }) => (cores.length > 0 ? { pins: [{ role: "control", cores, option: "cores" }] } : {}),
  control({ use }) {
    use("nobody's" as never)
  },
})
`

test("what the engine itself cannot do is refused at the option that asks for it", async () => {
  const save = (rest: string): string => `{ "topology": "split",\n  ${rest} }`
  const asking = (options: string): string => save(`"plugins": { "quoter": false,\n    "./asking.ts": ${options} }`)
  const run = async (project: Project): Promise<void> => {
    await refused(project, asking('{ "cores": [1023] }'), /VELOZ_PIN_REFUSED: .*veloz\.config\.json:3:31/s)
    await refused(project, asking("true"), /VELOZ_SERVICE_MISSING: .*"nobody's".*veloz\.config\.json:3:5/s)
    // Three threads that never sleep need five CPUs.
    if (availableParallelism() > 4) return
    await refused(project, save('"idle_strategy": "spin"'), /VELOZ_SPIN_REFUSED: .*veloz\.config\.json:2:/s)
  }
  await inProject({ ...config(), topology: "split" }, run, { files: { "asking.ts": ASKING } })
})

/** Good saves that change options in place, compose stages anew and start plugins anew; every third is bad. */
function nextSave(number: number, base: Record<string, unknown>): Config | string {
  const plugins: Record<string, unknown> = {
    ...base,
    "market-data": {
      order_book_depth: 1 + (number % 20),
      conflate_updates: number % 4 === 0,
      update_throttle_us: number % 5 === 0 ? 200 : 0,
    },
    "order-processing": {
      batch_size: 1 + (number % 3),
      async_risk_check: number % 7 === 0,
      max_open_orders: 900 + number,
    },
  }
  if (number % 3 !== 0) return config(plugins)
  const bad = [
    () => `{ "plugins": `,
    () => config({ ...plugins, "market-data": { order_book_depth: "deep" } }),
    () => config({ ...plugins, "order-processing": { batch_sise: 3 } }),
    () => config({ ...plugins, "memory-pools": { order_pool_size: 0 } }),
    () => config({ ...plugins, "./no-such-plugin.js": {} }),
  ]
  return bad[(number / 3) % bad.length]()
}

inEachTopology("100 saves under load, every third bad, lose no order and no update", async (topology) => {
  const port = await freePort()
  const exchange = { "sim-exchange": { port, api_key: API_KEY, api_secret: API_SECRET } }
  const base = { ...exchange, quoter: { orders_per_second: 100 } }
  await inProject(
    config(base),
    async (project) => {
      const bid = await project.market()
      await project.until("quotes", () => project.facade.metrics.counter("orders_acked") > 10)
      let isSaving = true
      const mine = placeAndCancel(project, bid * 0.9, () => isSaving)
      let refused = 0
      for (let number = 1; number <= 100; number += 1) {
        const before = project.facade.configuration.generation()
        project.save(nextSave(number, base))
        await project.engine.reload()
        if (project.facade.configuration.generation() === before) refused += 1
        await sleep(20)
      }
      isSaving = false
      assert.is(refused, 33)
      assert.ok((await mine) > 20, "orders over the API were answered all the while")

      project.save(config({ ...exchange, quoter: { orders_per_second: 0 } }))
      await project.engine.reload()
      await project.until("every order is over", () =>
        project.facade.orders.list().every(({ status }) => FINAL.has(status)),
      )
      countsAddUp(project)
      await sameAsTheExchange(project, port)

      await bookOfTheExchange(project, port, config({ ...exchange, quoter: false }))
    },
    { topology },
  )
})

/** With a market that stands still, the engine's book is the exchange's. */
async function bookOfTheExchange(project: Project, port: number, quiet: Config): Promise<void> {
  const plugins = quiet.plugins as Record<string, Record<string, unknown>>
  project.save(
    config({
      ...plugins,
      "sim-exchange": { ...plugins["sim-exchange"], events_per_second: 0 },
      "market-data": { order_book_depth: 20 },
    }),
  )
  await project.engine.reload()
  await project.until("the same book", async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v3/depth?symbol=BTCUSDT&limit=20`)
    const theirs = (await answer.json()) as { bids: [string, string][]; asks: [string, string][] }
    const { bids, asks } = project.facade.market.book("BTCUSDT", 20)
    const numbers = (levels: [string, string][]): string => JSON.stringify(levels.map((level) => level.map(Number)))
    return numbers(bids) === numbers(theirs.bids) && numbers(asks) === numbers(theirs.asks)
  })
}

inEachTopology("a stop cancels the orders at the venue and ends within two seconds", async (topology) => {
  await atOutsideVenue(topology, async (project, exchange) => {
    const bid = await project.market()
    for (const id of ["a", "b", "c"]) await place(project, bid * 0.9, id)
    const startedMs = performance.now()
    await project.engine.stop()
    const tookMs = performance.now() - startedMs
    const states = (await ordersAt(exchange.port)).map(({ clientOrderId, status }) => `${clientOrderId} ${status}`)
    assert.equal(states.sort(), ["a CANCELED", "b CANCELED", "c CANCELED"])
    assert.ok(tookMs < 2000, `${tookMs} ms`)
    assert.not.ok(
      project.lines.some((line) => line.includes("left open")),
      project.lines.join("\n"),
    )
  })
})

inEachTopology("without cancel_on_stop a stop leaves orders open, and says so", async (topology) => {
  await atOutsideVenue(
    topology,
    async (project, exchange) => {
      const bid = await project.market()
      await place(project, bid * 0.9, "stays")
      await project.engine.stop()
      assert.equal(
        (await ordersAt(exchange.port)).map(({ status }) => status),
        ["NEW"],
      )
      assert.ok(project.lines.some((line) => line.startsWith("an order is left open at the venue")))
    },
    { "order-processing": { cancel_on_stop: false } },
  )
})

inEachTopology("a port that is taken is told with who holds it, and nothing stays behind", async (topology) => {
  const holder = net.createServer().listen(0, "127.0.0.1")
  await once(holder, "listening")
  const { port } = holder.address() as net.AddressInfo
  const project = new Project(topology)
  project.save(config())
  try {
    await project.start({ port })
    assert.unreachable("it started")
  } catch (error) {
    assert.is((error as VelozError).code, "VELOZ_PORT_TAKEN")
    assert.match((error as Error).message, new RegExp(`127\\.0\\.0\\.1:${port}.*pid ${process.pid}`))
  } finally {
    holder.close()
    rmSync(project.cwd, { recursive: true })
  }
})

inEachTopology("a first configuration that is bad starts nothing", async (topology) => {
  const project = new Project(topology)
  project.save(config({ quoter: { orders_per_second: -5 } }))
  const error = await project.start().then(
    () => undefined,
    (reason: Error) => reason,
  )
  rmSync(project.cwd, { recursive: true })
  assert.match(error?.message ?? "it started", "orders_per_second")
})

inEachTopology(
  "a configuration file that is gone changes nothing, and counts again when it is back",
  async (topology) => {
    await inProject(
      config({ "market-data": { order_book_depth: 7 } }),
      async (project) => {
        unlinkSync(join(project.cwd, "veloz.config.json"))
        await project.engine.reload()
        assert.is(project.option("market-data", "order_book_depth"), 7)
        assert.is(project.facade.configuration.generation(), 1)
        assert.ok(project.lines.some((line) => line.includes("is gone: put it back")))
        project.save(config({ "market-data": { order_book_depth: 8 } }))
        await project.engine.reload()
        assert.is(project.option("market-data", "order_book_depth"), 8)
      },
      { topology },
    )
  },
)

inEachTopology("a start that is given up leaves nothing running", async (topology) => {
  const project = new Project(topology)
  project.save(config())
  const giveUp = new AbortController()
  const starting = project.start({ signal: giveUp.signal })
  giveUp.abort("SIGTERM")
  const failure = await starting.then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.is(failure, "SIGTERM")
  rmSync(project.cwd, { recursive: true })
})

/** A local plugin with types, that throws on line 9, or while it is made on line 12. */
const THROWING = (isBroken: boolean): string => `import { definePlugin } from "veloz"

interface Options {
  text: string
}

function fail({ text }: Options): never {
  const words: string = text
  throw new Error(words)
}

const early = (): void => ${isBroken ? 'fail({ text: "early" })' : "undefined"}

export default definePlugin({
  name: "throwing",
  version: "1.0.0",
  veloz: "^1.0.0",
  strategy({ market }) {
    early()
    market.onTop(() => fail({ text: "late" }))
  },
})
`

inEachTopology("what a local plugin throws is told with the place in its source", async (topology) => {
  await inProject(
    config({ "./throwing.ts": true }),
    async (project) => {
      const file = join(project.cwd, "throwing.ts")
      const fault = await project.until("a fault", () => project.faults.find((stack) => stack.includes("late")))
      assert.match(fault, `at fail (${file}:9:9)`)
      writeFileSync(file, THROWING(true))
      await project.engine.reload()
      assert.match(project.lines.at(-1)!, `failed in strategy: early (${file}:9:9)`)
    },
    { topology, files: { "throwing.ts": THROWING(false) } },
  )
})

/** It does not leave before the test lets it. */
const STAYING = `import { definePlugin } from "veloz"

export default definePlugin({
  name: "staying",
  version: "1.0.0",
  veloz: "^1.0.0",
  control: () => ({ dispose: () => globalThis.mayLeave }),
})
`

test("a change is in force and told while a part of the old generation still leaves, and the next one waits for it", async () => {
  let leave = (): void => undefined
  const mayLeave = new Promise<void>((resolve) => {
    leave = resolve
  })
  Object.assign(globalThis, { mayLeave })
  await inProject(
    config({ "./staying.ts": true }),
    async (project) => {
      await taken(project, config())
      assert.match(project.lines.at(-2)!, /^generation 2 committed in \d+ ms: \.\/staying\.ts remove/)
      assert.is(project.engine.facade.configuration.generation(), 2)
      let isNextTaken = false
      const next = taken(project, config({ "market-data": { order_book_depth: 7 } })).then(() => {
        isNextTaken = true
      })
      await sleep(300)
      assert.not(isNextTaken)
      leave()
      await next
      assert.is(project.option("market-data", "order_book_depth"), 7)
    },
    { files: { "staying.ts": STAYING } },
  )
})

/** Two milliseconds a call, on a hot thread and in control. */
const SLOW = `import { definePlugin } from "veloz"

function burn(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

export default definePlugin({
  name: "slow",
  version: "1.0.0",
  veloz: "^1.0.0",
  strategy({ timers }) {
    timers.every(20, () => burn(2))
    return { dispose: () => burn(5) }
  },
  control({ timers }) {
    timers.every(120, () => burn(101))
  },
})
`

inEachTopology("a slow plugin is named with part and cost, once, and its costs can be read", async (topology) => {
  await inProject(
    config({ "./slow.ts": true }),
    async (project) => {
      const told = (where: string): string[] =>
        project.lines.filter((line) => line.startsWith(`plugin ./slow.ts is slow in ${where}: a call takes`))
      const reading = () => project.facade.configuration.plugins().find(({ name }) => name === "./slow.ts")!
      await project.until("both are told", () => told("strategy, a timer").length * told("control, a timer").length > 0)
      await project.until("it is slow for longer", () => reading().calls["strategy, a timer"].timed_calls >= 8)
      assert.is(told("strategy, a timer").length, 1)
      const { timings, calls } = reading()
      assert.ok(timings.prepare_hot_ms > 0 && timings.prepare_control_ms > 0, JSON.stringify(timings))
      assert.ok(calls["strategy, a timer"].mean_us >= 2000, JSON.stringify(calls))
      assert.ok(calls["control, a timer"].max_us >= 101_000, JSON.stringify(calls))
      const { host, port } = project.engine.address!
      const answer = await fetch(`http://${host}:${port}/api/plugins`)
      const { plugins } = (await answer.json()) as { plugins: PluginReading[] }
      const served = plugins.find(({ name }) => name === "./slow.ts")!
      assert.equal(served.timings, timings)
      assert.ok(served.calls["strategy, a timer"].mean_us >= 2000, JSON.stringify(served))
      writeFileSync(join(project.cwd, "slow.ts"), `${SLOW}export const other = 1\n`)
      await project.engine.reload()
      await project.until("its predecessor has left", () => reading().timings.dispose_hot_ms >= 5)
    },
    { topology, files: { "slow.ts": SLOW } },
  )
})

test.run()
