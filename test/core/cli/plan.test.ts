import { test } from "uvu"
import * as assert from "uvu/assert"
import type { PlanReading } from "veloz"
import { type RunningEngine, startEngine } from "../../../core/kernel/engine.js"
import { runVelozIn } from "../../support/run-veloz.js"
import { project } from "../config/project.js"

const CONFIG = {
  presets: ["low-latency"],
  plugins: { "metrics-api": { port: 0 }, "market-data": { order_book_depth: 7 } },
}

const home = project({ "veloz.config.json": CONFIG })
let engine: RunningEngine
let env: NodeJS.ProcessEnv

test.before(async () => {
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  engine = await startEngine({ cwd: home.folder, env: { PATH: process.env.PATH }, log, version: "1.0.0", watch: false })
  env = { VELOZ_PORT: String(engine.address!.port) }
})
test.after(() => engine.stop())

const veloz = (...words: string[]) => runVelozIn({ cwd: home.folder, env }, ...words)
const optionOf = (plugin: string, changes: object): object => {
  const plugins: Record<string, object> = CONFIG.plugins
  return { ...CONFIG, plugins: { ...plugins, [plugin]: { ...plugins[plugin], ...changes } } }
}

test("a saved file that changes nothing plans nothing, and exits with 0", async () => {
  assert.equal(await veloz("plan"), { code: 0, out: "nothing would change\n", err: "" })
})

test("the engine of the project is found on whatever port it listens, and the environment names another one", async () => {
  const bare = { cwd: home.folder, env: {} }
  assert.equal(await runVelozIn(bare, "plan"), { code: 0, out: "nothing would change\n", err: "" })
  assert.match((await runVelozIn(bare, "explain", "symbols")).out, /^of the running engine, generation 1\n/)
  const other = await runVelozIn({ cwd: home.folder, env: { VELOZ_PORT: "1" } }, "plan")
  assert.match(other.err, "VELOZ_ENGINE_AWAY: no engine answers at http://127.0.0.1:1")
})

test("another file is planned as if it were saved: path by path, with places, and exit code 2", async () => {
  home.write("next.json", optionOf("market-data", { order_book_depth: 9, conflate_updates: true }))
  const { code, out } = await veloz("plan", "next.json")
  assert.is(code, 2)
  const [depth, conflate] = out.split("\n")
  assert.match(depth, /^retune +plugins\.market-data\.order_book_depth 7 -> 9 +next\.json:10:27$/)
  assert.match(conflate, /^rebuild pipeline +plugins\.market-data\.conflate_updates false -> true +next\.json:11:27$/)
  assert.is(
    out.slice(out.indexOf("\n\n")),
    `

retune            the plugin takes the new value over, at once
rebuild pipeline  the stages are composed anew and swapped
`,
  )
  assert.equal(await veloz("plan"), { code: 0, out: "nothing would change\n", err: "" }, "nothing came of it")
})

test("plugins come and go in a plan, with the reason", async () => {
  home.write("next.json", { ...CONFIG, plugins: { ...CONFIG.plugins, quoter: true, alerts: false } })
  const { code, out } = await veloz("plan", "next.json", "--json")
  assert.is(code, 2)
  const { plugins } = JSON.parse(out) as { plugins: { plugin: string; action: string; reason: string }[] }
  assert.equal(
    plugins.filter(({ action }) => action !== "keep"),
    [
      { plugin: "quoter", action: "add", reason: "quoter is switched on" },
      { plugin: "alerts", action: "remove", reason: "alerts is switched off" },
    ],
  )
})

