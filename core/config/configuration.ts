import { dirname, relative, resolve } from "node:path"
import { compose } from "./compose.js"
import type { Composition, LoadedFile, SchemaSource } from "./composition.js"
import { ConfigError, type Diagnostic } from "./diagnostic.js"
import type { ValueChange } from "./differences.js"
import type { EffectiveConfig, Origin } from "./effective.js"
import {
  badPathError,
  foreignCodeError,
  foreignFileError,
  hiddenValueError,
  inexactValueError,
  noDefaultExportError,
  shadowedNotice,
  wrongValueError,
} from "./errors.js"
import { configurationFile, expectedConfigFiles, shadowedConfigFiles } from "./find.js"
import { isSwitch, type LayerKind, type Leaf, leavesAt, leavesOf, overlaps } from "./layers.js"
import { type ConfigPath, formatPath, isPlainObject, parsePath } from "./path.js"
import { plainCopy } from "./plain.js"
import { isDataFile, readSource } from "./read-source.js"
import { lostValues } from "./restore-values.js"
import { isHidden } from "./secrets.js"
import { readSettings } from "./settings.js"
import type { Source, SourceContext } from "./source.js"

export interface ConfigurationOptions {
  readonly cwd: string
  /** The configuration file; without it, the project's is searched. */
  readonly file?: string
  readonly env: NodeJS.ProcessEnv
  /** Values by path, from the command line. */
  readonly args?: Readonly<Record<string, unknown>>
  readonly schemas: SchemaSource
  /** What `veloz` and its other doors are to a configuration: the running engine's own modules. */
  readonly modules: Readonly<Record<string, unknown>>
  readonly trial?: SourceContext["trial"]
}

/** What a candidate was made of: committed together with it, or forgotten. */
interface Basis {
  readonly loaded: LoadedFile
  readonly api: ReadonlyMap<string, Leaf>
}

/** What the API said at some paths, to come back to. */
export interface FormerValues {
  readonly at: readonly ConfigPath[]
  readonly leaves: readonly Leaf[]
}

/** Values that were in force once, as far as the API can set them. */
export interface Restored {
  readonly effective: EffectiveConfig
  /** Options that are set elsewhere, and have another value (`from`) than they had then (`to`). */
  readonly kept: readonly (ValueChange & { readonly by: Origin | undefined })[]
}

/**
 * The layers of a running engine. `load` and `withApi` make candidates and change nothing; `commit` keeps one. A
 * candidate that fails throws a ConfigError with everything that is wrong.
 */
export class Configuration {
  readonly #options: ConfigurationOptions
  readonly #context: SourceContext
  readonly #bases = new WeakMap<EffectiveConfig, Basis>()
  #committed: Basis | undefined
  #effective: EffectiveConfig | undefined
  #files: readonly string[] = []

  constructor(options: ConfigurationOptions) {
    this.#options = options
    const { modules, trial, cwd, env } = options
    this.#context = { modules, trial, env: { cwd, env: { ...env } } }
  }

  /** The files that decide the configuration, after the last attempt, whether it succeeded or not. */
  get files(): readonly string[] {
    return this.#files
  }

  /**
   * Reads everything anew. What the file has changed since the last commit wins over what the API had set there.
   * `onRead` is called when the file has been read and the layers are yet to be composed.
   */
  async load(onRead?: () => void): Promise<EffectiveConfig> {
    const loaded = await this.#readFile()
    onRead?.()
    return this.#compose({ loaded, api: this.#apiUnder(loaded) })
  }

