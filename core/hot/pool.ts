import { poolCapacityError, slotNotInUseError } from "./errors.js"

/** The pool is full, which it has counted. */
export const NO_SLOT = -1
/** Numbers from here on name objects on the heap, which stand in for slots of a full pool. */
export const FIRST_HEAP_SLOT = 2 ** 27
export const SLOTS_PER_SEGMENT = 1024
export const SEGMENT_SHIFT = 10
export const SEGMENT_MASK = SLOTS_PER_SEGMENT - 1
/** What the pool itself keeps for a slot: its place in the stack of free ones, and a flag. */
export const BYTES_TO_KEEP_A_SLOT = 3

/** Where each figure of a pool stands in what `writeUsage` fills. */
export const PoolFigure = {
  /** Slots that are lent or may be. Follows a resize step by step, and never falls below those in use. */
  Capacity: 0,
  InUse: 1,
  /** The most that were in use at once. */
  Peak: 2,
  /** Times that a slot was wanted. */
  Allocations: 3,
  /** Of these, the times that none was left. */
  Fallbacks: 4,
  /** Objects that stand in for slots on the heap now. */
  OnHeap: 5,
  /** Bytes that the pool holds, and those of them whose pages were touched ahead. */
  Bytes: 6,
  PreallocatedBytes: 7,
} as const

/** A pool whose size changes while it is in use, in steps that each fit into a turn of its thread. */
export interface ResizablePool {
  /** A slot was lent or given back since somebody set this to false. */
  isChanged: boolean
  /** Wishes for another size, and for pages that are touched. Lowering holds at once, the rest is done by `settle`. */
  resize(capacity: number, preallocate?: boolean): void
  /** What is wished is so, as far as slots in use do not stand against it. */
  readonly isSettled: boolean
  /** One step towards the wish. A RangeError, and nothing has changed, when the system has no memory. */
  settle(): void
  /** What was reached is what is wished. */
  giveUp(): void
  /** The figures above. */
  writeUsage(into: Float64Array): void
}

/** Who keeps the memory of the slots. */
export interface SegmentOwner {
  /** From now on this segment has memory for `slots` slots, 0 for none. What the first of them held stays there. */
  onSegment(index: number, slots: number): void
  /** Touch every page of the segment. */
  onTouch?(index: number): void
}

export interface SlotPoolOptions {
  readonly owner?: SegmentOwner
  /** Slots of a segment, as a power of two of at most 16. */
  readonly shift?: number
  /** What the owner keeps for each slot. */
  readonly bytesPerSlot?: number
}

/**
 * Numbers slots from 0 and lends them out. The pool holds no data: its owner keeps typed arrays, a segment of slots at
 * a time, so that growing copies one segment at most and shrinking gives memory back.
 *
 * Of all free slots one of the lowest segment is lent first. That keeps the used memory small, and it empties the last
 * segments by itself once the capacity has been lowered.
 */
export class SlotPool implements ResizablePool {
  /** The most slots that may be in use. May be below `inUse` for a while after it was lowered. */
  capacity = 0
  inUse = 0
  peak = 0
  allocations = 0
  fallbacks = 0
  onHeap = 0
  isChanged = true
  readonly #owner: SegmentOwner
  readonly #shift: number
  readonly #mask: number
  readonly #bytesPerSlot: number
  readonly #segments: Segment[] = []
  /** No segment below this one has a free slot. */
  #lowestFree = 0
  #heldSlots = 0
  #wished = 0
  #preallocate = false
  /** The segments below this one have been touched. */
  #touched = 0
  /** Some segment may have memory for slots that it need not have. */
  #isTrimDue = false
  readonly #heapUsed: boolean[] = []
  readonly #heapFree: number[] = []

  constructor(capacity: number, { owner = NO_OWNER, shift = SEGMENT_SHIFT, bytesPerSlot = 0 }: SlotPoolOptions = {}) {
    this.#owner = owner
    this.#shift = shift
    this.#mask = 2 ** shift - 1
    this.#bytesPerSlot = bytesPerSlot + BYTES_TO_KEEP_A_SLOT
    this.resize(capacity)
    while (!this.isSettled) this.settle()
  }

  /** Slots that memory is held for. */
  get heldSlots(): number {
    return this.#heldSlots
  }

