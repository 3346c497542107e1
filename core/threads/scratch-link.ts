import type { Link } from "../hot/link.js"
import { MAX_RECORD_BYTES } from "../hot/records.js"
import { NO_CAPACITY } from "../hot/ring.js"
import { isMarketRecord, MarketEventPool } from "./market-event-pool.js"

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
  f64!: Float64Array
  i32!: Int32Array
  u8!: Uint8Array
  /** The market records that lie here, and how much memory there is for them. */
  readonly events: MarketEventPool
  #unreserved = 0
  protected claimed = 0
  protected published = 0
  protected handled = 0

  constructor(bytes = SCRATCH_BYTES) {
    const memory = new ArrayBuffer(Math.max(bytes, 4 * (MAX_RECORD_BYTES + HEADER_BYTES)))
    const unreserved = memory.byteLength * (1 - RESERVED_SHARE)
    this.use(memory, unreserved)
    this.events = new MarketEventPool(this, unreserved)
  }

  /** Other memory to write records into, of which the bytes from `unreserved` on are for reports and cancels alone. */
  use(memory: ArrayBuffer, unreserved: number): void {
    this.f64 = new Float64Array(memory)
    this.i32 = new Int32Array(memory)
    this.u8 = new Uint8Array(memory)
    this.#unreserved = unreserved
  }

  /** No record lies in the memory. */
  get isEmpty(): boolean {
    return this.claimed === 0
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
    if (isMarketRecord(type)) this.events.enter(this.claimed)
    return start + HEADER_BYTES
  }

  abstract publish(): void

  abort(): void {
    for (let at = this.published; at < this.claimed; at += recordBytes(this.i32[(at >> 2) + 1])) {
      if (isMarketRecord(this.i32[at >> 2])) this.events.leave()
    }
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
    if (this.claimed !== this.handled) return
    this.claimed = this.published = this.handled = 0
    this.events.clear()
  }
}

export const recordBytes = (length: number): number => HEADER_BYTES + ((length + 7) & ~7)