test("with another venue the plugins for the old one leave, and the one for it comes", async () => {
  const source = `import { definePlugin } from "veloz"
export default definePlugin({ name: "desk", version: "1.0.0", veloz: "^1.0.0", provides: ["venue"], venues: ["desk"] })`
  const at = (kind: string, seed: number): object => {
    return { venue: { kind }, plugins: { "./desk.ts": true, "sim-exchange": { seed } } }
  }
  const there = project({ "desk.ts": source, "sim.json": at("sim", 1), "desk.json": at("desk", 2) })
  const run = (...words: string[]) => runVelozIn({ cwd: there.folder, env: { VELOZ_PORT: "1" } }, "plan", ...words)
  const { code, out } = await run("desk.json", "--from", "sim.json")
  assert.is(code, 2)
  assert.match(out, /^replace threads +venue\.kind "sim" -> "desk" +desk\.json:3:13\n/)
  assert.match(out, /\nleave out +plugins\.sim-exchange\.seed 1 -> 2 /)
  assert.match(out, /\nremove plugin +binance +it is not for the venue "desk"\n/)
  assert.match(out, /\nadd plugin +\.\/desk\.ts +it is for the venue "desk"\n/)
  const back = await run("sim.json", "--from", "desk.json")
  assert.match(back.out, /\nadd plugin +binance +it is for the venue "sim"\n/)
})

test("each path is planned with its reason: that of its action, or what is wrong with it", async () => {
  const schema = { type: "object", properties: { size: { type: "integer", default: 1, "x-veloz-reload": "restart" } } }
  const pluginOf = (facts: object): string => `import { definePlugin } from "veloz"
export default definePlugin(${JSON.stringify({ version: "1.0.0", veloz: "^1.0.0", ...facts })})`
  const many = {
    "./fixed.ts": { size: 2 },
    "cpu-affinity": { enabled: true },
    "market-data": { order_book_depth: 9, conflate_updates: true },
    "order-processing": { use_binary_protocol: true },
  }
  const there = project({
    "fixed.ts": pluginOf({ name: "fixed", schema }),
    "desk.ts": pluginOf({ name: "desk", provides: ["venue"], venues: ["desk"] }),
    "old.json": { plugins: { "./fixed.ts": true } },
    "fused.json": { topology: "fused", plugins: { "./fixed.ts": true } },
    "many.json": { plugins: many },
    "desk.json": { venue: { kind: "desk" }, plugins: { "./desk.ts": true, "sim-exchange": { seed: 2 } } },
  })
  const planOf = async (file: string): Promise<PlanReading> => {
    const run = await runVelozIn({ cwd: there.folder, env: {} }, "plan", file, "--from", "old.json", "--json")
    return JSON.parse(run.out) as PlanReading
  }
  const reasonsOf = ({ changes }: PlanReading): Record<string, string> =>
    Object.fromEntries(changes.map(({ path, action, reason }) => [path, `${action}: ${reason}`]))
  const refused = await planOf("many.json")
  const objection = refused.problems.find(({ code }) => code === "VELOZ_NOT_AVAILABLE")!.message
  assert.equal(reasonsOf(refused), {
    'plugins["./fixed.ts"].size': "needs restart: it cannot change while the engine runs",
    "plugins.market-data.order_book_depth": "retune: the plugin takes the new value over, at once",
    "plugins.cpu-affinity.enabled": "restart plugin: the plugin is started anew beside the old one, which then leaves",
    "plugins.market-data.conflate_updates": "rebuild pipeline: the stages are composed anew and swapped",
    "plugins.order-processing.use_binary_protocol": `refuse: ${objection}`,
  })
  assert.equal(reasonsOf(await planOf("fused.json")), { topology: "keep: the engine runs so already" })
  assert.equal(reasonsOf(await planOf("desk.json")), {
    "venue.kind": "replace threads: new hot threads come up beside those that run, and take over",
    "plugins.sim-exchange.seed":
      "leave out: the plugin is for venues of other kinds, and takes it over when it is in use",
  })
})

test("a change that would be refused exits with 1 and says why, where", async () => {
  home.write("next.json", optionOf("order-processing", { use_binary_protocol: true }))
  const objected = await veloz("plan", "next.json")
  assert.is(objected.code, 1)
  assert.match(objected.out, /refuse +plugins\.order-processing\.use_binary_protocol false -> true/)
  assert.match(objected.out, /it would be refused.*\n\nVELOZ_NOT_AVAILABLE: .*\n {2}at next\.json:13:30\n/)
  home.write("next.json", optionOf("market-data", { order_book_dept: 1 }))
  const unknown = await veloz("plan", "next.json")
  assert.is(unknown.code, 1)
  assert.match(unknown.out, 'Did you mean "order_book_depth"?')
})

