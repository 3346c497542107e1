import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { childrenOf, nameOf } from "../../support/processes.js"
import { RunningEngine } from "../../support/running-engine.js"
import { testUnless } from "../../support/skip.js"
import { inEachTopology, type Topology } from "../../support/topologies.js"
import { until } from "../../support/until.js"

const COMMAND = [process.execPath, fileURLToPath(new URL("../../../core/cli/main.js", import.meta.url))]
const CONFIG = { presets: ["low-latency"], plugins: { quoter: { orders_per_second: 50 } } }
const isLinux = testUnless(process.platform === "linux" ? undefined : "processes are looked up in /proc")
const onLinux = (name: string, run: (topology: Topology) => Promise<void>): void => inEachTopology(name, run, isLinux)

async function withEngine(
  topology: Topology,
  config: object,
  run: (engine: RunningEngine) => Promise<void>,
): Promise<void> {
  const cwd = mkdtempSync(join(tmpdir(), "veloz-process-"))
  writeFileSync(join(cwd, "veloz.config.json"), JSON.stringify(config))
  writeFileSync(join(cwd, "deadly.ts"), DEADLY)
  writeFileSync(join(cwd, "careless.ts"), CARELESS)
  const engine = await RunningEngine.start(COMMAND, cwd, { VELOZ_TOPOLOGY: topology })
  try {
    await run(engine)
  } finally {
    await engine.stop("SIGKILL")
    rmSync(cwd, { recursive: true })
  }
}

