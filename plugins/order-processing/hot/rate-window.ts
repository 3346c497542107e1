const SECOND_NS = 1e9
const LONG_AGO = Number.NEGATIVE_INFINITY

/**
 * Admits at most `limit` in any second. It remembers the time of each of the last `limit` admissions in a ring: one
 * more is admitted when the oldest of them is a second old. Exact, at one comparison.
 */
export class RateWindow {
  #times: Float64Array
  readonly #now = new Float64Array(1)
  #oldest = 0

  /** `admitted` are times at which another window has admitted, oldest first. */
  constructor(admitted: Float64Array = new Float64Array(0)) {
    this.#times = admitted
  }

  /** The times that count, oldest first. */
  admitted(): Float64Array {
    return Float64Array.from([...this.#times.subarray(this.#oldest), ...this.#times.subarray(0, this.#oldest)])
  }

  admit(nowNs: number): boolean {
    this.#now[0] = nowNs
    return this.admitAt(this.#now)
  }

  /** The same for a time that lies at `now[0]`: as an argument it would be boxed. */
  admitAt(now: Float64Array): boolean {
    const times = this.#times
    if (times.length === 0) return true
    const nowNs = now[0]
    if (nowNs - times[this.#oldest] < SECOND_NS) return false
    times[this.#oldest] = nowNs
    this.#oldest = this.#oldest + 1 === times.length ? 0 : this.#oldest + 1
    return true
  }

  /** Another limit, with the same memory; 0 is no limit. Allocates: for the change of a configuration. */
  resize(limit: number): void {
    if (limit === this.#times.length) return
    const inOrder = this.admitted()
    const newest = inOrder.slice(Math.max(0, inOrder.length - limit))
    this.#times = new Float64Array(limit).fill(LONG_AGO)
    this.#times.set(newest, limit - newest.length)
    this.#oldest = 0
  }
}
