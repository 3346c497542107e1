import { test } from "uvu"
import * as assert from "uvu/assert"
import { STARTER_CONFIGS } from "../../../core/cli/starter-files.js"
import { EditorFiles } from "../../../core/editors/editor-files.js"
import { editedProject, pluginSource, yamlServer } from "../../support/editors/edited-project.js"
import { cursor, type Editor, eventually } from "../../support/editors/editor.js"
import { JsonService } from "../../support/editors/json-service.js"

// veloz.config.json and veloz.config.yaml in the services that editors run, with the links that veloz init writes.

interface Format {
  readonly name: string
  readonly file: string
  readonly start: (root: string) => Promise<Editor>
  /** The file with these options of a plugin, and a cursor among them. */
  readonly options: (plugin: string, marked: string) => string
  readonly option: (name: string, value: string) => string
  readonly root: (marked: string) => string
}

const FORMATS: readonly Format[] = [
  {
    name: "vscode-json-languageservice",
    file: "veloz.config.json",
    start: async () => new JsonService(),
    root: (marked) => `{ "$schema": "./.veloz/config.schema.json", ${marked} }`,
    options: (plugin, marked) => `"plugins": { "${plugin}": { ${marked} } }`,
    option: (name, value) => `"${name}": ${value}`,
  },
  {
    name: "yaml-language-server",
    file: "veloz.config.yaml",
    start: yamlServer,
    root: (marked) => `# yaml-language-server: $schema=./.veloz/config.schema.json\n${marked}`,
    options: (plugin, marked) => `plugins:\n  ${plugin}:\n    ${marked}`,
    option: (name, value) => `${name}: ${value}`,
  },
]

