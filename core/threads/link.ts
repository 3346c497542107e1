import { MAX_RECORD_BYTES, type RecordViews } from "../hot/records.js"
import { NO_CAPACITY, type RingHandler } from "../hot/ring.js"

export { NO_CAPACITY }

/**
 * The sending end between two roles: a direct call when they share a thread, a ring when they do not.
 * The code of a role does not know which. Records are written in place: claim, fill, publish. A RingBuffer is a Link.
 */
export interface Link extends RecordViews {
  /**
   * Room for a record of `length` payload bytes, as the byte offset of its payload in the views, or NO_CAPACITY.
   * `reserved` may also use the room that is kept for cancels and reports.
   */
  claim(type: number, length: number, reserved?: boolean): number
  /** Makes every claimed record visible to the other side, in order. */
  publish(): void
  /** Forgets the records that were claimed since the last publish. */
  abort(): void
}

// Records that a handler publishes on the link that it is being called from wait behind the current one:
// so a strategy never hears of its order before `place` has returned, in this topology as in any other.
const SCRATCH_BYTES = 4 * 1024 * 1024
// Half is for reports and cancels alone: each order that was let in may bring one of them along.
const RESERVED_SHARE = 0.5
const HEADER_BYTES = 8

/** A link between two roles on one thread. A record lives until its handler returns. */
export class CallLink implements Link {
  readonly f64: Float64Array
  readonly i32: Int32Array
  readonly u8: Uint8Array
  #handler: RingHandler = () => {
    throw new Error("VELOZ_BUG: a record was published on a link that nobody listens to")
  }
  readonly #unreserved: number
  #claimed = 0
  #published = 0
  #handled = 0
  #held = false

  constructor(bytes = SCRATCH_BYTES) {
    const memory = new ArrayBuffer(Math.max(bytes, 4 * (MAX_RECORD_BYTES + HEADER_BYTES)))
    this.f64 = new Float64Array(memory)
    this.i32 = new Int32Array(memory)
    this.u8 = new Uint8Array(memory)
    this.#unreserved = memory.byteLength * (1 - RESERVED_SHARE)
  }

  connect(handler: RingHandler): void {
    this.#handler = handler
  }

  claim(type: number, length: number, reserved = false): number {
    const start = this.#claimed
    const end = start + HEADER_BYTES + ((length + 7) & ~7)
    if (end > (reserved ? this.u8.length : this.#unreserved)) return NO_CAPACITY
    this.i32[start >> 2] = type
    this.i32[(start >> 2) + 1] = length
    this.#claimed = end
    return start + HEADER_BYTES
  }

  publish(): void {
    this.#published = this.#claimed
    if (!this.#held) this.#drain()
  }

  abort(): void {
    this.#claimed = this.#published
  }

  /** The receiver is busy with other input: records wait until `release`. */
  hold(): void {
    this.#held = true
  }

  release(): void {
    this.#held = false
    if (this.#handled < this.#published) this.#drain()
  }

  #drain(): void {
    this.#held = true
    try {
      while (this.#handled < this.#published) {
        const start = this.#handled
        const length = this.i32[(start >> 2) + 1]
        this.#handled = start + HEADER_BYTES + ((length + 7) & ~7)
        this.#handler(this.i32[start >> 2], start + HEADER_BYTES, length, this)
      }
    } finally {
      this.#held = false
      if (this.#claimed === this.#handled) this.#claimed = this.#published = this.#handled = 0
    }
  }
}
