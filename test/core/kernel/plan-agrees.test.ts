import { once } from "node:events"
import { writeFileSync } from "node:fs"
import net from "node:net"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { PlanReading, VelozError } from "veloz"
import { type Config, config, inProject, type Project, place } from "../../support/engine-project.js"
import { below, seededRandom } from "../../support/random.js"
import { runVelozIn } from "../../support/run-veloz.js"

// What a plan says, and what the save of the very same files does then. They go the same way until something is prepared;
// what only that finds out, a plan tries.

interface Save {
  readonly config: Config | string
  /** Code of a plugin beside it. */
  readonly files?: Readonly<Record<string, string>>
  /** What comes of it after the base, where that is the same on every machine. A code is a refusal. */
  readonly expected?: "nothing" | "changes" | `VELOZ_${string}`
  readonly env?: Readonly<Record<string, string>>
}

const plugin = (name: string, body: string): string => `import { definePlugin, VelozError } from "veloz"
export default definePlugin({ name: "${name}", version: "1.0.0", veloz: "^1.0.0", ${body} })
`

const preset = (marketData: object): string => `import { definePreset } from "veloz"
export default definePreset({ name: "desk", extends: ["low-latency"], plugins: { "market-data": ${JSON.stringify(marketData)} } })
`

const FILES = {
  "desk.ts": preset({ order_book_depth: 8 }),
  "one.ts": plugin("one", `engine({ order }) { order.risk.tap("one", () => 0) }`),
  "two.ts": plugin("two", `engine({ order }) { order.risk.tap("two", () => 0) }`),
  "fixed.ts": plugin(
    "fixed",
    `schema: { type: "object", properties: { size: { type: "integer", default: 1, "x-veloz-reload": "restart" } } }`,
  ),
  "second.ts": plugin("second", `provides: ["venue"], venues: ["sim"]`),
  "pinning.ts": plugin("pinning", `claims: () => ({ pins: [{ role: "control", cores: [1023] }] })`),
  "throwing.ts": plugin("throwing", `engine() { throw new Error("on purpose") }`),
  "limit.ts": plugin(
    "limit",
    `schema: { type: "object", properties: { most: { type: "integer", default: 1, "x-veloz-reload": "live" } } },
     engine({ options }) { if (options.most > 100) throw new VelozError("TOO_MUCH", "it is too much", { field: "most" }) }`,
  ),
  "counting.ts": plugin("counting", `engine({ counter }) { counter("hits") }`),
  "keeping.ts": plugin("keeping", `engine({ keep }) { keep("all", 1, () => ({ count: () => 1 })) }`),
  "hung.ts": plugin("hung", `claims: () => { for (;;); }`),
}

const SPLIT = { topology: "split" }
const HTTP = { "metrics-api": { port: 0 } }
const LOCAL = { ...HTTP, "./one.ts": true, "./two.ts": true, "./fixed.ts": true }
const based = (plugins: Record<string, unknown> = {}, root: object = {}): Config => ({
  ...config({ ...LOCAL, ...plugins }),
  ...root,
})
const affinity = (options: object): Config => based({ "cpu-affinity": { enabled: true, ...options } })

const alert = (metric: string, plugins: object = {}): Config =>
  based({ alerts: { rules: [{ name: "mine", metric, threshold: 1 }] }, ...plugins })

