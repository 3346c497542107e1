import type { Diagnostic, Related } from "./diagnostic.js"
import type { LayerKind } from "./layers.js"
import { type ConfigPath, parsePath } from "./path.js"
import { type OptionSchema, type Reload, schemaAt } from "./schemas.js"

/** A plugin that is on. */
export interface PluginEntry {
  /** As the configuration names it; of a file, its path. */
  readonly name: string
  /** A bare name, `./path` relative to `root`, or the name of a plugin by value. */
  readonly specifier: string
  /** The plugin itself, where it was given by value. */
  readonly value?: unknown
  /** Frozen plain data, all defaults filled in. */
  readonly options: Readonly<Record<string, unknown>>
}

/** Who set a value: the first of a list is the one that counts, the others are overridden by it. */
export interface Origin {
  readonly layer: LayerKind
  /** For readers: `preset "low-latency"`, a file, `VELOZ_PORT`, `POST /api/config/market_data`. */
  readonly source: string
  readonly value: unknown
  /** When it was set, in milliseconds since 1970: of what was set while the engine ran. */
  readonly setAt?: number
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** The configuration that counts, all layers merged. Frozen. */
export interface EffectiveConfig {
  readonly symbols: readonly string[]
  readonly venue: { readonly kind: string }
  readonly topology: "auto" | "fused" | "split"
  readonly idle_strategy: "auto" | "park" | "backoff" | "spin"
  readonly presets: readonly string[]
  readonly plugins: readonly PluginEntry[]
  /** The whole as one tree; a plugin that is off is `false`. */
  readonly values: Readonly<Record<string, unknown>>
  readonly origins: ReadonlyMap<string, readonly Origin[]>
  /** Who decided an option, or what is around it, and where; with the lines of the file, for an error. */
  locate(keys: ConfigPath): Related
  /** The configuration file, where there is one. */
  readonly file: string | undefined
  /** The folder that `./` means in the names of plugins. */
  readonly root: string
  /** What to watch. */
  readonly files: readonly string[]
  /** Of the values: equal when nothing differs. */
  readonly hash: string
  /** What the author should know although it is no error. */
  readonly notices: readonly Diagnostic[]
  /** The schema of the configuration itself under "", and those of the plugins by name. */
  readonly schemas: ReadonlyMap<string, OptionSchema>
}

/** How a change of an option goes live, as its schema says; of an option that does not say, with its plugin. */
export function reloadOf(config: EffectiveConfig, path: string): Reload {
  const keys = parsePath(path) ?? []
  const isPlugin = keys[0] === "plugins"
  const schema = config.schemas.get(isPlugin ? keys[1] : "")
  const inner = isPlugin ? keys.slice(2) : keys
  for (let length = inner.length; length > 0; length--) {
    const reload = schemaAt(schema, inner.slice(0, length))?.["x-veloz-reload"]
    if (reload !== undefined) return reload
  }
  return "plugin"
}
