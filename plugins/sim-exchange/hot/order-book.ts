import { ChangeLog } from "./change-log.js"
import { Fills } from "./fills.js"
import { PriceIndex } from "./price-index.js"
import { NO_LEVEL, NO_ORDER, PriceLevels } from "./price-levels.js"

export const BUY = 0
export const SELL = 1
/** A best price that no limit reaches: an empty side needs no case of its own. */
export const NO_BID = 0
export const NO_ASK = 0x7fffffff
/** The owner of the generated liquidity. It may trade with itself. */
export const HOUSE = 0

/** What happens when an order meets one of its own owner; the taker's wish decides. */
export const SelfTrade = { Allow: 0, ExpireTaker: 1, ExpireMaker: 2, ExpireBoth: 3 } as const

/**
 * A limit order book with price-time priority on whole ticks and lots. Orders are slots of typed arrays, linked into
 * the queue of their price; placing, matching and cancelling allocate nothing (full arrays double, which is rare).
 */
export class OrderBook {
  bestBidTicks = NO_BID
  bestAskTicks = NO_ASK
  /** Counts every change of a level, as the venue's `u` does. */
  updateId: number
  /** Distinct prices with orders, by side. */
  readonly levelCount = new Int32Array(2)
  readonly changes = new ChangeLog()
  /** What the latest `submit` met, in matching order. */
  readonly fills = new Fills()
  /** What the latest `submit` could not match, whether it rests or not. */
  unfilledLots = 0
  /** The latest `submit` stopped at an order of its own owner. */
  takerPrevented = false

  readonly #index: PriceIndex
  readonly #levels: PriceLevels
  #next = new Int32Array(0)
  #previous = new Int32Array(0)
  #ticks = new Int32Array(0)
  // Of one order: at most 2^31 - 1, so that they travel as small integers. The sums of levels may be larger.
  #lots = new Int32Array(0)
  #owner = new Int32Array(0)
  #side = new Uint8Array(0)
  #firstFree = NO_ORDER

  constructor(maxTicks: number, firstUpdateId = 1) {
    this.#index = new PriceIndex(maxTicks)
    this.#levels = new PriceLevels(maxTicks)
    this.updateId = firstUpdateId
    this.#grow(1024)
  }

  /** Matches up to `limitTicks`; what is left rests if it may. Returns the slot of the resting order or NO_ORDER. */
  submit(side: number, limitTicks: number, lots: number, owner: number, selfTrade: number, mayRest: boolean): number {
    this.fills.count = 0
    this.takerPrevented = false
    this.unfilledLots = lots
    while (this.unfilledLots > 0 && !this.takerPrevented && this.crosses(side, limitTicks)) {
      this.#takeBestLevel(side, owner, selfTrade)
    }
    const rests = mayRest && this.unfilledLots > 0 && !this.takerPrevented
    return rests ? this.#rest(side, limitTicks, this.unfilledLots, owner) : NO_ORDER
  }

  /** Takes an order off the book and returns the lots that it still had. */
  cancel(slot: number): number {
    const lots = this.#lots[slot]
    const ticks = this.#ticks[slot]
    const side = this.#side[slot]
    this.#unlink(slot)
    this.#release(slot)
    this.#levelChanged(ticks, side)
    return lots
  }

  crosses(side: number, limitTicks: number): boolean {
    return side === BUY ? this.bestAskTicks <= limitTicks : this.bestBidTicks >= limitTicks
  }

  ticksOf(slot: number): number {
    return this.#ticks[slot]
  }

  lotsOf(slot: number): number {
    return this.#lots[slot]
  }

  ownerOf(slot: number): number {
    return this.#owner[slot]
  }

  /** The order behind `slot` at the same price, or NO_ORDER. */
  orderBehind(slot: number): number {
    return this.#next[slot]
  }

  firstOrderAt(ticks: number): number {
    const level = this.#levels.find(ticks)
    return level === NO_LEVEL || this.#levels.lots[level] === 0 ? NO_ORDER : this.#levels.head[level]
  }

  lotsAt(ticks: number): number {
    return this.#levels.lotsAt(ticks)
  }

  /** The next price away from the market: lower for bids, higher for asks; NOT_FOUND at the end. */
  nextLevel(side: number, ticks: number): number {
    return side === BUY ? this.#index.below(ticks) : this.#index.above(ticks)
  }

  /** How many of `wanted` lots a taker gets down to its limit, own orders kept out as its self-trade mode says. */
  availableLots(takerSide: number, limitTicks: number, wanted: number, owner: number, selfTrade: number): number {
    let found = 0
    const makerSide = 1 - takerSide
    let ticks = takerSide === BUY ? this.bestAskTicks : this.bestBidTicks
    if (!this.crosses(takerSide, limitTicks)) return 0
    while (ticks > 0 && found < wanted && (takerSide === BUY ? ticks <= limitTicks : ticks >= limitTicks)) {
      for (let slot = this.firstOrderAt(ticks); slot !== NO_ORDER; slot = this.#next[slot]) {
        const own = this.#owner[slot] === owner && selfTrade !== SelfTrade.Allow
        if (own && selfTrade !== SelfTrade.ExpireMaker) return found
        if (!own) found += this.#lots[slot]
      }
      ticks = this.nextLevel(makerSide, ticks)
    }
    return Math.min(found, wanted)
  }

  /** Ticks times lots that a taker pays or gets for up to `lots` at the prices that are there now. */
  quoteFor(takerSide: number, lots: number): number {
    let left = lots
    let quote = 0
    let ticks = takerSide === BUY ? this.bestAskTicks : this.bestBidTicks
    while (left > 0 && ticks > 0 && ticks !== NO_ASK) {
      const taken = Math.min(left, this.lotsAt(ticks))
      quote += taken * ticks
      left -= taken
      ticks = this.nextLevel(1 - takerSide, ticks)
    }
    return quote
  }

