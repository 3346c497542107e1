import { Worker } from "node:worker_threads"
import type { ConfigEnv } from "../config/types.js"
import { FAR_HEAP_LIMIT_MB, watchGrowth } from "../os/memory-watch.js"
import type { PluginChange, PluginSource, SentError } from "../threads/messages.js"
import type { MetricNames } from "../threads/metric-slots.js"
import type { Surroundings, SymbolSpec } from "./contract.js"
import { trialFailedError } from "./errors.js"

/** Code that is tried before anything that trades runs it. */
export type TrialTask = ScriptTask | CheckTask | PartsTask | ComposeTask | SchemaTask

/** A bundle to be evaluated. If it exports a configuration that is a function, that is called. */
export interface ScriptTask {
  readonly type: "script"
  readonly entry: string
  readonly code: string
  readonly hash: string
  readonly env: ConfigEnv
}

/** A plugin, to be asked what it has against a configuration, and what it claims with it. */
export interface CheckTask {
  readonly type: "check"
  readonly name: string
  readonly source: PluginSource
  readonly options: Readonly<Record<string, unknown>>
  readonly around: Surroundings
}

/** Hot parts to be made, put in force, retuned, disposed of and primed, on an engine that is connected to nothing. */
export interface PartsTask {
  readonly type: "parts"
  /** The code is another than that which runs, so that hot threads will prime it. */
  readonly isNewCode: boolean
  readonly symbols: readonly SymbolSpec[]
  readonly plugin: PluginChange
  /** The options that the plugin has so far, where only these change. */
  readonly before: Readonly<Record<string, unknown>> | undefined
}

/** Hot parts of a whole generation, to be made beside those of another one that stands. */
export interface ComposeTask {
  readonly type: "compose"
  readonly symbols: readonly SymbolSpec[]
  /** Empty where nothing stands on the threads that are to come. */
  readonly standing: readonly PluginChange[]
  readonly changes: readonly PluginChange[]
}

/** What they would measure, or why they cannot be made. */
export type Composed = { readonly names: MetricNames } | { readonly refusal: SentError }

/** A plugin that is evaluated for the schema of its options alone. */
export interface SchemaTask {
  readonly type: "schema"
  readonly specifier: string
  readonly source: PluginSource
}

export type FromTrial =
  | { readonly type: "ready" }
  /** What of it is done from now on: "while its parts were made". What it promised is waited for, and may never come. */
  | { readonly type: "at"; readonly during: string; readonly isPromise: boolean }
  | ({ readonly type: "ended" } & TrialEnd)

/** It came to an end, or threw. */
interface TrialEnd {
  /** What still runs: timers, sockets, by their kind. */
  readonly leftovers: readonly string[]
  /** The schema that was asked for, as JSON. */
  readonly schema?: string | undefined
  readonly composed?: Composed | undefined
}

export interface TrialLimits {
  readonly ms: number
  /** By how much the process may grow meanwhile. */
  readonly bytes: number
}

/** Far more than evaluating needs, packages included, and less than `bounded` gives on that thread: one says what it was. */
const LIMITS: TrialLimits = { ms: 4000, bytes: 256 * 1024 * 1024 }

/**
 * A thread on which code of users is tried before control or a hot thread runs it: whether it comes to an end, in time
 * and without taking all memory. A thread that does not is thrown away, and so is one that something was left running
 * on; the next is started at once, so that a change does not wait for it. What the code says or throws is not of
 * interest here: it is run again where it belongs. A plan alone asks for it, since it runs nothing elsewhere.
 */
export class Trial {
  #thread: TrialThread | undefined
  /** One task at a time. */
  #queue: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(private readonly limits: TrialLimits = LIMITS) {}

  /** Starts the thread, if there is none. */
  warm(): void {
    if (!this.#isClosed) this.#thread ??= new TrialThread()
  }

  /** Returns what the code left running. Rejects when it does not end; `what` is its name for the reader. */
  async run(what: string, task: TrialTask): Promise<readonly string[]> {
    return (await this.#enqueue(what, task)).leftovers
  }

  /** Undefined when the engine stops. */
  async compose(task: ComposeTask): Promise<Composed | undefined> {
    return (await this.#enqueue("the pipeline", task)).composed
  }

  /** The schema of a plugin's options as JSON; undefined where there is no such plugin. Rejects as `run` does. */
  async schemaOf(specifier: string, source: PluginSource): Promise<string | undefined> {
    return (await this.#enqueue(specifier, { type: "schema", specifier, source })).schema
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const thread = this.#thread
    this.#thread = undefined
    await thread?.end()
  }

  #enqueue(what: string, task: TrialTask): Promise<TrialEnd> {
    const result = this.#queue.then(() => this.#run(what, task))
    this.#queue = result.catch(() => undefined)
    return result
  }

  async #run(what: string, task: TrialTask): Promise<TrialEnd> {
    this.warm()
    const thread = this.#thread
    // The engine stops: nobody needs an answer.
    if (thread === undefined) return { leftovers: [] }
    const outcome = await thread.try(task, this.limits)
    const isClean = typeof outcome !== "string" && outcome.leftovers.length === 0
    if (!isClean) {
      this.#thread = undefined
      await thread.end()
      this.warm()
    }
    if (typeof outcome === "string") throw trialFailedError(what, outcome)
    return outcome
  }
}

class TrialThread {
  readonly #worker: Worker
  /** Why it has ended by itself. */
  #death: string | undefined
  #settle: ((outcome: string | TrialEnd) => void) | undefined
  #during = ""
  #isPromise = false
  readonly #ready: Promise<void>

  constructor() {
    const resourceLimits = { maxOldGenerationSizeMb: FAR_HEAP_LIMIT_MB }
    const url = new URL("./trial-thread.js", import.meta.url)
    this.#worker = new Worker(url, { name: "veloz-trial", resourceLimits })
    this.#worker.on("error", (error) => this.#die(`it threw where nobody catches it: ${error.message}`))
    this.#worker.on("exit", (code) => this.#die(`it ended its process${this.#during}, with ${code}`))
    this.#ready = new Promise((resolve) => {
      this.#worker.on("message", (message: FromTrial) => {
        if (message.type === "ready") {
          // Whoever has nothing more to try may end.
          this.#worker.unref()
          resolve()
        } else if (message.type === "ended") this.#settle?.(message)
        else {
          this.#during = ` ${message.during}`
          this.#isPromise = message.isPromise
        }
      })
      this.#worker.once("exit", () => resolve())
    })
  }

  /** How it ended, or the reason why it did not. */
  async try(task: TrialTask, { ms, bytes }: TrialLimits): Promise<string | TrialEnd> {
    await this.#ready
    const outcome = new Promise<string | TrialEnd>((resolve) => {
      this.#settle = resolve
    })
    this.#during = ""
    if (this.#death !== undefined) this.#settle?.(this.#death)
    const late = setTimeout(() => {
      const doubt = this.#isPromise ? "is everything that it awaits settled?" : "is there a loop without an end?"
      this.#settle?.(`it had not ended after ${ms} ms${this.#during}: ${doubt}`)
    }, ms)
    const unwatch = watchGrowth(bytes, () => {
      this.#settle?.(
        `it had taken ${bytes >> 20} MB of memory${this.#during} and went on: is there a list that grows without an end?`,
      )
    })
    this.#worker.postMessage(task)
    try {
      return await outcome
    } finally {
      clearTimeout(late)
      unwatch()
      this.#settle = undefined
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #die(reason: string): void {
    this.#death ??= reason
    this.#settle?.(this.#death)
  }
}
