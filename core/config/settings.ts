import { relative, resolve } from "node:path"
import type { Diagnostic } from "./diagnostic.js"
import { duplicateUseError, type Located, notAPluginError } from "./errors.js"
import { type ConfigPath, isPlainObject, parsePath } from "./path.js"
import { plainCopy } from "./plain.js"

/** What a configuration or a preset says, as plain data; presets and plugins by value are taken out of it. */
export interface Settings {
  readonly tree: Readonly<Record<string, unknown>>
  /** The items of `presets` (of a preset: of `extends`) as they were written. */
  readonly presets: readonly unknown[] | undefined
  /** Plugins by value, by name. Their options are in the tree. */
  readonly uses: ReadonlyMap<string, unknown>
  /** Where the file itself has a path of the tree: plugins by value, and those of other folders, have other names there. */
  written(path: ConfigPath): ConfigPath
  readonly problems: readonly Diagnostic[]
}

export interface SettingsOrigin {
  /** The folder that "./" means in these settings, and the one it means in the configuration. */
  readonly folder: string
  readonly root: string
  /** The member that names other presets. */
  readonly presetsKey: "presets" | "extends"
  locate(path: ConfigPath, part?: "key" | "value"): Located | undefined
}

export function readSettings(exported: Readonly<Record<string, unknown>>, origin: SettingsOrigin): Settings {
  const problems: Diagnostic[] = []
  const { use, [origin.presetsKey]: presets, ...rest } = exported
  const tree = dropNulls(plainCopy(rest, [], problems)) as Record<string, unknown>
  const plugins = rebase(tree.plugins, origin)
  const places = new Map<string, ConfigPath>()
  for (const name of Object.keys(isPlainObject(tree.plugins) ? tree.plugins : {})) {
    places.set(rebaseSpecifier(name, origin.folder, origin.root), ["plugins", name])
  }
  const uses = readUses(use, plugins, places, problems)
  if (isPlainObject(plugins)) tree.plugins = plugins
  // A list of presets that is no list is kept in the tree, where validation finds it.
  if (presets !== undefined && presets !== null && !Array.isArray(presets)) tree[origin.presetsKey] = presets
  return {
    tree,
    presets: Array.isArray(presets) ? presets : undefined,
    uses,
    written: (path) => [...((path[0] === "plugins" && places.get(path[1])) || path.slice(0, 2)), ...path.slice(2)],
    problems: problems.map((problem) => ({ ...origin.locate(parsePath(problem.path) ?? []), ...problem })),
  }
}

/** `null` goes back to the layer below, which is what an absent value does. */
function dropNulls(value: unknown): unknown {
  if (!isPlainObject(value)) return value
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(members.map(([key, member]) => [key, dropNulls(member)]))
}

/** A path of a plugin's file is relative to the file that says it; layers meet relative to the configuration. */
function rebase(plugins: unknown, origin: SettingsOrigin): unknown {
  if (plugins === undefined) return {}
  if (!isPlainObject(plugins) || origin.folder === origin.root) return plugins
  return Object.fromEntries(
    Object.entries(plugins).map(([name, options]) => [rebaseSpecifier(name, origin.folder, origin.root), options]),
  )
}

function rebaseSpecifier(specifier: string, from: string, to: string): string {
  if (!isFileSpecifier(specifier)) return specifier
  const path = relative(to, resolve(from, specifier))
  return path.startsWith(".") ? path : `./${path}`
}

export function isFileSpecifier(specifier: string): boolean {
  return specifier.startsWith("./") || specifier.startsWith("../")
}

function readUses(
  use: unknown,
  plugins: unknown,
  places: Map<string, ConfigPath>,
  problems: Diagnostic[],
): Map<string, unknown> {
  const uses = new Map<string, unknown>()
  if (use === undefined || use === null) return uses
  const items = Array.isArray(use) ? use : [use]
  for (const [index, item] of items.entries()) {
    const path = ["use", String(index)]
    const plugin = pluginOf(item)
    if (plugin === undefined || !isPlainObject(plugins)) {
      problems.push(notAPluginError(path, item))
      continue
    }
    if (plugin.name in plugins) problems.push(duplicateUseError(plugin.name, undefined))
    uses.set(plugin.name, plugin.value)
    places.set(plugin.name, plugin.value === item ? path : [...path, "options"])
    plugins[plugin.name] = dropNulls(plainCopy(plugin.options, path, problems)) ?? {}
  }
  return uses
}

/** Reads what definePlugin makes, by its marks: core/config knows no more of plugins than that. */
function pluginOf(item: unknown): { name: string; value: unknown; options: unknown } | undefined {
  if ((typeof item !== "object" && typeof item !== "function") || item === null) return undefined
  const { kind, plugin, options } = item as { kind?: unknown; plugin?: unknown; options?: unknown }
  if (kind === "veloz-configured-plugin") {
    const inner = pluginOf(plugin)
    return inner && { ...inner, options }
  }
  const definition = (item as { definition?: { name?: unknown } }).definition
  if (kind !== "veloz-plugin" || typeof definition?.name !== "string") return undefined
  return { name: definition.name, value: item, options: {} }
}
