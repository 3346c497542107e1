import { test } from "uvu"
import * as assert from "uvu/assert"
import type { EffectiveConfig } from "../../../core/config/effective.js"
import { pluginValue, problemOf, problemsOf, project } from "./project.js"

function optionsOf(config: EffectiveConfig, name: string): Readonly<Record<string, unknown>> {
  const entry = config.plugins.find((plugin) => plugin.name === name)
  if (entry === undefined) throw new Error(`${name} is off`)
  return entry.options
}

const depth = (config: EffectiveConfig) => optionsOf(config, "market-data").order_book_depth
const DEPTH = "plugins.market-data.order_book_depth"

test("without a file the defaults count, and the quoter is off", async () => {
  const home = project()
  const configuration = home.configuration()
  const config = await configuration.load()
  assert.is(config.file, undefined)
  assert.equal(config.symbols, ["BTCUSDT"])
  assert.equal(config.venue, { kind: "sim" })
  assert.is(depth(config), 10)
  assert.not(config.plugins.some((plugin) => plugin.name === "quoter"))
  assert.ok(config.plugins.some((plugin) => plugin.name === "order-processing"))
  assert.ok(configuration.files.includes(home.path("veloz.config.ts")), "the creation of a file is waited for")
})

test("each layer wins over the one below: default, preset, file, API, environment, command line", async () => {
  const home = project({ "veloz.config.json": { presets: ["low-latency"] } })
  assert.is(depth(await home.configuration().load()), 5)
  home.write("veloz.config.json", { presets: ["low-latency"], plugins: { "market-data": { order_book_depth: 7 } } })
  const configuration = home.configuration()
  const base = await configuration.load()
  assert.is(depth(base), 7)
  configuration.commit(base)
  assert.is(depth(await configuration.withApi({ [DEPTH]: 8 }, "a test")), 8)
  const env = { VELOZ_ORDER_BOOK_DEPTH: "9" }
  assert.is(depth(await home.configuration({ env }).load()), 9)
  const config = await home.configuration({ env, args: { [DEPTH]: "11" } }).load()
  assert.is(depth(config), 11)
  assert.equal(
    config.origins.get(DEPTH)?.map((origin) => [origin.layer, origin.source, origin.value]),
    [
      ["argument", "the command line", 11],
      ["environment", "VELOZ_ORDER_BOOK_DEPTH", 9],
      ["file", "veloz.config.json", 7],
      ["preset", 'preset "low-latency"', 5],
      ["default", "default", 10],
    ],
  )
})

test("an origin in JSON has its line and column", async () => {
  const home = project({
    "veloz.config.json": '{\n  "plugins": {\n    "market-data": { "order_book_depth": 7 }\n  }\n}',
  })
  const [winner] = (await home.configuration().load()).origins.get(DEPTH) ?? []
  assert.equal([winner.file, winner.line, winner.column], [home.path("veloz.config.json"), 3, 42])
})

test("objects merge, arrays replace, null goes back to the layer below", async () => {
  const home = project({
    "base.json": {
      plugins: {
        "kernel-tuning": { sysctl: { "a.one": 1, "a.two": 2 } },
        "cpu-affinity": { engine_thread_cores: [1, 2] },
      },
    },
    "veloz.config.json": {
      presets: ["./base.json"],
      plugins: {
        "kernel-tuning": { sysctl: { "a.two": 3, "a.one": null } },
        "cpu-affinity": { engine_thread_cores: [0] },
        "market-data": null,
      },
    },
  })
  const config = await home.configuration().load()
  assert.equal(optionsOf(config, "kernel-tuning").sysctl, { "a.one": 1, "a.two": 3 })
  assert.equal(optionsOf(config, "cpu-affinity").engine_thread_cores, [0])
  assert.is(depth(config), 10)
})