/** `taken` is a port that somebody holds, and `own` the one that the engine listens on. */
const saves = (taken: number, own: number): Record<string, Save> => ({
  "the same": { config: based(), expected: "nothing" },
  "other spaces": { config: JSON.stringify(based(), null, 4), expected: "nothing" },
  "a preset that changes nothing": { config: based({}, { presets: ["low-latency", "low-latency"] }) },
  "another preset": { config: based({}, { presets: ["high-throughput"] }), expected: "changes" },
  "a preset of one's own": { config: based({}, { presets: ["./desk.ts"] }), expected: "changes" },
  "that preset, edited": {
    config: based({}, { presets: ["./desk.ts"] }),
    files: { "desk.ts": preset({ order_book_depth: 9 }) },
    expected: "changes",
  },
  "a preset with a mistake": {
    config: based({}, { presets: ["./desk.ts"] }),
    files: { "desk.ts": preset({ order_book_depht: 9 }) },
    expected: "VELOZ_CONFIG_UNKNOWN_OPTION",
  },
  "a topology as it is": { config: based({}, { topology: "auto" }), expected: "nothing" },
  "the other word for what runs": { config: based({}, { topology: "fused", idle_strategy: "park" }) },
  "another way to idle": { config: based({}, { idle_strategy: "backoff" }) },
  retune: { config: based({ "market-data": { order_book_depth: 7 } }), expected: "changes" },
  "another pipeline": { config: based({ "market-data": { conflate_updates: true } }), expected: "changes" },
  restart: { config: based({ binance: { rest_url: "https://api.binance.test" } }), expected: "changes" },
  "core 0 for all": {
    config: affinity({ engine_thread_cores: [0], network_thread_cores: [0], strategy_thread_cores: [0] }),
    expected: "changes",
  },
  "fitted cores": { config: affinity({ engine_thread_cores: [0, 900], fit: true }), expected: "changes" },
  "a plugin more": { config: based({ quoter: true }), expected: "changes" },
  "a plugin less": { config: based({ alerts: false }), expected: "changes" },
  "another order": {
    config: config({ ...HTTP, "./two.ts": true, "./one.ts": true, "./fixed.ts": true }),
    expected: "changes",
  },
  "other code": {
    config: based(),
    files: { "one.ts": plugin("one", `engine({ order }) { order.risk.tap("one", () => 0 + 0) }`) },
    expected: "changes",
  },
  "other threads": { config: based({}, { topology: "split" }), expected: "changes" },
  "another symbol": { config: based({}, { symbols: ["BTCUSDT", "ETHUSDT"] }), expected: "changes" },
  "another heap": { config: based({ "memory-pools": { semi_space_mb: 8 } }), expected: "changes" },

  "needs a restart": { config: based({ "./fixed.ts": { size: 2 } }), expected: "VELOZ_RESTART_NEEDED" },
  "no JSON": { config: "{", expected: "VELOZ_CONFIG_SYNTAX" },
  "an unknown option": { config: based({ "market-data": { depth: 1 } }), expected: "VELOZ_CONFIG_UNKNOWN_OPTION" },
  "an objection": {
    config: based({ "order-processing": { use_binary_protocol: true } }),
    expected: "VELOZ_NOT_AVAILABLE",
  },
  "no plugin": { config: based({ "./none.ts": true }), expected: "VELOZ_CONFIG_UNKNOWN_PLUGIN" },
  "missing cores": { config: affinity({ engine_thread_cores: [63_000] }), expected: "VELOZ_CONFIG_WRONG_VALUE" },
  "cores of another machine": { config: affinity({ engine_thread_cores: [1023] }), expected: "VELOZ_CORES_MISSING" },
  "cores that overlap": {
    config: affinity({ engine_thread_cores: [0, 1], network_thread_cores: [0] }),
    expected: "VELOZ_CORES_CLAIMED",
  },
  "differing cores in fused": {
    config: { ...affinity({ engine_thread_cores: [0], network_thread_cores: [1] }), topology: "fused" },
    expected: "VELOZ_PINS_DIFFER",
  },
  "spinning without the cores": { config: based({}, { topology: "split", idle_strategy: "spin" }) },
  "somebody else's pins": { config: based({ "./pinning.ts": true }), expected: "VELOZ_PIN_REFUSED" },
  "claims without an end": { config: based({ "./hung.ts": true }), expected: "VELOZ_TRIAL_FAILED" },
  "real-time without guards": { config: affinity({ scheduler: "fifo" }), expected: "VELOZ_REALTIME_UNGUARDED" },
  "a port that is taken": { config: based({ "metrics-api": { port: taken } }), expected: "VELOZ_PORT_TAKEN" },
  "an exchange's port that is taken": {
    config: based({ "sim-exchange": { port: taken } }),
    expected: "VELOZ_PORT_TAKEN",
  },
  "an open host without a token": {
    config: based({ "metrics-api": { port: 0, host: "0.0.0.0" } }),
    expected: "VELOZ_TOKEN_MISSING",
  },
  "a host of another machine": {
    config: based({ "metrics-api": { port: 0, host: "192.0.2.1" } }),
    env: { VELOZ_API_TOKEN: "s3cret" },
    expected: "VELOZ_LISTEN",
  },
  "a part that throws": { config: based({ "./throwing.ts": true }), expected: "VELOZ_PLUGIN_THREW" },
  "a part that objects": { config: based({ "./limit.ts": { most: 200 } }), expected: "VELOZ_PLUGIN_THREW" },
  "a part that objects to less": { config: based({ "./limit.ts": { most: 20 } }), expected: "changes" },
  "an alert on nothing": { config: alert("hits"), expected: "VELOZ_BAD_PARAMS" },
  "an alert on what comes along": { config: alert("counting.hits", { "./counting.ts": true }), expected: "changes" },
  "state that stays": { config: based({ "./keeping.ts": true }), expected: "changes" },
  "no venue": { config: based({ binance: false }), expected: "VELOZ_VENUE_MISSING" },
  "an unknown venue": { config: based({}, { venue: { kind: "binanse" } }), expected: "VELOZ_VENUE_UNKNOWN" },
  "two plugins for one venue": { config: based({ "./second.ts": true }), expected: "VELOZ_VENUE_TWICE" },
  "no exchange": { config: based({ "sim-exchange": false }), expected: "VELOZ_BINANCE_ENDPOINT" },
  "a market that nobody knows": { config: based({}, { symbols: ["FOOUSDT"] }), expected: "VELOZ_EXCHANGE_SYMBOL" },
  "a market that is not listed": {
    config: based({ "sim-exchange": { symbols: ["ETHUSDT"] } }),
    expected: "VELOZ_EXCHANGE_UNLISTED",
  },
  "another exchange": { config: based({ "sim-exchange": { seed: 2 } }), expected: "changes" },
  "another account": { config: based({ "sim-exchange": { api_key: "k", api_secret: "s" } }), expected: "changes" },
  "an account that cannot be": {
    config: based({ "sim-exchange": { balances: { BTC: "90000001" } } }),
    expected: "VELOZ_EXCHANGE_BALANCE",
  },
  "an address that covers the one in use": {
    config: based({ "metrics-api": { port: own, host: "0.0.0.0" } }),
    env: { VELOZ_API_TOKEN: "s3cret" },
    expected: "VELOZ_PORT_OVERLAPS",
  },
  "no key": {
    config: based({ binance: { key_file: "/nowhere/key.json" } }, { venue: { kind: "binance" } }),
    expected: "VELOZ_BINANCE_KEY_FILE",
  },
  "a value that this kernel has not": {
    config: based({ "kernel-tuning": { mode: "apply", strict: true, sysctl: { "net.ipv4.tcp_nosuch": 1 } } }),
    expected: "VELOZ_TUNING_REFUSED",
  },
  "more memory than there is": {
    config: based({ "memory-pools": { string_pool_size_mb: 1_000_000 } }),
  },
})

