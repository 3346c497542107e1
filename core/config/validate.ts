import { createHash } from "node:crypto"
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv"
import { describe } from "./describe.js"
import { type Diagnostic, missingOptionError, unknownOptionError, wrongValueError } from "./errors.js"
import { nearest } from "./nearest.js"
import { type ConfigPath, formatPath, fromPointer, isPlainObject, valueAt } from "./path.js"
import { defaultsOf, type OptionSchema, type Reload } from "./schemas.js"

/** A problem and the keys that lead to it, so that it can be looked up in the layer that it came from. */
export interface Finding {
  readonly keys: ConfigPath
  /** Whether the key itself is wrong, or its value. */
  readonly part: "key" | "value"
  readonly diagnostic: Diagnostic
}

export interface ValidateOptions {
  /** A part of the options, as one layer sets them: what is missing may come from another one. */
  readonly partial?: boolean
}

/** Checks options against their schema and fills in defaults in place. `base` is where the options live. */
export function validate(
  schema: OptionSchema,
  value: unknown,
  base: ConfigPath,
  options: ValidateOptions = {},
): Finding[] {
  const check = compiled(schema)
  if (check(value)) return []
  const errors = (check.errors ?? []).filter((error) => !options.partial || !concernsTheWhole(error))
  return outermost(errors).map((error) => findingOf(error, value, base))
}

/** What is wrong with a schema that somebody else wrote, its defaults included. */
export function checkSchema(schema: OptionSchema): string | undefined {
  try {
    compiled(schema)
    const [wrong] = validate(schema, defaultsOf(schema) ?? {}, [], { partial: true })
    return wrong && `as a default, ${wrong.diagnostic.message}`
  } catch (error) {
    return (error as Error).message
  }
}

// Compiling costs milliseconds, and an ajv instance keeps every schema that it has seen: each schema is compiled once,
// by an instance of its own, and the oldest are let go.
const CACHE_LIMIT = 128
const byHash = new Map<string, ValidateFunction>()
const byIdentity = new WeakMap<OptionSchema, ValidateFunction>()

function compiled(schema: OptionSchema): ValidateFunction {
  const known = byIdentity.get(schema)
  if (known !== undefined) return known
  const hash = createHash("sha256").update(JSON.stringify(schema)).digest("hex")
  const check = byHash.get(hash) ?? compile(schema)
  if (byHash.size >= CACHE_LIMIT) byHash.delete(byHash.keys().next().value as string)
  byHash.set(hash, check)
  byIdentity.set(schema, check)
  return check
}

function compile(schema: OptionSchema): ValidateFunction {
  grammar ??= new Ajv()
  const mistyped = misspeltType(schema, []) ?? misspeltReload(schema, [])
  if (mistyped !== undefined) throw new Error(mistyped)
  if (!grammar.validateSchema(schema)) throw new Error(grammar.errorsText(grammar.errors, { dataVar: "schema" }))
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    useDefaults: true,
    verbose: true,
    validateFormats: false,
    // The grammar of schemas is compiled once, above, instead of in every instance.
    meta: false,
    validateSchema: false,
  })
  for (const keyword of ["x-veloz-env", "x-veloz-reload", "x-veloz-unit", "x-veloz-type"])
    ajv.addKeyword({ keyword, schemaType: "string" })
  for (const keyword of ["x-veloz-request", "x-veloz-venues"]) ajv.addKeyword({ keyword, schemaType: "array" })
  ajv.addKeyword({ keyword: "x-veloz-alias", schemaType: "object" })
  const fault = misspeltKeyword(schema, [], (keyword) => keyword in ajv.RULES.keywords)
  if (fault !== undefined) throw new Error(fault)
  return ajv.compile(schema)
}

// ajv finds unknown keywords as well, but neither says where nor what was meant.
function misspeltKeyword(node: unknown, path: ConfigPath, isKnown: (keyword: string) => boolean): string | undefined {
  if (!isPlainObject(node)) return undefined
  const unknown = Object.keys(node).find((keyword) => !isKnown(keyword))
  if (unknown !== undefined) {
    const near = nearest(unknown, KEYWORDS)
    return `there is no keyword "${unknown}"${whereOf(path)}${near === undefined ? "" : `, did you mean "${near}"?`}`
  }
  return inEach(node, path, (inner, at) => misspeltKeyword(inner, at, isKnown))
}

// The grammar of schemas says of a type only that it is none of its branches.
function misspeltType(node: unknown, path: ConfigPath): string | undefined {
  if (!isPlainObject(node)) return undefined
  const unknown = [node.type ?? []].flat().find((type) => !TYPES.includes(type as string))
  if (unknown !== undefined) {
    const near = typeof unknown === "string" ? nearest(unknown, TYPES) : undefined
    const mend = near === undefined ? `a type is one of ${TYPES.join(", ")}` : `did you mean "${near}"?`
    return `there is no type ${JSON.stringify(unknown)}${whereOf(path)}, ${mend}`
  }
  return inEach(node, path, misspeltType)
}

