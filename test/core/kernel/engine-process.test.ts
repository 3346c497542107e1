import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { childrenOf, nameOf } from "../../support/processes.js"
import { RunningEngine } from "../../support/running-engine.js"
import { testUnless } from "../../support/skip.js"

const COMMAND = [process.execPath, fileURLToPath(new URL("../../../core/cli/main.js", import.meta.url))]
const CONFIG = { presets: ["low-latency"], plugins: { quoter: { orders_per_second: 50 } } }
const onLinux = testUnless(process.platform === "linux" ? undefined : "processes are looked up in /proc")

async function withEngine(run: (engine: RunningEngine) => Promise<void>): Promise<void> {
  const cwd = mkdtempSync(join(tmpdir(), "veloz-process-"))
  writeFileSync(join(cwd, "veloz.config.json"), JSON.stringify(CONFIG))
  const engine = await RunningEngine.start(COMMAND, cwd)
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

onLinux("the exchange ends when its engine is killed without a word", async () => {
  await withEngine(async (engine) => {
    const exchange = childrenOf(engine.process.pid!).get("veloz_exchange")!
    assert.ok(exchange > 0, "the exchange is a process of its own")
    engine.process.kill("SIGKILL")
    assert.ok(await isGone(exchange, 3_000), "the exchange outlives its engine")
  })
})

onLinux("the engine calls itself veloz_engine, and ends with 0 within two seconds when it is told to", async () => {
  await withEngine(async (engine) => {
    const pid = engine.process.pid!
    const exchange = childrenOf(pid).get("veloz_exchange")!
    assert.is(nameOf(pid), "veloz_engine")
    const startedMs = performance.now()
    assert.is(await engine.stop("SIGTERM"), 0)
    const tookMs = performance.now() - startedMs
    assert.ok(tookMs < 2_000, `it took ${Math.round(tookMs)} ms`)
    assert.ok(await isGone(exchange, 1_000), "the exchange outlives its engine")
  })
})

onLinux("another exchange is started when the exchange dies, and the engine trades on", async () => {
  await withEngine(async (engine) => {
    const pid = engine.process.pid!
    const first = childrenOf(pid).get("veloz_exchange")!
    const acked = async (): Promise<number> => {
      const { counters } = (await engine.get("/api/metrics/counters")) as { counters: Record<string, number> }
      return counters.orders_acked
    }
    const reaches = async (wanted: number): Promise<void> => {
      for (let attempt = 0; attempt < 200 && (await acked()) < wanted; attempt += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      assert.ok((await acked()) >= wanted, `${await acked()} orders of ${wanted}\n${engine.output}`)
    }
    await reaches(5)
    process.kill(first, "SIGKILL")
    assert.ok(await isGone(first, 1_000))
    await reaches((await acked()) + 10)
    assert.is.not(childrenOf(pid).get("veloz_exchange"), first)
  })
})

test.run()