/** It takes the seconds until code that does not end is given up. */
const isSlow = ({ expected }: Save): boolean => expected === "VELOZ_TRIAL_FAILED"

/** What depends on an engine that runs, or on what others do on this machine: `check` does not try it. */
const UNTRIED_BY_CHECK: ReadonlySet<string> = new Set([
  "VELOZ_RESTART_NEEDED",
  "VELOZ_PORT_TAKEN",
  "VELOZ_PORT_OVERLAPS",
  "VELOZ_LISTEN",
  "VELOZ_TUNING_REFUSED",
  "VELOZ_BAD_PARAMS",
])

/** Expects that `veloz check` says of the saved files what their save was answered. */
async function checked(project: Project, name: string, { env = {} }: Save, refusal: Problems): Promise<void> {
  if (refusal.some(({ code }) => UNTRIED_BY_CHECK.has(code))) return
  const { out } = await runVelozIn({ cwd: project.cwd, env }, "check", "--json")
  const { files } = JSON.parse(out) as { files: { problems: Problems }[] }
  assert.equal(placesOf(files[0].problems), placesOf(refusal), `${name}: check says otherwise`)
}

/** Plans for the files as they are, saves them, and expects that both come to the same. */
async function agree(project: Project, name: string, { config, files = {}, env = {} }: Save): Promise<PlanReading> {
  Object.assign(process.env, env)
  for (const [file, text] of Object.entries({ ...FILES, ...files })) writeFileSync(join(project.cwd, file), text)
  project.save(config)
  const { configuration } = project.facade
  const before = { generation: configuration.generation(), threads: hotThreads(project) }
  const plan = await configuration.plan({ changes: undefined, file: undefined })
  assert.equal(
    [configuration.generation(), hotThreads(project)],
    Object.values(before),
    `${name}: the plan did something`,
  )
  const isTaken = await project.engine.reload()
  const isChanged = configuration.generation() !== before.generation
  const done = isTaken ? (isChanged ? "changes" : "nothing") : "refused"
  const about = `${name}: planned ${JSON.stringify(plan, null, 1)}\n${project.lines.slice(-3).join("\n")}`
  assert.is(plan.outcome, done, about)
  const refusal = isTaken ? [] : configuration.history.lastRejected()!.diagnostics
  assert.equal(placesOf(plan.problems), placesOf(refusal), about)
  if (isTaken) assert.is(hotThreads(project) !== before.threads, plan.threads.action === "replace", about)
  for (const variable of Object.keys(env)) delete process.env[variable]
  return plan
}

