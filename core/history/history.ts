import type { Diagnostic } from "../config/diagnostic.js"
import type { EffectiveConfig } from "../config/effective.js"
import type { PathChange } from "../config/plan.js"
import { canonical } from "../config/same.js"
import { hideSecrets, withoutSecrets } from "../config/secrets.js"
import type { Attempt, Author, KeptBundle, Outcome, PluginCode } from "./attempt.js"
import { HistoryFolder, hashOf } from "./folder.js"
import { openChange, openDiagnostic, openOrigins } from "./open.js"
import type { HistoryReader } from "./read.js"
import { objectsOf } from "./retention.js"
import type { SourceText } from "./sources.js"

export interface HistoryOptions {
  readonly root: string
  readonly version: string
  url(): string | null
  warn(message: string): void
  info(message: string): void
}

/** A plugin's code, as it is kept. */
export interface RunCode extends Omit<PluginCode, "bundle"> {
  readonly bundle: (Omit<KeptBundle, "object"> & { readonly code: string }) | null
}

/** What became of an attempt, and of what it was made. */
export interface Ending {
  readonly outcome: Exclude<Outcome, "begun">
  readonly generation: number
  readonly durationMs: number
  readonly summary: string
  readonly changes?: readonly PathChange[]
  readonly diagnostics?: readonly Diagnostic[]
  readonly restores?: number | undefined
  /** Undefined when it could not even be read. */
  readonly config?: EffectiveConfig | undefined
  readonly plugins?: readonly RunCode[] | undefined
  readonly sources?: readonly SourceText[]
  readonly withheld?: readonly string[]
}

/**
 * The history that a running engine writes. A disk that is full, read-only or stuck never holds up a change: what cannot be
 * written is kept in memory, and told once.
 */
export class History implements HistoryReader {
  readonly #options: HistoryOptions
  readonly #folder: HistoryFolder
  /** What could not be written, the oldest first. */
  readonly #unwritten = new Map<number, Attempt>()
  readonly #objects = new Map<string, string>()
  #next: number | undefined
  #ended = 0
  #cleaning: Promise<void> | undefined
  #isTold = false
  #lastRejected: Attempt | undefined
  #refusedSave: number | undefined

  constructor(options: HistoryOptions) {
    this.#options = options
    this.#folder = new HistoryFolder(options.root)
  }

  /** The folder of the configuration. */
  get root(): string {
    return this.#options.root
  }

  /** The last attempt of this run of the engine that was rejected. */
  get lastRejected(): Attempt | undefined {
    return this.#lastRejected
  }

  /** The save that was refused, where it is the newest: what stands in the files is no configuration. */
  get refusedSave(): number | undefined {
    return this.#refusedSave
  }

