import { NO_CAPACITY, RingBuffer, type RingHandler } from "./ring.js"

/**
 * Records that wait on their own thread: the diffs of a book, for example, until its snapshot has come. First in, first
 * out, bounded; what does not fit is refused and counted.
 */
export class RecordQueue {
  readonly capacityBytes: number
  /** Records that wait. */
  count = 0
  /** Records that were refused since the queue was made. */
  overflows = 0
  readonly #ring: RingBuffer
  #handler: RingHandler = takeAll
  // Counts here, and not behind the poll, so that a handler that throws leaves the count right.
  readonly #take: RingHandler = (type, offset, length, views) => {
    this.count--
    if (this.#handler(type, offset, length, views) !== false) return true
    this.count++
    return false
  }

  /** The capacity is rounded up to a power of two. */
  constructor(capacityBytes: number) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(capacityBytes, SMALLEST_CAPACITY)))
    this.#ring = new RingBuffer(new ArrayBuffer(RingBuffer.bytesFor(capacity)))
    this.capacityBytes = capacity
  }

  /** Copies a record in. False if there is no room for it. */
  push(type: number, source: Uint8Array, offset: number, length: number): boolean {
    const at = length > this.#ring.maxLength ? NO_CAPACITY : this.#ring.claim(type, length)
    if (at === NO_CAPACITY) {
      this.overflows++
      return false
    }
    const target = this.#ring.u8
    for (let i = 0; i < length; i++) target[at + i] = source[offset + i]
    this.#ring.publish()
    this.count++
    return true
  }

  /**
   * Hands the records that wait now to `handler`, oldest first, until it returns false, which leaves that record and
   * those behind it. The handler may push, for the next drain, but not drain or clear. Returns how many were taken.
   */
  drain(handler: RingHandler): number {
    this.#handler = handler
    return this.#ring.poll(this.#take, this.count)
  }

  clear(): void {
    while (this.count > 0) this.drain(takeAll)
  }
}

const SMALLEST_CAPACITY = 64

function takeAll(): void {}