  /** The most lots whose price in ticks times lots stays within `quote` at the prices that are there now. */
  lotsWithin(takerSide: number, quote: number): number {
    let left = quote
    let lots = 0
    let ticks = takerSide === BUY ? this.bestAskTicks : this.bestBidTicks
    while (ticks > 0 && ticks !== NO_ASK) {
      const taken = Math.min(Math.floor(left / ticks), this.lotsAt(ticks))
      lots += taken
      left -= taken * ticks
      if (taken < this.lotsAt(ticks)) break
      ticks = this.nextLevel(1 - takerSide, ticks)
    }
    return lots
  }

  #takeBestLevel(side: number, owner: number, selfTrade: number): void {
    const ticks = side === BUY ? this.bestAskTicks : this.bestBidTicks
    const level = this.#levels.find(ticks)
    const lotsBefore = this.#levels.lots[level]
    while (this.unfilledLots > 0 && this.#levels.lots[level] > 0) {
      const maker = this.#levels.head[level]
      const own = owner !== HOUSE && this.#owner[maker] === owner
      if (!own || selfTrade === SelfTrade.Allow) {
        this.#trade(maker, level, ticks)
        continue
      }
      this.fills.addPrevention(maker, owner, ticks, this.#lots[maker], this.unfilledLots)
      if (selfTrade !== SelfTrade.ExpireTaker) this.#remove(maker)
      this.takerPrevented = selfTrade !== SelfTrade.ExpireMaker
      if (this.takerPrevented) break
    }
    if (this.#levels.lots[level] !== lotsBefore) this.#levelChanged(ticks, 1 - side)
  }

  #trade(maker: number, level: number, ticks: number): void {
    const traded = Math.min(this.unfilledLots, this.#lots[maker])
    this.unfilledLots -= traded
    this.#lots[maker] -= traded
    this.#levels.lots[level] -= traded
    this.fills.addTrade(maker, this.#owner[maker], ticks, traded, this.#lots[maker])
    if (this.#lots[maker] === 0) this.#remove(maker)
  }

  #rest(side: number, ticks: number, lots: number, owner: number): number {
    if (this.#firstFree === NO_ORDER) this.#grow(this.#next.length * 2)
    const slot = this.#firstFree
    this.#firstFree = this.#next[slot]
    this.#ticks[slot] = ticks
    this.#lots[slot] = lots
    this.#owner[slot] = owner
    this.#side[slot] = side
    this.#append(slot, ticks, lots, side)
    this.#levelChanged(ticks, side)
    return slot
  }

  #append(slot: number, ticks: number, lots: number, side: number): void {
    let level = this.#levels.find(ticks)
    if (level === NO_LEVEL || this.#levels.lots[level] === 0) {
      level = this.#levels.open(ticks)
      this.#index.add(ticks)
      this.levelCount[side]++
    }
    const last = this.#levels.tail[level]
    this.#next[slot] = NO_ORDER
    this.#previous[slot] = last
    if (last === NO_ORDER) this.#levels.head[level] = slot
    else this.#next[last] = slot
    this.#levels.tail[level] = slot
    this.#levels.lots[level] += lots
  }

  #remove(slot: number): void {
    this.#unlink(slot)
    this.#release(slot)
  }

  #unlink(slot: number): void {
    const level = this.#levels.find(this.#ticks[slot])
    const previous = this.#previous[slot]
    const next = this.#next[slot]
    if (previous === NO_ORDER) this.#levels.head[level] = next
    else this.#next[previous] = next
    if (next === NO_ORDER) this.#levels.tail[level] = previous
    else this.#previous[next] = previous
    this.#levels.lots[level] -= this.#lots[slot]
  }

  #release(slot: number): void {
    this.#next[slot] = this.#firstFree
    this.#firstFree = slot
  }

  #levelChanged(ticks: number, side: number): void {
    this.updateId++
    this.changes.mark(ticks, side)
    if (this.#levels.lotsAt(ticks) > 0) this.#improveBest(ticks, side)
    else this.#closeLevel(ticks, side)
  }

  #improveBest(ticks: number, side: number): void {
    if (side === BUY) this.bestBidTicks = Math.max(this.bestBidTicks, ticks)
    else this.bestAskTicks = Math.min(this.bestAskTicks, ticks)
  }

  #closeLevel(ticks: number, side: number): void {
    this.#levels.close(ticks)
    this.#index.remove(ticks)
    this.levelCount[side]--
    if (side === BUY && ticks === this.bestBidTicks) this.bestBidTicks = Math.max(NO_BID, this.#index.below(ticks))
    if (side === SELL && ticks === this.bestAskTicks) {
      const above = this.#index.above(ticks)
      this.bestAskTicks = above < 0 ? NO_ASK : above
    }
  }

  #grow(capacity: number): void {
    const before = this.#next.length
    this.#next = extend(this.#next, new Int32Array(capacity))
    this.#previous = extend(this.#previous, new Int32Array(capacity))
    this.#ticks = extend(this.#ticks, new Int32Array(capacity))
    this.#lots = extend(this.#lots, new Int32Array(capacity))
    this.#owner = extend(this.#owner, new Int32Array(capacity))
    this.#side = extend(this.#side, new Uint8Array(capacity))
    for (let slot = capacity - 1; slot >= before; slot--) this.#release(slot)
  }
}

function extend<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