test("false switches a plugin off, true on, and on again keeps what lower layers say of it", async () => {
  const home = project({
    "base.json": { plugins: { alerts: false, quoter: { orders_per_second: 7 } } },
    "veloz.config.json": { presets: ["./base.json"], plugins: { quoter: false } },
  })
  const off = await home.configuration().load()
  assert.equal((off.values.plugins as Record<string, unknown>).alerts, false)
  assert.not(off.plugins.some(({ name }) => name === "quoter" || name === "alerts"))
  const on = await home.configuration({ args: { "plugins.quoter": "true" } }).load()
  assert.is(optionsOf(on, "quoter").orders_per_second, 7)
})

test("the environment sets options of a plugin and never switches it on", async () => {
  const config = await project()
    .configuration({ env: { VELOZ_QUOTER_ORDERS_PER_SECOND: "9" } })
    .load()
  assert.not(config.plugins.some(({ name }) => name === "quoter"))
})

test("options are frozen plain data with all defaults filled in, those of list items too", async () => {
  const rule = { name: "slow", metric: "latency.order_to_ack.p99_us", threshold: 500 }
  const home = project({ "veloz.config.json": { plugins: { alerts: { rules: [rule] } } } })
  const options = optionsOf(await home.configuration().load(), "alerts")
  assert.equal(options.rules, [{ ...rule, duration_seconds: 0, action: "log" }])
  assert.throws(() => Object.assign((options.rules as object[])[0], { action: "mail" }), TypeError)
})

test("what the environment masks is said", async () => {
  const home = project({ "veloz.config.json": { plugins: { "market-data": { order_book_depth: 7 } } } })
  const config = await home.configuration({ env: { VELOZ_ORDER_BOOK_DEPTH: "9" } }).load()
  assert.is(config.notices.length, 1)
  assert.is(config.notices[0].code, "VELOZ_CONFIG_MASKED")
  assert.match(config.notices[0].message, "VELOZ_ORDER_BOOK_DEPTH sets it to 9")
  assert.is(config.notices[0].line, 4)
})

test("what is masked is told without secrets", async () => {
  const home = project({ "veloz.config.json": { plugins: { "sim-exchange": { api_secret: "s3cret" } } } })
  const config = await home.configuration({ env: { VELOZ_EXCHANGE_API_SECRET: "t0psecret" } }).load()
  const { message, value } = config.notices[0]
  assert.match(message, 'api_secret "(hidden)" has no effect here: VELOZ_EXCHANGE_API_SECRET sets it to "(hidden)"')
  assert.is(value, "(hidden)")
})

test("a second configuration file is told to be unread, and the search goes up to the project", async () => {
  const home = project({
    "veloz.config.ts": "export default { topology: 'fused' }",
    "veloz.config.json": {},
    "sub/a.txt": "",
  })
  const config = await home.configuration({ cwd: home.path("sub") }).load()
  assert.is(config.topology, "fused")
  assert.is(config.root, home.folder)
  assert.equal(
    config.notices.map(({ code, file }) => [code, file]),
    [["VELOZ_CONFIG_SHADOWED", home.path("veloz.config.json")]],
  )
})

test("a misspelt environment variable is worth a notice, a foreign one is not", async () => {
  const env = { VELOZ_PROT: "1", VELOZ_API_KEY: "k", VELOZ_SOMETHING_ELSE: "x" }
  const { notices } = await project().configuration({ env }).load()
  assert.equal(
    notices.map((notice) => notice.hint),
    ["Did you mean VELOZ_PORT?"],
  )
})

test("between file and API the last writer of a path wins", async () => {
  const home = project({ "veloz.config.json": { plugins: { "market-data": { order_book_depth: 7 } } } })
  const configuration = home.configuration()
  configuration.commit(await configuration.load())
  configuration.commit(await configuration.withApi({ [DEPTH]: 8, "plugins.order-processing.batch_size": 4 }, "a test"))
  home.write("veloz.config.json", { plugins: { "market-data": { order_book_depth: 7, conflate_updates: true } } })
  const untouched = await configuration.load()
  assert.is(depth(untouched), 8, "the file did not write this path")
  configuration.commit(untouched)
  home.write("veloz.config.json", { plugins: { "market-data": { order_book_depth: 6 } } })
  const written = await configuration.load()
  assert.is(depth(written), 6)
  assert.is(optionsOf(written, "order-processing").batch_size, 4)
})

