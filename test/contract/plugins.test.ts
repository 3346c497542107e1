import { readdirSync, readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { ControlContext, Plugin } from "veloz"
import type { EffectiveConfig } from "../../core/config/effective.js"
import { shippedSchemas } from "../../core/config/schemas.js"
import { SystemClock } from "../../core/hot/clock.js"
import { Counters } from "../../core/hot/counters.js"
import * as hot from "../../core/hot/index.js"
import * as veloz from "../../core/index.js"
import { ControlPart, type ControlServices } from "../../core/kernel/control-part.js"
import { counterOf } from "../../core/kernel/counter.js"
import { createFacade } from "../../core/kernel/engine-facade.js"
import { EventLog } from "../../core/kernel/event-log.js"
import { HttpService } from "../../core/kernel/http.js"
import { KeptState } from "../../core/kernel/kept-state.js"
import { PluginCosts } from "../../core/kernel/plugin-costs.js"
import { PluginLoader } from "../../core/kernel/plugin-loader.js"
import { orderPlugins } from "../../core/kernel/plugin-order.js"
import { describedSchema, PluginSources } from "../../core/kernel/plugin-sources.js"
import { ServiceRegistry } from "../../core/kernel/services.js"
import { readCpuTopology } from "../../core/os/cpus.js"
import { ProcessMemory } from "../../core/os/process-memory.js"
import { pluginContract } from "../../core/testing/contract.js"
import { otherOptions } from "../../core/testing/other-options.js"
import { PluginUnderTest } from "../../core/testing/plugin-under-test.js"
import { systemScheduler } from "../../core/threads/scheduler.js"
import { callMeters } from "../support/call-meters.js"

// Every plugin of this repository, found by listing them, goes through its life on the kernel's own pieces. Whoever
// adds a plugin has this suite without writing a line.

const PLUGINS = new URL("../../../plugins/", import.meta.url)
const SCHEMAS = new URL("../../../schemas/", import.meta.url)
const DEADLINES = { prepareMs: 10_000, disposeMs: 5_000 }
const SYMBOLS = ["BTCUSDT"]

const names = readdirSync(PLUGINS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
const sources = new PluginSources(new PluginLoader({ veloz, "veloz/hot": hot }))
const schemas = await shippedSchemas()
const plugins = new Map<string, Plugin>()
for (const name of names) plugins.set(name, (await sources.find(name, process.cwd())).plugin)

test("there are plugins to test", () => {
  assert.ok(names.length >= 11, names.join(", "))
})

// ---- what is asked of every plugin, and of ours beside

/** Whose control parts need a network, or a process of their own. */
const OUTSIDE = ["binance", "sim-exchange"]

for (const [name, plugin] of plugins) {
  const readme = new URL(`${name}/README.md`, PLUGINS)
  pluginContract(test, plugin, { readme, control: !OUTSIDE.includes(name) })

  test(`${name}: it is made as all of VeloZ's own are`, () => {
    const { definition } = plugin
    assert.is(definition.name, name, "the folder is named for the plugin")
    for (const other of [...(definition.requires ?? []), ...(definition.after ?? []), ...(definition.before ?? [])]) {
      assert.ok(plugins.has(other), `it names ${other}, which is no plugin here`)
    }
    const schema = schemas.plugins.get(name)!
    assert.ok(schema, `schemas/${name}.schema.json is missing`)
    assert.is(schema.additionalProperties, false, "unknown options are refused")
    const told = describedSchema(plugin)["x-veloz-venues"]
    assert.equal(schema["x-veloz-venues"], told, "the schema names the venues that it speaks to")
    assert.match(readFileSync(readme, "utf8"), "\n## Options\n")
  })
}

test("every schema belongs to a plugin, or is the configuration's own", () => {
  const files = readdirSync(SCHEMAS).map((file) => file.replace(".schema.json", ""))
  assert.equal(
    files.filter((file) => file !== "config" && !plugins.has(file)),
    [],
  )
})

// ---- the life of control parts

test("control parts start in order, serve their routes, are retuned and disposed of twice, and leave nothing", async () => {
  const before = resources()
  const control = new ControlRig()
  const parts = await control.startAll()
  const http = new HttpService({ clock: new SystemClock(), log: SILENT, version: "1.0.0" })
  // Compiles the schemas of the routes, too.
  const generation = await http.prepare(parts.flatMap(({ routes }) => routes))
  for (const { plugin, route } of parts.flatMap(({ routes }) => routes)) {
    assert.ok(route.summary, `${plugin}: ${route.method} ${route.url} has no summary`)
  }
  for (const part of parts) part.activate()
  for (const part of parts) {
    part.retune(structuredClone(part.options))
    for (const changes of otherOptions(await PluginUnderTest.load(plugins.get(part.plugin)!))) {
      part.retune({ ...part.options, ...changes })
    }
  }
  for (const part of parts.toReversed()) {
    await part.dispose()
    await part.dispose()
  }
  await generation.dispose()
  await http.close(10)
  assert.equal(control.faults, [])
  assert.equal(await settled(before), before)
})

test("control parts that were started and never put in force leave nothing", async () => {
  const before = resources()
  const control = new ControlRig()
  for (const part of (await control.startAll()).toReversed()) await part.dispose()
  assert.equal(control.faults, [])
  assert.equal(await settled(before), before)
})

/** Control parts as the kernel makes them, without an engine behind. */
class ControlRig {
  readonly faults: string[] = []
  readonly #registry = new ServiceRegistry()
  readonly #counters = new Counters(new Float64Array(64))
  readonly #services: ControlServices = {
    clock: new SystemClock(),
    engine: createFacade({
      version: "1.0.0",
      uptimeSeconds: () => 0,
      engine: () => undefined,
      generation: () => undefined,
      faults: new Map(),
      held: { of: () => ({}) },
      costs: new PluginCosts(),
      change: () => Promise.resolve(),
      plan: () => Promise.reject(new Error("nothing runs")),
      history: () => undefined,
      rollBack: () => Promise.reject(new Error("nobody rolls back")),
      lease: () => Promise.resolve(),
      tuning: { readings: () => Promise.resolve([]) },
    }),
    log: () => SILENT,
    kept: new KeptState(),
    events: new EventLog(new SystemClock()),
    counter: (name) => counterOf(this.#counters, name),
    post: () => undefined,
    threads: {
      warm: () => () => undefined,
      hold: () => ({ read: () => [], change: () => undefined, undo: () => [] }),
      topology: readCpuTopology(),
    },
    scheduler: systemScheduler,
    meters: callMeters(),
    onLeave: () => undefined,
    memory: new ProcessMemory(),
    reportTuning: () => () => undefined,
    onFault: (plugin, where, error) => void this.faults.push(`${plugin} in ${where}: ${error}`),
    locate: () => undefined,
  }

  async startAll(): Promise<ControlPart[]> {
    const config = {
      symbols: SYMBOLS,
      venue: { kind: "sim" },
      schemas: schemas.plugins as EffectiveConfig["schemas"],
    } as unknown as EffectiveConfig
    const ordered = orderPlugins([...plugins].map(([name, { definition }]) => ({ name, definition })))
    const parts: ControlPart[] = []
    for (const { name } of ordered) {
      const { plugin, options } = await PluginUnderTest.load(plugins.get(name)!)
      const wish = { name, options, config, registry: this.#registry, deadlines: DEADLINES }
      const part = await ControlPart.make(plugin, wish, this.#services)
      if (part !== undefined) parts.push(part)
    }
    return parts
  }
}

const SILENT: ControlContext<object>["log"] = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

const resources = (): string[] => process.getActiveResourcesInfo().sort()

/** What is still there, after what needs a moment to go has gone. */
async function settled(wanted: readonly string[]): Promise<string[]> {
  for (let attempt = 0; attempt < 100 && resources().length > wanted.length; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return resources()
}

test.run()
