import { writeAmount, writeBytes, writeInteger } from "./digits.js"
import { BUY, NO_ASK, type OrderBook, SELL } from "./order-book.js"

/**
 * The public stream messages of one symbol, encoded into one reused buffer. A message lies from `start` to `end`;
 * there is room before it for the name of a combined stream and a frame header, and behind it for a closing brace.
 */
export class StreamMessages {
  bytes = new Uint8Array(1 << 16)
  readonly start = ROOM_BEFORE
  end = ROOM_BEFORE
  readonly #book: OrderBook
  readonly #tickUnits: number
  readonly #lotUnits: number
  readonly #symbol: Uint8Array

  constructor(book: OrderBook, symbol: string, tickUnits: number, lotUnits: number) {
    this.#book = book
    this.#tickUnits = tickUnits
    this.#lotUnits = lotUnits
    this.#symbol = ascii(symbol)
  }

  /** Times are in the unit that the receivers asked for. */
  trade(id: number, ticks: number, lots: number, buyerIsMaker: boolean, tradeTime: number, eventTime: number): void {
    const { bytes } = this
    let at = this.#open(TRADE, eventTime)
    at = writeInteger(bytes, writeBytes(bytes, at, TRADE_ID), id)
    at = writeAmount(bytes, writeBytes(bytes, at, TRADE_PRICE), ticks, this.#tickUnits)
    at = writeAmount(bytes, writeBytes(bytes, at, TRADE_QUANTITY), lots, this.#lotUnits)
    at = writeInteger(bytes, writeBytes(bytes, at, TRADE_TIME), tradeTime)
    this.end = writeBytes(bytes, at, buyerIsMaker ? TRADE_BUYER_MADE : TRADE_SELLER_MADE)
  }

  bookTicker(): void {
    const { bytes } = this
    const book = this.#book
    const askTicks = book.bestAskTicks === NO_ASK ? 0 : book.bestAskTicks
    let at = writeInteger(bytes, writeBytes(bytes, this.start, TICKER), book.updateId)
    at = writeBytes(bytes, writeBytes(bytes, at, SYMBOL), this.#symbol)
    at = writeAmount(bytes, writeBytes(bytes, at, TICKER_BID), book.bestBidTicks, this.#tickUnits)
    at = writeAmount(bytes, writeBytes(bytes, at, TICKER_BID_QUANTITY), book.lotsAt(book.bestBidTicks), this.#lotUnits)
    at = writeAmount(bytes, writeBytes(bytes, at, TICKER_ASK), askTicks, this.#tickUnits)
    at = writeAmount(bytes, writeBytes(bytes, at, TICKER_ASK_QUANTITY), book.lotsAt(askTicks), this.#lotUnits)
    this.end = writeBytes(bytes, at, TICKER_END)
  }

  /** The levels that changed, by `keys` of a ChangeLog in rising order; best first on both sides. */
  depthUpdate(keys: Int32Array, count: number, firstId: number, lastId: number, eventTime: number): void {
    this.#reserve(count)
    const { bytes } = this
    let at = this.#open(DEPTH, eventTime)
    at = writeInteger(bytes, writeBytes(bytes, at, DEPTH_FIRST), firstId)
    at = writeInteger(bytes, writeBytes(bytes, at, DEPTH_LAST), lastId)
    at = writeBytes(bytes, at, DEPTH_BIDS)
    for (let i = count - 1; i >= 0; i--) if ((keys[i] & 1) === BUY) at = this.#changedLevel(at, keys[i])
    at = writeBytes(bytes, this.#closeList(at), DEPTH_ASKS)
    for (let i = 0; i < count; i++) if ((keys[i] & 1) === SELL) at = this.#changedLevel(at, keys[i])
    this.end = writeBytes(bytes, this.#closeList(at), LIST_END)
  }

  /** The best levels of both sides, whole. */
  partialDepth(levels: number): void {
    this.#reserve(levels * 2)
    const { bytes } = this
    const book = this.#book
    let at = writeInteger(bytes, writeBytes(bytes, this.start, PARTIAL), book.updateId)
    at = this.#bestLevels(writeBytes(bytes, at, PARTIAL_BIDS), BUY, levels)
    at = this.#bestLevels(writeBytes(bytes, at, PARTIAL_ASKS), SELL, levels)
    this.end = writeBytes(bytes, at, LIST_END)
  }

  #open(head: Uint8Array, eventTime: number): number {
    const at = writeInteger(this.bytes, writeBytes(this.bytes, this.start, head), eventTime)
    return writeBytes(this.bytes, writeBytes(this.bytes, at, SYMBOL), this.#symbol)
  }

  #bestLevels(offset: number, side: number, levels: number): number {
    const book = this.#book
    let at = offset
    let ticks = side === BUY ? book.bestBidTicks : book.bestAskTicks
    for (let i = 0; i < levels && ticks > 0 && ticks !== NO_ASK; i++) {
      at = this.#level(at, ticks, book.lotsAt(ticks))
      ticks = book.nextLevel(side, ticks)
    }
    return this.#closeList(at)
  }

  // The price may belong to the other side by now; then this side has nothing there.
  #changedLevel(at: number, key: number): number {
    const ticks = key >>> 1
    const isThere = (key & 1) === BUY ? ticks <= this.#book.bestBidTicks : ticks >= this.#book.bestAskTicks
    return this.#level(at, ticks, isThere ? this.#book.lotsAt(ticks) : 0)
  }

  #level(offset: number, ticks: number, lots: number): number {
    const { bytes } = this
    let at = writeAmount(bytes, writeBytes(bytes, offset, LEVEL), ticks, this.#tickUnits)
    at = writeAmount(bytes, writeBytes(bytes, at, LEVEL_QUANTITY), lots, this.#lotUnits)
    return writeBytes(bytes, at, LEVEL_END)
  }

  // Each level ends with a comma; the last one's is not wanted.
  #closeList(at: number): number {
    return this.bytes[at - 1] === COMMA ? at - 1 : at
  }

  #reserve(levels: number): void {
    const needed = ROOM_BEFORE + 256 + levels * LONGEST_LEVEL
    if (needed > this.bytes.length) this.bytes = new Uint8Array(needed * 2)
  }
}

/** For a frame header of up to 10 bytes and the wrapping of a combined stream. */
const ROOM_BEFORE = 128
// ["90000000.00000000","90000000.00000000"], and some
const LONGEST_LEVEL = 48
const COMMA = 44

const SYMBOL = ascii(',"s":"')
const TRADE = ascii('{"e":"trade","E":')
const TRADE_ID = ascii('","t":')
const TRADE_PRICE = ascii(',"p":"')
const TRADE_QUANTITY = ascii('","q":"')
const TRADE_TIME = ascii('","T":')
const TRADE_BUYER_MADE = ascii(',"m":true,"M":true}')
const TRADE_SELLER_MADE = ascii(',"m":false,"M":true}')
const TICKER = ascii('{"u":')
const TICKER_BID = ascii('","b":"')
const TICKER_BID_QUANTITY = ascii('","B":"')
const TICKER_ASK = ascii('","a":"')
const TICKER_ASK_QUANTITY = ascii('","A":"')
const TICKER_END = ascii('"}')
const DEPTH = ascii('{"e":"depthUpdate","E":')
const DEPTH_FIRST = ascii('","U":')
const DEPTH_LAST = ascii(',"u":')
const DEPTH_BIDS = ascii(',"b":[')
const DEPTH_ASKS = ascii('],"a":[')
const PARTIAL = ascii('{"lastUpdateId":')
const PARTIAL_BIDS = ascii(',"bids":[')
const PARTIAL_ASKS = ascii('],"asks":[')
const LIST_END = ascii("]}")
const LEVEL = ascii('["')
const LEVEL_QUANTITY = ascii('","')
const LEVEL_END = ascii('"],')

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
