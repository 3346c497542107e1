import type { Diagnostic } from "./diagnostic.js"
import { aliasNotice } from "./errors.js"
import { type Layer, type Leaf, leavesOf } from "./layers.js"
import { type ConfigPath, formatPath, parsePath, setAt, valueAt } from "./path.js"
import { type OptionSchema, schemaAt, type WholeSchema } from "./schemas.js"

/** A name by which an option of elsewhere is looked for, with the sentence that says why it is none here. */
interface Alias {
  readonly keys: ConfigPath
  readonly to: ConfigPath
  readonly because: string
}

/**
 * A layer in which what its author wrote under an alias (x-veloz-alias) is what the alias stands for. It keeps the place where
 * it was written; and what the author says under the right name wins.
 */
export function resolveAliases(layer: Layer, schema: WholeSchema): { layer: Layer; notices: Diagnostic[] } {
  const written = aliasesOf(schema).filter(({ keys }) => valueAt(layer.tree, keys) !== undefined)
  if (written.length === 0) return { layer, notices: [] }
  const tree = structuredClone(layer.tree) as Record<string, unknown>
  const places = new Map<string, ConfigPath>()
  for (const { keys, to } of written) {
    const value = takeOut(tree, keys)
    if (valueAt(tree, to) !== undefined || valueAt(tree, to.slice(0, 2)) === false) continue
    setAt(tree, to, converted(value, optionAt(schema, to)))
    places.set(formatPath(to), keys)
  }
  const locate: Layer["locate"] = (keys, part) => layer.locate(places.get(formatPath(keys)) ?? keys, part)
  const notices = written.map(({ keys, to, because }) => ({
    ...aliasNotice(keys, to, because),
    ...layer.locate(keys, "key"),
  }))
  return { layer: { ...layer, tree, leaves: withSources(leavesOf(tree), layer, places), locate }, notices }
}

function aliasesOf({ plugins }: WholeSchema): Alias[] {
  return [...plugins].flatMap(([name, schema]) => collect(schema, ["plugins", name]))
}

function collect(schema: OptionSchema, base: ConfigPath): Alias[] {
  const own = Object.entries(schema["x-veloz-alias"] ?? {}).map(([name, { to, because }]) => {
    return { keys: [...base, name], to: parsePath(to) ?? [], because }
  })
  return [...own, ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => collect(inner, [...base, key]))]
}

function takeOut(tree: Record<string, unknown>, keys: ConfigPath): unknown {
  const parent = valueAt(tree, keys.slice(0, -1)) as Record<string, unknown>
  const value = parent[keys.at(-1)!]
  delete parent[keys.at(-1)!]
  return value
}

/** Elsewhere a switch may be written as a number, as sysctls are. */
function converted(value: unknown, schema: OptionSchema | undefined): unknown {
  return schema?.type === "boolean" && ["0", "1"].includes(String(value)) ? Number(value) === 1 : value
}

function optionAt({ plugins }: WholeSchema, [, plugin, ...inner]: ConfigPath): OptionSchema | undefined {
  return schemaAt(plugins.get(plugin), inner)
}

/** Who set a leaf, and when, where the layer has many sources. */
function withSources(
  leaves: Map<string, Leaf>,
  { leaves: before }: Layer,
  places: ReadonlyMap<string, ConfigPath>,
): ReadonlyMap<string, Leaf> {
  return new Map(
    [...leaves].map(([path, leaf]) => {
      const { source, setAt: time } = before.get(formatPath(places.get(path) ?? leaf.keys)) ?? {}
      return [path, { ...leaf, ...(source !== undefined && { source }), ...(time !== undefined && { setAt: time }) }]
    }),
  )
}