  /** Like `load`, as if another file stood in the place of the configuration's. It must lie beside it. */
  async loadInstead(wish: string): Promise<EffectiveConfig> {
    const { root = this.#options.cwd } = this.#committed?.loaded ?? {}
    const file = resolve(root, wish)
    const files = this.#files
    try {
      // Code is evaluated here that a request names: who can write into this folder could change the configuration too.
      if (dirname(file) !== root) throw new ConfigError([foreignFileError(file, root)], files)
      const loaded = await this.#readFile(file)
      return await this.#compose({ loaded, api: this.#apiUnder(loaded) })
    } finally {
      this.#files = files
    }
  }

  /**
   * The committed configuration with values by path on top; `null` takes back what the API had set there. `author` says
   * who sets them: `POST /api/config/market_data`.
   */
  async withApi(changes: Readonly<Record<string, unknown>>, author: string): Promise<EffectiveConfig> {
    const loaded = this.#committed?.loaded ?? (await this.#readFile())
    const api = new Map(this.#committed?.api)
    const problems: Diagnostic[] = []
    for (const [path, value] of Object.entries(changes)) {
      const keys = parsePath(path)
      if (keys === undefined || keys.length === 0) problems.push(badPathError(path))
      else if (this.#isForeignCode(keys)) problems.push(foreignCodeError(keys))
      else assign(api, keys, plainCopy(value, keys, problems), { source: author, setAt: Date.now() })
    }
    if (problems.length > 0) throw new ConfigError(problems, this.#files)
    return this.#compose({ loaded, api })
  }

  /**
   * What is in force with other values from the API, so that every option has the one that it has in `values`. The
   * environment and the command line keep theirs.
   */
  async withValues(values: Readonly<Record<string, unknown>>, author: string): Promise<Restored> {
    const { loaded, api: standing } = this.#committed!
    // Where the file says so already, nothing needs to be set.
    const bare = await this.#compose({ loaded, api: new Map() }).catch(nothingInvalid)
    const base = bare ?? this.#effective!
    const api = new Map(bare === undefined ? standing : [])
    const setter = { source: author, setAt: Date.now() }
    const problems: Diagnostic[] = []
    for (const { path, to } of lostValues(base.values, values)) {
      const keys = parsePath(path)!
      // An option that this release knows and that one did not.
      if (to === undefined && base.origins.get(path)?.[0].layer === "default") continue
      if (isHidden(to)) problems.push(hiddenValueError(keys))
      else assign(api, keys, to === undefined && isSwitch(keys) ? false : to, setter)
    }
    if (problems.length > 0) throw new ConfigError(problems, this.#files)
    const effective = await this.#compose({ loaded, api })
    const kept = lostValues(effective.values, values).map((change) => ({
      ...change,
      by: effective.origins.get(change.path)?.[0],
    }))
    const inexact = kept.filter(({ by }) => by === undefined || !HELD_BY.includes(by.layer))
    if (inexact.length === 0) return { effective, kept }
    throw new ConfigError(
      inexact.map(({ path, from, to }) => inexactValueError(path, from, to)),
      this.#files,
    )
  }

  /** What the API says at these paths. */
  apiAt(paths: readonly string[]): FormerValues {
    const at = paths.flatMap((path) => [parsePath(path) ?? []])
    const leaves = [...(this.#committed?.api.values() ?? [])]
    return { at, leaves: leaves.filter(({ keys }) => at.some((own) => overlaps(own, keys))) }
  }

  /** The committed configuration with what the API said once at some paths. What the file says there since then stays. */
  async withApiAsBefore({ at, leaves }: FormerValues): Promise<EffectiveConfig> {
    const { loaded, api } = this.#committed!
    const isSet = (keys: ConfigPath): boolean => [...api.values()].some((leaf) => overlaps(keys, leaf.keys))
    const set = at.filter(isSet)
    const isMeant = ({ keys }: Leaf): boolean => set.some((own) => overlaps(own, keys))
    const others = [...api.values()].filter((leaf) => !isMeant(leaf))
    const next = [...others, ...leaves.filter(isMeant)]
    return this.#compose({ loaded, api: new Map(next.map((leaf) => [formatPath(leaf.keys), leaf])) })
  }

  /** Keeps a candidate: later ones build on it. */
  commit(effective: EffectiveConfig): void {
    const basis = this.#bases.get(effective)
    if (basis === undefined) throw new TypeError("commit takes what load or withApi of this configuration returned")
    this.#committed = basis
    this.#effective = effective
  }

  /** Whether a path names a plugin that no file has named yet. What is evaluated here is for files to say. */
  #isForeignCode([first, name]: ConfigPath): boolean {
    const known = this.#effective?.schemas
    return first === "plugins" && name !== undefined && known !== undefined && !known.has(name)
  }

  async #compose(basis: Basis): Promise<EffectiveConfig> {
    const { env, args = {}, schemas } = this.#options
    const composition: Composition = { ...basis, env, args, schemas, context: this.#context }
    try {
      const effective = await compose(composition)
      this.#files = effective.files
      this.#bases.set(effective, basis)
      return effective
    } catch (error) {
      if (error instanceof ConfigError) this.#files = error.files
      throw error
    }
  }

  async #readFile(instead?: string): Promise<LoadedFile> {
    const { cwd } = this.#options
    const wish = instead ?? this.#options.file
    const file = await configurationFile(cwd, wish)
    if (file === undefined) return { ...EMPTY, root: cwd, files: expectedConfigFiles(cwd) }
    const source = await readSource(file, this.#context)
    const problems = [...source.problems]
    if (problems.length === 0 && !isPlainObject(source.value)) {
      problems.push(
        isDataFile(file) ? notAnObject(source) : noDefaultExportError(file, "a configuration", source.value),
      )
    }
    if (problems.length > 0) throw this.#failed(problems, source.files)
    const root = dirname(file)
    const origin = { folder: root, root, presetsKey: "presets", locate: source.locate } as const
    const settings = readSettings(source.value as Record<string, unknown>, origin)
    // A file that was named was chosen; one that was found may not be the one that its author edits.
    const shadowed = wish === undefined ? shadowedConfigFiles(file) : []
    const notices = shadowed.map((other) => shadowedNotice(other, file))
    return { file, root, label: relative(cwd, file), settings, source, files: source.files, notices }
  }

  #failed(problems: readonly Diagnostic[], files: readonly string[]): ConfigError {
    this.#files = files
    return new ConfigError(problems, files)
  }

  /** The API's values, without those on paths that the file has changed since: the last writer of a path wins. */
  #apiUnder(loaded: LoadedFile): ReadonlyMap<string, Leaf> {
    if (this.#committed === undefined) return new Map()
    const changed = changedLeaves(fileLeaves(this.#committed.loaded), fileLeaves(loaded))
    const kept = [...this.#committed.api].filter(([, leaf]) => !changed.some(({ keys }) => overlaps(keys, leaf.keys)))
    return new Map(kept)
  }
}

/** JSON and YAML export nothing: they are what they say. */
function notAnObject({ value, file }: Source): Diagnostic {
  return { ...wrongValueError([], value, "an object of options"), file, line: 1, column: 1 }
}

const EMPTY = {
  file: undefined,
  label: "no file",
  notices: [],
  source: undefined,
  settings: {
    tree: {},
    presets: undefined,
    uses: new Map<string, unknown>(),
    written: (path: ConfigPath) => path,
    problems: [],
  },
}

/** Who may keep an option from having its old value. */
const HELD_BY: readonly LayerKind[] = ["default", "environment", "argument"]

function nothingInvalid(error: unknown): undefined {
  if (!(error instanceof ConfigError)) throw error
}

/** Everything that a file says, presets by value as they compare. */
function fileLeaves(loaded: LoadedFile): Map<string, Leaf> {
  const leaves = leavesOf(loaded.settings.tree)
  const presets = loaded.settings.presets
  if (presets !== undefined) leaves.set("presets", { keys: ["presets"], value: presets })
  return leaves
}

function assign(
  api: Map<string, Leaf>,
  keys: readonly string[],
  value: unknown,
  setter: Pick<Leaf, "source" | "setAt">,
): void {
  if (value === null) {
    // A plugin goes back as a whole: its switch and its options.
    for (const [path, leaf] of api) if (keys.every((key, index) => leaf.keys[index] === key)) api.delete(path)
    return
  }
  for (const leaf of leavesAt(keys, value, setter)) {
    for (const [path, other] of api) if (overlaps(other.keys, leaf.keys)) api.delete(path)
    api.set(formatPath(leaf.keys), leaf)
  }
}

function changedLeaves(before: ReadonlyMap<string, Leaf>, after: ReadonlyMap<string, Leaf>): Leaf[] {
  const isSame = (a: Leaf | undefined, b: Leaf) =>
    a !== undefined && JSON.stringify(a.value) === JSON.stringify(b.value)
  const written = [...after].filter(([path, leaf]) => !isSame(before.get(path), leaf)).map(([, leaf]) => leaf)
  const removed = [...before].filter(([path]) => !after.has(path)).map(([, leaf]) => leaf)
  return [...written, ...removed]
}
