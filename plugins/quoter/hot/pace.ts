const SECOND_NS = 1e9
/** A longer standstill is not made up for: a burst would be no flow to measure. */
const MOST_BEHIND_NS = 100e6

/** An intended schedule: `rate` turns a second, evenly spaced, whenever it is asked. */
export class Pace {
  readonly #nextNs = new Float64Array(1)

  /** `now` holds the time in nanoseconds, written by the owner of the pace. */
  constructor(private readonly now: Float64Array) {}

  /** True when a turn is due, which is then taken. */
  take(rate: number): boolean {
    const nowNs = this.now[0]
    const nextNs = this.#nextNs[0]
    if (nowNs < nextNs) {
      // The rate was raised: do not sleep through the long gap of the one before.
      this.#nextNs[0] = Math.min(nextNs, nowNs + SECOND_NS / rate)
      return false
    }
    const fromNs = nowNs - nextNs > MOST_BEHIND_NS ? nowNs : nextNs
    this.#nextNs[0] = fromNs + SECOND_NS / rate
    return true
  }
}
