import { OrderStatus, Side } from "veloz/hot"
import { Pace } from "./pace.js"
import { MOST_PER_SIDE, NO_QUOTE, type QuoteTable } from "./quote-table.js"

/** After a denial or a reject, its side is left alone for this long: the reason rarely goes away sooner. */
const REST_NS = 1e9
/** A cancel that was not answered by then is asked for again. */
const CANCEL_AGAIN_NS = 1e9
const MOST_PER_TURN = 16

interface CounterLike {
  increment(): void
}

export interface QuoterParts {
  readonly symbol: number
  readonly options: {
    readonly orders_per_second: number
    readonly offset_ticks: number
    readonly refresh_ms: number
  }
  readonly book: { readonly isLive: boolean }
  readonly top: { readonly bidTicks: number; readonly askTicks: number }
  readonly orders: {
    place(symbol: number, side: number, priceTicks: number, qtyLots: number): number
    cancel(handle: number): number
  }
  readonly quotes: QuoteTable
  readonly clock: { nowNs(): number }
  readonly counters: { readonly placed: CounterLike; readonly refused: CounterLike; readonly skipped: CounterLike }
}

/**
 * Replaces its quotes one after the other, buy and sell in turn, at the pace of its schedule: a new one is placed
 * behind the touch of the moment, and the old one cancelled once the venue has acknowledged the new one. A quote that
 * outlives `refresh_ms` is cancelled all the same.
 */
export class Quoter {
  qtyLots = 0
  // The time of this turn, in a typed array: handed from call to call, a double would be boxed.
  readonly #now = new Float64Array(1)
  readonly #pace = new Pace(this.#now)
  readonly #restUntilNs = new Float64Array(2)
  #side: number = Side.Buy

  constructor(private readonly parts: QuoterParts) {}

  turn(): void {
    this.#now[0] = this.parts.clock.nowNs()
    const { orders_per_second: rate, refresh_ms: refreshMs } = this.parts.options
    this.#cancelOlderThan(rate === 0 ? 0 : refreshMs * 1e6)
    if (rate === 0) return
    for (let count = 0; count < MOST_PER_TURN && this.#pace.take(rate); count += 1) {
      this.#quote(this.#side)
      this.#side = this.#side === Side.Buy ? Side.Sell : Side.Buy
    }
  }

  onUpdate({ handle, side, status }: { handle: number; side: number; status: number }): void {
    this.#now[0] = this.parts.clock.nowNs()
    const slot = this.parts.quotes.slotOf(handle)
    if (slot === NO_QUOTE) return
    // Not with the order itself: the cancel would be on its way while the order waits to be answered.
    if (status === OrderStatus.New) this.#cancelReplacedBy(slot)
    if (!isFinal(status)) return
    this.parts.quotes.remove(slot)
    if (status === OrderStatus.Denied || status === OrderStatus.Rejected) this.#rest(side)
  }

  #quote(side: number): void {
    const { quotes, counters } = this.parts
    const priceTicks = this.#priceOf(side)
    if (priceTicks <= 0 || this.#now[0] < this.#restUntilNs[side]) return
    if (quotes.countOn(side) < MOST_PER_SIDE) this.#place(side, priceTicks)
    else counters.skipped.increment()
  }

  #place(side: number, priceTicks: number): void {
    const { quotes, orders, symbol, counters } = this.parts
    const handle = orders.place(symbol, side, priceTicks, this.qtyLots)
    if (handle > 0) {
      quotes.add(handle, side, this.#now)
      counters.placed.increment()
    } else {
      this.#rest(side)
    }
  }

  /** 0 when there is no market to quote on. */
  #priceOf(side: number): number {
    const { book, top, options } = this.parts
    const touchTicks = side === Side.Buy ? top.bidTicks : top.askTicks
    if (!book.isLive || touchTicks === 0) return 0
    return side === Side.Buy ? touchTicks - options.offset_ticks : touchTicks + options.offset_ticks
  }

  #cancelReplacedBy(newer: number): void {
    const { quotes } = this.parts
    for (let slot = 0; slot < quotes.slots; slot += 1) if (quotes.isReplaced(slot, newer)) this.#cancel(slot)
  }

  #cancelOlderThan(ageNs: number): void {
    const { quotes } = this.parts
    for (let slot = 0; slot < quotes.slots; slot += 1) {
      if (quotes.handles[slot] === 0) continue
      const limitNs = quotes.isCancelling[slot] === 1 ? CANCEL_AGAIN_NS : ageNs
      if (this.#now[0] - quotes.touchedNs[slot] >= limitNs) this.#cancel(slot)
    }
  }

  #cancel(slot: number): void {
    const { quotes, orders } = this.parts
    if (orders.cancel(quotes.handles[slot]) !== 0) return
    quotes.isCancelling[slot] = 1
    quotes.touchedNs[slot] = this.#now[0]
  }

  #rest(side: number): void {
    this.#restUntilNs[side] = this.#now[0] + REST_NS
    this.parts.counters.refused.increment()
  }
}

function isFinal(status: number): boolean {
  return status >= OrderStatus.Filled && status !== OrderStatus.Unknown
}