for (const { name, file: fileName, start, root, options, option } of FORMATS) {
  const made = await editedProject()
  const file = made.write(fileName, "")
  let editor: Editor

  const edit = async (marked: string): Promise<number> => {
    const { text, offset } = cursor(root(marked))
    await editor.change(file, text)
    return offset
  }
  const completions = async (marked: string) => editor.completions(file, await edit(marked))
  const hover = async (marked: string) => (await editor.hover(file, await edit(marked))).replaceAll("\\", "")
  const problems = async (text: string) => {
    await edit(`${text}|`)
    return editor.problems(file)
  }

  test(`${name}: opens a configuration without complaint`, async () => {
    editor = await start(made.folder)
    await editor.open(file, "")
    assert.equal(await problems(options("veloz-plugin-spread", option("spread_bps", "5"))), [])
    assert.equal(await problems(options("./elsewhere/mine.ts", option("anything", "5"))), [])
    assert.equal(await problems(options("market-data", option("order_book_depth", "null"))), [])
  })

  test(`${name}: has nothing against the configuration that veloz init writes, comments included`, async () => {
    const text = STARTER_CONFIGS[name.startsWith("yaml") ? "yaml" : "json"]
    assert.match(text, /What is traded/)
    await editor.change(file, text)
    assert.equal(await editor.problems(file), [])
  })

  test(`${name}: completes the names of plugins, our own, installed ones and files of the project`, async () => {
    const marked = options("market-data", "").replace(/"market-data".*|market-data.*/s, "|")
    const names = await completions(name.startsWith("yaml") ? marked : `${marked} }`)
    for (const plugin of ["market-data", "quoter", "veloz-plugin-spread", "./plugins/max-notional.ts"]) {
      assert.ok(names.includes(plugin), `${plugin} is not in ${names}`)
    }
  })

  test(`${name}: completes options, our own and those of others`, async () => {
    assert.ok((await completions(options("market-data", "|"))).includes("update_throttle_us"))
    assert.equal(await completions(options("veloz-plugin-spread", "|")), ["spread_bps"])
    assert.equal(await completions(options("./plugins/max-notional.ts", "|")), ["max"])
  })

  test(`${name}: completes the names of presets and the choices of an option`, async () => {
    const presets = await completions(option("presets", name.startsWith("yaml") ? "[|]" : `["|"]`))
    for (const preset of ["low-latency", "high-throughput"]) assert.ok(presets.includes(preset), presets.join())
    const topologies = await completions(option("topology", name.startsWith("yaml") ? "|" : `"|"`))
    for (const topology of ["auto", "fused", "split"]) assert.ok(topologies.includes(topology), topologies.join())
  })

  test(`${name}: knows the kinds of venue, our own and those of others`, async () => {
    const kind = (text: string) =>
      name.startsWith("yaml") ? `venue:\n  kind: ${text}` : `"venue": { "kind": ${text} }`
    const kinds = await completions(kind(name.startsWith("yaml") ? "|" : `"|"`))
    for (const wanted of ["binance", "desk", "sim"]) assert.ok(kinds.includes(wanted), kinds.join())
    assert.equal(await problems(kind(`"desk"`)), [])
    assert.match((await problems(kind(`"dekc"`)))[0], `Valid values: "binance", "desk", "sim"`)
  })

  test(`${name}: explains an option with unit, range, default, variable and how a change goes live`, async () => {
    const text = await hover(options("market-data", option("update_|throttle_us", "1")))
    assert.match(text, "Least time between two notifications of one symbol.")
    assert.match(text, "Unit: us. An integer from 0 to 10000000. Environment: VELOZ_UPDATE_THROTTLE_US.")
    assert.match(text, "A change: the pipeline is composed anew. Default: 0.")
    assert.match(await hover(options("veloz-plugin-spread", option("spread|_bps", "1"))), "Unit: bps.")
    assert.match(await hover(options("order-|processing", option("batch_size", "1"))), "The order path")
  })

  test(`${name}: explains what is inside of lists and maps too`, async () => {
    const rule = (text: string) => options("alerts", option("rules", `[{ ${text} }]`))
    assert.match(await hover(rule(`"duration|_seconds": 1`)), "Unit: s. A number from 0 to 86400. Default: 0.")
    assert.ok((await problems(rule(`"name": "a"`))).some((problem) => problem.includes("metric")))
    const complete = `"name": "a", "metric": "fills", "threshold": 1`
    assert.equal(await problems(rule(complete)), [])
    assert.match(
      (await problems(rule(`${complete}, "treshold": 1`)))[0],
      "The options of rules are name, metric, threshold",
    )
    const instrument = (text: string) => options("sim-exchange", option("instruments", `{ "BTCUSDT": { ${text} } }`))
    assert.match(await hover(instrument(`"tick|_size": "0.01"`)), "Unit: quote asset.")
  })

  test(`${name}: answers an unknown name with the names that there are`, async () => {
    const [mine] = await problems(options("market-data", option("order_book_deth", "1")))
    assert.match(mine, "The options of market-data are update_throttle_us, order_book_depth, ")
    assert.equal(await problems(options("veloz-plugin-spread", option("spread_bp", "1"))), [
      "The options of veloz-plugin-spread are spread_bps. It can also be true or false.",
    ])
    const [plugin] = await problems(options("market-dta", option("a", "1")))
    assert.match(plugin, "The plugins are ./plugins/desk-venue.ts, ./plugins/max-notional.ts, alerts, ")
    const [range] = await problems(options("market-data", option("order_book_depth", "6000")))
    assert.match(range, "above the maximum of 5000")
    const [preset] = await problems(option("presets", `["low-latncy"]`))
    assert.match(preset, `Valid values: "high-throughput", "low-latency"`)
    const [own] = await problems(option("plugin", "true"))
    assert.match(own, "The options of the configuration are presets, symbols, ")
  })

  test(`${name}: learns of a plugin that comes while the file is open`, async () => {
    made.write("plugins/newcomer.ts", pluginSource("weight"))
    await new EditorFiles().write({ root: made.folder })
    await editor.fileChanged(made.path(".veloz/config.schema.json"))
    const look = () => completions(options("./plugins/newcomer.ts", "|"))
    assert.equal(await eventually(look, (names) => names.includes("weight")), ["weight"])
    await editor.close()
  })
}

test.run()
