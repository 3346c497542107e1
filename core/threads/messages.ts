import type { SymbolSpec } from "../kernel/contract.js"
import type { DenyText } from "../pipeline/deny-reasons.js"
import type { PathReading } from "../pipeline/describe.js"
import type { HotRole } from "./agent.js"
import type { Handover } from "./handover.js"
import type { MetricNames } from "./metric-slots.js"
import type { IdleStrategy } from "./runner.js"
import type { SharedMemory } from "./shared-memory.js"

// What control and a hot thread say to each other, in order, over the port of the thread. Slow path: plain data.

/** What the roles of a hot thread are made of. */
export interface HotThreadData {
  /** The roles of this thread: all three, or one. */
  readonly roles: readonly HotRole[]
  readonly idleStrategy: IdleStrategy
  readonly symbols: readonly SymbolSpec[]
  readonly memory: SharedMemory
  readonly baseSeconds: number
  readonly epoch: number
  readonly orderPoolSize: number
  /** Another set of threads runs: this one makes itself ready beside it, and then succeeds it. */
  readonly isSuccessor?: boolean
  /** What the running engine has given numbers to: the new threads go on with these. */
  readonly owners?: readonly string[]
  readonly reasons?: readonly (readonly [name: string, number: number, text: DenyText])[]
}

/** Where a thread finds the code of a plugin: a module beside core, or a bundle that control made. */
export type PluginSource = { readonly kind: "module"; readonly file: string } | PluginBundle

export interface PluginBundle {
  readonly kind: "bundle"
  readonly entry: string
  readonly code: string
  readonly hash: string
  /** The plugin of this name among the exports; the default export where it is left out. */
  readonly plugin?: string
}

/** What becomes of one plugin on the thread. */
export interface PluginChange {
  readonly name: string
  /** keep: nothing. retune: new options in place. remake: its parts are made anew from `source`. */
  readonly action: "keep" | "retune" | "remake"
  readonly options: Readonly<Record<string, unknown>>
  readonly source: PluginSource
}

/** A generation to prepare: every plugin that is in it, in order. A plugin that is not named leaves. */
export interface PrepareRequest {
  readonly generation: number
  readonly plugins: readonly PluginChange[]
}

export type ToThread =
  | { readonly type: "open"; readonly data: HotThreadData }
  | ({ readonly type: "prepare" } & PrepareRequest)
  /** Run the new code of these plugins, of a generation that is prepared, on what is invented. */
  | ({ readonly type: "prime" } & PrepareRequest)
  | { readonly type: "commit"; readonly generation: number; readonly attempt: number }
  | { readonly type: "abort"; readonly generation: number }
  | { readonly type: "idle"; readonly strategy: IdleStrategy }
  /** Which kept state cannot go to another thread, and which plugins have numbers here? */
  | { readonly type: "survey" }
  /** What is not ready of a successor? */
  | { readonly type: "readiness" }
  /** Take nothing new on. */
  | { readonly type: "hold" }
  /** The next cut is the last one: no input from then on. */
  | { readonly type: "retire" }
  /** What does who goes on have to know? What plugins keep goes along, or does not. */
  | { readonly type: "share"; readonly withKept: boolean }
  /** Go on as before: nobody succeeds. */
  | { readonly type: "resume" }
  /** What the threads before have left. The next cut is the one at which these succeed them. */
  | { readonly type: "succeed"; readonly handover: Handover }
  | { readonly type: "channel"; readonly plugin: string; readonly message: unknown }
  /** Take no new orders, cancel what is open if so configured, and wait for the venue's word for at most `graceMs`. */
  | { readonly type: "drain"; readonly graceMs: number }
  /** How late the kernel may wake it; see `ownTimerSlack`. Only a thread itself may always say so. */
  | { readonly type: "timer_slack"; readonly ns: number }
  | { readonly type: "stop" }

export interface PreparedAnswer extends PathReading {
  readonly type: "prepared"
  readonly generation: number
  readonly metrics: MetricNames
  readonly reasons: readonly (readonly [name: string, number: number, text: DenyText])[]
  /** Plugins that had failed on the thread, and are made anew. */
  readonly revived: readonly string[]
  /** Milliseconds that the parts of each plugin took to prepare. */
  readonly timings: Readonly<Record<string, number>>
  /** Names of the meters that the thread has given out, by slot. */
  readonly meters: readonly string[]
  /** Milliseconds that the thread took no input meanwhile. */
  readonly heldMs: number
}

export interface PrimedAnswer {
  readonly type: "primed"
  readonly generation: number
  readonly tookMs: number
  /** The longest of the slices, between which the thread takes input. */
  readonly sliceMs: number
  /** Why the code could not be primed, or not all of it. */
  readonly failure?: string | undefined
}

export interface DrainedAnswer {
  readonly type: "drained"
  /** Orders whose end the venue has not confirmed. */
  readonly openOrders: number
  /** Whether their cancel was asked for. */
  readonly isCancelling: boolean
}

export interface SurveyAnswer {
  readonly type: "survey"
  readonly stuck: readonly { readonly owner: string; readonly key: string }[]
  readonly owners: readonly string[]
}

export interface ReadinessAnswer {
  readonly type: "readiness"
  readonly mayTrade: boolean
  /** Symbols whose books are not live. */
  readonly missing: readonly string[]
}

export type FromThread =
  | { readonly type: "started"; readonly tid: number | undefined; readonly timerSlackNs: number | undefined }
  | { readonly type: "timer_slack"; readonly ns: number | undefined }
  /** This plugin is loaded and made now. */
  | { readonly type: "loading"; readonly plugin: string }
  | PreparedAnswer
  | PrimedAnswer
  | { readonly type: "committed"; readonly generation: number; readonly pauseUs: number }
  /** The marker did not come round in time: the old generation goes on. */
  | { readonly type: "late"; readonly generation: number }
  | { readonly type: "refused"; readonly generation: number; readonly error: SentError }
  | { readonly type: "channel"; readonly plugin: string; readonly message: unknown }
  | {
      readonly type: "log"
      readonly level: "debug" | "info" | "warn" | "error"
      readonly plugin: string
      readonly message: string
      readonly details: object | undefined
    }
  /** Calls of a plugin take so long, again and again. */
  | { readonly type: "slow"; readonly plugin: string; readonly where: string; readonly ms: number }
  /** The parts of a plugin have left, and took so long. */
  | { readonly type: "disposed"; readonly plugin: string; readonly ms: number }
  /** So many parts of a plugin that have left are held in memory. */
  | { readonly type: "held"; readonly plugin: string; readonly where: string; readonly count: number }
  | { readonly type: "fault"; readonly plugin: string; readonly where: string; readonly error: SentError }
  | DrainedAnswer
  | SurveyAnswer
  | ReadinessAnswer
  | { readonly type: "holding"; readonly unanswered: number }
  | { readonly type: "retiring" }
  | { readonly type: "shared"; readonly share: Handover; readonly unanswered: number }
  | { readonly type: "stopped" }

/** An error as it crosses between threads. */
export interface SentError {
  readonly code: string | undefined
  readonly message: string
  readonly stack: string | undefined
  /** The option that it is about, by its whole path. */
  readonly field?: string | undefined
}

export function sendableError(error: unknown): SentError {
  if (!(error instanceof Error)) return { code: undefined, message: String(error), stack: undefined }
  const { code, field } = error as { code?: unknown; field?: unknown }
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)
  return { code: text(code), message: error.message, stack: error.stack, field: text(field) }
}
