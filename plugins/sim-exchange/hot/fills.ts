/**
 * What a taker met, one row an encounter: a trade, or an order of its own owner that self-trade prevention kept it
 * from. The arrays are reused by the next order.
 */
export class Fills {
  count = 0
  /** The resting order's slot. It may be free already: read the row, not the slot. */
  makerSlot = new Int32Array(64)
  makerOwner = new Int32Array(64)
  ticks = new Int32Array(64)
  /** Lots traded; 0 where the trade was prevented. */
  lots = new Int32Array(64)
  /** Lots that the maker has left; those it had where the trade was prevented. */
  makerLots = new Int32Array(64)
  /** Lots that the taker had left where the trade was prevented. */
  takerLots = new Int32Array(64)

  addTrade(makerSlot: number, makerOwner: number, ticks: number, lots: number, makerLots: number): void {
    this.#add(makerSlot, makerOwner, ticks, lots, makerLots, 0)
  }

  addPrevention(makerSlot: number, owner: number, ticks: number, makerLots: number, takerLots: number): void {
    this.#add(makerSlot, owner, ticks, 0, makerLots, takerLots)
  }

  #add(slot: number, owner: number, ticks: number, lots: number, makerLots: number, takerLots: number): void {
    if (this.count === this.makerSlot.length) this.#grow()
    const row = this.count++
    this.makerSlot[row] = slot
    this.makerOwner[row] = owner
    this.ticks[row] = ticks
    this.lots[row] = lots
    this.makerLots[row] = makerLots
    this.takerLots[row] = takerLots
  }

  #grow(): void {
    this.makerSlot = doubled(this.makerSlot)
    this.makerOwner = doubled(this.makerOwner)
    this.ticks = doubled(this.ticks)
    this.lots = doubled(this.lots)
    this.makerLots = doubled(this.makerLots)
    this.takerLots = doubled(this.takerLots)
  }
}

function doubled(from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2)
  to.set(from)
  return to
}
