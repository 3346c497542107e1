/**
 * Wakes a thread that sleeps, from another. A signal is never lost: the count moves before the wake-up, and a
 * listener compares the count before it sleeps. Ringing allocates nothing and costs one system call when somebody sleeps.
 */
export class Doorbell {
  readonly #words: Int32Array
  readonly #index: number
  #closed = false

  /** `words[index]` is the count of rings, in memory that both threads share. */
  constructor(words: Int32Array, index: number) {
    this.#words = words
    this.#index = index
  }

  ring(): void {
    Atomics.add(this.#words, this.#index, 1)
    Atomics.notify(this.#words, this.#index)
  }

  /** For a thread with an event loop: calls `onRing` after one or more rings, and keeps listening until `close`. */
  listen(onRing: () => void): void {
    let seen = Atomics.load(this.#words, this.#index)
    const wait = (): void => {
      while (!this.#closed) {
        const { async, value } = Atomics.waitAsync(this.#words, this.#index, seen)
        if (async) {
          void (value as Promise<string>).then(answer)
          return
        }
        seen = Atomics.load(this.#words, this.#index)
        onRing()
      }
    }
    const answer = (): void => {
      if (this.#closed) return
      seen = Atomics.load(this.#words, this.#index)
      onRing()
      wait()
    }
    wait()
  }

  close(): void {
    this.#closed = true
    Atomics.notify(this.#words, this.#index)
  }
}
