import { readdir } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import type { Diagnostic } from "./diagnostic.js"
import {
  type Located,
  noDefaultExportError,
  notAPresetError,
  presetCycleError,
  presetFileMissingError,
  presetNotFoundError,
} from "./errors.js"
import { nearest } from "./nearest.js"
import { type ConfigPath, isPlainObject } from "./path.js"
import { readSource } from "./read-source.js"
import { isFileSpecifier, readSettings, type Settings } from "./settings.js"
import { locateShipped } from "./shipped-presets.js"
import type { Source, SourceContext } from "./source.js"

export interface LoadedPreset {
  readonly name: string
  readonly settings: Settings
  /** The presets that this one builds on, at any distance: it may contradict them. */
  readonly ancestors: ReadonlySet<LoadedPreset>
  locate(path: ConfigPath, part?: "key" | "value"): Located | undefined
}

export interface LoadedPresets {
  /** Each once, lowest first; what a preset extends stands before it. */
  readonly presets: readonly LoadedPreset[]
  /** Those that were asked for, without what they extend. */
  readonly names: readonly string[]
  readonly files: readonly string[]
  readonly problems: readonly Diagnostic[]
}

/** Loads presets and what they extend. `root` is the folder of the configuration, `source` what names them. */
export async function loadPresets(
  refs: readonly unknown[],
  root: string,
  context: SourceContext,
  source?: Source,
): Promise<LoadedPresets> {
  const loader = new PresetLoader(root, context)
  const locate: Locate = (path, part) => source?.locate(["presets", ...path], part)
  const wanted = await loader.loadAll(refs, { folder: root, path: ["presets"], locate })
  const names = wanted.map((preset) => preset.name)
  return { presets: [...loader.loaded.values()], names, files: [...loader.files], problems: loader.problems }
}

/** Names of the presets that VeloZ ships. */
export async function shippedPresetNames(): Promise<string[]> {
  const files = await readdir(SHIPPED).catch(() => [])
  return files.filter((file) => file.endsWith(".js") && file !== "index.js").map((file) => file.slice(0, -".js".length))
}

const SHIPPED = new URL("../../presets/", import.meta.url)

type Locate = (path: ConfigPath, part?: "key" | "value") => Located | undefined

/** Who names a preset, or a list of them: the configuration or another preset. */
interface Naming {
  /** What "./" means there. */
  readonly folder: string
  /** For errors. */
  readonly path: ConfigPath
  /** Finds what is named, or what is in it. */
  readonly locate: Locate
}

/** A preset as it was found, before its settings are read. */
interface Found {
  /** Two references with the same key are one preset. */
  readonly key: unknown
  readonly value: unknown
  readonly folder: string
  readonly locate: Locate
}

class PresetLoader {
  readonly loaded = new Map<unknown, LoadedPreset>()
  readonly files = new Set<string>()
  readonly problems: Diagnostic[] = []
  readonly #root: string
  readonly #context: SourceContext
  /** The presets that are being loaded, outermost first. */
  readonly #open: { key: unknown; name: string }[] = []

  constructor(root: string, context: SourceContext) {
    this.#root = root
    this.#context = context
  }

  async loadAll(refs: readonly unknown[], { folder, path, locate }: Naming): Promise<LoadedPreset[]> {
    const presets: LoadedPreset[] = []
    for (const [at, ref] of refs.entries()) {
      const index = String(at)
      const naming: Naming = {
        folder,
        path: [...path, index],
        locate: (inner, part) => locate([index, ...inner], part),
      }
      const found = await this.#find(ref, naming)
      const preset = found && (await this.#load(found, naming))
      if (preset !== undefined) presets.push(preset)
    }
    return presets
  }

  async #load(found: Found, { path }: Naming): Promise<LoadedPreset | undefined> {
    const known = this.loaded.get(found.key)
    if (known !== undefined) return known
    if (!isPreset(found.value)) {
      this.problems.push({ ...found.locate([]), ...notAPresetError(path, found.value) })
      return undefined
    }
    const { kind: _kind, name, ...rest } = found.value
    const circleStart = this.#open.findIndex((open) => open.key === found.key)
    if (circleStart >= 0) {
      this.problems.push(presetCycleError([...this.#open.slice(circleStart).map((open) => open.name), name]))
      return undefined
    }
    const locate = found.locate
    const settings = readSettings(rest, { folder: found.folder, root: this.#root, presetsKey: "extends", locate })
    this.problems.push(...settings.problems)
    this.#open.push({ key: found.key, name })
    const extending = { folder: found.folder, path: [...path, "extends"], locate: below(locate, "extends") }
    const parents = await this.loadAll(settings.presets ?? [], extending)
    this.#open.pop()
    const ancestors = new Set(parents.flatMap((parent) => [parent, ...parent.ancestors]))
    const preset = { name, settings, ancestors, locate }
    this.loaded.set(found.key, preset)
    return preset
  }

  async #find(ref: unknown, naming: Naming): Promise<Found | undefined> {
    const { folder, locate } = naming
    if (typeof ref !== "string") return { key: ref, value: ref, folder, locate }
    return isFileSpecifier(ref) ? this.#findFile(resolve(folder, ref), naming) : this.#findShipped(ref, naming)
  }

  async #findFile(file: string, { path, locate }: Naming): Promise<Found | undefined> {
    const source = await readSource(file, this.#context)
    for (const touched of source.files) this.files.add(touched)
    for (const problem of source.problems) {
      const isMissing = problem.code === "VELOZ_CONFIG_NOT_FOUND"
      this.problems.push(isMissing ? { ...presetFileMissingError(path, file), ...locate([]) } : problem)
    }
    if (source.problems.length > 0) return undefined
    if (source.value === undefined) this.problems.push(noDefaultExportError(file, "a preset", undefined))
    if (source.value === undefined) return undefined
    // A preset in JSON cannot call definePreset: the file is named as one, that is mark enough.
    const value = isPlainObject(source.value) ? { kind: "veloz-preset", name: file, ...source.value } : source.value
    return { key: file, value, folder: dirname(file), locate: source.locate }
  }

  async #findShipped(name: string, { path }: Naming): Promise<Found | undefined> {
    const names = await shippedPresetNames()
    if (!names.includes(name)) {
      this.problems.push(presetNotFoundError(name, path, names, nearest(name, names)))
      return undefined
    }
    const module = (await import(new URL(`${name}.js`, SHIPPED).href)) as { default: unknown }
    return { key: name, value: module.default, folder: this.#root, locate: locateShipped(name) }
  }
}

function below(locate: Locate, key: string): Locate {
  return (path, part) => locate([key, ...path], part)
}

function isPreset(value: unknown): value is { kind: string; name: string; [member: string]: unknown } {
  return isPlainObject(value) && value.kind === "veloz-preset" && typeof value.name === "string"
}