test("a list whose items have defaults can be set by the API, and an unchanged file does not take it back", async () => {
  const rule = { name: "slow", metric: "m", threshold: 500 }
  const home = project({ "veloz.config.json": { plugins: { alerts: { rules: [rule] } } } })
  const configuration = home.configuration()
  configuration.commit(await configuration.load())
  const changes = { "plugins.alerts.rules": [{ ...rule, threshold: 600 }] }
  configuration.commit(await configuration.withApi(changes, "a test"))
  const rules = optionsOf(await configuration.load(), "alerts").rules as { threshold: number }[]
  assert.is(rules[0].threshold, 600)
  assert.not(Object.isFrozen(changes["plugins.alerts.rules"]))
})

test("a candidate that is not committed leaves no trace", async () => {
  const configuration = project().configuration()
  configuration.commit(await configuration.load())
  await configuration.withApi({ [DEPTH]: 8 }, "a test")
  assert.is(depth(await configuration.withApi({}, "a test")), 10)
  assert.is(depth(await configuration.load()), 10)
})

test("null over the API takes back what the API had set", async () => {
  const configuration = project().configuration()
  configuration.commit(await configuration.load())
  configuration.commit(
    await configuration.withApi({ "plugins.market-data": { order_book_depth: 8 }, "plugins.alerts": false }, "a test"),
  )
  const back = await configuration.withApi({ "plugins.market-data": null, "plugins.alerts": null }, "a test")
  assert.is(depth(back), 10)
  assert.ok(back.plugins.some(({ name }) => name === "alerts"))
})

test("the API is checked like a file, and names the option", async () => {
  const configuration = project().configuration()
  configuration.commit(await configuration.load())
  const problem = await problemOf(configuration.withApi({ [DEPTH]: 0 }, "a test"))
  assert.is(problem.path, DEPTH)
  assert.is(problem.message, `${DEPTH} must be an integer from 1 to 5000 (levels), was 0`)
  assert.equal([problem.layer, problem.source], ["api", "a test"])
  assert.is((await problemOf(configuration.withApi({ "plugins..x": 0 }, "a test"))).code, "VELOZ_CONFIG_BAD_PATH")
})

test("presets that disagree on a path that the file leaves open are an error that names both", async () => {
  const home = project({
    "a.json": { name: "a", plugins: { "market-data": { order_book_depth: 1 } } },
    "b.json": { name: "b", plugins: { "market-data": { order_book_depth: 2 } } },
    "veloz.config.json": { presets: ["./a.json", "./b.json"] },
  })
  const problem = await problemOf(home.configuration().load())
  assert.is(problem.code, "VELOZ_CONFIG_PRESET_CONFLICT")
  assert.is(problem.message, `presets "a" and "b" disagree on ${DEPTH}: 1 and 2`)
  home.write("veloz.config.json", {
    presets: ["./a.json", "./b.json"],
    plugins: { "market-data": { order_book_depth: 3 } },
  })
  assert.is(depth(await home.configuration().load()), 3)
})

test("a preset may contradict what it extends", async () => {
  const home = project({
    "mine.ts": `import { definePreset } from "veloz"
      export default definePreset({ name: "mine", extends: ["low-latency"], plugins: { "market-data": { order_book_depth: 3 } } })`,
    "veloz.config.json": { presets: ["./mine.ts"] },
  })
  const config = await home.configuration().load()
  assert.is(depth(config), 3)
  assert.is(optionsOf(config, "order-processing").skip_redundant_validation, true)
  assert.equal(config.presets, ["mine"])
  assert.ok(config.files.includes(home.path("mine.ts")))
})

