import { poolCapacityError, slotNotInUseError } from "./errors.js"

/** The pool is full. The owner falls back, which is counted here. */
export const NO_SLOT = -1
export const SLOTS_PER_SEGMENT = 1024
export const SEGMENT_SHIFT = 10
export const SEGMENT_MASK = SLOTS_PER_SEGMENT - 1

/** Who keeps the memory of the slots. Told when a segment of it is wanted, and when it is no longer. */
export interface SegmentOwner {
  onSegment(index: number): void
  onSegmentReleased?(index: number): void
}

/**
 * Numbers slots from 0 and lends them out. The pool holds no data: its owner keeps typed arrays, a segment of 1,024
 * slots at a time, so that growing copies nothing and shrinking gives memory back.
 *
 * Of all free slots one of the lowest segment is lent first. That keeps the used memory small, and it empties the last
 * segments by itself once the capacity has been lowered.
 */
export class SlotPool {
  /** The most slots that may be in use. May be below `inUse` for a while after it was lowered. */
  capacity = 0
  inUse = 0
  /** The most that were in use at once. */
  peak = 0
  /** Slots that were lent since the start. */
  allocations = 0
  /** Times that a slot was wanted and none was left. */
  fallbacks = 0
  readonly #segments: Segment[] = []
  readonly #owner: SegmentOwner
  /** No segment below this one has a free slot. */
  #lowestFree = 0

  constructor(capacity: number, owner: SegmentOwner = NO_OWNER) {
    this.#owner = owner
    this.resize(capacity)
  }

  /** Segments whose memory is held. */
  get segmentCount(): number {
    return this.#segments.length
  }

  /** A slot that is nobody else's, or NO_SLOT. */
  acquire(): number {
    if (this.inUse >= this.capacity) {
      this.fallbacks++
      return NO_SLOT
    }
    while (this.#segments[this.#lowestFree].freeCount === 0) this.#lowestFree++
    const slot = (this.#lowestFree << SEGMENT_SHIFT) + this.#segments[this.#lowestFree].take()
    this.allocations++
    if (++this.inUse > this.peak) this.peak = this.inUse
    return slot
  }

  /** Gives a slot back. Giving back what is not lent is a bug of the caller, and thrown as one. */
  release(slot: number): void {
    const index = slot >> SEGMENT_SHIFT
    const segment = this.#segments[index]
    if (segment === undefined || !segment.isUsed(slot & SEGMENT_MASK)) throw slotNotInUseError(slot)
    segment.giveBack(slot & SEGMENT_MASK)
    this.inUse--
    if (index < this.#lowestFree) this.#lowestFree = index
    if (segment.freeCount === SLOTS_PER_SEGMENT && index >= segmentsFor(this.capacity)) this.#dropEmptySegments()
  }

  isUsed(slot: number): boolean {
    const segment = this.#segments[slot >> SEGMENT_SHIFT]
    return segment?.isUsed(slot & SEGMENT_MASK) ?? false
  }

  /**
   * Cold. A larger capacity holds at once; a smaller one refuses new slots at once and gives memory back segment by
   * segment, from the end, as the slots there are released.
   */
  resize(capacity: number): void {
    if (!Number.isInteger(capacity) || capacity < 0 || capacity > MOST_SLOTS) throw poolCapacityError(capacity)
    this.capacity = capacity
    while (this.#segments.length < segmentsFor(capacity)) {
      this.#owner.onSegment(this.#segments.length)
      this.#segments.push(new Segment())
    }
    this.#dropEmptySegments()
  }

  #dropEmptySegments(): void {
    const wanted = segmentsFor(this.capacity)
    while (this.#segments.length > wanted && this.#segments.at(-1)!.freeCount === SLOTS_PER_SEGMENT) {
      this.#segments.pop()
      this.#owner.onSegmentReleased?.(this.#segments.length)
    }
    if (this.#lowestFree > this.#segments.length) this.#lowestFree = this.#segments.length
  }
}

/** The slots of one segment: a stack of those that are free, and a flag for each that is used. */
class Segment {
  freeCount = SLOTS_PER_SEGMENT
  // The lowest slots lie on top of the stack, so that a quiet pool touches few lines.
  readonly #free = Uint16Array.from({ length: SLOTS_PER_SEGMENT }, (_, depth) => SLOTS_PER_SEGMENT - 1 - depth)
  readonly #used = new Uint8Array(SLOTS_PER_SEGMENT)

  take(): number {
    const slot = this.#free[--this.freeCount]
    this.#used[slot] = 1
    return slot
  }

  giveBack(slot: number): void {
    this.#free[this.freeCount++] = slot
    this.#used[slot] = 0
  }

  isUsed(slot: number): boolean {
    return this.#used[slot] === 1
  }
}

const NO_OWNER: SegmentOwner = { onSegment() {} }
const MOST_SLOTS = 2 ** 24

function segmentsFor(capacity: number): number {
  return (capacity + SEGMENT_MASK) >> SEGMENT_SHIFT
}
