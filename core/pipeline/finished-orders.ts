import { writeAscii } from "../hot/bytes.js"
import { IdIndex } from "../hot/id-index.js"
import { NO_SLOT } from "../hot/pool.js"
import { EVENT_BYTES, EVENT_CLIENT_ID, EVENT_SYMBOL, ID_MAX_LENGTH, type RecordViews } from "../hot/records.js"

/**
 * The newest orders that are finished, as the records of their last events, in memory that is taken once: a day of
 * trading costs what the first minute does.
 */
export class FinishedOrders implements RecordViews {
  readonly f64: Float64Array
  readonly i32: Int32Array
  readonly u8: Uint8Array
  readonly #capacity: number
  readonly #index: IdIndex
  readonly #id = new Uint8Array(ID_MAX_LENGTH)
  #count = 0

  constructor(capacity: number) {
    const memory = new ArrayBuffer(capacity * EVENT_BYTES)
    this.f64 = new Float64Array(memory)
    this.i32 = new Int32Array(memory)
    this.u8 = new Uint8Array(memory)
    this.#capacity = capacity
    this.#index = new IdIndex(capacity)
  }

  /** Keeps the last event of an order, and forgets the oldest one if there is no room. */
  add(views: RecordViews, offset: number): void {
    const slot = this.#count % this.#capacity
    const at = slot * EVENT_BYTES
    if (this.#count >= this.#capacity) this.#forget(slot)
    this.u8.set(views.u8.subarray(offset, offset + EVENT_BYTES), at)
    this.#count += 1
    const length = this.i32[(at + EVENT_CLIENT_ID) >> 2]
    if (length === 0) return
    // An id may be used again once its order is finished: the newest order is the one that is meant.
    this.#index.remove(this.u8, at + EVENT_CLIENT_ID + 4, length)
    this.#index.insert(this.u8, at + EVENT_CLIENT_ID + 4, length, slot)
  }

  /** Where the event of the order with this id lies in the views, or -1. */
  find(clientOrderId: string): number {
    if (clientOrderId.length === 0 || clientOrderId.length > ID_MAX_LENGTH) return -1
    writeAscii(clientOrderId, this.#id, 0)
    const slot = this.#index.find(this.#id, 0, clientOrderId.length)
    return slot === NO_SLOT ? -1 : slot * EVENT_BYTES
  }

  /** Where the events lie, newest first. */
  *newestFirst(): Generator<number> {
    const oldest = Math.max(0, this.#count - this.#capacity)
    for (let number = this.#count - 1; number >= oldest; number -= 1) yield (number % this.#capacity) * EVENT_BYTES
  }

  /** Symbols have other numbers from now on. */
  renumber(numberOf: (symbol: number) => number): void {
    for (const at of this.newestFirst()) {
      const word = (at + EVENT_SYMBOL) >> 2
      this.i32[word] = numberOf(this.i32[word])
    }
  }

  #forget(slot: number): void {
    const at = slot * EVENT_BYTES + EVENT_CLIENT_ID
    const length = this.i32[at >> 2]
    if (length === 0) return
    if (this.#index.find(this.u8, at + 4, length) === slot) this.#index.remove(this.u8, at + 4, length)
  }
}