test("presets that extend each other in a circle are refused", async () => {
  const home = project({
    "a.json": { name: "a", extends: ["./b.json"] },
    "b.json": { name: "b", extends: ["./a.json"] },
    "veloz.config.json": { presets: ["./a.json"] },
  })
  const problem = await problemOf(home.configuration().load())
  assert.match(problem.message, "a -> b -> a")
})

test("a preset that is not there is named with the nearest one, and where", async () => {
  const home = project({ "veloz.config.json": '{ "presets": ["low-latncy"] }' })
  const problem = await problemOf(home.configuration().load())
  assert.is(problem.code, "VELOZ_CONFIG_UNKNOWN_PRESET")
  assert.is(problem.hint, 'Did you mean "low-latency"?')
  assert.equal([problem.line, problem.column], [1, 15])
})

test("a preset value that did not go through definePreset is refused", async () => {
  const home = project({ "veloz.config.ts": "export default { presets: [{ name: 'x', plugins: {} }] }" })
  assert.is((await problemOf(home.configuration().load())).code, "VELOZ_CONFIG_NOT_A_PRESET")
})

test("an unknown option is named with its line and column and the nearest name", async () => {
  const home = project({
    "veloz.config.json": '{\n  "plugins": {\n    "market-data": {\n      "order_book_dept": 7\n    }\n  }\n}',
  })
  const problem = await problemOf(home.configuration().load())
  assert.is(problem.code, "VELOZ_CONFIG_UNKNOWN_OPTION")
  assert.is(problem.path, "plugins.market-data.order_book_dept")
  assert.is(problem.hint, 'Did you mean "order_book_depth"?')
  assert.equal([problem.file, problem.line, problem.column], [home.path("veloz.config.json"), 4, 7])
  assert.match(problem.frame ?? "", /> 4 \| {7}"order_book_dept": 7/)
})

test("who takes TCP_NODELAY for a sysctl sets the option of sockets, and is told so where the name stands", async () => {
  const name = '"net.ipv4.tcp_nodelay": 0'
  const files = [
    `{ "plugins": { "kernel-tuning": { "sysctl": { "net.core.somaxconn": 4096, ${name} } } } }`,
    `{ "plugins": { "kernel-tuning": { "sysctl": { ${name.replaceAll(".", "/")} } } } }`,
    `{ "plugins": { "kernel-tuning": { ${name} } } }`,
    `{ "plugins": { "net-tuning": { ${name} } } }`,
  ]
  for (const file of files) {
    const config = await project({ "veloz.config.json": file }).configuration().load()
    assert.is(optionsOf(config, "net-tuning").tcp_nodelay, false, file)
    const [notice, ...others] = config.notices
    assert.equal([notice.code, others.length], ["VELOZ_CONFIG_ALIAS", 0])
    assert.match(notice.message, "is taken for plugins.net-tuning.tcp_nodelay: TCP_NODELAY is an option of a socket")
    assert.equal([notice.line, file[notice.column! - 1]], [1, '"'])
    const [origin] = config.origins.get("plugins.net-tuning.tcp_nodelay")!
    assert.equal([origin.layer, origin.line], ["file", 1])
    assert.not.ok(JSON.stringify(config.values).includes('tcp_nodelay":0'))
  }
})

test("what is said under the right name wins over its alias, and a value that cannot be is refused at the alias", async () => {
  const both = `{ "plugins": { "kernel-tuning": { "sysctl": { "net.ipv4.tcp_nodelay": 0 } }, "net-tuning": { "tcp_nodelay": true } } }`
  const config = await project({ "veloz.config.json": both }).configuration().load()
  assert.is(optionsOf(config, "net-tuning").tcp_nodelay, true)
  const wrong = `{ "plugins": { "kernel-tuning": { "sysctl": { "net.ipv4.tcp_nodelay": 2 } } } }`
  const problem = await problemOf(project({ "veloz.config.json": wrong }).configuration().load())
  assert.equal([problem.path, problem.code], ["plugins.net-tuning.tcp_nodelay", "VELOZ_CONFIG_WRONG_VALUE"])
  assert.is(problem.column, wrong.indexOf("2") + 1)
})