  /** A slot that is nobody else's, or NO_SLOT. */
  acquire(): number {
    this.isChanged = true
    this.allocations++
    if (this.inUse >= this.capacity) {
      this.fallbacks++
      return NO_SLOT
    }
    while (this.#segments[this.#lowestFree].freeCount === 0) this.#lowestFree++
    const slot = (this.#lowestFree << this.#shift) + this.#segments[this.#lowestFree].take()
    if (++this.inUse > this.peak) this.peak = this.inUse
    return slot
  }

  /** The same, but a full pool answers a number from FIRST_HEAP_SLOT on, for an object that the caller makes. */
  acquireOrHeap(): number {
    const slot = this.acquire()
    return slot === NO_SLOT ? this.#lendHeap() : slot
  }

  /** Such a number at once, for what is too large for a slot. */
  acquireHeap(): number {
    this.isChanged = true
    this.allocations++
    this.fallbacks++
    return this.#lendHeap()
  }

  /** Gives a slot back. Giving back what is not lent is a bug of the caller, and thrown as one. */
  release(slot: number): void {
    if (!this.isUsed(slot)) throw slotNotInUseError(slot)
    this.isChanged = true
    if (slot >= FIRST_HEAP_SLOT) return this.#releaseHeap(slot - FIRST_HEAP_SLOT)
    const index = slot >> this.#shift
    const segment = this.#segments[index]
    segment.giveBack(slot & this.#mask)
    this.inUse--
    if (index < this.#lowestFree) this.#lowestFree = index
    if (segment.limit < segment.size) this.#isTrimDue = true
  }

  isUsed(slot: number): boolean {
    if (slot >= FIRST_HEAP_SLOT) return this.#heapUsed[slot - FIRST_HEAP_SLOT] ?? false
    return this.#segments[slot >> this.#shift]?.isUsed(slot & this.#mask) ?? false
  }

  resize(capacity: number, preallocate = false): void {
    if (!Number.isInteger(capacity) || capacity < 0 || capacity > FIRST_HEAP_SLOT) throw poolCapacityError(capacity)
    this.#wished = capacity
    this.#preallocate = preallocate
    if (!preallocate) this.#touched = 0
    if (capacity < this.capacity) this.#lower(capacity)
  }

  get isSettled(): boolean {
    const isTouched = !this.#preallocate || this.#touched === this.#segments.length
    return this.capacity === this.#wished && isTouched && !this.#isTrimDue
  }

  settle(): void {
    if (this.#isTrimDue) this.#trim()
    if (this.capacity < this.#wished) this.#grow()
    else if (this.#preallocate && this.#touched < this.#segments.length) this.#touch(this.#touched++)
  }

  giveUp(): void {
    this.#wished = this.capacity
  }

  writeUsage(into: Float64Array): void {
    into[PoolFigure.Capacity] = Math.max(this.capacity, this.inUse)
    into[PoolFigure.InUse] = this.inUse
    into[PoolFigure.Peak] = this.peak
    into[PoolFigure.Allocations] = this.allocations
    into[PoolFigure.Fallbacks] = this.fallbacks
    into[PoolFigure.OnHeap] = this.onHeap
    into[PoolFigure.Bytes] = this.#heldSlots * this.#bytesPerSlot
    // All segments but the last one are whole.
    const touchedSlots = Math.min(this.#heldSlots, this.#touched << this.#shift)
    into[PoolFigure.PreallocatedBytes] = touchedSlots * this.#bytesPerSlot
  }

  #touch(index: number): void {
    this.#owner.onTouch?.(index)
  }

  #lendHeap(): number {
    this.onHeap++
    const index = this.#heapFree.pop() ?? this.#heapUsed.length
    this.#heapUsed[index] = true
    return FIRST_HEAP_SLOT + index
  }

  #releaseHeap(index: number): void {
    this.onHeap--
    this.#heapUsed[index] = false
    this.#heapFree.push(index)
  }

  /** Completes the last segment, or adds one. */
  #grow(): void {
    const index = this.capacity >> this.#shift
    const capacity = Math.min(this.#wished, (index + 1) << this.#shift)
    if (index === this.#segments.length) this.#segments.push(new Segment())
    this.#setSegment(index, capacity - (index << this.#shift))
    this.capacity = capacity
    this.#lowestFree = Math.min(this.#lowestFree, index)
  }

  #lower(capacity: number): void {
    this.capacity = capacity
    for (let index = capacity >> this.#shift; index < this.#segments.length; index++) {
      this.#setSegment(index, Math.max(0, capacity - (index << this.#shift)))
    }
    this.#trim()
  }

  /** Gives back what the segments hold above their limits, as far as it is not used. */
  #trim(): void {
    this.#isTrimDue = false
    for (let index = this.capacity >> this.#shift; index < this.#segments.length; index++) {
      const segment = this.#segments[index]
      if (segment.sizeFor(segment.limit) < segment.size) this.#setSegment(index, segment.limit)
    }
    while (this.#segments.at(-1)?.size === 0) this.#segments.pop()
    this.#lowestFree = Math.min(this.#lowestFree, this.#segments.length)
    this.#touched = Math.min(this.#touched, this.#segments.length)
  }

  /** Slots of the segment from `limit` on are not lent any more; those in use there keep their memory. */
  #setSegment(index: number, limit: number): void {
    const segment = this.#segments[index]
    const size = segment.sizeFor(limit)
    const change = size - segment.size
    if (change !== 0) this.#owner.onSegment(index, size)
    segment.resize(size, limit)
    this.#heldSlots += change
    if (change > 0) this.#touched = Math.min(this.#touched, index)
    this.isChanged = true
  }
}

/** The slots of one segment: a stack of those that are free, and a flag for each that is used. */
class Segment {
  freeCount = 0
  /** Slots that there is memory for, and how many of them, the first ones, may be lent. */
  size = 0
  limit = 0
  #free = new Uint16Array(0)
  #used = new Uint8Array(0)

  take(): number {
    const slot = this.#free[--this.freeCount]
    this.#used[slot] = 1
    return slot
  }

  giveBack(slot: number): void {
    if (slot < this.limit) this.#free[this.freeCount++] = slot
    this.#used[slot] = 0
  }

  isUsed(slot: number): boolean {
    return this.#used[slot] === 1
  }

  /** Slots that need memory when no more than `limit` may be lent: what is used stays. */
  sizeFor(limit: number): number {
    return Math.max(limit, this.#used.lastIndexOf(1) + 1)
  }

  resize(size: number, limit: number): void {
    const used = new Uint8Array(size)
    used.set(this.#used.subarray(0, size))
    const free = new Uint16Array(limit)
    let freeCount = 0
    // The lowest slots lie on top of the stack, so that a quiet pool touches few lines.
    for (let slot = limit - 1; slot >= 0; slot--) if (used[slot] === 0) free[freeCount++] = slot
    this.#used = used
    this.#free = free
    this.freeCount = freeCount
    this.size = size
    this.limit = limit
  }
}

const NO_OWNER: SegmentOwner = { onSegment() {} }
