import type { ManualClock } from "../hot/clock.js"
import type { Scheduler } from "../threads/scheduler.js"

interface Due {
  atNs: number
  /** 0 for a timer that runs once. */
  readonly periodNs: number
  readonly callback: () => void
}

/** Timers that run when the test lets time pass: in the order in which they are due, at the time that they are due. */
export class ManualScheduler implements Scheduler {
  readonly #due = new Set<Due>()

  constructor(
    private readonly clock: ManualClock,
    /** Called after each timer, as the event loop goes on to other work. */
    private readonly afterEach: () => void,
  ) {}

  /** Timers that wait. */
  get count(): number {
    return this.#due.size
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#add(delayMs, 0, callback)
  }

  every(periodMs: number, callback: () => void): () => void {
    return this.#add(periodMs, Math.max(periodMs * 1e6, 1), callback)
  }

  advanceNs(nanoseconds: number): void {
    const endNs = this.clock.nowNs() + nanoseconds
    for (let next = this.#nextUntil(endNs); next !== undefined; next = this.#nextUntil(endNs)) {
      this.clock.advanceNs(Math.max(0, next.atNs - this.clock.nowNs()))
      if (next.periodNs === 0) this.#due.delete(next)
      else next.atNs += next.periodNs
      next.callback()
      this.afterEach()
    }
    this.clock.advanceNs(endNs - this.clock.nowNs())
    this.afterEach()
  }

  #add(delayMs: number, periodNs: number, callback: () => void): () => void {
    const due: Due = { atNs: this.clock.nowNs() + Math.max(0, delayMs) * 1e6, periodNs, callback }
    this.#due.add(due)
    return () => void this.#due.delete(due)
  }

  /** The earliest timer; of two at the same time the one that was set first. */
  #nextUntil(endNs: number): Due | undefined {
    let next: Due | undefined
    for (const due of this.#due) if (due.atNs <= endNs && (next === undefined || due.atNs < next.atNs)) next = due
    return next
  }
}