test("an ill-typed value says what was expected and what was found, at the value", async () => {
  const home = project({ "veloz.config.json": '{\n  "plugins": { "market-data": { "order_book_depth": "ten" } }\n}' })
  const problem = await problemOf(home.configuration().load())
  assert.is(problem.message, `${DEPTH} must be an integer from 1 to 5000 (levels), was "ten"`)
  assert.equal([problem.line, problem.column], [2, 53])
})

test("all problems are told at once, those of masked values too", async () => {
  const home = project({
    "veloz.config.json": {
      topology: "fussed",
      symbols: [],
      plugins: { "market-data": { order_book_depth: 0, nope: 1 } },
    },
  })
  const problems = await problemsOf(home.configuration({ env: { VELOZ_ORDER_BOOK_DEPTH: "5" } }).load())
  assert.equal(problems.map(({ path }) => path).sort(), ["plugins.market-data.nope", DEPTH, "symbols", "topology"])
  assert.is(problems.find(({ path }) => path === "topology")?.hint, 'Did you mean "fused"?')
})

test("what is missing in a list item is named", async () => {
  const home = project({ "veloz.config.json": { plugins: { alerts: { rules: [{ name: "x", metric: "y" }] } } } })
  const problem = await problemOf(home.configuration().load())
  assert.is(problem.code, "VELOZ_CONFIG_MISSING_OPTION")
  assert.is(problem.message, "plugins.alerts.rules[0].threshold is missing: it must be a number")
  assert.is(problem.line, 5)
})

test("an environment variable of the wrong type is named", async () => {
  const problem = await problemOf(
    project()
      .configuration({ env: { VELOZ_PORT: "http" } })
      .load(),
  )
  assert.is(problem.message, 'plugins.metrics-api.port must be an integer from 0 to 65535, was "http"')
  assert.equal([problem.layer, problem.source], ["environment", "VELOZ_PORT"])
  const outOfRange = await problemOf(
    project()
      .configuration({ env: { VELOZ_PORT: "70000" } })
      .load(),
  )
  assert.is(outOfRange.source, "VELOZ_PORT")
})

test("a plugin that cannot be loaded is named with the nearest one", async () => {
  const home = project({ "veloz.config.json": { plugins: { "market-dta": {} } } })
  const problem = await problemOf(home.configuration().load())
  assert.is(problem.code, "VELOZ_CONFIG_UNKNOWN_PLUGIN")
  assert.match(problem.message, "there is no such plugin")
  assert.is(problem.hint, 'Did you mean "market-data"?')
  home.write("veloz.config.json", { plugins: { alrts: false } })
  assert.is((await problemOf(home.configuration().load())).hint, 'Did you mean "alerts"?')
})

test("a plugin that is off is not loaded", async () => {
  const home = project({ "veloz.config.json": { plugins: { "./broken.ts": false } } })
  const config = await home.configuration().load()
  assert.is((config.values.plugins as Record<string, unknown>)["./broken.ts"], false)
})

test("options of a plugin in a file are checked by its own schema, closed where it leaves that open", async () => {
  const schema = { type: "object", properties: { max: { type: "string", default: "1" } } }
  const asked: unknown[] = []
  const schemas = {
    schemaOf: async (...args: unknown[]) => {
      asked.push(args)
      return args[0] === "sim-exchange" ? null : schema
    },
  }
  const home = project({ "veloz.config.json": { plugins: { "./mine.ts": {} } } })
  const config = await home.configuration({ schemas }).load()
  assert.equal(optionsOf(config, "./mine.ts"), { max: "1" })
  assert.equal(asked.at(-1), ["./mine.ts", undefined, home.folder])
  home.write("veloz.config.json", { plugins: { "./mine.ts": { mux: "2" } } })
  const problem = await problemOf(home.configuration({ schemas }).load())
  assert.is(problem.path, 'plugins["./mine.ts"].mux')
})

