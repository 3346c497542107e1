import { existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { type Bundle, BundleError, bundle } from "../config/bundle.js"
import type { SchemaSource } from "../config/composition.js"
import type { PluginEntry } from "../config/effective.js"
import { importedEntry } from "../config/imported-entry.js"
import type { Place } from "../config/place.js"
import { NO_OPTIONS, type OptionSchema } from "../config/schemas.js"
import type { PluginBundle, PluginSource } from "../threads/messages.js"
import { checkDefinition } from "./check-definition.js"
import type { Plugin } from "./contract.js"
import { describePlugin, pluginNotFoundError, pluginUnbuiltError, pluginWithoutFileError } from "./errors.js"
import type { PluginLoader } from "./plugin-loader.js"
import { speaksToVenue } from "./speaks-to-venue.js"

/** A plugin as control knows it: where its code is, and the definition that it makes. */
export interface FoundPlugin {
  readonly source: PluginSource
  readonly plugin: Plugin
  /** Files that the code was made of, to be watched. */
  readonly files: readonly string[]
}

/** Code of a generation that was in force, and how to read it where it is needed. */
export interface EarlierCode extends Omit<BundledSource, "kind" | "code"> {
  readonly specifier: string
  read(): Promise<string>
}

/** Code that ran before, and the hash of what stood on disk when it came back; undefined when that could not be bundled. */
interface Pin {
  readonly source: BundledSource
  readonly over: string | undefined
}

type BundledSource = PluginSource & { readonly kind: "bundle" }

const BESIDE_CORE = new URL("../../plugins/", import.meta.url)

/**
 * The one resolver of plugins: a bare name is `plugins/<name>` beside core, then an npm package; `./path` is a file.
 * What does not stand beside core is bundled by itself, so that each thread evaluates only what is new.
 */
export class PluginSources implements SchemaSource {
  #files = new Set<string>()
  /** What was made since the last `forget`: a change asks for the schema of a plugin first, and then for its code. */
  #bundles = new Map<string, Promise<Bundle>>()
  #pins: ReadonlyMap<string, Pin> = new Map()

  /** `trial` runs what is new where it can harm nobody, before it is loaded here. */
  constructor(
    private readonly loader: PluginLoader,
    private readonly trial?: (what: string, script: PluginBundle) => Promise<unknown>,
  ) {}

  /** Files of every plugin that was looked at since the last `forget`, found or not. */
  get files(): readonly string[] {
    return [...this.#files]
  }

  forget(): void {
    this.#files = new Set()
    this.#bundles = new Map()
  }

  /**
   * Runs the code of an earlier generation where another stands on disk, until that changes. Returns what undoes it. Throws
   * when a code that is needed is not kept.
   */
  async pin(codes: readonly EarlierCode[]): Promise<() => void> {
    const standing = this.#pins
    const pins = codes.map(async ({ specifier, read, ...code }): Promise<[string, Pin][]> => {
      const over = (await this.#bundle(code.entry).catch(() => undefined))?.hash
      return over === code.hash ? [] : [[specifier, { source: { kind: "bundle", ...code, code: await read() }, over }]]
    })
    this.#pins = new Map((await Promise.all(pins)).flat())
    return () => {
      this.#pins = standing
    }
  }

  /** Plugins that run other code than stands on disk. */
  get pinned(): readonly string[] {
    return [...this.#pins.keys()]
  }

  /** Code that does not run any more does not come back by itself. */
  unpin(running: ReadonlySet<string>): void {
    this.#pins = new Map([...this.#pins].filter(([, { source }]) => running.has(source.hash)))
  }

  /** The innermost place in the sources of plugins that an error comes from. */
  locate(error: unknown): Place | undefined {
    return this.loader.locate(error)
  }

  /** Where a plugin is, for who has something against it. */
  readonly fileOf: SchemaSource["fileOf"] = async (specifier, value, root) => {
    if (value !== undefined) return (value as Plugin).file
    const { source } = await this.sourceOf(specifier, root)
    return source.kind === "module" ? source.file : source.entry
  }

  /** The schema of a plugin's options. */
  readonly schemaOf: SchemaSource["schemaOf"] = async (specifier, value, root) => {
    if (value === undefined) return describedSchema((await this.find(specifier, root)).plugin)
    const { file = "the configuration" } = value as Plugin
    return describedSchema(checkDefinition(value, specifier, file))
  }

  async find(specifier: string, root: string): Promise<FoundPlugin> {
    const { source, files } = await this.sourceOf(specifier, root)
    return { source, files, plugin: await this.#load(source, specifier) }
  }

  /** A plugin that is given by value has a file as well, which defines it, and which other threads can load. */
  async findEntry({ specifier, value }: Pick<PluginEntry, "specifier" | "value">, root: string, config?: string) {
    if (value === undefined) return this.find(specifier, root)
    const { file, definition } = value as Plugin
    if (file === undefined || file === config) throw pluginWithoutFileError(definition.name, file)
    const bundled = await this.#inForce(file, specifier)
    const source: PluginSource = { ...bundled.source, plugin: definition.name }
    return { source, files: bundled.files, plugin: await this.#load(source, specifier) }
  }

  /** Where the code of a plugin is, without loading it. */
  async sourceOf(specifier: string, root: string): Promise<{ source: PluginSource; files: readonly string[] }> {
    if (/^\.{0,2}\//.test(specifier)) return this.#inForce(resolve(root, specifier), specifier)
    const beside = fileURLToPath(new URL(`${specifier}/index.js`, BESIDE_CORE))
    if (existsSync(beside)) return { source: { kind: "module", file: beside }, files: [] }
    const installed = (await importedEntry(specifier, root)) ?? this.#pins.get(specifier)?.source.entry
    if (installed === undefined) {
      const unbuilt = missingEntry(specifier, root)
      if (unbuilt !== undefined) {
        this.#files.add(unbuilt)
        throw pluginUnbuiltError(specifier, unbuilt)
      }
      // An installation is the mend.
      this.#files.add(join(root, "node_modules", specifier, "package.json"))
      throw pluginNotFoundError(specifier, [fileURLToPath(BESIDE_CORE), join(root, "node_modules")])
    }
    return this.#inForce(installed, specifier)
  }

  /** The code of a plugin: that on disk, or the earlier one that was put in its place. */
  async #inForce(entry: string, specifier: string): Promise<{ source: BundledSource; files: readonly string[] }> {
    const pin = this.#pins.get(specifier)
    try {
      const found = await this.#bundled(entry, specifier)
      return found.source.hash === pin?.over ? { ...found, source: pin.source } : found
    } catch (error) {
      // It could not be bundled then either.
      if (pin === undefined || pin.over !== undefined) throw error
      return { source: pin.source, files: [entry] }
    }
  }

  async #bundled(entry: string, specifier: string): Promise<{ source: BundledSource; files: readonly string[] }> {
    this.#files.add(entry)
    if (!existsSync(entry)) throw pluginNotFoundError(specifier, [entry])
    try {
      const { code, hash, files } = await this.#bundle(entry)
      this.#watch(files)
      return { source: { kind: "bundle", entry, code, hash }, files }
    } catch (error) {
      if (error instanceof BundleError) this.#watch(error.files)
      throw error
    }
  }

  async #load(source: PluginSource, specifier: string): Promise<Plugin> {
    const isNew = source.kind === "bundle" && !this.loader.has(source.hash)
    if (isNew) await this.trial?.(`plugin ${describePlugin({ name: specifier, file: source.entry })}`, source)
    return this.loader.load(source, specifier)
  }

  #watch(files: readonly string[]): void {
    for (const file of files) this.#files.add(file)
  }

  #bundle(entry: string): Promise<Bundle> {
    const known = this.#bundles.get(entry)
    if (known !== undefined) return known
    const made = bundle(entry)
    this.#bundles.set(entry, made)
    // Whoever names it again after a mend shall find it mended.
    made.catch(() => this.#bundles.delete(entry))
    return made
  }
}

/**
 * The schema of a plugin's options, with the description of the plugin where it has none of its own, and with the kinds of
 * venue that it speaks to.
 */
export function describedSchema({ definition }: Plugin): OptionSchema {
  const { description, schema, venues } = definition
  const { "x-veloz-venues": _mine, ...own } = (schema as OptionSchema | undefined) ?? NO_OPTIONS
  const spoken = speaksToVenue(definition) ? { "x-veloz-venues": venues } : {}
  return { ...(description !== undefined && { description }), ...own, ...spoken }
}

/** The file that an installed package names as its entry, and that is not there. */
function missingEntry(name: string, root: string): string | undefined {
  const folders = createRequire(join(root, "package.json")).resolve.paths(name) ?? []
  const manifest = folders.map((folder) => join(folder, name, "package.json")).find((file) => existsSync(file))
  if (manifest === undefined) return undefined
  try {
    const { exports, main } = JSON.parse(readFileSync(manifest, "utf8"))
    return join(dirname(manifest), targetOf(exports) ?? main ?? "index.js")
  } catch {
    // It is being written.
    return manifest
  }
}

/** The file that stands behind the first condition that holds for an import. */
function targetOf(exports: unknown): string | undefined {
  if (typeof exports === "string") return exports
  if (typeof exports !== "object" || exports === null) return undefined
  const conditions = Object.entries(exports).filter(([condition]) => CONDITIONS.has(condition))
  return conditions.map(([, target]) => targetOf(target)).find((target) => target !== undefined)
}

const CONDITIONS: ReadonlySet<string> = new Set([".", "import", "node", "default"])
