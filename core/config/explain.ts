import { describe } from "./describe.js"
import type { EffectiveConfig, Origin } from "./effective.js"
import { reloadOf } from "./effective.js"
import { nearest } from "./nearest.js"
import { type ConfigPath, formatPath, isPlainObject, parsePath, valueAt } from "./path.js"
import { isSame } from "./same.js"
import { type OptionSchema, type Reload, schemaAt } from "./schemas.js"
import { withoutSecretAt } from "./secrets.js"

/** Who set an option to what, and where: an Origin as programs read it. */
export interface OriginReading {
  readonly layer: Origin["layer"]
  readonly source: string
  readonly value: unknown
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** ISO 8601: of what was set while the engine ran. */
  readonly set_at?: string
}

/** Everything that there is to say of an option. Secrets are hidden. */
export interface Explanation {
  readonly path: string
  /** Null where it has none, as an option of a plugin that is off. */
  readonly value: unknown
  readonly unit?: string
  readonly description?: string
  /** What it must be, in words. */
  readonly expected?: string
  readonly default?: unknown
  readonly variable?: string
  /** How a change goes live. */
  readonly reload?: Reload
  /** Who decided; null where nobody set it. */
  readonly set_by: OriginReading | null
  /** Those that are overridden, the nearest first. */
  readonly overrides: readonly OriginReading[]
}

/** The options at a path: one, or all that are below it. Empty where there is no such path; see `nearestPath`. */
export function explain(config: EffectiveConfig, path = ""): Explanation[] {
  const wanted = parsePath(path)
  if (wanted === undefined) return []
  const own = pathsOf(config).filter((keys) => wanted.every((key, index) => keys[index] === key))
  if (own.length > 0) return own.map((keys) => explainOption(config, keys))
  // An item of a list, or an option of a plugin that is off: known, and nobody's own.
  const isKnown = nodeAt(config, wanted) !== undefined || valueAt(config.values, wanted) !== undefined
  return isKnown && wanted.length > 0 ? [explainOption(config, wanted)] : []
}

/** The option that was most likely meant. */
export function nearestPath(config: EffectiveConfig, path: string): string | undefined {
  const known = knownPaths(config).map(formatPath)
  const lastName = (one: string): string => one.split(".").at(-1)!
  // Who knows an option by its last name has said enough.
  const name = nearest(lastName(path), new Set(known.map(lastName)))
  return nearest(path, known) ?? known.find((one) => lastName(one) === name)
}

function explainOption(config: EffectiveConfig, keys: ConfigPath): Explanation {
  const path = formatPath(keys)
  const node = nodeAt(config, keys) ?? {}
  const [first, ...others] = originsOf(config, keys, node)
  const name = keys.at(-1) ?? ""
  const isSwitch = keys[0] === "plugins" && keys.length === 2
  const value = isSwitch ? valueAt(config.values, keys) !== false : valueAt(config.values, keys)
  return {
    path,
    value: value === undefined ? null : withoutSecretAt(name, value),
    ...(node["x-veloz-unit"] !== undefined && { unit: node["x-veloz-unit"] }),
    ...(node.description !== undefined && { description: node.description }),
    ...(node.type !== undefined && { expected: isSwitch ? "true or false, or its options" : describe(node) }),
    ...(node.default !== undefined && !isSwitch && { default: node.default }),
    ...(node["x-veloz-env"] !== undefined && { variable: node["x-veloz-env"] }),
    ...(!isSwitch && { reload: reloadOf(config, path) }),
    set_by: first === undefined ? null : readOrigin(first, name),
    overrides: others.map((origin) => readOrigin(origin, name)),
  }
}

function readOrigin({ setAt, ...origin }: Origin, name: string): OriginReading {
  const time = setAt === undefined ? {} : { set_at: new Date(setAt).toISOString() }
  return { ...origin, value: withoutSecretAt(name, origin.value), ...time }
}

/** Of the option itself, or of the list that it is an item of. */
function originsOf({ origins, values }: EffectiveConfig, keys: ConfigPath, node: OptionSchema): readonly Origin[] {
  for (let length = keys.length; length > 0; length--) {
    const found = origins.get(formatPath(keys.slice(0, length)))
    if (found !== undefined) return found
    if (keys[0] === "plugins" && length === 3) break
  }
  // What is empty has nothing in it that somebody set.
  const isDefault = isPlainObject(node.default) && isSame(node.default, valueAt(values, keys))
  return isDefault ? [{ layer: "default", source: "default", value: node.default }] : []
}

/** Every option that has a value, and every plugin. */
function pathsOf({ values }: EffectiveConfig): ConfigPath[] {
  const { plugins, use: _use, ...root } = values
  const names = Object.entries(plugins as Record<string, unknown>)
  return [
    ...leavesBelow(root, []),
    ...names.flatMap(([name, options]) => [["plugins", name], ...leavesBelow(options, ["plugins", name])]),
  ]
}

function leavesBelow(node: unknown, base: ConfigPath): ConfigPath[] {
  if (!isPlainObject(node)) return []
  return Object.entries(node).flatMap(([key, value]) => {
    const keys = [...base, key]
    return isPlainObject(value) && Object.keys(value).length > 0 ? leavesBelow(value, keys) : [keys]
  })
}

function knownPaths(config: EffectiveConfig): ConfigPath[] {
  const described = [...config.schemas].flatMap(([name, schema]) => {
    if (name === "") return describedBelow(schema, [])
    return [["plugins", name], ...describedBelow(schema, ["plugins", name])]
  })
  return [...pathsOf(config), ...described]
}

function describedBelow(schema: OptionSchema, base: ConfigPath): ConfigPath[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, node]) => {
    return [[...base, key], ...describedBelow(node, [...base, key])]
  })
}

function nodeAt({ schemas }: EffectiveConfig, keys: ConfigPath): OptionSchema | undefined {
  if (keys[0] !== "plugins") return schemaAt(schemas.get(""), keys)
  return schemaAt(schemas.get(keys[1]), keys.slice(2))
}
