import { MAX_RECORD_BYTES, type RecordViews } from "../hot/records.js"
import { NO_CAPACITY } from "../hot/ring.js"

export { NO_CAPACITY }

/**
 * The sending end between two roles: a direct call when they share a thread, a ring when they do not.
 * The code of a role does not know which. Records are written in place: claim, fill, publish. The next claim may move
 * what was claimed before it, so each record is filled before the next is claimed.
 */
export interface Link extends RecordViews {
  /**
   * Room for a record of `length` payload bytes, as the byte offset of its payload in the views, or NO_CAPACITY.
   * `reserved` may also use the room that is kept for cancels and reports.
   */
  claim(type: number, length: number, reserved?: boolean): number
  /** The records that were claimed are whole, and go to the other side in their order. */
  publish(): void
  /** Forgets the records that were claimed since the last publish. */
  abort(): void
}

const SCRATCH_BYTES = 4 * 1024 * 1024
// Half is for reports and cancels alone: each order that was let in may bring one of them along.
const RESERVED_SHARE = 0.5
export const HEADER_BYTES = 8

/**
 * Records in memory of the sender's own, in a row, until they are handed on.
 *
 * Record: | 0 type i32 | 4 length i32 | 8 payload, padded to 8 bytes |
 */
export abstract class ScratchLink implements Link {
  readonly f64: Float64Array
  readonly i32: Int32Array
  readonly u8: Uint8Array
  readonly #unreserved: number
  protected claimed = 0
  protected published = 0
  protected handled = 0

  constructor(bytes = SCRATCH_BYTES) {
    const memory = new ArrayBuffer(Math.max(bytes, 4 * (MAX_RECORD_BYTES + HEADER_BYTES)))
    this.f64 = new Float64Array(memory)
    this.i32 = new Int32Array(memory)
    this.u8 = new Uint8Array(memory)
    this.#unreserved = memory.byteLength * (1 - RESERVED_SHARE)
  }

  claim(type: number, length: number, reserved = false): number {
    const required = recordBytes(length)
    const limit = reserved ? this.u8.length : this.#unreserved
    if (this.claimed + required > limit) {
      this.makeRoom()
      if (this.claimed + required > limit) return NO_CAPACITY
    }
    const start = this.claimed
    this.i32[start >> 2] = type
    this.i32[(start >> 2) + 1] = length
    this.claimed = start + required
    return start + HEADER_BYTES
  }

  abstract publish(): void

  abort(): void {
    this.claimed = this.published
  }

  /** Bytes that may still be claimed, the reserved ones included. */
  get freeBytes(): number {
    return this.u8.length - this.claimed
  }

  /** Called when a claim does not fit. */
  protected makeRoom(): void {}

  /** Everything has been handed on: the next record begins at the start again. */
  protected startAgain(): void {
    if (this.claimed === this.handled) this.claimed = this.published = this.handled = 0
  }
}

export const recordBytes = (length: number): number => HEADER_BYTES + ((length + 7) & ~7)