async function isGone(pid: number, withinMs: number): Promise<boolean> {
  for (let waited = 0; waited < withinMs; waited += 20) {
    if (nameOf(pid) === undefined) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}

onLinux("the exchange ends when its engine is killed without a word", async (topology) => {
  await withEngine(topology, CONFIG, async (engine) => {
    const exchange = childrenOf(engine.process.pid!).get("veloz_exchange")!
    assert.ok(exchange > 0, "the exchange is a process of its own")
    engine.process.kill("SIGKILL")
    assert.ok(await isGone(exchange, 3_000), "the exchange outlives its engine")
  })
})

onLinux("SIGHUP reads the configuration again, also when nothing was saved", async (topology) => {
  await withEngine(topology, CONFIG, async (engine) => {
    const endMs = performance.now() + 10_000
    while (!engine.output.includes("nothing changes") && performance.now() < endMs) {
      engine.process.kill("SIGHUP")
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    assert.match(engine.output, /nothing changes: generation \d+ goes on/)
    const { attempts } = (await engine.get("/api/config/history")) as { attempts: { author: string }[] }
    assert.is(attempts[0].author, "SIGHUP")
    assert.is((await engine.get("/api/health")).engine, "running")
  })
})

onLinux(
  "the engine calls itself veloz_engine, and ends with 0 within two seconds when it is told to",
  async (topology) => {
    await withEngine(topology, CONFIG, async (engine) => {
      const pid = engine.process.pid!
      const exchange = childrenOf(pid).get("veloz_exchange")!
      assert.is(nameOf(pid), "veloz_engine")
      const startedMs = performance.now()
      assert.is(await engine.stop("SIGTERM"), 0)
      const tookMs = performance.now() - startedMs
      assert.ok(tookMs < 2_000, `it took ${Math.round(tookMs)} ms`)
      assert.ok(await isGone(exchange, 1_000), "the exchange outlives its engine")
    })
  },
)

onLinux("another exchange is started when the exchange dies, and the engine trades on", async (topology) => {
  await withEngine(topology, CONFIG, async (engine) => {
    const pid = engine.process.pid!
    const first = childrenOf(pid).get("veloz_exchange")!
    const acked = async (): Promise<number> => {
      const { counters } = (await engine.get("/api/metrics/counters")) as { counters: Record<string, number> }
      return counters.orders_acked
    }
    const reaches = async (wanted: number): Promise<void> => {
      for (let attempt = 0; attempt < 600 && (await acked()) < wanted; attempt += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      assert.ok((await acked()) >= wanted, `${await acked()} orders of ${wanted}\n${engine.output}`)
    }
    await reaches(5)
    process.kill(first, "SIGKILL")
    assert.ok(await isGone(first, 10_000))
    await reaches((await acked()) + 10)
    assert.is.not(childrenOf(pid).get("veloz_exchange"), first)
  })
})

onLinux("what plugins throw where nobody catches it is told by name, and the engine trades on", async (topology) => {
  const config = { ...CONFIG, plugins: { ...CONFIG.plugins, "./careless.ts": true } }
  await withEngine(topology, config, async (engine) => {
    const failed = (where: string): RegExp => new RegExp(`plugin ./careless.ts failed in ${where}: ${where}`)
    const wanted = [
      failed("control, a timer or promise of its own"),
      failed("strategy, a timer or promise of its own"),
      /failed in control, .*: process\.exit is not for code that the engine loads/,
      /VELOZ_NOT_CAUGHT: code that the stack does not tell of .*: connect ECONNREFUSED/,
    ]
    await until(() => wanted.every((line) => line.test(engine.output)), "that all of it is told")
    assert.match(engine.output, /careless\.ts:\d+:\d+/)
    const acked = async (): Promise<number> => {
      const { counters } = (await engine.get("/api/metrics/counters")) as { counters: Record<string, number> }
      return counters.orders_acked
    }
    const before = await acked()
    await until(async () => (await acked()) > before + 10, "that it trades on")
    const { plugins } = (await engine.get("/api/plugins")) as { plugins: { name: string; state: string }[] }
    assert.match(plugins.find(({ name }) => name === "./careless.ts")?.state ?? "", /^failed in /)
  })
})

/** A plugin that leaves running what it never looks after: a promise on control, a socket there, a timer on a hot thread. */
const CARELESS = `
import { connect } from "node:net"
import { definePlugin } from "veloz"

export default definePlugin({
  name: "careless",
  version: "1.0.0",
  veloz: "^1.0.0",
  control() {
    setTimeout(async () => {
      connect(1, "127.0.0.1")
      throw new Error("control, a timer or promise of its own")
    }, 2000)
    setTimeout(() => process.exit(7), 2000)
  },
  strategy() {
    setTimeout(() => {
      throw new Error("strategy, a timer or promise of its own")
    }, 2000)
  },
})
`

/** A plugin that ends the thread of one role while the engine trades, as a fault in native code would. */
const DEADLY = `
import { definePlugin } from "veloz"

export default definePlugin({
  name: "deadly",
  version: "1.0.0",
  veloz: "^1.0.0",
  schema: { type: "object", properties: { role: { type: "string", default: "" } } },
  network({ options, timers }) {
    timers.after(1500, () => options.role === "network" && process.reallyExit(7))
  },
  engine({ options, order }) {
    let reports = 0
    order.report.tap("die", () => options.role === "engine" && ++reports === 30 && process.reallyExit(7))
  },
  strategy({ options, timers }) {
    timers.after(1500, () => options.role === "strategy" && process.reallyExit(7))
  },
})
`
/** What a dying thread is called, and what is said of the orders: who still has them cancels them. */
const DEATHS = {
  "fused network": ["veloz-hot", "orders may be left open"],
  "fused engine": ["veloz-hot", "orders may be left open"],
  "fused strategy": ["veloz-hot", "orders may be left open"],
  "split network": ["network-io", /\d+ orders are left open|$/],
  "split engine": ["engine-main", "orders may be left open"],
  "split strategy": ["strategy-worker", /^(?!.*left open)/s],
} as const

for (const role of ["network", "engine", "strategy"] as const) {
  onLinux(
    `the end of the ${role} thread is told by name, ends the engine with 1, and its exchange too`,
    async (topology) => {
      const config = { ...CONFIG, plugins: { ...CONFIG.plugins, "./deadly.ts": { role } } }
      await withEngine(topology, config, async (engine) => {
        const exchange = childrenOf(engine.process.pid!).get("veloz_exchange")!
        const [code] = await once(engine.process, "exit", { signal: AbortSignal.timeout(30_000) })
        const [name, ofOrders] = DEATHS[`${topology} ${role}`]
        assert.is(code, 1, engine.output)
        assert.match(engine.output, `the thread ${name} ended: exit code 7`)
        assert.match(engine.output, ofOrders)
        assert.ok(await isGone(exchange, 3_000), "the exchange outlives its engine")
      })
    },
  )
}

test.run()
