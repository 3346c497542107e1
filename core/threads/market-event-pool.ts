import { touchPages } from "../hot/pages.js"
import { PoolFigure, type ResizablePool } from "../hot/pool.js"
import { MARKET_RECORD_BYTES } from "../hot/pool-sizes.js"
import { RecordType } from "../hot/records.js"

/** What the memory of a link is used by. */
export interface RecordMemory {
  readonly u8: Uint8Array
  /** No record lies in it now. */
  readonly isEmpty: boolean
  use(memory: ArrayBuffer, unreserved: number): void
}

/** Beyond the pool there is room for several whole books, */
const SPILL_BYTES = 2 * 1024 * 1024
/** and behind it for reports and cancels, which nothing else may use. */
const RESERVED_BYTES = 2 * 1024 * 1024
/** So much is touched in one go. */
const TOUCH_BYTES = 2 ** 18

export const isMarketRecord = (type: number): boolean => type <= RecordType.Top

/**
 * The pool of market records between receipt and the end of their handling: the first part of the memory of a link.
 * Records lie there one behind the other, until all are handled and the memory is used again from its start. What comes
 * while the pool is full lies in the spill behind it, in order, bounded, and counted.
 *
 * | pool: records x MARKET_RECORD_BYTES | spill | reserved |
 */
export class MarketEventPool implements ResizablePool {
  capacity: number
  inUse = 0
  onHeap = 0
  peak = 0
  allocations = 0
  fallbacks = 0
  isChanged = true
  readonly #memory: RecordMemory
  #poolBytes: number
  #wished: number
  #preallocate = false
  #touched = 0

  constructor(memory: RecordMemory, poolBytes: number) {
    this.#memory = memory
    this.#poolBytes = poolBytes
    this.capacity = this.#wished = Math.floor(poolBytes / MARKET_RECORD_BYTES)
  }

  // ---- of the link, for each record

  /** A record was claimed, whose last byte is before `end`. */
  enter(end: number): void {
    this.allocations++
    if (this.inUse === this.capacity || end > this.#poolBytes) {
      this.onHeap++
      this.fallbacks++
    } else if (++this.inUse > this.peak) this.peak = this.inUse
  }

  /** A record was handed on, or given up: one of the spill has its place now. */
  leave(): void {
    if (this.onHeap > 0) this.onHeap--
    else this.inUse--
  }

  /** All records are handled. */
  clear(): void {
    this.inUse = 0
    this.onHeap = 0
  }

  // ---- of who resizes it

  resize(capacity: number, preallocate = false): void {
    this.#wished = capacity
    this.#preallocate = preallocate
    if (!preallocate) this.#touched = 0
  }

  get isSettled(): boolean {
    return this.#wished === this.capacity && (!this.#preallocate || this.#touched === this.#memory.u8.length)
  }

  settle(): void {
    if (this.#wished === this.capacity) return this.#touch()
    // Other memory must wait until no record lies in this one, which is so between turns.
    if (this.#memory.isEmpty) this.#replace(this.#wished)
  }

  giveUp(): void {
    this.#wished = this.capacity
  }

  writeUsage(into: Float64Array): void {
    into[PoolFigure.Capacity] = this.capacity
    into[PoolFigure.InUse] = this.inUse
    into[PoolFigure.Peak] = this.peak
    into[PoolFigure.Allocations] = this.allocations
    into[PoolFigure.Fallbacks] = this.fallbacks
    into[PoolFigure.OnHeap] = this.onHeap
    into[PoolFigure.Bytes] = this.#memory.u8.length
    into[PoolFigure.PreallocatedBytes] = this.#touched
  }

  #replace(capacity: number): void {
    const poolBytes = capacity * MARKET_RECORD_BYTES
    const unreserved = poolBytes + SPILL_BYTES
    this.#memory.use(new ArrayBuffer(unreserved + RESERVED_BYTES), unreserved)
    this.#poolBytes = poolBytes
    this.capacity = capacity
    this.#touched = 0
    this.isChanged = true
  }

  #touch(): void {
    const { u8 } = this.#memory
    const from = this.#touched
    this.#touched = Math.min(u8.length, from + TOUCH_BYTES)
    touchPages(u8, from, this.#touched)
  }
}
