import { existsSync, readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { pluginSource } from "../../support/editors/edited-project.js"
import { runVelozIn } from "../../support/run-veloz.js"
import { project } from "../config/project.js"

test("a good configuration is fine, exits with 0, and editors know its options afterwards", async () => {
  const home = project({ "veloz.config.json": { presets: ["low-latency"] } })
  const { code, out, err } = await runVelozIn({ cwd: home.folder }, "check")
  assert.equal([code, err], [0, ""])
  assert.match(out, /^veloz\.config\.json: fine, \d+ plugins are on\n$/)
  assert.ok(existsSync(home.path(".veloz/types.d.ts")))
})

test("without a file the defaults are checked", async () => {
  const { code, out } = await runVelozIn({ cwd: project().folder }, "check")
  assert.is(code, 0)
  assert.match(out, "the defaults")
})

test("everything that is wrong is told at once: in layers, in presets, and by plugins", async () => {
  const home = project({
    "desk.json": { name: "desk", plugins: { "order-processing": { batch_size: 0 } } },
    "veloz.config.json": {
      presets: ["./desk.json"],
      topology: "fussed",
      plugins: { "market-data": { order_book_dept: 7 } },
    },
  })
  const env = { VELOZ_ORDER_BOOK_DEPTH: "ten" }
  const { code, out } = await runVelozIn({ cwd: home.folder, env }, "check", "--set", "plugins.quoter.qty=-1")
  assert.is(code, 1)
  assert.match(out, /^veloz\.config\.json is refused\n\n\d problems in the configuration\n/)
  for (const part of [
    /plugins\.order-processing\.batch_size must be .*\n {2}at desk\.json:5:21, preset "desk"/,
    /topology must be .*\n {2}at veloz\.config\.json:5:15\n/,
    /there is no option plugins\.market-data\.order_book_dept\n {2}at veloz\.config\.json:8:7\n/,
    /order_book_depth must be an integer from 1 to 5000 \(levels\), was "ten"\n {2}from VELOZ_ORDER_BOOK_DEPTH/,
    /plugins\.quoter\.qty must be .*\n {2}from the command line/,
  ]) {
    assert.match(out, part)
  }
})

test("what plugins have against their options is told at once, with the place of each", async () => {
  const rule = (name: string) => ({ name, metric: "fills", threshold: 1 })
  const plugins = {
    alerts: { rules: [rule("a"), rule("b"), rule("a"), rule("b")] },
    "order-processing": { use_binary_protocol: true },
  }
  const home = project({ "veloz.config.json": { plugins } })
  const { code, out } = await runVelozIn({ cwd: home.folder }, "check", "--json")
  assert.is(code, 1)
  const { problems } = JSON.parse(out).files[0]
  const told = problems.map(({ code, path, line, related = [] }: Record<string, unknown> & { related?: object[] }) => {
    return [code, path, line, ...related.map((other) => (other as { line: number }).line)]
  })
  assert.equal(told, [
    ["VELOZ_NOT_AVAILABLE", "plugins.order-processing.use_binary_protocol", 28],
    ["VELOZ_ALERT_TWICE", "plugins.alerts.rules[2].name", 16, 6],
    ["VELOZ_ALERT_TWICE", "plugins.alerts.rules[3].name", 21, 11],
  ])
})

test("a plugin of somebody else reports in the same way, and a part that throws is refused", async () => {
  const home = project({
    "spread.ts": `import { definePlugin, VelozError } from "veloz"
      export default definePlugin({
        name: "spread", version: "1.0.0", veloz: "^1.0.0",
        schema: { type: "object", properties: { low: { type: "number", default: 1 }, high: { type: "number", default: 2 } } },
        check({ low, high }, { report }) {
          if (low < high) return
          report(new VelozError("SPREAD_TURNED", "low is not below high", { field: "low", clashes: ["high"] }))
        },
        engine({ options }) { if (options.high > 100) throw new Error("too high") },
      })`,
    "veloz.config.json": `{ "plugins": {\n  "./spread.ts": {\n    "low": 5,\n    "high": 3 } } }`,
  })
  const turned = await runVelozIn({ cwd: home.folder }, "check")
  assert.match(turned.out, /SPREAD_TURNED: low is not below high\n {2}at veloz\.config\.json:3:12\n/)
  assert.match(turned.out, /with plugins\["\.\/spread\.ts"\]\.high\n {2}at veloz\.config\.json:4:13\n/)
  home.write("veloz.config.json", { plugins: { "./spread.ts": { high: 500 } } })
  const threw = await runVelozIn({ cwd: home.folder }, "check")
  assert.is(threw.code, 1)
  assert.match(threw.out, /VELOZ_PLUGIN_THREW: .*too high \(.*spread\.ts:9:/)
})

test("several files are checked, and one that is refused makes the exit code 1", async () => {
  const home = project({ "a.json": {}, "b.json": { topology: 7 }, "c.yaml": "topology: split\n" })
  const { code, out } = await runVelozIn({ cwd: home.folder }, "check", "a.json", "b.json", "c.yaml", "--json")
  assert.is(code, 1)
  const { ok, files } = JSON.parse(out)
  assert.is(ok, false)
  assert.equal(
    files.map(({ file, ok }: { file: string; ok: boolean }) => [file, ok]),
    [
      [home.path("a.json"), true],
      [home.path("b.json"), false],
      [home.path("c.yaml"), true],
    ],
  )
})

test("editors are told of a plugin whose options are refused, so that the mend is easy", async () => {
  const home = project({
    "veloz.config.json": { plugins: { "./elsewhere/desk.ts": { desk_sze: 1 } } },
    "elsewhere/desk.ts": pluginSource("desk_size"),
  })
  const { code } = await runVelozIn({ cwd: home.folder }, "check")
  assert.is(code, 1)
  assert.match(readFileSync(home.path(".veloz/types.d.ts"), "utf8"), "desk_size?: number")
})

test.run()
