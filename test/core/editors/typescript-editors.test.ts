import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { EditorFiles } from "../../../core/editors/editor-files.js"
import { editedProject, pluginSource, TYPESCRIPT_SERVERS } from "../../support/editors/edited-project.js"
import { cursor, type Editor, eventually } from "../../support/editors/editor.js"

// veloz.config.ts in the services that editors run, with the line of reference that veloz init writes and no tsconfig.

const HEAD = `/// <reference path="./.veloz/types.d.ts" />
import { defineConfig } from "veloz"

export default defineConfig({ `

for (const [name, start] of Object.entries(TYPESCRIPT_SERVERS)) {
  const made = await editedProject()
  const file = made.write("veloz.config.ts", `${HEAD}})\n`)
  let editor: Editor

  const edit = async (marked: string): Promise<number> => {
    const { text, offset } = cursor(`${HEAD + marked} })\n`)
    await editor.change(file, text)
    return offset
  }
  const completions = async (marked: string) => editor.completions(file, await edit(marked))
  const hover = async (marked: string) => editor.hover(file, await edit(marked))
  const problems = async (text: string) => {
    await edit(`${text}|`)
    return editor.problems(file)
  }

  test(`${name}: opens a configuration without complaint`, async () => {
    editor = await start(made.folder)
    await editor.open(file, `${HEAD}})\n`)
    assert.equal(
      await problems(`plugins: { quoter: true, "veloz-plugin-spread": { spread_bps: 5 }, "./mine.ts": {} }`),
      [],
    )
  })

  test(`${name}: completes the names of plugins, our own, installed ones and files of the project`, async () => {
    const names = await completions(`plugins: { "|" }`)
    for (const plugin of ["market-data", "quoter", "veloz-plugin-spread", "./plugins/max-notional.ts"]) {
      assert.ok(names.includes(plugin), `${plugin} is not in ${names}`)
    }
  })

  test(`${name}: completes options, our own and those of others`, async () => {
    const own = await completions(`plugins: { "market-data": { | } }`)
    for (const option of ["order_book_depth", "update_throttle_us"]) assert.ok(own.includes(option), own.join())
    assert.equal(await completions(`plugins: { "veloz-plugin-spread": { | } }`), ["spread_bps"])
    assert.equal(await completions(`plugins: { "./plugins/max-notional.ts": { | } }`), ["max"])
  })

  test(`${name}: completes the names of presets and the choices of an option`, async () => {
    assert.equal((await completions(`presets: ["|"]`)).sort(), ["high-throughput", "low-latency"])
    assert.equal((await completions(`topology: "|"`)).sort(), ["auto", "fused", "split"])
  })

  test(`${name}: knows the kinds of venue, our own and those of others`, async () => {
    assert.equal((await completions(`venue: { kind: "|" }`)).sort(), ["binance", "desk", "sim"])
    assert.equal(await problems(`venue: { kind: "desk" }`), [])
    const [misspelt] = await problems(`venue: { kind: "binanse" }`)
    assert.match(misspelt, `Did you mean '"binance"'?`)
  })

  test(`${name}: explains an option with unit, range, default, variable and how a change goes live`, async () => {
    const text = await hover(`plugins: { "market-data": { update_|throttle_us: 1 } }`)
    assert.match(text, "Least time between two notifications of one symbol.")
    assert.match(text, "Unit: us. An integer from 0 to 10000000. Environment: VELOZ_UPDATE_THROTTLE_US.")
    assert.match(text, "A change: the pipeline is composed anew.")
    assert.match(text, /@default.+0/)
    const others = await hover(`plugins: { "veloz-plugin-spread": { spread|_bps: 1 } }`)
    assert.match(others, "How much.")
    assert.match(others, "Unit: bps. A number from 0 to 100.")
    assert.match(await hover(`plugins: { "veloz-plugin|-spread": true }`), "Made for a test.")
    assert.match(await hover(`plugins: { "order-|processing": true }`), "The order path")
  })

  test(`${name}: asks of a misspelt name whether another one was meant`, async () => {
    const [own] = await problems(`plugins: { "market-data": { order_book_deth: 1 } }`)
    assert.match(own, "Did you mean to write 'order_book_depth'?")
    const [others] = await problems(`plugins: { "veloz-plugin-spread": { spread_bp: 1 } }`)
    assert.match(others, "Did you mean to write 'spread_bps'?")
    const [preset] = await problems(`presets: ["low-latncy"]`)
    assert.match(preset, `Did you mean '"low-latency"'?`)
    const [plugin] = await problems(`plugins: { "market-dta": {} }`)
    assert.match(plugin, `'"market-dta"' does not exist`)
    const [value] = await problems(`plugins: { "market-data": { order_book_depth: "ten" } }`)
    assert.match(value, "Type 'string' is not assignable to type 'number'")
  })

  test(`${name}: learns of a plugin that comes while the file is open`, async () => {
    made.write("plugins/newcomer.ts", pluginSource("weight"))
    await new EditorFiles().write({ root: made.folder })
    await editor.fileChanged(made.path(".veloz/types.d.ts"))
    const look = () => completions(`plugins: { "./plugins/newcomer.ts": { | } }`)
    const found = await eventually(look, (names) => names.includes("weight"))
    assert.equal(found, ["weight"])
  })

  test(`${name}: serves plain JavaScript, which asks for checks itself`, async () => {
    const script = made.write("veloz.config.js", "")
    const { text, offset } = cursor(`// @ts-check\n${HEAD} plugins: { "veloz-plugin-spread": { spr|ead_bp: 1 } } })\n`)
    await editor.open(script, text)
    assert.match((await editor.problems(script))[0], "Did you mean to write 'spread_bps'?")
    assert.ok((await editor.completions(script, offset)).includes("spread_bps"))
    await editor.close()
  })

  test(`${name}: serves the configuration of VeloZ's own repository, with no line of reference`, async () => {
    const own = resolve("veloz.config.ts")
    const source = readFileSync(own, "utf8")
    const { text, offset } = cursor(source.replace(/quoter: \{.*?\}/, "quoter: { | }"))
    editor = await start(process.cwd())
    await editor.open(own, text)
    assert.ok((await editor.completions(own, offset)).includes("orders_per_second"))
    assert.equal(await editor.problems(own), [])
    await editor.close()
  })
}

test.run()
