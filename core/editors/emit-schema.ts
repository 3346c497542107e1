import type { OptionSchema } from "../config/schemas.js"
import { venueKindsOf, withVenueKinds } from "../config/venue-kinds.js"
import { optionFacts } from "./option-facts.js"

/** What the schema for an editor is made of. */
export interface EditorSchemaParts {
  /** The schema of the configuration itself. */
  readonly root: OptionSchema
  /** The schemas of plugins by name or path; undefined where the options are not known. */
  readonly plugins: ReadonlyMap<string, OptionSchema | undefined>
  /** Names of the shipped presets. */
  readonly presets: readonly string[]
}

type EditorNode = Record<string, unknown>

/**
 * One JSON Schema of everything, for editors of JSON and YAML. They show only descriptions, so that unit, range and
 * default are told there; and they do not guess what was meant, so that an unknown name is answered with the known ones.
 */
export function emitEditorSchema({ root, plugins, presets }: EditorSchemaParts): string {
  const told = withVenueKinds(root, venueKindsOf(plugins))
  const { use: _byValueOnly, ...properties } = told.properties ?? {}
  const schema: EditorNode = {
    $schema: "http://json-schema.org/draft-07/schema#",
    ...nodeOf({ ...told, properties }, "the configuration"),
    defaultSnippets: [SNIPPET],
    // Our reader takes both, and editors that know these words say nothing against them.
    allowComments: true,
    allowTrailingCommas: true,
  }
  const members = schema.properties as EditorNode
  members.presets = presetsNode(root.properties?.presets, presets)
  members.plugins = pluginsNode(root.properties?.plugins, plugins)
  return `${JSON.stringify(schema, null, 2)}\n`
}

const SNIPPET = {
  label: "a configuration to start from",
  body: { presets: ["low-latency"], symbols: ["BTCUSDT"], venue: { kind: "sim" }, plugins: { quoter: true } },
}

const FILE = "^\\.{1,2}/"

function presetsNode(schema: OptionSchema | undefined, names: readonly string[]): EditorNode {
  const items = {
    description: "A shipped preset, or the path of a file.",
    type: "string",
    anyOf: [{ enum: names }, { pattern: FILE }],
    errorMessage: `A preset is ${names.join(", ")}, or the path of a file that begins with "./".`,
  }
  return { ...nodeOf(schema ?? {}, "presets"), items }
}

function pluginsNode(schema: OptionSchema | undefined, plugins: EditorSchemaParts["plugins"]): EditorNode {
  const names = [...plugins.keys()].sort()
  const properties = Object.fromEntries(names.map((name) => [name, pluginNode(name, plugins.get(name))]))
  return {
    description: schema?.description,
    type: ["object", "null"],
    properties,
    patternProperties: { [FILE]: { description: "A plugin of your own, by the path of its file.", type: SWITCH } },
    additionalProperties: false,
    errorMessage: `The plugins are ${names.join(", ")}, or the path of a file that begins with "./".`,
  }
}

/** An object is its options, true or false switch it, null goes back to the layer below. */
const SWITCH = ["object", "boolean", "null"]

function pluginNode(name: string, schema: OptionSchema | undefined): EditorNode {
  if (schema === undefined) return { type: SWITCH }
  const node = nodeOf(schema, name)
  // Told of an unknown name as well as of a value that is no object.
  const errorMessage = `${node.errorMessage ?? `The options of ${name} are an object.`} It can also be true or false.`
  return { ...node, type: SWITCH, errorMessage }
}

/** Options may be left out, and null goes back to the layer below; the items of a list are written whole. */
type Place = "settings" | "item"

/** A schema as editors are given it: keywords of ours are told in the description. */
function nodeOf(schema: OptionSchema, name: string, place: Place = "settings"): EditorNode {
  const { properties, items, additionalProperties: more } = schema
  const node = Object.fromEntries(Object.entries(schema).filter(([keyword]) => !isLeftOut(keyword, place)))
  node.description = describedIn(schema)
  if (items !== undefined) node.items = nodeOf(items, name, "item")
  if (typeof more === "object") node.additionalProperties = nodeOf(more, name, place)
  if (properties !== undefined) {
    node.properties = mapValues(properties, (property, key) => nodeOf(property, key, place))
    const known = Object.keys(properties).filter((key) => key !== "$schema")
    if (more === false) node.errorMessage = `The options of ${name} are ${known.join(", ") || "none"}.`
  }
  if (place === "settings" && schema.type !== undefined) node.type = [schema.type, "null"].flat()
  if (place === "settings" && schema.enum !== undefined) node.enum = [...schema.enum, null]
  return node
}

function isLeftOut(keyword: string, place: Place): boolean {
  return keyword.startsWith("x-veloz-") || LEFT_OUT.has(keyword) || (place === "settings" && keyword === "required")
}

const LEFT_OUT = new Set(["title", "$schema"])

function mapValues<T, R>(members: Readonly<Record<string, T>>, map: (value: T, key: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(members).map(([key, value]) => [key, map(value, key)]))
}

function describedIn(schema: OptionSchema): string | undefined {
  const { description, default: value } = schema
  const facts = optionFacts(schema)
  if (value !== undefined && typeof value !== "object") facts.push(`Default: ${JSON.stringify(value)}.`)
  return [description, facts.join(" ")].filter((text) => text !== undefined && text !== "").join("\n\n") || undefined
}