  /** Gives an attempt its number. */
  async begin({ layer, name }: Author, generation: number): Promise<Attempt> {
    const { version, url } = this.#options
    this.#next ??= 1 + ((await this.#try(() => this.#folder.numbers()))?.[0] ?? 0)
    const attempt: Attempt = {
      number: this.#next,
      time: Date.now(),
      layer,
      author: name,
      outcome: "begun",
      generation,
      duration_ms: null,
      summary: "",
      changes: [],
      diagnostics: [],
      restores: null,
      engine: { pid: process.pid, version, url: url() },
      values: null,
      origins: null,
      plugins: [],
      sources: {},
      withheld: [],
    }
    const claimed = (await this.#try(() => this.#folder.claim(attempt))) ?? attempt
    this.#next = claimed.number + 1
    return claimed
  }

  async end(begun: Attempt, ending: Ending): Promise<void> {
    const { outcome, generation, durationMs, summary, config, plugins = [], sources = [], withheld = [] } = ending
    const objects = new Map<string, string>()
    const keep = (text: string): string => {
      const name = hashOf(text)
      objects.set(name, text)
      return name
    }
    const attempt: Attempt = {
      ...begun,
      outcome,
      generation,
      duration_ms: Math.round(durationMs * 10) / 10,
      summary: hideSecrets(summary),
      changes: ending.changes?.map(openChange) ?? [],
      diagnostics: ending.diagnostics?.map(openDiagnostic) ?? [],
      restores: ending.restores ?? null,
      engine: { ...begun.engine, url: this.#options.url() },
      values: config === undefined ? null : keep(canonical(withoutSecrets(config.values))!),
      origins: config === undefined ? null : keep(JSON.stringify(openOrigins(config.origins))),
      plugins: plugins.map(({ bundle, ...code }) => {
        if (bundle === null) return { ...code, bundle }
        const { code: text, ...about } = bundle
        return { ...code, bundle: { ...about, object: keep(text) } }
      }),
      sources: Object.fromEntries(sources.map(({ file, text }) => [file, keep(text)])),
      withheld,
    }
    if (outcome === "rejected") this.#lastRejected = attempt
    if (attempt.layer === "file") this.#refusedSave = outcome === "rejected" ? attempt.number : undefined
    const isWritten = await this.#try(async () => {
      await Promise.all([...objects.values()].map((text) => this.#folder.put(text)))
      await this.#folder.write(attempt)
      return true
    })
    if (isWritten === undefined) return this.#remember(attempt, objects)
    if (this.#isTold) {
      this.#options.info(`the history is written to ${this.#folder.path} again`)
      await this.#catchUp()
    }
    this.#isTold = false
    if (this.#ended++ % CLEAN_EVERY === 0) this.#clean()
  }

  /** Writes what could not be written when it was new. A number that another engine has taken meanwhile stays its. */
  async #catchUp(): Promise<void> {
    for (const [number, attempt] of this.#unwritten) {
      const isDone = await this.#try(async () => {
        await Promise.all(objectsOf(attempt).map((name) => this.#folder.put(this.#objects.get(name)!)))
        return this.#folder.complete(attempt)
      })
      if (isDone === undefined) return
      if (isDone) this.#unwritten.delete(number)
    }
    this.#forgetObjects()
  }

  async numbers(): Promise<number[]> {
    const written = (await this.#try(() => this.#folder.numbers())) ?? []
    return [...new Set([...written, ...this.#unwritten.keys()])].sort((a, b) => b - a)
  }

  async read(number: number): Promise<Attempt | undefined> {
    return this.#unwritten.get(number) ?? (await this.#folder.read(number))
  }

  async get(object: string): Promise<string> {
    return this.#objects.get(object) ?? (await this.#folder.get(object))
  }

  /** Nobody waits for it, and what it could not do the next one does. */
  #clean(): void {
    this.#cleaning ??= this.#folder
      .clean()
      .catch(() => undefined)
      .finally(() => {
        this.#cleaning = undefined
      })
  }

  #remember(attempt: Attempt, objects: ReadonlyMap<string, string>): void {
    this.#unwritten.set(attempt.number, attempt)
    for (const [name, text] of objects) this.#objects.set(name, text)
    if (this.#unwritten.size <= KEPT_IN_MEMORY) return
    this.#unwritten.delete(this.#unwritten.keys().next().value!)
    this.#forgetObjects()
  }

  #forgetObjects(): void {
    const named = new Set([...this.#unwritten.values()].flatMap(objectsOf))
    for (const name of this.#objects.keys()) if (!named.has(name)) this.#objects.delete(name)
  }

  /** Undefined when the disk refuses, or takes too long. */
  async #try<T>(work: () => Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the disk has not answered in ${DISK_DEADLINE_MS} ms`)),
        DISK_DEADLINE_MS,
      )
    })
    try {
      return await Promise.race([work(), late])
    } catch (error) {
      if (!this.#isTold) {
        const reason = (error as Error).message
        this.#options.warn(`the history cannot be written, and is kept in memory until it can be: ${reason}`)
      }
      this.#isTold = true
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }
}

/** So often that the folder stays near its bounds, and so seldom that it costs less than what is written. */
const CLEAN_EVERY = 256
const KEPT_IN_MEMORY = 50
const DISK_DEADLINE_MS = 1000
