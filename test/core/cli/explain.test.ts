import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { PipelineReading } from "veloz"
import { startEngine } from "../../../core/kernel/engine.js"
import { runVeloz, runVelozIn } from "../../support/run-veloz.js"
import { project } from "../config/project.js"

/** No engine of this machine is asked. */
const NOBODY = { VELOZ_PORT: "1" }

const folder = mkdtempSync(join(tmpdir(), "veloz-explain-"))
test.after(() => rmSync(folder, { recursive: true }))

test("a stage is printed when the configuration asks for it, with the plugin that brings it", async () => {
  const without = await explain({ "market-data": { conflate_updates: false, update_throttle_us: 0 } })
  assert.not.match(without.out, "conflate")
  assert.not.match(without.out, "throttle")
  const both = await explain({ "market-data": { conflate_updates: true, update_throttle_us: 500 } })
  assert.match(both.out, /conflate.*market-data/)
  assert.match(both.out, /throttle.*market-data/)
})

test("both paths name the adapter and the risk checks", async () => {
  const { code, out } = await explain({})
  assert.is(code, 0)
  assert.match(out, /^market path\n {2}receive, decode: binance\n/)
  assert.match(out, /^order path\n/m)
  assert.match(out, /^ {2}risk: .*order-processing/m)
})

test("--set is heard, and a wrong option is refused with its path", async () => {
  const batched = await explain({}, "--set", "plugins.order-processing.batch_size=8")
  assert.match(batched.out, /batch.*order-processing/)
  const wrong = await explain({}, "--set", "plugins.order-processing.batch_sise=8")
  assert.is(wrong.code, 1)
  assert.is(wrong.out, "")
  assert.match(wrong.err, "batch_size")
})

test("the kinds of venue are those of the plugins that are there", async () => {
  const source = `import { definePlugin } from "veloz"
export default definePlugin({ name: "desk", version: "1.0.0", veloz: "^1.0.0", provides: ["venue"], venues: ["desk"] })`
  const home = project({ "desk.ts": source, "veloz.config.json": { plugins: { "./desk.ts": true } } })
  const { code, out } = await runVelozIn({ cwd: home.folder, env: NOBODY }, "explain", "venue.kind")
  assert.is(code, 0)
  assert.match(out, /^venue\.kind = "sim"\n/)
  assert.match(out, '\n  It must be "binance", "desk" or "sim".\n')
})

test("what only another machine can run is composed all the same, with a warning", async () => {
  const affinity = { enabled: true, network_thread_cores: [0], engine_thread_cores: [1022, 1023] }
  const { code, out, err } = await explain({ "cpu-affinity": affinity })
  assert.is(code, 0)
  assert.match(out, /^market path\n {2}receive, decode: binance\n/)
  assert.match(err, /warn +a start is refused here: VELOZ_CORES_MISSING/)
})

test("an option is explained with what it is, who set it where, and all that this overrides", async () => {
  const home = project({
    "veloz.config.ts": `import { defineConfig } from "veloz"
const book = { order_book_depth: 7 }
export default defineConfig({ presets: ["low-latency"], plugins: { "market-data": { ...book } } })`,
  })
  const path = "plugins.market-data.order_book_depth"
  const environment = { cwd: home.folder, env: { ...NOBODY, VELOZ_ORDER_BOOK_DEPTH: "9" } }
  const { code, out } = await runVelozIn(environment, "explain", path)
  assert.is(code, 0)
  const preset = `${join(process.cwd(), "presets/low-latency.ts")}:11:25, preset "low-latency"`
  assert.is(
    out,
    `plugins.market-data.order_book_depth = 9 levels
  Number of price levels a side that are published. The book keeps all of them.
  It must be an integer from 1 to 5000 (levels).
  VELOZ_ORDER_BOOK_DEPTH sets it.
  A change is live at once.
  9   VELOZ_ORDER_BOOK_DEPTH
  7   veloz.config.ts:2:34
  5   ${preset}
  10  default
`,
  )
  const json = JSON.parse((await runVelozIn(environment, "explain", path, "--json")).out)
  const { set_by, overrides, ...facts } = json.options[0]
  assert.equal([facts.value, facts.unit, facts.default, facts.reload], [9, "levels", 10, "live"])
  assert.equal([set_by.layer, overrides[0].line, overrides[0].column], ["environment", 2, 34])
  // The place that is told is the place where it stands.
  const source = readFileSync("presets/low-latency.ts", "utf8").split("\n")
  assert.is(source[overrides[1].line - 1].slice(overrides[1].column - 1), "5,")
})

