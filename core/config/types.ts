import type { ConfigSettings } from "./settings.generated.js"

// What authors of configurations and presets see. The settings of each plugin are generated from schemas/.
export type * from "./settings.generated.js"

/** The configuration of an engine: what `veloz.config.ts` exports. */
export interface Config extends ConfigSettings {
  /**
   * Presets to start from, lowest first: a shipped name, the path of a file, or a value made with definePreset.
   * Where two of them disagree, say here what you want.
   */
  presets?: readonly PresetRef[] | null
}

/** Names of the shipped presets. */
export interface PresetNames {
  "low-latency": true
  "high-throughput": true
}

export type PresetRef = keyof PresetNames | `./${string}` | `../${string}` | Preset

/** Settings to start from, with a name. Made by definePreset. */
export interface Preset extends ConfigSettings {
  readonly kind: "veloz-preset"
  /** Lower-case words with dashes. */
  readonly name: string
  /** Presets that this one builds on and may contradict. */
  readonly extends?: readonly PresetRef[]
}

/** A plugin by value, with or without options: what definePlugin made, or that called with its options. */
export interface PluginUse {
  readonly kind: "veloz-plugin" | "veloz-configured-plugin"
}

/** What a configuration that is a function gets. */
export interface ConfigEnv {
  /** The directory that the engine was started in. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}