test("a file elsewhere is not read by the engine", async () => {
  const { code, out } = await veloz("plan", project({ "a.json": {} }).path("a.json"))
  assert.is(code, 1)
  assert.match(out, "VELOZ_CONFIG_FOREIGN_CODE")
})

test("what is set over HTTP counts for a plan, and is explained with author and time", async () => {
  const changes = { "plugins.market-data.order_book_depth": 3 }
  await engine.facade.configuration.change(changes, "POST /api/config/market_data")
  home.write("next.json", optionOf("market-data", { conflate_updates: true }))
  assert.match((await veloz("plan", "next.json")).out, /^rebuild pipeline .*conflate_updates false -> true .*\n\n.*\n$/)
  const { out } = await veloz("explain", "plugins.market-data.order_book_depth")
  assert.match(out, /^of the running engine, generation 2\n/)
  assert.match(
    out,
    /\n {2}3 {3}POST \/api\/config\/market_data at \d\d:\d\d:\d\d\n {2}7 {3}veloz\.config\.json:10:27\n/,
  )
})

test("values by path are planned over HTTP, and no code that no file has named is run for it", async () => {
  const ask = async (body: object): Promise<Record<string, unknown>> => {
    const headers = { "content-type": "application/json" }
    const url = `http://127.0.0.1:${engine.address!.port}/api/config/plan`
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })
    assert.is(answer.status, 200)
    return (await answer.json()) as Record<string, unknown>
  }
  const { outcome, changes } = await ask({ "plugins.market-data.update_throttle_us": 50 })
  assert.is(outcome, "changes")
  assert.equal(
    (changes as { action: string }[]).map(({ action }) => action),
    ["rebuild pipeline"],
  )
  assert.is((await ask({ "plugins.market-data.update_throttle_us": 0 })).outcome, "nothing")
  home.write("evil.js", "throw new Error('it ran')")
  const refused = await ask({ 'plugins["./evil.js"]': {}, topology: "fussed" })
  assert.equal(
    (refused.problems as { code: string }[]).map(({ code }) => code),
    ["VELOZ_CONFIG_FOREIGN_CODE"],
  )
  assert.match(JSON.stringify(await ask({ topology: "fussed" })), "Did you mean")
})

test("without an engine two files are compared, and none of it needs one", async () => {
  home.write("next.json", optionOf("market-data", { order_book_depth: 9 }))
  const away = { cwd: home.folder, env: { VELOZ_PORT: "1" } }
  const compared = await runVelozIn(away, "plan", "next.json", "--from", "veloz.config.json")
  assert.is(compared.code, 2)
  assert.match(compared.out, /^retune +plugins\.market-data\.order_book_depth 7 -> 9/)
  const nothing = await runVelozIn(away, "plan")
  assert.is(nothing.code, 1)
  assert.match(nothing.err, "VELOZ_ENGINE_AWAY")
})

test("a change is planned between two configurations for another machine, and what it adds to refuse is refused", async () => {
  const cores = (last: number, options: object): object => {
    const affinity = { enabled: true, network_thread_cores: [0], engine_thread_cores: [last] }
    return { plugins: { "cpu-affinity": affinity, "market-data": options } }
  }
  const there = project({
    "old.json": cores(1022, { order_book_depth: 7 }),
    "new.json": cores(1022, { order_book_depth: 9 }),
    "larger.json": cores(1023, { order_book_depth: 9 }),
  })
  const run = (...words: string[]) => runVelozIn({ cwd: there.folder, env: {} }, "plan", ...words)
  const { code, out, err } = await run("new.json", "--from", "old.json")
  assert.is(code, 2)
  assert.match(out, /^retune +plugins\.market-data\.order_book_depth 7 -> 9 +new\.json:\d+:\d+\n\n.*\n$/)
  assert.match(err, /a start with old\.json is refused here: VELOZ_CORES_MISSING/)
  const larger = await run("larger.json", "--from", "old.json")
  assert.is(larger.code, 1)
  assert.match(larger.out, /it would be refused.*VELOZ_CORES_MISSING.* names CPU 1023/s)
})

test.run()
