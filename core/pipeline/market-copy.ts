import {
  BOOK_ASK_COUNT,
  BOOK_BID_COUNT,
  BOOK_IS_LIVE,
  BOOK_LEVELS,
  BOOK_SYMBOL,
  BOOK_UPDATE_ID,
  bookBytes,
  type RecordViews,
  TOP_ASK_LOTS,
  TOP_ASK_TICKS,
  TOP_BID_LOTS,
  TOP_BID_TICKS,
  TOP_SYMBOL,
  TOP_UPDATE_ID,
} from "../hot/records.js"
import type { BookView, SymbolSpec } from "../kernel/contract.js"
import { Top } from "./book-view.js"

/** Bytes of a BookChanged record with the published levels of `book`. */
export const bookRecordBytes = (book: BookView): number => bookBytes(book.bidCount + book.askCount)

/** Writes the published levels of `book` into the BookChanged record at `offset`. */
export function writeLevels(book: BookView, { f64, i32 }: RecordViews, offset: number): void {
  const { bidCount, askCount } = book
  i32[(offset + BOOK_BID_COUNT) >> 2] = bidCount
  i32[(offset + BOOK_ASK_COUNT) >> 2] = askCount
  i32[(offset + BOOK_IS_LIVE) >> 2] = book.isLive ? 1 : 0
  let at = (offset + BOOK_LEVELS) >> 3
  for (let level = 0; level < bidCount; level += 1) {
    f64[at++] = book.bidTicks(level)
    f64[at++] = book.bidLots(level)
  }
  for (let level = 0; level < askCount; level += 1) {
    f64[at++] = book.askTicks(level)
    f64[at++] = book.askLots(level)
  }
}

/** Books and tops of a thread that does not own them: as the newest records say. */
export class MarketCopy {
  readonly books: readonly BookCopy[]
  readonly tops: readonly Top[]

  constructor(symbols: readonly SymbolSpec[]) {
    this.books = symbols.map((symbol) => new BookCopy(symbol))
    this.tops = symbols.map(({ index }) => new Top(index))
  }

  onBook(views: RecordViews, offset: number): void {
    const symbol = views.i32[(offset + BOOK_SYMBOL) >> 2]
    const book = this.books[symbol]
    book.take(views, offset)
    // A depth update may be newer than the last bookTicker; then the book knows the touch better.
    this.tops[symbol].raise(book)
  }

  onTop({ i32, f64 }: RecordViews, offset: number): void {
    const top = this.tops[i32[(offset + TOP_SYMBOL) >> 2]]
    top.updateId = f64[(offset + TOP_UPDATE_ID) >> 3]
    top.bidTicks = f64[(offset + TOP_BID_TICKS) >> 3]
    top.bidLots = f64[(offset + TOP_BID_LOTS) >> 3]
    top.askTicks = f64[(offset + TOP_ASK_TICKS) >> 3]
    top.askLots = f64[(offset + TOP_ASK_LOTS) >> 3]
  }
}

class BookCopy implements BookView {
  updateId = 0
  isLive = false
  bidCount = 0
  askCount = 0
  #levels = new Float64Array(64)

  constructor(readonly symbol: SymbolSpec) {}

  take({ f64, i32 }: RecordViews, offset: number): void {
    this.updateId = f64[(offset + BOOK_UPDATE_ID) >> 3]
    this.isLive = i32[(offset + BOOK_IS_LIVE) >> 2] === 1
    this.bidCount = i32[(offset + BOOK_BID_COUNT) >> 2]
    this.askCount = i32[(offset + BOOK_ASK_COUNT) >> 2]
    const count = 2 * (this.bidCount + this.askCount)
    // Deeper than ever: more room than asked for, so that growing ends soon.
    if (count > this.#levels.length) this.#levels = new Float64Array(2 * count)
    const first = (offset + BOOK_LEVELS) >> 3
    for (let index = 0; index < count; index += 1) this.#levels[index] = f64[first + index]
  }

  bidTicks(level: number): number {
    return level < this.bidCount ? this.#levels[2 * level] : 0
  }

  bidLots(level: number): number {
    return level < this.bidCount ? this.#levels[2 * level + 1] : 0
  }

  askTicks(level: number): number {
    return level < this.askCount ? this.#levels[2 * (this.bidCount + level)] : 0
  }

  askLots(level: number): number {
    return level < this.askCount ? this.#levels[2 * (this.bidCount + level) + 1] : 0
  }
}
