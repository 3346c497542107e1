import { readdir, readFile } from "node:fs/promises"
import { type ConfigPath, isPlainObject } from "./path.js"

/**
 * How a change of an option goes live: at once, with its plugin started anew, with the pipeline composed anew, with hot
 * threads made anew, or not in a running engine.
 */
export type Reload = "live" | "plugin" | "pipeline" | "engine" | "restart"

/** As much of JSON Schema as options use, and the keywords of ours. */
export interface OptionSchema {
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, OptionSchema>>
  readonly additionalProperties?: boolean | OptionSchema
  readonly patternProperties?: Readonly<Record<string, OptionSchema>>
  readonly items?: OptionSchema
  readonly anyOf?: readonly OptionSchema[]
  readonly oneOf?: readonly OptionSchema[]
  readonly required?: readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly pattern?: string
  readonly minItems?: number
  readonly "x-veloz-env"?: string
  readonly "x-veloz-reload"?: Reload
  readonly "x-veloz-unit"?: string
  /** Of the options of a plugin: the kinds of venue that it speaks to. */
  readonly "x-veloz-venues"?: readonly string[]
  /** The values that a request over HTTP may give it; without the keyword, all that the schema takes. */
  readonly "x-veloz-request"?: readonly unknown[]
  /** Names that are looked for here: the path of the option that each stands for, and why it is none here. */
  readonly "x-veloz-alias"?: Readonly<Record<string, { readonly to: string; readonly because: string }>>
}

const FOLDER = new URL("../../../schemas/", import.meta.url)
const SUFFIX = ".schema.json"

/** The schema of everything: of the configuration itself, and of each plugin's options by its name. */
export interface WholeSchema {
  readonly root: OptionSchema
  readonly plugins: ReadonlyMap<string, OptionSchema>
}

/** The schemas of schemas/, read once. */
export function shippedSchemas(): Promise<WholeSchema> {
  shipped ??= readShipped()
  return shipped
}

let shipped: Promise<WholeSchema> | undefined

async function readShipped(): Promise<WholeSchema> {
  const names = (await readdir(FOLDER)).filter((file) => file.endsWith(SUFFIX)).map((f) => f.slice(0, -SUFFIX.length))
  const schemas = new Map(
    await Promise.all(
      names.map(async (name): Promise<[string, OptionSchema]> => {
        const text = await readFile(new URL(name + SUFFIX, FOLDER), "utf8")
        return [name, JSON.parse(text) as OptionSchema]
      }),
    ),
  )
  const root = schemas.get("config")!
  schemas.delete("config")
  return { root, plugins: schemas }
}

/** The schema of one option of an object that a schema describes; `undefined` where there is none. */
export function schemaAt(schema: OptionSchema | undefined, path: ConfigPath): OptionSchema | undefined {
  let node = schema
  for (const key of path) {
    if (node === undefined) return undefined
    const more = node.additionalProperties
    node = node.properties?.[key] ?? node.items ?? (typeof more === "object" ? more : undefined)
  }
  return node
}

/** The values that a schema gives to what nobody sets; `undefined` where it gives none. */
export function defaultsOf(schema: OptionSchema): unknown {
  if (schema.properties === undefined) return structuredClone(schema.default)
  const members = Object.entries(schema.properties)
    .map(([key, property]) => [key, defaultsOf(property)] as const)
    .filter(([, value]) => value !== undefined)
  const own = isPlainObject(schema.default) ? structuredClone(schema.default) : {}
  return { ...own, ...Object.fromEntries(members) }
}

/** Options that a schema does not name are refused, also where its author did not say so. */
export function closed(schema: OptionSchema): OptionSchema {
  if (schema.properties === undefined) return schema
  const isOpen = schema.additionalProperties === undefined && schema.patternProperties === undefined
  const properties = Object.entries(schema.properties).map(([key, property]) => [key, closed(property)])
  return {
    ...schema,
    properties: Object.fromEntries(properties),
    ...(isOpen ? { additionalProperties: false } : {}),
  }
}

/** The schema of a plugin that takes no options. */
export const NO_OPTIONS: OptionSchema = { type: "object", properties: {}, additionalProperties: false }