test("a misspelt keyword in a plugin's schema is refused, not ignored", async () => {
  const schemas = { schemaOf: async () => ({ type: "object", properties: { max: { type: "number", minium: 1 } } }) }
  const home = project({ "veloz.config.json": { plugins: { "sim-exchange": false, "./mine.ts": {} } } })
  const problem = await problemOf(home.configuration({ schemas }).load())
  assert.is(problem.code, "VELOZ_CONFIG_BAD_SCHEMA")
  assert.match(problem.message, 'there is no keyword "minium" at "max", did you mean "minimum"?')
})

test("a misspelt type in a plugin's schema is told with its place and the nearest", async () => {
  const schemas = { schemaOf: async () => ({ type: "object", properties: { max: { type: "nubmer" } } }) }
  const home = project({ "veloz.config.json": { plugins: { "sim-exchange": false, "./mine.ts": {} } } })
  const problem = await problemOf(home.configuration({ schemas }).load())
  assert.is(problem.code, "VELOZ_CONFIG_BAD_SCHEMA")
  assert.match(problem.message, 'there is no type "nubmer" at "max", did you mean "number"?')
})

test("what the kernel says of a plugin that it has found is told as it is, without a guess at its name", async () => {
  const error = Object.assign(new Error("mine.ts is no plugin"), { code: "VELOZ_PLUGIN_INVALID" })
  const schemas = { schemaOf: () => Promise.reject(error) }
  const home = project({ "veloz.config.json": { plugins: { "sim-exchange": false, alertz: {} } } })
  const problem = await problemOf(home.configuration({ schemas }).load())
  assert.equal(
    [problem.code, problem.message, problem.hint],
    ["VELOZ_PLUGIN_INVALID", "mine.ts is no plugin", undefined],
  )
})

test("plugins by value become entries of their name, with their options", async () => {
  const schema = { type: "object", properties: { max: { type: "number", default: 1 } } }
  const maxNotional = pluginValue("max-notional", schema)
  const modules = { veloz: { maxNotional } }
  const schemas = { schemaOf: async (_: string, value: unknown) => (value === maxNotional ? schema : null) }
  const home = project({
    "veloz.config.ts": 'import { maxNotional } from "veloz"\nexport default { use: [maxNotional({ max: 2 })] }',
  })
  const config = await home.configuration({ modules, schemas }).load()
  const entry = config.plugins.find(({ name }) => name === "max-notional")
  assert.is(entry?.value, maxNotional)
  assert.equal(entry?.options, { max: 2 })
  home.write("veloz.config.ts", 'import { maxNotional as m } from "veloz"\nexport default { use: [m, m({ max: 2 })] }')
  assert.is((await problemOf(home.configuration({ modules, schemas }).load())).code, "VELOZ_CONFIG_DUPLICATE")
  home.write("veloz.config.ts", "export default { use: [() => 1] }")
  assert.is((await problemOf(home.configuration({ modules, schemas }).load())).code, "VELOZ_CONFIG_NOT_A_PLUGIN")
})

test("equal values have equal hashes, however they are written", async () => {
  const home = project({
    "veloz.config.json": { plugins: { "market-data": { order_book_depth: 7, conflate_updates: true } } },
  })
  const first = await home.configuration().load()
  home.write("veloz.config.json", { plugins: { "market-data": { conflate_updates: true, order_book_depth: 7 } } })
  assert.is((await home.configuration().load()).hash, first.hash)
  home.write("veloz.config.json", { plugins: { "market-data": { conflate_updates: true, order_book_depth: 8 } } })
  assert.is.not((await home.configuration().load()).hash, first.hash)
})

test("a named file that is not there is an error, and is waited for", async () => {
  const home = project()
  const configuration = home.configuration({ file: "other.json" })
  assert.is((await problemOf(configuration.load())).code, "VELOZ_CONFIG_NOT_FOUND")
  assert.equal(configuration.files, [home.path("other.json")])
})

test.run()
