import { Side } from "./records.js"

/** Nothing in the book changed: a level that was not there was deleted, or the quantity is the one that is held. */
export const NO_CHANGE = -1

/**
 * The resting quantity at every price of one symbol, in ticks and lots. The range of prices has no bounds: recorded
 * data counts in ticks of 1e-8, where one dollar is a hundred million ticks apart from the next.
 *
 * Each side is two sorted arrays with the best price at the END: nearly all updates are near the touch, so they are
 * found in a few steps and move few elements. Level 0 is the best. Index 0 of the arrays holds 0 and is no level, so
 * that an empty side answers a best price of 0 without a test.
 *
 * What returns a double is kept so small that the compiler always inlines it, or the double would be boxed.
 */
export class Book {
  /** The venue's id of the last update that is in the book. Kept by who applies the updates. */
  lastUpdateId = 0
  private readonly bids = new BookSide(1)
  private readonly asks = new BookSide(-1)
  private readonly pair = new Float64Array(2)

  get bidCount(): number {
    return this.bids.count
  }

  get askCount(): number {
    return this.asks.count
  }

  /**
   * Sets the quantity at the price of a pair of ticks and lots that lies in `levels` at `index`; a quantity of 0 takes
   * the level away. Returns the level, counted from the best, that was set, inserted or taken away, or NO_CHANGE.
   */
  applyAt(side: number, levels: Float64Array, index: number): number {
    return side === Side.Buy ? this.bids.apply(levels, index) : this.asks.apply(levels, index)
  }

  /** The same for numbers. Where it is not inlined its doubles are boxed: the hot path has them in memory already. */
  apply(side: number, priceTicks: number, qtyLots: number): number {
    this.pair[0] = priceTicks
    this.pair[1] = qtyLots
    return this.applyAt(side, this.pair, 0)
  }

  /** The price of a bid level below `bidCount`. */
  bidPrice(level: number): number {
    return this.bids.priceAt(level)
  }

  bidQty(level: number): number {
    return this.bids.quantityAt(level)
  }

  /** The price of an ask level below `askCount`. */
  askPrice(level: number): number {
    return 0 - this.asks.priceAt(level)
  }

  askQty(level: number): number {
    return this.asks.quantityAt(level)
  }

  /** 0 when there is no bid. */
  get bestBidTicks(): number {
    return this.bids.priceAt(0)
  }

  get bestBidLots(): number {
    return this.bids.quantityAt(0)
  }

  /** 0 when there is no ask. */
  get bestAskTicks(): number {
    return 0 - this.asks.priceAt(0)
  }

  get bestAskLots(): number {
    return this.asks.quantityAt(0)
  }

  /** A bid at or above an ask: what no venue has, so updates were lost or applied out of order. */
  isCrossed(): boolean {
    return this.bids.count > 0 && this.asks.count > 0 && this.bestBidTicks >= this.bestAskTicks
  }

  /** Copies up to `depth` levels, best first, as pairs of ticks and lots. Returns how many there were. */
  copyLevels(side: number, depth: number, into: Float64Array, at: number): number {
    const isBid = side === Side.Buy
    const from = isBid ? this.bids : this.asks
    const sign = isBid ? 1 : -1
    const count = depth < from.count ? depth : from.count
    for (let level = 0, index = from.count; level < count; level++, index--) {
      into[at + 2 * level] = sign * from.keys[index]
      into[at + 2 * level + 1] = from.quantities[index]
    }
    return count
  }

  clear(): void {
    this.lastUpdateId = 0
    this.bids.count = 0
    this.asks.count = 0
  }
}

/** One side. Its keys ascend towards the best: bid prices as they are, ask prices negated. Its levels are 1 to count. */
class BookSide {
  keys = new Float64Array(FIRST_CAPACITY)
  quantities = new Float64Array(FIRST_CAPACITY)
  count = 0

  constructor(private readonly sign: number) {}

  priceAt(level: number): number {
    return this.keys[this.count - level]
  }

  quantityAt(level: number): number {
    return this.quantities[this.count - level]
  }

  apply(levels: Float64Array, index: number): number {
    const key = this.sign * levels[index]
    const quantity = levels[index + 1]
    const keys = this.keys
    const count = this.count

    let at = count
    const lastNear = at - NEAR_LEVELS
    while (at > 0 && at > lastNear && keys[at] > key) at--
    if (at > 0 && keys[at] > key) {
      // Halving is written out here: as an argument of a function of its own the key would be boxed.
      let low = 0
      at--
      while (low < at) {
        const middle = (low + at + 1) >> 1
        if (keys[middle] > key) at = middle - 1
        else low = middle
      }
    }

    // Now `at` is the last key not above ours, or 0: ours is there, or belongs right behind it.
    if (at === 0 || keys[at] !== key) {
      if (quantity === 0) return NO_CHANGE
      this.open(++at)
      this.keys[at] = key
      this.quantities[at] = quantity
      return this.count - at
    }
    if (quantity === 0) return this.close(at)
    if (this.quantities[at] === quantity) return NO_CHANGE
    this.quantities[at] = quantity
    return count - at
  }

  /** Makes room for a level at an index. */
  private open(at: number): void {
    const count = this.count
    if (count + 1 === this.keys.length) this.grow()
    const { keys, quantities } = this
    if (count - at < NEAR_LEVELS) {
      for (let i = count; i >= at; i--) {
        keys[i + 1] = keys[i]
        quantities[i + 1] = quantities[i]
      }
    } else {
      keys.copyWithin(at + 1, at, count + 1)
      quantities.copyWithin(at + 1, at, count + 1)
    }
    this.count = count + 1
  }

  private close(at: number): number {
    const { keys, quantities, count } = this
    if (count - at < NEAR_LEVELS) {
      for (let i = at; i < count; i++) {
        keys[i] = keys[i + 1]
        quantities[i] = quantities[i + 1]
      }
    } else {
      keys.copyWithin(at, at + 1, count + 1)
      quantities.copyWithin(at, at + 1, count + 1)
    }
    this.count = count - 1
    return count - at
  }

  /** Cold: a book doubles a few times in its life. */
  private grow(): void {
    const keys = new Float64Array(2 * this.keys.length)
    const quantities = new Float64Array(2 * this.keys.length)
    keys.set(this.keys)
    quantities.set(this.quantities)
    this.keys = keys
    this.quantities = quantities
  }
}

const FIRST_CAPACITY = 1024
/** Up to here a linear search and a move by hand are faster than halving and than the call of copyWithin. */
const NEAR_LEVELS = 16
