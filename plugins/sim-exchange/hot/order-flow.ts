import { BUY, HOUSE, NO_ASK, NO_BID, type OrderBook, SELL, SelfTrade } from "./order-book.js"
import { BELL_DEVIATION, type Random } from "./random.js"

export interface FlowSettings {
  /** Where the reference price starts and is drawn back to. */
  referenceTicks: number
  /** Prices with generated orders that the flow keeps up on each side. */
  levelsPerSide: number
  /** Mean distance between two prices, in ticks. */
  gapTicks: number
  /** Standard deviation of the reference's step in one event, in ticks. */
  stepTicks: number
  /** The part of its distance from home that the reference loses in one event. */
  reversion: number
  /** Mean size of a resting order, a whole number. */
  meanLots: number
  maxTicks: number
}

/**
 * The market that the venue makes up: resting orders around a reference price that walks at random, cancels, and
 * small takers who drag the book after the reference. It knows its own orders only; those of users are in the same
 * book, and its takers trade with whoever is first.
 */
export class OrderFlow {
  readonly #book: OrderBook
  readonly #random: Random
  readonly #settings: FlowSettings
  // In an array, because a double that changes is written to the heap anew where a field holds it.
  readonly #reference = new Float64Array(1)
  // The live orders in no order, so that one can be drawn, and the place of each, so that it can be taken out.
  #slots = new Int32Array(1024)
  #placeOf = new Int32Array(1024)
  #count = 0

  constructor(book: OrderBook, random: Random, settings: FlowSettings) {
    this.#book = book
    this.#random = random
    this.#settings = settings
    this.#reference[0] = settings.referenceTicks
  }

  get referenceTicks(): number {
    return this.#reference[0]
  }

  get orderCount(): number {
    return this.#count
  }

  /** Puts the first orders on both sides, nearest first. */
  populate(): void {
    for (let level = 0; level < this.#settings.levelsPerSide; level++) {
      const distance = level * this.#settings.gapTicks + this.#random.below(this.#settings.gapTicks)
      this.#rest(BUY, distance)
      this.#rest(SELL, distance)
    }
  }

  /** One event: an order added, cancelled or taken. The book has changed when it returns. */
  step(): void {
    this.#walk()
    if (this.#random.happens(TAKER_PERCENT) && this.#take()) return
    const side = this.#random.word() & 1
    const isShort = this.#book.levelCount[side] < this.#settings.levelsPerSide
    if (this.#count === 0 || this.#random.happens(isShort ? 60 : 40)) this.#rest(side, this.#distance())
    else this.#cancelAny()
  }

  /** The book has no such order any more: a taker had the last of it. */
  forget(slot: number): void {
    const place = this.#placeOf[slot]
    const last = this.#slots[--this.#count]
    this.#slots[place] = last
    this.#placeOf[last] = place
  }

  /** Takes every generated order off the book. */
  withdraw(): void {
    while (this.#count > 0) this.#cancelAt(this.#count - 1)
  }

  #walk(): void {
    const { referenceTicks, stepTicks, reversion, maxTicks } = this.#settings
    const reference = this.#reference[0]
    const drawn = (referenceTicks - reference) * reversion
    const next = reference + drawn + this.#random.bell() * (stepTicks / BELL_DEVIATION)
    this.#reference[0] = Math.min(Math.max(next, 2), maxTicks - 2)
  }

  // Mostly near the touch, where books are busy, the rest over the whole depth.
  #distance(): number {
    const { gapTicks, levelsPerSide } = this.#settings
    if (this.#random.happens(NEAR_PERCENT)) return this.#random.exponential(NEAR_GAPS * gapTicks)
    return this.#random.below(levelsPerSide * gapTicks)
  }

  #rest(side: number, distance: number): void {
    const { maxTicks, meanLots } = this.#settings
    const lots = 1 + this.#random.exponential(meanLots)
    const ticks = side === BUY ? this.#bidTicks(distance) : this.#askTicks(distance)
    if (ticks < 1 || ticks > maxTicks) this.#cancelAny()
    else this.#remember(this.#book.submit(side, ticks, lots, HOUSE, SelfTrade.Allow, true))
  }

  // A new order joins the far side of the spread at most: trades are the takers' business.
  #bidTicks(distance: number): number {
    const wished = Math.floor(this.#reference[0]) - distance
    return Math.max(1, Math.min(wished, this.#book.bestAskTicks - 1))
  }

  #askTicks(distance: number): number {
    const wished = Math.floor(this.#reference[0]) + 1 + distance
    return Math.max(wished, this.#book.bestBidTicks + 1)
  }

  #take(): boolean {
    const side = this.#takerSide()
    const best = side === BUY ? this.#book.bestAskTicks : this.#book.bestBidTicks
    if (best === NO_ASK || best === NO_BID) return false
    const lots = 1 + this.#random.exponential(Math.ceil(this.#settings.meanLots * TAKER_SIZE))
    this.#book.submit(side, best, lots, HOUSE, SelfTrade.Allow, false)
    return true
  }

  // Orders that the reference has passed are mispriced, so takers go for them; otherwise both sides are alike.
  #takerSide(): number {
    const coin = this.#random.word() & 1
    if (this.#book.bestAskTicks < this.#reference[0]) return BUY
    if (this.#book.bestBidTicks > this.#reference[0]) return SELL
    return coin
  }

  #cancelAny(): void {
    if (this.#count > 0) this.#cancelAt(this.#random.below(this.#count))
  }

  #cancelAt(place: number): void {
    const slot = this.#slots[place]
    this.forget(slot)
    this.#book.fills.count = 0
    this.#book.cancel(slot)
  }

  #remember(slot: number): void {
    if (slot < 0) return
    if (this.#count === this.#slots.length) this.#slots = doubled(this.#slots)
    while (slot >= this.#placeOf.length) this.#placeOf = doubled(this.#placeOf)
    this.#slots[this.#count] = slot
    this.#placeOf[slot] = this.#count++
  }
}

const TAKER_PERCENT = 20
const TAKER_SIZE = 0.5
const NEAR_PERCENT = 70
const NEAR_GAPS = 2

function doubled(from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2)
  to.set(from)
  return to
}
