/**
 * Spaces the notifications of each symbol: the first goes on at once, what follows within the gap waits for its end
 * and then goes on as one, with the newest state. Nothing is lost: the book has taken every update before.
 */
export class ThrottleStage {
  readonly #isWaiting: Uint8Array
  readonly #waiting: Int32Array
  readonly #lastNs: Float64Array
  #count = 0

  constructor(
    symbolCount: number,
    private readonly options: { readonly update_throttle_us: number },
    private readonly next: (symbol: number) => void,
    private readonly context: { readonly clock: { nowNs(): number }; wakeAfter(delayUs: number): void },
    private readonly throttled: { increment(): void },
  ) {
    this.#isWaiting = new Uint8Array(symbolCount)
    this.#waiting = new Int32Array(symbolCount)
    this.#lastNs = new Float64Array(symbolCount).fill(Number.NEGATIVE_INFINITY)
  }

  offer(symbol: number): void {
    if (this.#isWaiting[symbol] === 1) {
      this.throttled.increment()
      return
    }
    const nowNs = this.context.clock.nowNs()
    const earlyNs = this.#lastNs[symbol] + this.options.update_throttle_us * 1000 - nowNs
    if (earlyNs <= 0) {
      this.#lastNs[symbol] = nowNs
      this.next(symbol)
      return
    }
    this.#isWaiting[symbol] = 1
    this.#waiting[this.#count++] = symbol
    this.context.wakeAfter(Math.ceil(earlyNs / 1000))
  }

  idle(): void {
    if (this.#count === 0) return
    const nowNs = this.context.clock.nowNs()
    const gapNs = this.options.update_throttle_us * 1000
    const count = this.#count
    let kept = 0
    let soonestNs = Number.POSITIVE_INFINITY
    for (let index = 0; index < count; index += 1) {
      const symbol = this.#waiting[index]
      const earlyNs = this.#lastNs[symbol] + gapNs - nowNs
      if (earlyNs <= 0) {
        this.#isWaiting[symbol] = 0
        this.#lastNs[symbol] = nowNs
        this.next(symbol)
      } else {
        this.#waiting[kept++] = symbol
        soonestNs = Math.min(soonestNs, earlyNs)
      }
    }
    this.#count = kept
    if (kept > 0) this.context.wakeAfter(Math.ceil(soonestNs / 1000))
  }
}
