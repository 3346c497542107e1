import type { PluginDefinition } from "./contract.js"
import { pluginCycleError, pluginMissingError } from "./errors.js"

type Ordered = Pick<PluginDefinition<object>, "requires" | "after" | "before" | "provides">

/**
 * The order in which plugins start: each behind what it requires or comes after. Where nothing is said, the order of
 * the configuration stays. Throws when a required plugin is missing, or plugins wait for each other.
 */
export function orderPlugins<T extends { readonly name: string; readonly definition: Ordered }>(
  plugins: readonly T[],
): T[] {
  const byName = new Map(plugins.map((plugin) => [plugin.name, plugin]))
  const earlier = new Map(plugins.map(({ name }) => [name, new Set<string>()]))
  for (const { name, definition } of plugins) {
    for (const required of definition.requires ?? []) {
      if (!byName.has(required)) throw pluginMissingError(name, required)
      earlier.get(name)!.add(required)
    }
    for (const other of definition.after ?? []) if (byName.has(other)) earlier.get(name)!.add(other)
    for (const other of definition.before ?? []) earlier.get(other)?.add(name)
  }
  const ordered = new Set<T>()
  const visit = (plugin: T, path: readonly string[]): void => {
    if (path.includes(plugin.name)) throw pluginCycleError([...path.slice(path.indexOf(plugin.name)), plugin.name])
    if (ordered.has(plugin)) return
    for (const other of earlier.get(plugin.name)!) visit(byName.get(other)!, [...path, plugin.name])
    ordered.add(plugin)
  }
  for (const plugin of plugins) visit(plugin, [])
  return [...ordered]
}
