import { test } from "uvu"
import * as assert from "uvu/assert"
import { type RunningEngine, startEngine } from "../../../core/kernel/engine.js"
import { project } from "../config/project.js"

// A whole engine, whose author saves code that would end it.

const home = project()
const lines: string[] = []
let engine: RunningEngine

const config = (more = "", plugins = ""): string => `${more}
export default { plugins: { quoter: false, alerts: false, ${plugins} } }`

const plugin = (name: string, definition: string): string => `
import { definePlugin } from "veloz"
export default definePlugin({ name: "${name}", version: "1.0.0", veloz: "^1.0.0", ${definition} })`

/** The line of the configuration that names the plugin. */
const NAMED = /veloz\.config\.ts:2:\d+\n[\s\S]*\^/

test.before(async () => {
  home.write("veloz.config.ts", config())
  const write = (message: string): void => void lines.push(message)
  engine = await startEngine({
    cwd: home.folder,
    env: { PATH: process.env.PATH },
    args: { "plugins.metrics-api.port": 0 },
    log: { debug: write, info: write, warn: write, error: write },
    version: "1.0.0",
    watch: false,
  })
})

test.after(() => engine.stop())

/** The refusal of what was saved. Neither control nor the market may have stood still for it. */
async function refusal(): Promise<string> {
  const { metrics, configuration } = engine.facade
  const [generation, updates] = [configuration.generation(), metrics.counter("market_updates")]
  let stillMs = 0
  let lastMs = performance.now()
  const looking = setInterval(() => {
    stillMs = Math.max(stillMs, performance.now() - lastMs)
    lastMs = performance.now()
  }, 5)
  const isTaken = await engine.reload()
  clearInterval(looking)
  assert.not(isTaken)
  assert.is(configuration.generation(), generation)
  assert.ok(stillMs < 2000, `control stood still for ${stillMs} ms`)
  assert.ok(metrics.counter("market_updates") > updates, "the market went on")
  return lines.findLast((line) => line.includes("the change is refused")) ?? ""
}

test("a configuration that loops is refused, and nothing stands still", async () => {
  home.write("veloz.config.ts", config("for (;;) Math.random()"))
  assert.match(await refusal(), /VELOZ_TRIAL_FAILED.*veloz\.config\.ts .*had not ended after 4000 ms/)
})

test("a configuration that takes all memory is refused", async () => {
  home.write("veloz.config.ts", config("const list = []; for (;;) list.push(Math.random())"))
  assert.match(await refusal(), /veloz\.config\.ts .*had taken 256 MB/)
})

test("a configuration that ends its process after a while is refused", async () => {
  home.write("veloz.config.ts", "export default async () => { await 1; process.exit(0) }")
  assert.match(await refusal(), /ended its process while what its function promised was awaited/)
})

test("a part that loops while it is made is refused before a hot thread makes it", async () => {
  home.write("loops.ts", plugin("loops", "engine() { for (;;); }"))
  home.write("veloz.config.ts", config("", '"./loops.ts": {}'))
  const said = await refusal()
  assert.match(said, /loops\.ts.* had not ended after 4000 ms while its hot parts were made/)
  assert.match(said, NAMED)
})

test("a plugin that loops or takes all memory while it is loaded is refused, and shown where it is named", async () => {
  home.write("loops.ts", `${plugin("loops", "engine() {}")}\nfor (;;);`)
  const said = await refusal()
  assert.match(said, /VELOZ_TRIAL_FAILED: .*loops\.ts.* had not ended after 4000 ms while it was loaded/)
  assert.match(said, NAMED)
  home.write("loops.ts", `${plugin("loops", "engine() {}")}\nconst list = []; for (;;) list.push(Math.random())`)
  assert.match(await refusal(), /VELOZ_TRIAL_FAILED: .*loops\.ts.* had taken 256 MB of memory while it was loaded/)
})

test("a check that loops is refused, and nothing stands still", async () => {
  home.write("loops.ts", plugin("loops", "check() { for (;;); }"))
  assert.match(await refusal(), /VELOZ_TRIAL_FAILED: plugin .*loops\.ts.* ms in its check/)
})

test("a check that begins to loop with other options is refused, and nothing stands still", async () => {
  const schema = "schema: { type: 'object', properties: { loops: { type: 'boolean', default: false } } }"
  home.write("loops.ts", plugin("loops", `${schema}, check({ loops }) { while (loops); }`))
  assert.ok(await engine.reload())
  home.write("veloz.config.ts", config("", '"./loops.ts": { loops: true }'))
  assert.match(await refusal(), /loops\.ts.* had not ended .* in its check/)
  home.write("veloz.config.ts", config("", '"./loops.ts": {}'))
})

test("a control part that loops is ended", async () => {
  home.write("loops.ts", plugin("loops", "control() { for (;;); }"))
  const generation = engine.facade.configuration.generation()
  assert.not(await engine.reload())
  assert.is(engine.facade.configuration.generation(), generation)
  assert.match(lines.at(-1)!, /had not ended/)
})

test("and what is saved next is taken", async () => {
  home.write("loops.ts", plugin("loops", "engine() {}"))
  assert.ok(await engine.reload())
  assert.ok(engine.facade.configuration.plugins().some(({ name }) => name === "./loops.ts"))
})

test("what a plugin leaves running when it is loaded is told", async () => {
  home.write("loops.ts", `globalThis.left = setInterval(() => {}, 1000)\n${plugin("loops", "engine() {}")}`)
  await engine.reload()
  clearInterval((globalThis as { left?: NodeJS.Timeout }).left)
  assert.ok(lines.some((line) => /loops\.ts.* leaves running .*Timeout/.test(line)))
})

test.run()
