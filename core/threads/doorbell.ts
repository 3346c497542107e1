/** How much work was found: 0 is none. */
export type Work = () => number

/** Pieces of work before the other events of a thread get their turn: slow ones must not keep messages and timers out. */
export const WORK_BETWEEN_EVENTS = 256

/**
 * Wakes a thread that sleeps, from another. Who goes to sleep raises a flag and then looks once more for work; who
 * brings work looks at the flag afterwards. One of the two sees the other, so that no signal is lost, and ringing
 * costs a load unless somebody sleeps. It allocates nothing.
 *
 * | 0 rings i32 | 4 asleep i32 |
 */
export class Doorbell {
  readonly #words: Int32Array
  readonly #rings: number
  readonly #asleep: number
  #closed = false

  /** `words[index]` and the word behind it are the bell's, in memory that both threads share. */
  constructor(words: Int32Array, index: number) {
    this.#words = words
    this.#rings = index
    this.#asleep = index + 1
  }

  ring(): void {
    if (Atomics.load(this.#words, this.#asleep) === 0) return
    Atomics.store(this.#words, this.#asleep, 0)
    Atomics.add(this.#words, this.#rings, 1)
    Atomics.notify(this.#words, this.#rings)
  }

  /** For a thread with an event loop: works whenever it is woken, until there is nothing left, and until `close`. */
  listen(work: Work): void {
    this.sleep(work, () => this.listen(work))
  }

  /** For a thread with an event loop: works until there is nothing left, sleeps, and calls `wake` once it is woken. */
  sleep(work: Work, wake: () => void): void {
    for (let done = 0; !this.#closed; done += 1) {
      if (done >= WORK_BETWEEN_EVENTS) return void setImmediate(() => this.sleep(work, wake))
      const seen = this.#lieDown()
      const found = work()
      done += found
      if (found > 0) continue
      const { async, value } = Atomics.waitAsync(this.#words, this.#rings, seen)
      if (async) return void (value as Promise<string>).then(wake)
    }
  }

  /**
   * Blocks the thread until it is woken, unless `work` finds something. Who listens as well goes on doing so: the flag
   * stays up, and a ring wakes both.
   */
  wait(work: Work, timeoutMs: number): void {
    const seen = this.#lieDown()
    if (work() === 0) Atomics.wait(this.#words, this.#rings, seen, timeoutMs)
  }

  close(): void {
    this.#closed = true
    Atomics.notify(this.#words, this.#rings)
  }

  #lieDown(): number {
    const seen = Atomics.load(this.#words, this.#rings)
    Atomics.store(this.#words, this.#asleep, 1)
    return seen
  }
}
