import type { Located } from "./errors.js"
import { type ConfigPath, deleteAt, formatPath, isPlainObject, setAt } from "./path.js"

// A layer is a set of leaves: a path and its value. Objects merge because their members are leaves of their own;
// arrays and scalars replace because each is one leaf. Whether a plugin is on is the leaf `plugins.<name>`, beside
// those of its options: switching it off in one layer keeps what lower layers say of its options.

export type LayerKind = "default" | "preset" | "file" | "api" | "environment" | "argument"

export interface Leaf {
  readonly keys: ConfigPath
  /** `undefined` takes away what lower layers say. */
  readonly value: unknown
  /** What set it, where one layer has many sources, such as the name of an environment variable. */
  readonly source?: string
  /** When it was set, in milliseconds since 1970: of what was set while the engine ran. */
  readonly setAt?: number
}

export interface Layer {
  readonly kind: LayerKind
  /** Its name for readers: `preset "low-latency"`, `veloz.config.ts`. */
  readonly source: string
  readonly leaves: ReadonlyMap<string, Leaf>
  /** The same as its author wrote it. */
  readonly tree: Readonly<Record<string, unknown>>
  /** Where that was; `undefined` where there is no file. */
  locate(keys: ConfigPath, part?: "key" | "value"): Located | undefined
}

/** Who set a value, and to what. */
export interface Setter {
  readonly layer: Layer
  readonly leaf: Leaf
}

export interface Merged {
  /** Options without `plugins`, and those of each plugin that any layer names. */
  readonly root: Record<string, unknown>
  readonly plugins: Map<string, { enabled: boolean; options: Record<string, unknown> }>
  /** By path, the winner first, then those that it overrides. */
  readonly setters: Map<string, Setter[]>
}

/** The leaves of a tree of settings. */
export function leavesOf(tree: Readonly<Record<string, unknown>>): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>()
  const { plugins, ...root } = tree
  collect(root, [], leaves)
  if (!isPlainObject(plugins)) return leaves
  for (const [name, entry] of Object.entries(plugins)) {
    add(leaves, ["plugins", name], entry !== false)
    if (isPlainObject(entry)) collect(entry, ["plugins", name], leaves)
  }
  return leaves
}

/** The leaves that a single assignment makes: `plugins.<name>` switches, an object is merged, the rest replaces. */
export function leavesAt(keys: ConfigPath, value: unknown, setter: Pick<Leaf, "source" | "setAt"> = {}): Leaf[] {
  const tree: Record<string, unknown> = {}
  setAt(tree, keys, value)
  const leaves = [...leavesOf(tree).values()].filter((leaf) => leaf.keys.length >= keys.length)
  return leaves.map((leaf) => ({ ...leaf, ...setter }))
}

/** The layer that decided a value, or what is around it: the last to set it. */
export function setterOf(keys: ConfigPath, { setters }: Pick<Merged, "setters">): Setter | undefined {
  for (let length = keys.length; length > 0; length--) {
    const setter = setters.get(formatPath(keys.slice(0, length)))?.[0]
    if (setter !== undefined) return setter
  }
  return undefined
}

/** Whether a leaf says that a plugin is on or off. */
export function isSwitch(keys: ConfigPath): boolean {
  return keys.length === 2 && keys[0] === "plugins"
}

/** Merges layers, lowest first. */
export function merge(layers: readonly Layer[]): Merged {
  const merged: Merged = { root: {}, plugins: new Map(), setters: new Map() }
  for (const layer of layers) {
    for (const [path, leaf] of layer.leaves) {
      apply(merged, leaf)
      const setters = merged.setters.get(path)
      if (setters === undefined) merged.setters.set(path, [{ layer, leaf }])
      else setters.unshift({ layer, leaf })
    }
  }
  return merged
}

/** The tree that leaves make, as a file would say it. */
export function treeOf(leaves: Iterable<Leaf>): Record<string, unknown> {
  const tree: Record<string, unknown> = {}
  for (const { keys, value } of leaves) {
    if (value === undefined) continue
    if (!isSwitch(keys) || value === false) setAt(tree, keys, value)
    else if (!isPlainObject((tree.plugins as Record<string, unknown> | undefined)?.[keys[1]])) setAt(tree, keys, {})
  }
  return tree
}

/** Whether one leaf decides about the other: the same path, or one inside the other. A switch decides of itself. */
export function overlaps(a: ConfigPath, b: ConfigPath): boolean {
  if (isSwitch(a) || isSwitch(b)) return formatPath(a) === formatPath(b)
  const length = Math.min(a.length, b.length)
  return a.slice(0, length).every((key, index) => key === b[index])
}

function apply(merged: Merged, { keys, value: given }: Leaf): void {
  // Defaults are filled into what was merged, and it is frozen: the layer keeps what its author wrote.
  const value = structuredClone(given)
  if (keys[0] !== "plugins" || keys.length < 2) return put(merged.root, keys, value)
  const entry = merged.plugins.get(keys[1]) ?? { enabled: false, options: {} }
  merged.plugins.set(keys[1], entry)
  if (keys.length === 2) entry.enabled = value === true
  else put(entry.options, keys.slice(2), value)
}

function put(options: Record<string, unknown>, keys: ConfigPath, value: unknown): void {
  if (value === undefined) deleteAt(options, keys)
  else setAt(options, keys, value)
}

function collect(node: Readonly<Record<string, unknown>>, base: ConfigPath, leaves: Map<string, Leaf>): void {
  for (const [key, value] of Object.entries(node)) {
    const keys = [...base, key]
    if (isPlainObject(value)) collect(value, keys, leaves)
    else add(leaves, keys, value)
  }
}

function add(leaves: Map<string, Leaf>, keys: ConfigPath, value: unknown): void {
  leaves.set(formatPath(keys), { keys, value })
}
