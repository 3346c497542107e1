import type { Part } from "../kernel/contract.js"
import type { CallMeter } from "./call-meters.js"

/** The hooks of the two paths on hot threads, by name. */
export type HookName =
  | "order.validate"
  | "order.risk"
  | "order.sent"
  | "order.report"
  | "market.decoded"
  | "market.booked"
  | "market.onBook"
  | "market.onTop"
  | "market.onTrade"
  | "orders.onUpdate"
  | "orders.onFill"

/** One function of one plugin on one hook, kept so that a new generation can be composed without asking again. */
export interface Tap {
  readonly hook: HookName
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: each hook has its own arguments; hooks.ts pairs them again
  readonly fn: (...args: any[]) => any
  readonly deferrable: boolean
  readonly meter: CallMeter
}

/** A plugin's part on a hot thread, with everything that it asked for while it was prepared. */
export class PartInstance {
  part: Part = {}
  readonly taps: Tap[] = []
  /** Undone when the part is disposed of: timers, connections, wishes. */
  readonly undo: (() => void)[] = []
  /** Runs at the commit of the generation that brings the part. */
  readonly activate: (() => void)[] = []
  /** It threw: its taps are passed over from then on. */
  failed = false
  readonly #turnMeters = new Map<string, CallMeter>()

  constructor(
    readonly plugin: string,
    readonly role: "engine" | "strategy" | "network",
    /** The number of the plugin on this thread; orders of a strategy carry it. */
    readonly owner: number,
    readonly onFault: (instance: PartInstance, where: string, error: unknown) => void,
    /** Makes what times the calls of one function of the plugin. */
    readonly meter: (where: string) => CallMeter,
  ) {}

  tap(hook: HookName, name: string, fn: Tap["fn"], deferrable = false): void {
    // Found out here, it refuses a generation; found out at the first record, it would stop the plugin in one that runs.
    if (typeof fn !== "function") throw new TypeError(`${hook} takes a function, and was given ${JSON.stringify(fn)}`)
    this.taps.push({ hook, name, fn, deferrable, meter: this.meter(`${this.role}, ${hook} "${name}"`) })
  }

  /** The meter of what is a turn of its own: its timers, and its messages. */
  turnMeter(where: string): CallMeter {
    let meter = this.#turnMeters.get(where)
    if (meter === undefined) this.#turnMeters.set(where, (meter = this.meter(`${this.role}, ${where}`)))
    return meter
  }

  fault(where: string, error: unknown): void {
    if (this.failed) return
    this.failed = true
    this.onFault(this, where, error)
  }

  /** It threw, and goes on: without it there would be nobody to do its work. */
  complain(where: string, error: unknown): void {
    this.onFault(this, where, error)
  }

  /** Code that answers with a promise has not failed yet: when it does, it has failed there. */
  follow(where: string, answer: unknown): void {
    if (answer instanceof Promise) answer.catch((error: unknown) => this.fault(where, error))
  }

  dispose(): void {
    for (const undo of this.undo.splice(0).reverse()) undo()
    const { part } = this
    this.part = {}
    try {
      this.follow("dispose", part.dispose?.())
    } catch (error) {
      this.fault("dispose", error)
    }
  }
}
