import { nearest } from "../config/nearest.js"
import type { PluginDefinition } from "./contract.js"
import { pluginCycleError, pluginMisnamedError, pluginMissingError, pluginTwiceError } from "./errors.js"

type Ordered = Pick<PluginDefinition<object>, "requires" | "after" | "before"> & { readonly name?: string }

/** A plugin to put in order: under the name of the configuration, and under the one that it gives itself. */
export interface OrderedPlugin {
  readonly name: string
  readonly definition: Ordered
  /** Where its code is, for errors. */
  readonly file?: string
}

/**
 * The order in which plugins start: each behind what it requires or comes after. Where nothing is said, the order of
 * the configuration stays. Throws when a required plugin is missing, plugins wait for each other, or two are one.
 * `known` are plugins that may be switched on: a name that is none of them, and close to one, is misspelt.
 */
export function orderPlugins<T extends OrderedPlugin>(plugins: readonly T[], known: readonly string[] = []): T[] {
  const byName = new Map<string, T>()
  for (const plugin of plugins) {
    const twin = byName.get(ownName(plugin))
    if (twin !== undefined) throw pluginTwiceError(ownName(plugin), twin, plugin)
    byName.set(ownName(plugin), plugin)
  }
  // A configuration may call a plugin by its package or file, and a plugin its neighbour by that.
  for (const plugin of plugins) if (!byName.has(plugin.name)) byName.set(plugin.name, plugin)
  const names = [...new Set([...byName.keys(), ...known])]
  const earlier = new Map(plugins.map((plugin) => [plugin, new Set<T>()]))
  for (const plugin of plugins) {
    const { requires = [], after = [], before = [] } = plugin.definition
    for (const required of requires) {
      const other = byName.get(required)
      if (other === undefined) throw pluginMissingError(plugin, required, nearest(required, names))
      earlier.get(plugin)!.add(other)
    }
    for (const name of [...after, ...before]) {
      // A plugin that is not there is none to wait for, but one that is there under a name one slip away is meant.
      const near = names.includes(name) ? undefined : nearest(name, names, 1)
      if (near !== undefined) throw pluginMisnamedError(plugin, after.includes(name) ? "after" : "before", name, near)
    }
    for (const name of after) if (byName.has(name)) earlier.get(plugin)!.add(byName.get(name)!)
    for (const name of before) earlier.get(byName.get(name)!)?.add(plugin)
  }
  return inOrder(plugins, earlier)
}

function inOrder<T extends OrderedPlugin>(plugins: readonly T[], earlier: ReadonlyMap<T, ReadonlySet<T>>): T[] {
  const ordered = new Set<T>()
  const visit = (plugin: T, path: readonly T[]): void => {
    if (path.includes(plugin)) throw pluginCycleError([...path.slice(path.indexOf(plugin)), plugin])
    if (ordered.has(plugin)) return
    for (const other of earlier.get(plugin)!) visit(other, [...path, plugin])
    ordered.add(plugin)
  }
  for (const plugin of plugins) visit(plugin, [])
  return [...ordered]
}

const ownName = ({ name, definition }: OrderedPlugin): string => definition.name ?? name
