import { MAX_PUBLISHED_LEVELS } from "../hot/records.js"
import type { BookView, TopView } from "../kernel/contract.js"

// The published top of one book, copied for readers on other threads. A seqlock: the writer makes the sequence odd,
// writes, makes it even; a reader that saw it odd or changed reads again.
// | 0 sequence i32 | 8 lastUpdateId | 16 lastPriceTicks | 24 timestampMs | 32 bidTicks | 40 bidLots | 48 askTicks |
// | 56 askLots | 64 bidCount | 72 askCount | 80 isLive | 88 levels: bids, then asks, each priceTicks, qtyLots | (f64)
const LAST_UPDATE_ID = 1
const LAST_PRICE_TICKS = 2
const TIMESTAMP_MS = 3
const BID_TICKS = 4
const BID_LOTS = 5
const ASK_TICKS = 6
const ASK_LOTS = 7
const BID_COUNT = 8
const ASK_COUNT = 9
const IS_LIVE = 10
const LEVELS = 11

export const boardBytes = (): number => (LEVELS + 4 * MAX_PUBLISHED_LEVELS) * 8

export interface BoardReading {
  lastUpdateId: number
  lastPriceTicks: number
  timestampMs: number
  bidTicks: number
  bidLots: number
  askTicks: number
  askLots: number
  isLive: boolean
  bids: [ticks: number, lots: number][]
  asks: [ticks: number, lots: number][]
}

export class MarketBoard {
  readonly #sequence: Int32Array
  readonly #values: Float64Array

  constructor(memory: SharedArrayBuffer | ArrayBuffer, symbol: number) {
    const offset = symbol * boardBytes()
    this.#sequence = new Int32Array(memory, offset, 1)
    this.#values = new Float64Array(memory, offset, LEVELS + 4 * MAX_PUBLISHED_LEVELS)
  }

  /** The price is read at `prices[index]`, the time at `nowMs[0]`: as arguments these doubles would be boxed. */
  writeTrade(prices: Float64Array, index: number, nowMs: Float64Array): void {
    this.#begin()
    this.#values[LAST_PRICE_TICKS] = prices[index]
    this.#values[TIMESTAMP_MS] = nowMs[0]
    this.#end()
  }

  writeTop(top: TopView, nowMs: Float64Array): void {
    const values = this.#values
    this.#begin()
    values[BID_TICKS] = top.bidTicks
    values[BID_LOTS] = top.bidLots
    values[ASK_TICKS] = top.askTicks
    values[ASK_LOTS] = top.askLots
    values[TIMESTAMP_MS] = nowMs[0]
    this.#end()
  }

  /** Copies the book's published levels; `changedLevel` at or below the published depth leaves them as they are. */
  writeBook(book: BookView, changedLevel: number): void {
    const values = this.#values
    const { bidCount, askCount } = book
    this.#begin()
    values[LAST_UPDATE_ID] = book.updateId
    values[IS_LIVE] = book.isLive ? 1 : 0
    const isSame = values[BID_COUNT] === bidCount && values[ASK_COUNT] === askCount
    if (!isSame || changedLevel < Math.max(bidCount, askCount)) {
      values[BID_COUNT] = bidCount
      values[ASK_COUNT] = askCount
      let at = LEVELS
      for (let level = 0; level < bidCount; level += 1) {
        values[at++] = book.bidTicks(level)
        values[at++] = book.bidLots(level)
      }
      for (let level = 0; level < askCount; level += 1) {
        values[at++] = book.askTicks(level)
        values[at++] = book.askLots(level)
      }
    }
    this.#end()
  }

  /** A whole reading, of one moment. Allocates: for control only. */
  read(depth = MAX_PUBLISHED_LEVELS): BoardReading {
    for (;;) {
      const before = Atomics.load(this.#sequence, 0)
      const reading = this.#copy(depth)
      if ((before & 1) === 0 && Atomics.load(this.#sequence, 0) === before) return reading
    }
  }

  #copy(depth: number): BoardReading {
    const values = this.#values
    const bidCount = values[BID_COUNT]
    const levels = (start: number, count: number): [number, number][] =>
      Array.from({ length: Math.min(count, depth) }, (_, level) => [
        values[start + 2 * level],
        values[start + 2 * level + 1],
      ])
    return {
      lastUpdateId: values[LAST_UPDATE_ID],
      lastPriceTicks: values[LAST_PRICE_TICKS],
      timestampMs: values[TIMESTAMP_MS],
      bidTicks: values[BID_TICKS],
      bidLots: values[BID_LOTS],
      askTicks: values[ASK_TICKS],
      askLots: values[ASK_LOTS],
      isLive: values[IS_LIVE] === 1,
      bids: levels(LEVELS, bidCount),
      asks: levels(LEVELS + 2 * bidCount, values[ASK_COUNT]),
    }
  }

  #begin(): void {
    Atomics.add(this.#sequence, 0, 1)
  }

  #end(): void {
    Atomics.add(this.#sequence, 0, 1)
  }
}
