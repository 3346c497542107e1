import type { AlertRuleOptions } from "veloz"

/** A moment, on both clocks: durations are taken from the one that is never stepped. */
export interface Moment {
  readonly monotonicNs: number
  /** Milliseconds since 1970. */
  readonly wallMs: number
}

/**
 * One alert: `ok`, then `pending` while its figure is above the threshold, and `firing` once it has been for as long as the
 * rule says. Where there is no sample nothing is known: a stretch above the threshold ends there, and an alert that fires
 * goes on, because nothing says that it is over.
 */
export class Alert {
  state: "ok" | "pending" | "firing" = "ok"
  /** The figure as it was seen last. */
  current: number | null = null
  #since: Moment | undefined

  constructor(public rule: AlertRuleOptions) {}

  /** Takes a sample. Returns what is to be told, if the alert begins or ends with it. */
  take(value: number | null, now: Moment): "fired" | "resolved" | undefined {
    const { threshold, duration_seconds } = this.rule
    this.current = value
    if (value === null) {
      if (this.state === "pending") this.#enter("ok", undefined)
      return undefined
    }
    if (value <= threshold) {
      const wasFiring = this.state === "firing"
      this.#enter("ok", undefined)
      return wasFiring ? "resolved" : undefined
    }
    if (this.state === "ok") this.#enter("pending", now)
    const isLong = now.monotonicNs - this.#since!.monotonicNs >= duration_seconds * 1e9
    if (this.state === "firing" || !isLong) return undefined
    this.#enter("firing", now)
    return "fired"
  }

  reading(): object {
    const { state, current } = this
    return { ...this.rule, state, current, since: this.#since?.wallMs ?? null }
  }

  #enter(state: Alert["state"], since: Moment | undefined): void {
    this.state = state
    this.#since = since
  }
}
