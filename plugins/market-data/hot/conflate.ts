/**
 * Keeps the newest update of each symbol until the thread has read all that has arrived, so that a burst costs the
 * strategies one notification a symbol instead of one an update. Symbols go on in the order in which they first came.
 */
export class ConflateStage {
  readonly #isWaiting: Uint8Array
  readonly #waiting: Int32Array
  #count = 0

  constructor(
    symbolCount: number,
    private readonly next: (symbol: number) => void,
    private readonly conflated: { increment(): void },
  ) {
    this.#isWaiting = new Uint8Array(symbolCount)
    this.#waiting = new Int32Array(symbolCount)
  }

  offer(symbol: number): void {
    if (this.#isWaiting[symbol] === 1) {
      this.conflated.increment()
      return
    }
    this.#isWaiting[symbol] = 1
    this.#waiting[this.#count++] = symbol
  }

  idle(): void {
    const count = this.#count
    // Cleared first: what is passed on may bring the same symbol again, which then waits for the next turn.
    this.#count = 0
    for (let index = 0; index < count; index += 1) this.#isWaiting[this.#waiting[index]] = 0
    for (let index = 0; index < count; index += 1) this.next(this.#waiting[index])
  }
}
