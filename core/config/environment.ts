import { describe } from "./describe.js"
import { badPathError, type Diagnostic, unknownVariableNotice, wrongValueError } from "./errors.js"
import { isSwitch, type LayerKind, type Leaf, leavesAt } from "./layers.js"
import { editDistance } from "./nearest.js"
import { type ConfigPath, formatPath, parsePath } from "./path.js"
import { type OptionSchema, schemaAt, type WholeSchema } from "./schemas.js"

/** Texts from outside, read as what the schema says of their option. */
export interface Reading {
  readonly leaves: ReadonlyMap<string, Leaf>
  readonly problems: readonly Diagnostic[]
  readonly notices: readonly Diagnostic[]
}

export function readEnvironment(env: NodeJS.ProcessEnv, schema: WholeSchema): Reading {
  const variables = variablesOf(schema)
  const assignments = [...variables]
    // An empty variable is how a shell unsets one for a command.
    .filter(([name]) => env[name] !== undefined && env[name] !== "")
    .map(([name, { keys, node }]) => ({ source: name, keys, node, text: env[name] as string }))
  const known = [...variables.keys(), ...FOREIGN]
  return { ...readTexts("environment", assignments), notices: misspelt(env, known) }
}

/** Values by path, as the command line gives them: texts are read like those of the environment. */
export function readArguments(args: Readonly<Record<string, unknown>>, schema: WholeSchema): Reading {
  const problems: Diagnostic[] = []
  const leaves = new Map<string, Leaf>()
  for (const [path, value] of Object.entries(args)) {
    const keys = parsePath(path)
    if (keys === undefined) {
      problems.push({ ...badPathError(path), layer: "argument", source: COMMAND_LINE })
      continue
    }
    const node = nodeAt(schema, keys)
    const isText = typeof value === "string" && node !== undefined
    const reading = isText
      ? readTexts("argument", [{ source: COMMAND_LINE, keys, node, text: value }])
      : { leaves: byPath(leavesAt(keys, value, { source: COMMAND_LINE })), problems: [] }
    problems.push(...reading.problems)
    for (const [key, leaf] of reading.leaves) leaves.set(key, leaf)
  }
  return { leaves, problems, notices: [] }
}

/** The environment variables that set options, by name. */
export function variablesOf(schema: WholeSchema): Map<string, { keys: ConfigPath; node: OptionSchema }> {
  const plugins = [...schema.plugins].flatMap(([name, plugin]) => collect(plugin, ["plugins", name]))
  const all = [...collect(schema.root, []), ...plugins]
  return new Map(all.map(({ variable, ...option }) => [variable, option]))
}

/** What is wrong with the variables of a plugin beside `others`: one variable sets one option. */
export function takenVariable(plugin: OptionSchema, others: WholeSchema): string | undefined {
  const taken = new Map(FOREIGN.map((variable) => [variable, "the credentials at the venue"]))
  for (const [variable, { keys }] of variablesOf(others)) taken.set(variable, formatPath(keys))
  for (const { variable, keys } of collect(plugin, [])) {
    const other = taken.get(variable)
    if (other !== undefined)
      return `x-veloz-env at ${formatPath(keys)} is ${variable}, which sets ${other}: give it another name`
    taken.set(variable, formatPath(keys))
  }
  return undefined
}

const COMMAND_LINE = "the command line"

// Variables of ours that set no option.
const FOREIGN = ["VELOZ_API_KEY", "VELOZ_API_SECRET"]

/** A plugin as a whole: on, off, or its options as JSON. */
const SWITCH: OptionSchema = { type: ["boolean", "object"] }

function nodeAt(schema: WholeSchema, keys: ConfigPath): OptionSchema | undefined {
  if (keys[0] !== "plugins" || keys.length === 1) return schemaAt(schema.root, keys)
  return isSwitch(keys) ? SWITCH : schemaAt(schema.plugins.get(keys[1]), keys.slice(2))
}

interface Variable {
  readonly variable: string
  readonly keys: ConfigPath
  readonly node: OptionSchema
}

function collect(schema: OptionSchema, base: ConfigPath): Variable[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, node]) => {
    const [keys, variable] = [[...base, key], node["x-veloz-env"]]
    return [...(variable === undefined ? [] : [{ variable, keys, node }]), ...collect(node, keys)]
  })
}

interface Assignment {
  readonly source: string
  readonly keys: ConfigPath
  readonly node: OptionSchema
  readonly text: string
}

function readTexts(layer: LayerKind, assignments: readonly Assignment[]): Omit<Reading, "notices"> {
  const leaves: Leaf[] = []
  const problems: Diagnostic[] = []
  for (const { source, keys, node, text } of assignments) {
    const value = readText(text.trim(), node)
    const expected = isSwitch(keys) ? `true, false, or its options as JSON, such as '{"size":1}'` : describe(node)
    if (value === undefined) problems.push({ ...wrongValueError(keys, text, expected), layer, source })
    else leaves.push(...leavesAt(keys, value, { source }))
  }
  return { leaves: byPath(leaves), problems }
}

function byPath(leaves: readonly Leaf[]): Map<string, Leaf> {
  return new Map(leaves.map((leaf) => [formatPath(leaf.keys), leaf]))
}

/** The value that a text stands for, or `undefined` when it stands for none of the schema's types. */
function readText(text: string, node: OptionSchema): unknown {
  const types = [node.type ?? "string"].flat()
  // A decimal stays text: a binary float would not hold it exactly.
  for (const type of types.includes("string") ? ["string"] : types) {
    const value = READERS[type]?.(text, node)
    if (value !== undefined) return value
  }
  return undefined
}

const READERS: Readonly<Record<string, (text: string, node: OptionSchema) => unknown>> = {
  string: (text) => text,
  integer: (text) => (/^[+-]?\d+$/.test(text) ? Number(text) : undefined),
  number: (text) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined),
  boolean: (text) => BOOLEANS.get(text.toLowerCase()),
  array: (text, node) => (text.startsWith("[") ? readJson(text, Array.isArray) : readList(text, node.items ?? {})),
  object: (text) => readJson(text, (value) => typeof value === "object" && value !== null && !Array.isArray(value)),
}

const BOOLEANS = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false],
])

/** "0,1" -> [0, 1], and where small numbers are listed "0-2,8" -> [0, 1, 2, 8] */
function readList(text: string, items: OptionSchema): unknown {
  const values = text.split(",").flatMap((item) => readRange(item.trim(), items) ?? [readText(item.trim(), items)])
  return values.includes(undefined) ? undefined : values
}

function readRange(text: string, { type, maximum }: OptionSchema): number[] | undefined {
  const [first, last] = /^(\d+)-(\d+)$/.exec(text)?.slice(1).map(Number) ?? []
  if (type !== "integer" || maximum === undefined || !(first <= last && last <= maximum)) return undefined
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

function readJson(text: string, isWanted: (value: unknown) => boolean): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return isWanted(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** VELOZ_PROT is worth a word; VELOZ_HOME may be somebody else's. */
function misspelt(env: NodeJS.ProcessEnv, known: readonly string[]): Diagnostic[] {
  const names = Object.keys(env).filter((name) => name.startsWith("VELOZ_") && !known.includes(name))
  return names.flatMap((name) => {
    const near = known.find((candidate) => editDistance(name, candidate) <= 2)
    return near === undefined ? [] : [unknownVariableNotice(name, near)]
  })
}
