/**
 * Calls back at an even rate on an intended schedule: what a late timer missed is made up for at once, so the rate
 * holds on average. After a long stop (a suspended machine) the schedule begins anew instead.
 */
export class Pacer {
  readonly #nowMs: () => number
  readonly #onDue: (count: number) => void
  #perMs = 0
  #startMs = 0
  #done = 0
  #timer: NodeJS.Timeout | undefined

  constructor(onDue: (count: number) => void, nowMs: () => number = () => performance.now()) {
    this.#onDue = onDue
    this.#nowMs = nowMs
  }

  /** Starts, or goes on at another rate. 0 stops. */
  setRate(perSecond: number): void {
    this.stop()
    this.#perMs = perSecond / 1000
    this.#restart()
    if (perSecond > 0) this.#wait()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #restart(): void {
    this.#startMs = this.#nowMs()
    this.#done = 0
  }

  #wait(): void {
    const dueMs = this.#startMs + (this.#done + 1) / this.#perMs
    this.#timer = setTimeout(() => this.#run(), Math.max(0, dueMs - this.#nowMs()))
  }

  #run(): void {
    const due = Math.floor((this.#nowMs() - this.#startMs) * this.#perMs) - this.#done
    if (due > this.#perMs * LONGEST_STOP_MS) this.#restart()
    else if (due > 0) {
      // A burst is cut, so that requests get their turn in between.
      const count = Math.min(due, MOST_AT_ONCE)
      this.#done += count
      this.#onDue(count)
    }
    this.#wait()
  }
}

const LONGEST_STOP_MS = 250
const MOST_AT_ONCE = 1000
