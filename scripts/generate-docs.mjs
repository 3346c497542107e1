// Fills in the tables of docs/configuration.md that come from schemas/. With --check it writes nothing and exits 1 on drift.
import { readdir, readFile } from "node:fs/promises"
import { describeShape, RELOAD_WORDS, venueKindsOf, withVenueKinds } from "./option-facts.mjs"
import { code, fillRegions, row } from "./page-regions.mjs"

const root = new URL("../", import.meta.url)
const suffix = ".schema.json"

const { config, plugins } = await readSchemas()
await fillRegions(new URL("docs/configuration.md", root), "schemas/", {
  engine: engineTable,
  plugins: pluginSections,
  variables: variableTable,
})

/** Plugins that are on by default stand first, in the order of their names in the schema. */
async function readSchemas() {
  const names = (await readdir(new URL("schemas/", root))).filter((file) => file.endsWith(suffix))
  const read = async (name) => JSON.parse(await readFile(new URL(`schemas/${name}${suffix}`, root), "utf8"))
  const config = await read("config")
  const all = names.map((file) => file.slice(0, -suffix.length)).filter((name) => name !== "config")
  const first = Object.keys(config.properties.plugins.default).filter((name) => all.includes(name))
  const ordered = [...new Set([...first, ...all.sort()])]
  const plugins = await Promise.all(ordered.map(async (name) => [name, await read(name)]))
  return { config: withVenueKinds(config, venueKindsOf(plugins)), plugins }
}

function engineTable() {
  const { $schema: _schema, plugins: _plugins, use: _use, ...properties } = config.properties
  return table(properties)
}

function pluginSections() {
  const sections = plugins.map(([name, { description, properties }]) => {
    return `### ${name}\n\n${description} [More of it](../plugins/${name}/README.md).\n\n${table(properties)}`
  })
  return sections.join("\n\n")
}

function variableTable() {
  const rows = [["the engine", config], ...plugins.map(([name, schema]) => [`[${name}](#${name})`, schema])]
    .map(([name, schema]) => [name, variablesOf(schema)])
    .filter(([, variables]) => variables.length > 0)
    .map(([name, variables]) => row([name, variables.map(code).join(", ")]))
  return ["| of | variables |", "|---|---|", ...rows].join("\n")
}

function variablesOf({ properties = {} }) {
  return Object.values(properties).flatMap((option) => [option["x-veloz-env"] ?? [], variablesOf(option)].flat())
}

// ---- one table

function table(properties) {
  const head = ["| option | what it is | value | default | a change |", "|---|---|---|---|---|"]
  return [...head, ...rowsOf(properties, "")].join("\n")
}

function rowsOf(properties, prefix) {
  return Object.entries(properties).flatMap(([name, option]) => {
    const path = `${prefix}${name}`
    const isGroup = option.properties !== undefined && option.default === undefined
    return [...(isGroup ? [] : [optionRow(path, option)]), ...innerRows(path, option)]
  })
}

/** The options of a group, of each item of a list, and of each member of a map. */
function innerRows(path, { properties, items, additionalProperties }) {
  if (properties !== undefined) return rowsOf(properties, `${path}.`)
  if (items?.properties !== undefined) return rowsOf(items.properties, `${path}[].`)
  if (additionalProperties?.properties !== undefined) return rowsOf(additionalProperties.properties, `${path}.*.`)
  return []
}

function optionRow(path, option) {
  const variable = option["x-veloz-env"]
  const fallback = option.default === undefined ? "" : code(JSON.stringify(option.default))
  return row([
    variable === undefined ? code(path) : `${code(path)}<br>${code(variable)}`,
    option.description,
    wantedValue(option),
    fallback,
    RELOAD_WORDS[option["x-veloz-reload"]] ?? "",
  ])
}

function wantedValue(option) {
  const patterns = [option.pattern, option.items?.pattern].filter((pattern) => pattern !== undefined)
  const shape = patterns.reduce((text, pattern) => text.replace(pattern, () => code(pattern)), describeShape(option))
  return option["x-veloz-unit"] === undefined ? shape : `${shape}, in ${option["x-veloz-unit"]}`
}
