import type { Config, Preset } from "./types.js"

/** Gives a configuration its type, for editors. A dynamic one is `export default async (env) => defineConfig({ ... })`. */
export function defineConfig(config: Config): Config {
  return config
}

/** Makes a preset: settings to start from, which a configuration names in `presets`. */
export function definePreset(preset: Omit<Preset, "kind">): Preset {
  return { kind: "veloz-preset", ...preset }
}
