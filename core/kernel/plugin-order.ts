import { nearest } from "../config/nearest.js"
import type { PluginDefinition } from "./contract.js"
import {
  pluginAbsentError,
  pluginCycleError,
  pluginElsewhereError,
  pluginMisnamedError,
  pluginMissingError,
  pluginTwiceError,
  type VelozError,
} from "./errors.js"

type Ordered = Pick<PluginDefinition<object>, "requires" | "after" | "before"> & { readonly name?: string }

/** A plugin to put in order: under the name of the configuration, and under the one that it gives itself. */
export interface OrderedPlugin {
  readonly name: string
  readonly definition: Ordered
  /** Where its code is, for errors. */
  readonly file?: string
}

export interface OrderOptions {
  /** Plugins that may be switched on: a name that is none of them, and close to one, is misspelt. */
  readonly known?: readonly string[]
  /** Plugins that are on, and are for venues of another kind. */
  readonly leftOut?: readonly string[]
  readonly report?: (error: VelozError, plugin: string) => void
}

/**
 * The order in which plugins start: each behind what it requires or comes after. Where nothing is said, the order of
 * the configuration stays. Reports a required plugin that is missing, plugins that wait for each other, and two that are
 * one; throws that where nobody listens for more.
 */
export function orderPlugins<T extends OrderedPlugin>(plugins: readonly T[], options: OrderOptions = {}): T[] {
  const { known = [], leftOut = [], report = refuse } = options
  const byName = new Map<string, T>()
  for (const plugin of plugins) {
    const twin = byName.get(ownName(plugin))
    if (twin !== undefined) report(pluginTwiceError(ownName(plugin), twin, plugin), plugin.name)
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
      if (other !== undefined) earlier.get(plugin)!.add(other)
      else if (leftOut.includes(required)) report(pluginElsewhereError(plugin, required), plugin.name)
      else
        report(
          names.includes(required)
            ? pluginMissingError(plugin, required)
            : pluginAbsentError(plugin, required, nearest(required, names)),
          plugin.name,
        )
    }
    for (const name of [...after, ...before]) {
      // A plugin that is not there is none to wait for, but one that is there under a name one slip away is meant.
      const near = names.includes(name) ? undefined : nearest(name, names, 1)
      if (near === undefined) continue
      report(pluginMisnamedError(plugin, after.includes(name) ? "after" : "before", name, near), plugin.name)
    }
    for (const name of after) if (byName.has(name)) earlier.get(plugin)!.add(byName.get(name)!)
    for (const name of before) earlier.get(byName.get(name)!)?.add(plugin)
  }
  return inOrder(plugins, earlier, report)
}

function inOrder<T extends OrderedPlugin>(
  plugins: readonly T[],
  earlier: ReadonlyMap<T, ReadonlySet<T>>,
  report: (error: VelozError, plugin: string) => void,
): T[] {
  const ordered = new Set<T>()
  const visit = (plugin: T, path: readonly T[]): void => {
    if (ordered.has(plugin)) return
    if (path.includes(plugin)) {
      return report(pluginCycleError([...path.slice(path.indexOf(plugin)), plugin]), plugin.name)
    }
    for (const other of earlier.get(plugin)!) visit(other, [...path, plugin])
    ordered.add(plugin)
  }
  for (const plugin of plugins) visit(plugin, [])
  return [...ordered]
}

const ownName = ({ name, definition }: OrderedPlugin): string => definition.name ?? name

function refuse(error: VelozError): never {
  throw error
}
