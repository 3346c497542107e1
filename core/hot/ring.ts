import { recordLengthError, ringCapacityError, ringReserveError } from "./errors.js"
import type { RecordViews } from "./records.js"

/** No room for the record. Expected trouble: count it and keep or deny, never wait. */
export const NO_CAPACITY = -1

/**
 * Is called with each record where it lies: `offset` is its first payload byte in the views. What is read must be read
 * before it returns. False leaves the record in the ring and ends the poll.
 */
export type RingHandler = (type: number, offset: number, length: number, views: RecordViews) => boolean | void

/**
 * A ring of variable-length records between one producer and one consumer, which may be different threads. Each builds
 * its own RingBuffer over the same memory and uses its half of the methods.
 *
 * The producer claims records, fills them in place and publishes all of them with one store: that store, not the
 * copying, is what a record costs. Positions count bytes and grow for ever, modulo 2^32; indices are positions modulo
 * the capacity. The two positions lie 128 bytes apart, as processors fetch lines in pairs. The producer keeps its last
 * sight of the consumer's and looks again only when the ring seems full; the consumer looks once a poll.
 *
 * | 0 producer position i32 | 128 consumer position i32 | 256 records |
 * Record: | 0 length i32 | 4 type i32 | 8 payload, padded to 8 bytes |
 */
export class RingBuffer implements RecordViews {
  readonly capacity: number
  /** What only `claim(..., true)` may use: room for cancels and reports when everything else is refused. */
  readonly reserve: number
  readonly maxLength: number
  readonly f64: Float64Array
  readonly i32: Int32Array
  readonly u8: Uint8Array

  readonly #mask: number
  readonly #maxRecord: number
  // Producer: what is published, what is claimed behind it, and where the consumer was last seen.
  #published: number
  #claimed: number
  #consumedSeen: number
  // Consumer: what it has taken.
  #consumed: number

  static bytesFor(capacity: number): number {
    assertCapacity(capacity)
    return RECORDS_OFFSET + capacity
  }

  /** Over memory of `bytesFor(capacity)` bytes, zeroed when new. A SharedArrayBuffer if the sides are threads. */
  constructor(memory: ArrayBufferLike, reserve = 0) {
    const capacity = memory.byteLength - RECORDS_OFFSET
    assertCapacity(capacity)
    if (!(reserve >= 0 && reserve <= capacity / 2)) throw ringReserveError(reserve, capacity)
    this.capacity = capacity
    this.reserve = reserve
    this.#mask = capacity - 1
    this.f64 = new Float64Array(memory)
    this.i32 = new Int32Array(memory)
    this.u8 = new Uint8Array(memory)
    // A record that does not fit before the end of the ring costs that end too: half of the room is always enough.
    this.#maxRecord = ((capacity - reserve) >> 1) & ~ALIGN_MASK
    this.maxLength = this.#maxRecord - HEADER_BYTES
    this.#published = this.#claimed = Atomics.load(this.i32, PRODUCER_WORD)
    this.#consumed = this.#consumedSeen = Atomics.load(this.i32, CONSUMER_WORD)
  }

  /**
   * Room for a record of `length` payload bytes, as the byte offset of its payload in the views, or NO_CAPACITY. Any
   * number of records may be claimed before they are published. The bytes are whatever lay there before.
   */
  claim(type: number, length: number, useReserve = false): number {
    const required = HEADER_BYTES + ((length + ALIGN_MASK) & ~ALIGN_MASK)
    if (required > this.#maxRecord || length < 0) throw recordLengthError(length, this.maxLength)
    const index = this.#claimed & this.#mask
    const untilEnd = this.capacity - index
    const padding = required > untilEnd ? untilEnd : 0
    const limit = useReserve ? this.capacity : this.capacity - this.reserve
    if (!this.#hasRoom(padding + required, limit)) return NO_CAPACITY

    if (padding !== 0) this.#writeHeader(index, padding - HEADER_BYTES, PADDING_TYPE)
    const start = padding !== 0 ? 0 : index
    this.#writeHeader(start, length, type)
    this.#claimed = (this.#claimed + padding + required) | 0
    return RECORDS_OFFSET + start + HEADER_BYTES
  }

  /** Makes every claimed record visible to the consumer, in order. */
  publish(): void {
    if (this.#claimed === this.#published) return
    this.#published = this.#claimed
    // The one store that the consumer waits for: every byte written before it is visible to who reads it.
    Atomics.store(this.i32, PRODUCER_WORD, this.#published)
  }

  /** Forgets the records that were claimed since the last publish. */
  abort(): void {
    this.#claimed = this.#published
  }

  /**
   * Hands up to `limit` of the records that are published now to `handler` and frees their room with one store at the end. Returns how many the
   * handler took. A record during which the handler throws counts as taken, or it would throw for ever.
   */
  poll(handler: RingHandler, limit = 0x7fffffff): number {
    const first = this.#consumed
    // One look at the producer's position serves the whole batch: what is published meanwhile waits for the next poll.
    const published = Atomics.load(this.i32, PRODUCER_WORD)
    if (first === published) return 0
    let taken = 0
    try {
      while (taken < limit && this.#consumed !== published) {
        const word = (RECORDS_OFFSET + (this.#consumed & this.#mask)) >> 2
        const length = this.i32[word]
        const type = this.i32[word + 1]
        const before = this.#consumed
        this.#consumed = (before + HEADER_BYTES + ((length + ALIGN_MASK) & ~ALIGN_MASK)) | 0
        if (type === PADDING_TYPE) continue
        if (handler(type, (word << 2) + HEADER_BYTES, length, this) === false) {
          this.#consumed = before
          break
        }
        taken++
      }
    } finally {
      // The room is given back after the last read of it, and the producer learns so by this store.
      if (this.#consumed !== first) Atomics.store(this.i32, CONSUMER_WORD, this.#consumed)
    }
    return taken
  }

  /** Bytes that are published and not yet taken, as either side may ask. */
  get usedBytes(): number {
    return (Atomics.load(this.i32, PRODUCER_WORD) - Atomics.load(this.i32, CONSUMER_WORD)) | 0
  }

  /** True when every published record has been taken. */
  get isEmpty(): boolean {
    return this.usedBytes === 0
  }

  #hasRoom(required: number, limit: number): boolean {
    if (((this.#claimed - this.#consumedSeen) | 0) + required <= limit) return true
    this.#consumedSeen = Atomics.load(this.i32, CONSUMER_WORD)
    return ((this.#claimed - this.#consumedSeen) | 0) + required <= limit
  }

  #writeHeader(index: number, length: number, type: number): void {
    const word = (RECORDS_OFFSET + index) >> 2
    this.i32[word] = length
    this.i32[word + 1] = type
  }
}

const PRODUCER_WORD = 0
const CONSUMER_WORD = 128 >> 2
const RECORDS_OFFSET = 256
const HEADER_BYTES = 8
const ALIGN_MASK = 7
/** Fills the end of the ring when a record begins at its start again. Types of records are above 0. */
const PADDING_TYPE = -1
const SMALLEST_CAPACITY = 64
const LARGEST_CAPACITY = 2 ** 30

function assertCapacity(capacity: number): void {
  const isPowerOfTwo = Number.isInteger(capacity) && Math.log2(capacity) % 1 === 0
  if (!isPowerOfTwo || capacity < SMALLEST_CAPACITY || capacity > LARGEST_CAPACITY) throw ringCapacityError(capacity)
}