type Problems = PlanReading["problems"]

const placesOf = (problems: Problems): unknown[] =>
  problems.map(({ code, message, path, line, column }) => [code, message, path, line ?? null, column ?? null])

const hotThreads = ({ facade }: Project): string =>
  facade.metrics
    .threads()
    .filter(({ roles }) => roles.some((role) => ["network", "engine", "strategy"].includes(role)))
    .map(({ tid, roles }) => `${tid} ${roles.join(" ")}`)
    .join(", ")

test("a plan says what the save then does: nothing, changes, or the same refusals at the same places", async () => {
  const holder = net.createServer().listen(0, "127.0.0.1")
  await once(holder, "listening")
  const run = async (project: Project): Promise<void> => {
    const list = saves((holder.address() as net.AddressInfo).port, project.engine.address!.port)
    for (const [name, save] of Object.entries(list)) {
      const { outcome, problems } = await agree(project, name, save)
      await checked(project, name, save, outcome === "refused" ? problems : [])
      const said = outcome === "refused" ? problems[0].code : outcome
      if (save.expected !== undefined) assert.is(said, save.expected, `${name}: ${JSON.stringify(problems)}`)
      await agree(project, `back from ${name}`, { config: based() })
    }
    // And from each to any other.
    const random = seededRandom(20)
    const names = Object.keys(list).filter((name) => !isSlow(list[name]))
    for (let count = 0; count < 40; count += 1) {
      const name = names[below(random, names.length)]
      await agree(project, `${name}, at last`, list[name])
    }
  }
  try {
    await inProject(based(), run, { files: FILES, port: null })
  } finally {
    holder.close()
  }
})

test("orders, and state that cannot go along, keep threads from being replaced, and a plan says so", () =>
  inProject(
    based(),
    async (project) => {
      const bid = await project.market()
      await place(project, bid * 0.9, "mine")
      const elsewhere = { config: based({}, { symbols: ["ETHUSDT"] }) }
      const [used] = (await agree(project, "in use", elsewhere)).problems
      assert.equal([used.code, used.path], ["VELOZ_SYMBOL_IN_USE", "symbols"])
      await project.facade.orders.cancel("mine")
      assert.is((await agree(project, "free", elsewhere)).threads.action, "replace")
      await agree(project, "something is kept", { config: based({ "./keeping.ts": true }) })
      const [stuck] = (await agree(project, "stuck", { config: based({ "./keeping.ts": true }, SPLIT) })).problems
      assert.is(stuck.code, "VELOZ_STATE_STUCK")
    },
    { files: FILES, port: null },
  ))

test("a plan for a request says what the request is answered", () => inProject(based(), askedAndDone, { files: FILES }))

async function askedAndDone({ facade: { configuration } }: Project): Promise<void> {
  for (const changes of [
    { "plugins.kernel-tuning.mode": "apply" },
    { "plugins.market-data.order_book_depth": 0 },
    { 'plugins["./new.ts"]': true },
    { "plugins.cpu-affinity.enabled": true, "plugins.cpu-affinity.engine_thread_cores": [1023] },
  ]) {
    const { outcome, problems } = await configuration.plan({ changes, file: undefined })
    assert.is(outcome, "refused")
    const refusal = await configuration.change(changes, "a test").catch((error: VelozError) => error.diagnostics)
    assert.equal(placesOf(problems), placesOf(refusal!), JSON.stringify(changes))
  }
}

test.run()
