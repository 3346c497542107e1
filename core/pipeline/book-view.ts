import type { Book } from "../hot/book.js"
import type { BookView, SymbolSpec, TopView } from "../kernel/contract.js"

/** What others see of a book that the engine owns: its best levels, as many as are published. */
export class PublishedBook implements BookView {
  isLive = false
  /** Levels a side that are published. */
  depth = 0

  constructor(
    readonly symbol: SymbolSpec,
    readonly book: Book,
  ) {}

  get updateId(): number {
    return this.book.lastUpdateId
  }

  get bidCount(): number {
    return Math.min(this.book.bidCount, this.depth)
  }

  get askCount(): number {
    return Math.min(this.book.askCount, this.depth)
  }

  bidTicks(level: number): number {
    return level < this.bidCount ? this.book.bidPrice(level) : 0
  }

  bidLots(level: number): number {
    return level < this.bidCount ? this.book.bidQty(level) : 0
  }

  askTicks(level: number): number {
    return level < this.askCount ? this.book.askPrice(level) : 0
  }

  askLots(level: number): number {
    return level < this.askCount ? this.book.askQty(level) : 0
  }
}

/** The newest best bid and ask of a symbol. */
export class Top implements TopView {
  updateId = 0
  bidTicks = 0
  bidLots = 0
  askTicks = 0
  askLots = 0

  constructor(readonly symbol: number) {}

  /** Takes the touch of a book that is not older. Returns whether it did. */
  raise(book: BookView): boolean {
    if (book.updateId < this.updateId || book.bidCount === 0 || book.askCount === 0) return false
    this.updateId = book.updateId
    this.bidTicks = book.bidTicks(0)
    this.bidLots = book.bidLots(0)
    this.askTicks = book.askTicks(0)
    this.askLots = book.askLots(0)
    return true
  }
}
