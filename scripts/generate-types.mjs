// Makes core/config/settings.generated.ts of schemas/: what an author may write (`MarketDataSettings`) and what a
// plugin gets, every default filled in (`MarketDataOptions`). With --check it writes nothing and exits 1 on drift.
import { readdir, readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { compile } from "json-schema-to-typescript"
import { optionFacts } from "./option-facts.mjs"

const root = new URL("../", import.meta.url)
const target = new URL("core/config/settings.generated.ts", root)
const suffix = ".schema.json"

const HEADER = `// Made from schemas/ by "npm run generate". Do not edit.
import type { PluginUse } from "./types.js"`

const wanted = await generate()
if (process.argv.includes("--check")) await check()
else await writeFile(target, wanted)

async function check() {
  const found = await readFile(target, "utf8").catch(() => "")
  if (found === wanted) return
  console.error(`${fileURLToPath(target)} does not fit schemas/. Run: npm run generate`)
  process.exitCode = 1
}

async function generate() {
  const files = (await readdir(new URL("schemas/", root))).filter((file) => file.endsWith(suffix)).sort()
  const parts = [HEADER]
  const plugins = []
  for (const name of files.map((file) => file.slice(0, -suffix.length)).filter((name) => name !== "config")) {
    const schema = await readSchema(name)
    parts.push(await emit(asWritten(schema, "Settings"), `${typeName(name)}Settings`))
    parts.push(await emit(asReceived(schema, "Options"), `${typeName(name)}Options`))
    plugins.push({ name, description: schema.description, venues: schema["x-veloz-venues"] ?? [] })
  }
  const config = await readSchema("config")
  const { presets: _presets, ...properties } = config.properties
  parts.push(registry(plugins))
  parts.push(venueKinds(plugins))
  parts.push(await emit(asWritten({ ...config, properties }, "Settings"), "ConfigSettings"))
  return `${parts.map((part) => part.trim()).join("\n\n")}\n`
}

async function readSchema(name) {
  return JSON.parse(await readFile(new URL(`schemas/${name}${suffix}`, root), "utf8"))
}

async function emit(schema, name) {
  const options = { bannerComment: "", format: false, ignoreMinAndMaxItems: true }
  const code = await compile({ ...schema, title: name }, name, options)
  return indent(code)
}

/** The type of `plugins`: a doc comment on lines of its own, or the TypeScript checker does not show it. */
function registry(plugins) {
  const members = plugins.map(
    ({ name, description }) => `${docComment(description)}"${name}"?: ${typeName(name)}Settings | boolean | null`,
  )
  return indent(`${docComment("Plugins by name, with their options. Those of others are added by .veloz/types.d.ts, which the engine keeps.")}\
export interface PluginOptions {
${members.join("\n")}
${docComment("A plugin of your own, by the path of its file.")}[file: \`./\${string}\` | \`../\${string}\`]: object | boolean | null | undefined
}`)
}

function venueKinds(plugins) {
  const kinds = plugins.flatMap(({ name, venues }) => venues.map((kind) => [kind, name])).sort()
  const members = kinds.map(([kind, name]) => `${docComment(`Spoken to by ${name}.`)}"${kind}": true`)
  return indent(`${docComment("What venue.kind may be. Kinds of plugins of others are added by .veloz/types.d.ts.")}\
export interface VenueKinds {
${members.join("\n")}
}`)
}

/** Everything may be left out, and null goes back to the layer below. */
function asWritten(schema, ending) {
  return mapProperties(schema, ending, (node) => ({ ...node, required: [] }), nullable)
}

/** What has a default is there, and nothing is null. */
function asReceived(schema, ending) {
  const present = (node) => Object.keys(node.properties).filter((key) => isFilledIn(node.properties[key]))
  return mapProperties(
    schema,
    ending,
    (node) => ({ ...node, required: [...new Set([...(node.required ?? []), ...present(node)])] }),
    (property) => property,
  )
}

function isFilledIn(property) {
  return property.default !== undefined || property.properties !== undefined
}

function mapProperties(node, ending, mapNode, mapProperty) {
  if (node.properties === undefined) return node
  const mapped = mapNode(node)
  const properties = Object.entries(node.properties).map(([key, property]) => {
    const inner = property.properties === undefined ? property : mapProperties(property, ending, mapNode, mapProperty)
    return [key, mapProperty(withItems(documented(inner), ending))]
  })
  return { ...mapped, properties: Object.fromEntries(properties) }
}

/** The items of a list are written whole: only their optional properties may be left out. */
function withItems(property, ending) {
  const items = property.items
  if (items?.properties === undefined) return property
  const properties = Object.fromEntries(Object.entries(items.properties).map(([key, item]) => [key, documented(item)]))
  const present = Object.keys(items.properties).filter((key) => isFilledIn(items.properties[key]))
  const required = ending === "Options" ? [...(items.required ?? []), ...present] : items.required
  return { ...property, items: { ...items, required, title: `${items.title}${ending}`, properties } }
}

function nullable(property) {
  if (property["x-veloz-type"] !== undefined) return { ...property, tsType: `${property["x-veloz-type"]} | null` }
  const withNull = { ...property, type: [property.type, "null"].flat() }
  if (property.enum !== undefined) withNull.enum = [...property.enum, null]
  return withNull
}

/** The generator drops units, ranges and defaults; an editor should show them. */
function documented(property) {
  const isShown = property.default !== undefined && !(property["x-veloz-type"] && typeof property.default === "object")
  const fallback = isShown ? `@default ${JSON.stringify(property.default)}` : ""
  const { default: _default, ...rest } = property
  const paragraphs = [property.description, optionFacts(property).join(" "), fallback]
  return { ...rest, description: paragraphs.filter((text) => text !== "").join("\n\n") }
}

function typeName(name) {
  return name.replaceAll(/(^|-)([a-z])/g, (_match, _dash, letter) => letter.toUpperCase())
}

function docComment(text) {
  return `/**\n * ${text}\n */\n`
}

function indent(code) {
  let depth = 0
  const lines = code.split("\n").map((line) => {
    const text = line.trim()
    if (/^[})]/.test(text)) depth--
    const inner = text.startsWith("*") ? ` ${text}` : text
    const indented = text === "" ? "" : "  ".repeat(depth) + inner
    if (text.endsWith("{") && !text.startsWith("*")) depth++
    return indented
  })
  return lines.join("\n")
}