test("without a path everything is listed with its origin, and secrets are hidden", async () => {
  const plugins = { "sim-exchange": { api_secret: "s3cret" }, quoter: false }
  const home = project({ "veloz.config.json": { symbols: ["ETHUSDT"], plugins } })
  const { out } = await runVelozIn({ cwd: home.folder, env: NOBODY }, "explain")
  assert.match(out, /^symbols +\["ETHUSDT"\] +veloz\.config\.json:2:14$/m)
  assert.match(out, /^plugins\.kernel-tuning\.sysctl +\{\} +default$/m)
  assert.match(out, /^plugins\.quoter +false +veloz\.config\.json:9:15$/m)
  assert.match(out, /^plugins\.sim-exchange\.api_secret +"\(hidden\)" +veloz\.config\.json:7:21$/m)
  assert.match(out, /^plugins\.market-data\.order_book_depth +10 levels +default$/m)
  assert.not.match(out, "s3cret")
})

test("a wrong path is answered with the nearest one, also when only its last name is known", async () => {
  for (const path of ["plugins.market-dat.order_book_depth", "order_book_depht", "plugins.quoter.order_book_depth"]) {
    const { code, err } = await runVelozIn({ cwd: project().folder, env: NOBODY }, "explain", path)
    assert.is(code, 1)
    assert.match(err, "did you mean plugins.market-data.order_book_depth?")
  }
})

test("the stages of the running engine are told, those too that a request has set, and HTTP says the same", async () => {
  const home = project({ "veloz.config.json": { plugins: { "metrics-api": { port: 0 } } } })
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const engine = await startEngine({ cwd: home.folder, env: {}, log, version: "1.0.0", watch: false })
  try {
    const url = `http://127.0.0.1:${engine.address!.port}`
    const headers = { "content-type": "application/json" }
    const body = JSON.stringify({ conflate_updates: true })
    const set = await fetch(`${url}/api/config/market_data`, { method: "POST", headers, body })
    assert.is(set.status, 200)
    const pipeline = (...words: string[]) =>
      runVelozIn({ cwd: home.folder, env: NOBODY }, "explain", "pipeline", ...words)
    const { out } = await pipeline("--url", url)
    assert.match(out, /^of the running engine, generation 2\n\nmarket path\n {2}receive, decode: binance\n/)
    assert.match(out, "\n  conflate (market-data)\n")
    const found = await runVelozIn({ cwd: home.folder, env: {} }, "explain", "pipeline")
    assert.is(found.out, out, "the engine of the project is found without its address")
    const answer = await fetch(`${url}/api/config/explain?path=pipeline`)
    const reading = (await answer.json()) as PipelineReading
    assert.is(reading.generation, 2)
    assert.ok(reading.market.includes("conflate (market-data)"), JSON.stringify(reading))
    assert.equal(JSON.parse((await pipeline("--url", url, "--json")).out), reading)
    const file = JSON.parse((await pipeline("--json")).out) as PipelineReading
    assert.is(file.generation, null)
    assert.not.match(file.market.join(), "conflate")
    assert.equal(file.order, reading.order)
  } finally {
    await engine.stop()
  }
})

test("an engine has one configuration: its address beside another one is refused", async () => {
  for (const other of [
    ["--config", "other.json"],
    ["--set", "symbols=ETHUSDT"],
  ]) {
    const { code, err } = await runVelozIn({ env: NOBODY }, "explain", "--url", "localhost:1", ...other)
    assert.is(code, 1)
    assert.match(err, /'--url <address>' cannot be used with option '-., --/)
    assert.match(err, other[0])
  }
})

test("an option of a plugin that is off is known, and has no value", async () => {
  const { code, out } = await runVelozIn({ cwd: project().folder, env: NOBODY }, "explain", "plugins.quoter.qty")
  assert.is(code, 0)
  assert.match(out, /^plugins\.quoter\.qty = null/)
})

test.run()

async function explain(plugins: Record<string, object>, ...words: string[]) {
  const file = join(folder, "veloz.config.json")
  writeFileSync(file, JSON.stringify({ plugins }))
  return runVeloz("explain", "pipeline", "--config", file, ...words)
}
