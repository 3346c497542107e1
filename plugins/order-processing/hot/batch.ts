/**
 * Joins order frames into one socket write: when `batch_size` wait, or when the first of them has waited for
 * `batch_wait_us`. Frames are appended to the connection before; the stage only decides when it is flushed.
 */
export class BatchStage {
  #count = 0
  // A double in a typed array, because a field would be boxed anew at each write.
  readonly #firstNs = new Float64Array(1)

  constructor(
    private readonly options: { readonly batch_size: number; readonly batch_wait_us: number },
    private readonly next: (item: number) => void,
    private readonly context: { readonly clock: { nowNs(): number }; wakeAfter(delayUs: number): void },
    private readonly batches: { increment(): void },
  ) {}

  offer(item: number): void {
    this.#count += 1
    if (this.#count >= this.options.batch_size) {
      this.#flush(item)
    } else if (this.#count === 1) {
      this.#firstNs[0] = this.context.clock.nowNs()
      this.context.wakeAfter(this.options.batch_wait_us)
    }
  }

  idle(): void {
    if (this.#count === 0) return
    const waitedUs = (this.context.clock.nowNs() - this.#firstNs[0]) / 1000
    const restUs = this.options.batch_wait_us - waitedUs
    if (restUs <= 0) this.#flush(0)
    else this.context.wakeAfter(Math.ceil(restUs))
  }

  #flush(item: number): void {
    this.#count = 0
    this.batches.increment()
    this.next(item)
  }
}
