import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { shippedSchemas } from "../../../core/config/schemas.js"
import { EditorFiles } from "../../../core/editors/editor-files.js"
import { type Project, project } from "../config/project.js"

const SPREAD = `import { definePlugin } from "veloz"
export default definePlugin({
  name: "spread", version: "1.0.0", veloz: "^1.0.0", description: "Quotes with a spread.",
  schema: { type: "object", properties: {
    spread_bps: { description: "Distance from the mid.", type: "number", default: 5, "x-veloz-unit": "bps" },
  } },
})`

test("a package with the keyword and a file of plugins/ are known before anybody names them", async () => {
  const made = withPackage("veloz-plugin-spread", SPREAD)
  made.write("plugins/max-notional.ts", SPREAD.replace("spread_bps", "max"))
  made.write("plugins/folder/index.ts", SPREAD)
  made.write("node_modules/@desk/risk/package.json", manifest("@desk/risk"))
  made.write("node_modules/@desk/risk/index.js", SPREAD)
  made.write("node_modules/left-pad/package.json", { name: "left-pad", keywords: ["veloz-plugins"] })
  const types = await typesOf(made)
  assert.equal(namesIn(types), [
    "./plugins/folder/index.ts",
    "./plugins/max-notional.ts",
    "@desk/risk",
    "veloz-plugin-spread",
  ])
  assert.match(types, "\n  max?: number | null\n")
  assert.match(types, /\* Distance from the mid\.\n {3}\*\n {3}\* Unit: bps\.\n/)
  assert.match(types, /\* Quotes with a spread\.\n {5}\*\/\n {4}"@desk\/risk"/)
  const schema = JSON.parse(readFileSync(made.path(".veloz/config.schema.json"), "utf8"))
  assert.match(schema.properties.plugins.properties["@desk/risk"].properties.spread_bps.description, "Unit: bps.")
})

test("a package that can only be imported is known too", async () => {
  const exports = { ".": { types: "./index.d.ts", import: "./index.js" } }
  const made = withPackage("veloz-plugin-spread", SPREAD, { main: undefined, exports })
  assert.match(await typesOf(made), "spread_bps?: number | null")
})

test("a package in a node_modules above is known", async () => {
  const made = withPackage("veloz-plugin-spread", SPREAD)
  made.write("engines/one/veloz.config.ts", "")
  await new EditorFiles().write({ root: made.path("engines/one") })
  assert.equal(namesIn(readFileSync(made.path("engines/one/.veloz/types.d.ts"), "utf8")), ["veloz-plugin-spread"])
})

test("a broken package is listed without its options, a file that is no plugin is not", async () => {
  const made = withPackage("veloz-plugin-broken", "throw new Error('broken')")
  made.write("plugins/helper.ts", "export const answer = 42")
  made.write("plugins/syntax.ts", "export default {")
  made.write("plugins/notes.md", "")
  made.write("plugins/spread.test.ts", SPREAD)
  const types = await typesOf(made)
  assert.equal(namesIn(types), ["veloz-plugin-broken"])
  assert.match(types, `"veloz-plugin-broken"?: object | boolean | null`)
})

test("a plugin whose code does not end, ends the thread or fills the memory holds up no other", async () => {
  const made = withPackage("veloz-plugin-spread", SPREAD)
  made.write("plugins/a-hangs.ts", "while (true) {}")
  made.write("plugins/b-exits.ts", "process.exit(1)")
  made.write("plugins/c-fills.ts", "const all = []; while (true) all.push(new Array(1e6).fill(all))")
  made.write("plugins/d-grows.ts", "const all = []; while (true) all.push(all.length)")
  assert.equal(namesIn(await typesOf(made)), ["veloz-plugin-spread"])
})

test("a schema that is none leaves the options unknown", async () => {
  const made = withPackage("veloz-plugin-spread", SPREAD.replace(`type: "number"`, `type: "amount"`))
  assert.match(await typesOf(made), `"veloz-plugin-spread"?: object | boolean | null`)
})

