/** Room for every quote that the quoter has open: it places no more when a side has its share. */
export const MOST_PER_SIDE = 4
const SLOTS = 2 * MOST_PER_SIDE
export const NO_QUOTE = -1

/** The quotes that are open or on their way. A slot with handle 0 is free. */
export class QuoteTable {
  readonly handles = new Float64Array(SLOTS)
  readonly sides = new Uint8Array(SLOTS)
  /** When it was placed, or its cancel was asked for last. */
  readonly touchedNs = new Float64Array(SLOTS)
  readonly isCancelling = new Uint8Array(SLOTS)

  get slots(): number {
    return SLOTS
  }

  add(handle: number, side: number, now: Float64Array): void {
    const slot = this.slotOf(0)
    this.handles[slot] = handle
    this.sides[slot] = side
    this.touchedNs[slot] = now[0]
    this.isCancelling[slot] = 0
  }

  remove(slot: number): void {
    this.handles[slot] = 0
  }

  slotOf(handle: number): number {
    for (let slot = 0; slot < SLOTS; slot += 1) if (this.handles[slot] === handle) return slot
    return NO_QUOTE
  }

  /** Whether a quote rests on the side of one that was placed after it, and nobody has asked to cancel it. */
  isReplaced(slot: number, newer: number): boolean {
    const { handles, sides, touchedNs, isCancelling } = this
    if (handles[slot] === 0 || isCancelling[slot] === 1) return false
    return sides[slot] === sides[newer] && touchedNs[slot] < touchedNs[newer]
  }

  countOn(side: number): number {
    let count = 0
    for (let slot = 0; slot < SLOTS; slot += 1) {
      if (this.handles[slot] !== 0 && this.sides[slot] === side) count += 1
    }
    return count
  }
}
