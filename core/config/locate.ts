import type { Diagnostic, Related } from "./diagnostic.js"
import type { Layer, Leaf, Setter } from "./layers.js"
import { type ConfigPath, formatPath, parsePath } from "./path.js"
import type { Source } from "./source.js"
import type { Finding } from "./validate.js"

/** A finding with its place in the layer that it was found in; where no file holds the layer, with the layer's name. */
export function located({ keys, part, diagnostic }: Finding, layer: Layer): Diagnostic {
  return { ...diagnostic, ...whereabouts(keys, { layer, leaf: leafOf(keys, layer) }, part) }
}

/** Who set an option to what, and where. `value` is left out where it is that of something around the option. */
export function whereabouts(
  keys: ConfigPath,
  { layer, leaf }: { readonly layer: Layer; readonly leaf?: Leaf },
  part?: "key" | "value",
): Omit<Related, "path" | "value"> {
  return { layer: layer.kind, source: leaf?.source ?? layer.source, ...layer.locate(keys, part) }
}

/** Another option that a problem is about. */
export function related(keys: ConfigPath, setter: Setter | undefined): Related {
  const path = formatPath(keys)
  if (setter === undefined) return { path }
  const isOwn = formatPath(setter.leaf.keys) === path
  // Of a plugin as a whole the name says more than the bracket behind it.
  const part = keys.length === 2 && keys[0] === "plugins" ? "key" : "value"
  return { path, ...(isOwn && { value: setter.leaf.value }), ...whereabouts(keys, setter, part) }
}

/** A problem that has no place yet, with that of its path in a file. */
export function pointedAt(problem: Diagnostic, source: Source | undefined): Diagnostic {
  const keys = parsePath(problem.path)
  if (problem.file !== undefined || keys === undefined || source === undefined) return problem
  return { ...problem, ...source.locate(keys) }
}

function leafOf(keys: ConfigPath, { leaves }: Layer): Leaf | undefined {
  for (let length = keys.length; length > 0; length--) {
    const leaf = leaves.get(formatPath(keys.slice(0, length)))
    if (leaf !== undefined) return leaf
  }
  // A plugin, or an object, that is wrong as a whole: whoever set anything in it has set it.
  return [...leaves.values()].find((leaf) => keys.every((key, index) => leaf.keys[index] === key))
}