function misspeltReload(node: unknown, path: ConfigPath): string | undefined {
  if (!isPlainObject(node)) return undefined
  const reload = node["x-veloz-reload"]
  if (reload === undefined || RELOADS.includes(reload as string)) return inEach(node, path, misspeltReload)
  return `x-veloz-reload${whereOf(path)} must be one of ${RELOADS.join(", ")}, was ${JSON.stringify(reload)}`
}

/** The first fault that is found in the schemas within a schema. */
function inEach(
  node: Record<string, unknown>,
  path: ConfigPath,
  find: (inner: unknown, path: ConfigPath) => string | undefined,
): string | undefined {
  const named = NAMED.flatMap((keyword) => Object.entries((node[keyword] ?? {}) as object))
  const single = SINGLE.map((keyword) => [keyword, node[keyword]] as const)
  const listed = LISTED.flatMap((keyword) => Object.entries((node[keyword] ?? []) as object))
  for (const [key, inner] of [...named, ...single, ...listed]) {
    const fault = find(inner, [...path, key])
    if (fault !== undefined) return fault
  }
  return undefined
}

const whereOf = (path: ConfigPath): string => (path.length === 0 ? "" : ` at "${formatPath(path)}"`)

const TYPES = ["string", "number", "integer", "boolean", "object", "array", "null"]

// Where a schema holds others: under names, alone, and in lists.
const NAMED = ["properties", "patternProperties"]
const SINGLE = ["items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"]
const LISTED = ["allOf", "anyOf", "oneOf"]

/** Keywords that options use, for who misspelt one. */
const KEYWORDS = [
  ...["type", "title", "description", "default", "examples", "enum", "const", "required", "deprecated", "format"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern", "minLength", "maxLength"],
  ...["minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"],
  ...["x-veloz-env", "x-veloz-reload", "x-veloz-unit", "x-veloz-alias", "x-veloz-request"],
  ...NAMED,
  ...SINGLE,
  ...LISTED,
]

let grammar: Ajv | undefined

const RELOADS: readonly string[] = ["live", "plugin", "pipeline", "engine", "restart"] satisfies Reload[]

// What these say of a part may not hold for the whole.
const WHOLE_KEYWORDS = new Set(["required", "dependencies", "minProperties", "anyOf", "oneOf", "allOf", "not", "if"])

function concernsTheWhole(error: ErrorObject): boolean {
  return error.schemaPath.split("/").some((step) => WHOLE_KEYWORDS.has(step))
}

/** One error a fault: those of the branches of an anyOf are summed up by the anyOf's own. */
function outermost(errors: readonly ErrorObject[]): ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === "anyOf" || keyword === "oneOf")
  const seen = new Set<string>()
  return errors.filter((error) => {
    if (error.schemaPath.includes("/propertyNames/")) return false
    if (unions.some((union) => union !== error && error.schemaPath.startsWith(`${union.schemaPath}/`))) return false
    const key = error.instancePath + (error.keyword === "additionalProperties" ? error.params.additionalProperty : "")
    const isNew = error.keyword === "required" || !seen.has(key)
    seen.add(key)
    return isNew
  })
}

function findingOf(error: ErrorObject, root: unknown, base: ConfigPath): Finding {
  const inner = fromPointer(error.instancePath)
  const parent = error.parentSchema as OptionSchema
  if (error.keyword === "additionalProperties") {
    return unknownKey(error.params.additionalProperty as string, parent, root, base, inner)
  }
  if (error.keyword === "required") return missingKey(error, parent, base, inner)
  const keys = [...base, ...inner]
  if (error.keyword === "propertyNames") {
    const name = error.params.propertyName as string
    const rule = (error.schema as OptionSchema).pattern
    const named = [...keys, name]
    return { keys: named, part: "key", diagnostic: wrongValueError(named, name, `named to match ${rule}`) }
  }
  const value = valueAt(root, inner)
  const near = typeof value === "string" && parent.enum ? nearest(value, parent.enum.filter(isText)) : undefined
  const expected = error.keyword === "uniqueItems" ? "a list that names nothing twice" : describe(parent)
  return { keys, part: "value", diagnostic: wrongValueError(keys, value, expected, near) }
}

function unknownKey(name: string, parent: OptionSchema, root: unknown, base: ConfigPath, inner: ConfigPath): Finding {
  const known = Object.keys(parent.properties ?? {}).filter((key) => key !== "$schema")
  const keys = [...base, ...inner, name]
  const value = valueAt(root, [...inner, name])
  const diagnostic = unknownOptionError(keys, value, { known, near: nearest(name, known) })
  return { keys, part: "key", diagnostic }
}

function missingKey(error: ErrorObject, parent: OptionSchema, base: ConfigPath, inner: ConfigPath): Finding {
  const name = error.params.missingProperty as string
  const wanted = parent.properties?.[name]
  const keys = [...base, ...inner]
  const diagnostic = missingOptionError([...keys, name], wanted === undefined ? "set" : describe(wanted))
  return { keys, part: "key", diagnostic }
}

function isText(value: unknown): value is string {
  return typeof value === "string"
}