test("what is known of a configuration comes first, and VeloZ's own plugins are not listed again", async () => {
  const made = project()
  const { root, plugins } = await shippedSchemas()
  const own = { type: "object", description: "By path.", properties: { a: { type: "boolean" } } }
  const schemas = new Map([["", root], ...plugins, ["./elsewhere/own.ts", own]])
  await new EditorFiles().write({ root: made.folder, schemas })
  assert.equal(namesIn(readFileSync(made.path(".veloz/types.d.ts"), "utf8")), ["./elsewhere/own.ts"])
})

test("two names that read the same have interfaces of their own", async () => {
  const made = project({ "plugins/a-b.ts": SPREAD, "plugins/a.b.ts": SPREAD })
  const types = await typesOf(made)
  assert.match(types, "interface PluginsABSettings {")
  assert.match(types, "interface PluginsABSettings_ {")
})

test("the types are a module, also without plugins, so that they add to veloz and do not replace it", async () => {
  const types = await typesOf(project())
  assert.match(types, /^import "veloz"$/m)
  assert.equal(namesIn(types), [])
})

test("nothing is written again while it stays the same, and what changed is replaced as a whole", async () => {
  const made = project({ "plugins/spread.ts": SPREAD })
  const files = new EditorFiles()
  await files.write({ root: made.folder })
  const before = inodes(made)
  await files.write({ root: made.folder })
  assert.equal(inodes(made), before)
  made.write("plugins/spread.ts", SPREAD.replace("spread_bps", "spread_ticks"))
  await files.write({ root: made.folder })
  assert.is.not(inodes(made)["types.d.ts"], before["types.d.ts"])
  assert.match(readFileSync(made.path(".veloz/types.d.ts"), "utf8"), "spread_ticks?: number")
  assert.equal(readdirSync(made.path(".veloz")).sort(), [".gitignore", "config.schema.json", "types.d.ts"])
})

test("git keeps the types and the schema, and nothing else of the folder", async () => {
  const made = project()
  await typesOf(made)
  const rules = readFileSync(made.path(".veloz/.gitignore"), "utf8").split("\n")
  assert.equal(rules.slice(1, -1), ["*", "!.gitignore", "!types.d.ts", "!config.schema.json"])
})

test("what cannot be written is told in a sentence", async () => {
  const made = project({ ".veloz": "a file where the folder would be" })
  const notice = await new EditorFiles().write({ root: made.folder })
  assert.match(notice ?? "", /^cannot write .*\.veloz, so editors may not know the options of plugins: /)
})

test("after an abort nothing is written", async () => {
  const made = project({ "plugins/spread.ts": SPREAD })
  const closing = new AbortController()
  const writing = new EditorFiles().write({ root: made.folder }, { signal: closing.signal })
  closing.abort()
  assert.is(await writing, undefined)
  assert.not.ok(existsSync(made.path(".veloz")))
})

test.run()

function withPackage(name: string, code: string, entries: object = {}): Project {
  const text = { ...manifest(name), ...entries }
  return project({ [`node_modules/${name}/package.json`]: text, [`node_modules/${name}/index.js`]: code })
}

function manifest(name: string): object {
  return { name, version: "1.0.0", type: "module", main: "index.js", keywords: ["trading", "veloz-plugin"] }
}

async function typesOf(made: Project): Promise<string> {
  assert.is(await new EditorFiles().write({ root: made.folder }), undefined)
  return readFileSync(made.path(".veloz/types.d.ts"), "utf8")
}

function namesIn(types: string): string[] {
  return [...types.matchAll(/^ {4}"(.+)"\?: /gm)].map(([, name]) => name)
}

function inodes(made: Project): Record<string, number> {
  const names = readdirSync(made.path(".veloz"))
  return Object.fromEntries(names.map((name) => [name, statSync(made.path(`.veloz/${name}`)).ino]))
}
