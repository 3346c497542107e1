import { Book } from "../hot/book.js"
import { type Clock, wallOffsetUs } from "../hot/clock.js"
import type { Counters } from "../hot/counters.js"
import type { HistogramRecorder } from "../hot/histogram.js"
import type { Link } from "../hot/link.js"
import {
  BOOK_CHANGED_LEVEL,
  BOOK_RECEIVED_NS,
  BOOK_SYMBOL,
  BOOK_UPDATE_ID,
  bookBytes,
  DEPTH_EVENT_US,
  DEPTH_RECEIVED_NS,
  DEPTH_SYMBOL,
  RecordType,
  type RecordViews,
  SNAPSHOT_REQUEST_BYTES,
  SNAPSHOT_REQUEST_LEVELS,
  SNAPSHOT_REQUEST_SYMBOL,
  TOP_ASK_LOTS,
  TOP_ASK_TICKS,
  TOP_BID_LOTS,
  TOP_BID_TICKS,
  TOP_BYTES,
  TOP_RECEIVED_NS,
  TOP_SYMBOL,
  TOP_UPDATE_ID,
  TRADE_BOOKED_NS,
  TRADE_BYTES,
  TRADE_EVENT_US,
  TRADE_PRICE_TICKS,
  TRADE_RECEIVED_NS,
  TRADE_SYMBOL,
} from "../hot/records.js"
import { NO_CAPACITY } from "../hot/ring.js"
import { BookSync, DEPTH_HELD, DEPTH_LOST, DEPTH_PARTIAL, DEPTH_STALE } from "./book-sync.js"
import { PublishedBook, Top } from "./book-view.js"
import type { EngineCounters } from "./engine-counters.js"
import type { EngineHooks } from "./hooks.js"
import type { MarketBoard } from "./market-board.js"
import { bookRecordBytes, writeLevels } from "./market-copy.js"
import type { StageChain } from "./stages.js"
import type { SymbolTable } from "./symbols.js"
import { VenueFigure } from "./venue-figures.js"

// The market path on the engine's side: receive -> decode (network) -> book -> [conflate] -> [throttle] -> notify.

// The times of an update, in a row, as they lie in every record of market data: received, frame, decoded, booked.
const BOOKED = 3
const TIMES = 4
/** What waits for a symbol's notification. */
const PENDING_BOOK = 1
const PENDING_TOP = 2
const SNAPSHOT_LEVELS = 1000
const SNAPSHOT_RETRY_NS = 2e9
const BUFFER_BYTES = 1 << 20

export interface MarketPathOptions {
  readonly symbols: SymbolTable
  readonly clock: Clock
  readonly toStrategy: Link
  readonly toNetwork: Link
  readonly boards: readonly MarketBoard[]
  readonly venueFigures: Float64Array
  readonly counters: Counters
  readonly slots: EngineCounters
  readonly exchangeToEngine: HistogramRecorder
  /** The strategies run on another thread: records carry the published levels. */
  readonly isCopying: boolean
}

export class MarketPath {
  readonly books: readonly PublishedBook[]
  readonly tops: readonly Top[]
  /** When the newest market frame was received. */
  readonly lastReceivedNs = new Float64Array(1)
  #hooks: EngineHooks
  #chain: StageChain
  readonly #syncs: readonly BookSync[]
  readonly #retryAtNs: Float64Array
  // Per symbol: what waits, and the times of the newest update that waits.
  readonly #pending: Uint8Array
  /** Some of it waits because the strategy had no room. */
  #isBehind = false
  readonly #changedLevel: Int32Array
  // A row of times for each symbol. Doubles stay in memory: as arguments they would be boxed.
  readonly #timesNs: Float64Array
  readonly #boardMs = new Float64Array(1)
  readonly #durationNs = new Float64Array(1)
  // The wall clock minus the monotonic one. Both run at one rate, so that only a step of the wall clock changes it: it
  // is read at every tick, and saves a depth update three of eight readings of a clock.
  readonly #wallOffsetUs = new Float64Array(1)

  constructor(
    private readonly options: MarketPathOptions,
    hooks: EngineHooks,
    chain: StageChain,
  ) {
    const { all } = options.symbols
    this.#hooks = hooks
    this.#chain = chain
    this.books = all.map((spec) => new PublishedBook(spec, new Book()))
    this.tops = all.map((spec) => new Top(spec.index))
    this.#syncs = this.books.map(({ symbol, book }) => {
      return new BookSync(book, () => this.#requestSnapshot(symbol.index), BUFFER_BYTES)
    })
    const count = all.length
    this.#retryAtNs = new Float64Array(count)
    this.#pending = new Uint8Array(count)
    this.#changedLevel = new Int32Array(count)
    this.#timesNs = new Float64Array(count * TIMES)
    this.#wallOffsetUs[0] = wallOffsetUs(this.options.clock)
  }

  /** A generation begins. What the old one's stages still held has been let go before. */
  adopt(hooks: EngineHooks, chain: StageChain): void {
    this.#hooks = hooks
    this.#chain = chain
  }

  /** Levels a side that books publish from now on. */
  publishDepth(levels: number): void {
    for (const view of this.books) {
      if (view.depth === levels) continue
      view.depth = levels
      this.options.boards[view.symbol.index].writeBook(view, 0)
    }
  }

  /** Asks for every book, now that its updates come. */
  askForBooks(): void {
    for (const sync of this.#syncs) sync.ask()
  }

  /** Nothing else to do on this thread: stages let go of what need not wait. */
  idle(): void {
    this.#chain.idle?.()
    // What found no room is told as soon as there is some.
    if (this.#isBehind) this.flush()
  }

  /** Lets go of everything that waits, whatever the stages say: the last act of a generation. False without the room. */
  flush(): boolean {
    this.#isBehind = false
    for (let symbol = 0; symbol < this.#pending.length; symbol += 1) this.notify(symbol)
    return !this.#isBehind
  }

  /** Asks again for snapshots that did not come, and looks at the wall clock. Called about ten times a second. */
  tick(nowNs: number): void {
    this.#wallOffsetUs[0] = wallOffsetUs(this.options.clock)
    for (let symbol = 0; symbol < this.#syncs.length; symbol += 1) {
      if (nowNs >= this.#retryAtNs[symbol]) this.#syncs[symbol].askAgain()
    }
  }

  /** The market connection went away or came: books begin anew. */
  onMarketStatus(isUp: boolean): void {
    if (isUp) return
    for (let symbol = 0; symbol < this.#syncs.length; symbol += 1) {
      this.#syncs[symbol].restart()
      // The ids of the next connection need not be above those of this one: another server may begin anew.
      this.tops[symbol].updateId = 0
      this.#bookLost(symbol)
    }
  }

  onDepth(views: RecordViews, offset: number, length: number): void {
    const { counters, slots } = this.options
    const symbol = views.i32[(offset + DEPTH_SYMBOL) >> 2]
    this.#received(views, offset + DEPTH_RECEIVED_NS, offset + DEPTH_EVENT_US)
    this.#hooks.decoded?.(RecordType.Depth, offset, views)
    const level = this.#syncs[symbol].onDepth(views, offset, length)
    if (level === DEPTH_PARTIAL || level === DEPTH_HELD) return
    if (level === DEPTH_STALE) return counters.increment(slots.staleUpdates)
    if (level === DEPTH_LOST) {
      counters.increment(slots.gaps)
      return this.#bookLost(symbol)
    }
    counters.increment(slots.bookUpdates)
    const view = this.books[symbol]
    view.isLive = true
    this.#raiseTop(symbol)
    this.#hooks.booked?.(view, level)
    this.options.boards[symbol].writeBook(view, level)
    this.#stamp(symbol, views, offset + DEPTH_RECEIVED_NS)
    if ((this.#pending[symbol] & PENDING_BOOK) === 0 || level < this.#changedLevel[symbol]) {
      this.#changedLevel[symbol] = level
    }
    this.#pending[symbol] |= PENDING_BOOK
    this.#chain.offer(symbol)
  }

  onTop(views: RecordViews, offset: number): void {
    const { f64 } = views
    const symbol = views.i32[(offset + TOP_SYMBOL) >> 2]
    const top = this.tops[symbol]
    this.options.counters.increment(this.options.slots.topUpdates)
    this.#received(views, offset + TOP_RECEIVED_NS, 0)
    this.#hooks.decoded?.(RecordType.Top, offset, views)
    const updateId = f64[(offset + TOP_UPDATE_ID) >> 3]
    if (updateId < top.updateId) return this.options.counters.increment(this.options.slots.staleUpdates)
    top.updateId = updateId
    top.bidTicks = f64[(offset + TOP_BID_TICKS) >> 3]
    top.bidLots = f64[(offset + TOP_BID_LOTS) >> 3]
    top.askTicks = f64[(offset + TOP_ASK_TICKS) >> 3]
    top.askLots = f64[(offset + TOP_ASK_LOTS) >> 3]
    this.#boardTop(top)
    this.#stamp(symbol, views, offset + TOP_RECEIVED_NS)
    this.#pending[symbol] |= PENDING_TOP
    this.#chain.offer(symbol)
  }

  /** Trades are never held back or conflated: they may use the room that is reserved. */
  onTrade(views: RecordViews, offset: number): void {
    const { toStrategy, clock, counters, slots, boards } = this.options
    const symbol = views.i32[(offset + TRADE_SYMBOL) >> 2]
    counters.increment(slots.trades)
    this.#received(views, offset + TRADE_RECEIVED_NS, offset + TRADE_EVENT_US)
    this.#hooks.decoded?.(RecordType.Trade, offset, views)
    this.#readBoardTime()
    boards[symbol].writeTrade(views.f64, (offset + TRADE_PRICE_TICKS) >> 3, this.#boardMs)
    const at = toStrategy.claim(RecordType.Trade, TRADE_BYTES, true)
    if (at === NO_CAPACITY) return counters.increment(slots.strategyRingFull)
    for (let word = 0; word < TRADE_BOOKED_NS >> 3; word += 1) {
      toStrategy.f64[(at >> 3) + word] = views.f64[(offset >> 3) + word]
    }
    clock.stampNs(toStrategy.f64, (at + TRADE_BOOKED_NS) >> 3)
    toStrategy.publish()
  }

  /** The last step of the chain: tells the strategies the newest of a symbol. */
  readonly notify = (symbol: number): void => {
    const pending = this.#pending[symbol]
    if (pending === 0) return
    this.#pending[symbol] = 0
    const { toStrategy } = this.options
    const isTold =
      ((pending & PENDING_BOOK) === 0 || this.#claimBook(symbol)) &&
      ((pending & PENDING_TOP) === 0 || this.#claimTop(symbol))
    if (!isTold) {
      // The strategy is behind. The newest waits for the next turn: market data conflates, nobody waits.
      toStrategy.abort()
      this.#pending[symbol] = pending
      this.#isBehind = true
      this.options.counters.increment(this.options.slots.strategyRingFull)
      return
    }
    toStrategy.publish()
  }

  #claimBook(symbol: number): boolean {
    const { toStrategy, isCopying } = this.options
    const book = this.books[symbol]
    const at = toStrategy.claim(RecordType.BookChanged, isCopying ? bookRecordBytes(book) : bookBytes(0))
    if (at === NO_CAPACITY) return false
    toStrategy.i32[(at + BOOK_SYMBOL) >> 2] = symbol
    toStrategy.i32[(at + BOOK_CHANGED_LEVEL) >> 2] = this.#changedLevel[symbol]
    toStrategy.f64[(at + BOOK_UPDATE_ID) >> 3] = book.updateId
    this.#writeTimes(symbol, at + BOOK_RECEIVED_NS)
    if (isCopying) writeLevels(book, toStrategy, at)
    return true
  }

  #claimTop(symbol: number): boolean {
    const { toStrategy } = this.options
    const { f64, i32 } = toStrategy
    const at = toStrategy.claim(RecordType.Top, TOP_BYTES)
    if (at === NO_CAPACITY) return false
    const top = this.tops[symbol]
    i32[(at + TOP_SYMBOL) >> 2] = symbol
    f64[(at + TOP_UPDATE_ID) >> 3] = top.updateId
    f64[(at + TOP_BID_TICKS) >> 3] = top.bidTicks
    f64[(at + TOP_BID_LOTS) >> 3] = top.bidLots
    f64[(at + TOP_ASK_TICKS) >> 3] = top.askTicks
    f64[(at + TOP_ASK_LOTS) >> 3] = top.askLots
    this.#writeTimes(symbol, at + TOP_RECEIVED_NS)
    return true
  }

  #writeTimes(symbol: number, offset: number): void {
    const { f64 } = this.options.toStrategy
    for (let time = 0; time < TIMES; time += 1) f64[(offset >> 3) + time] = this.#timesNs[symbol * TIMES + time]
  }

  #received(views: RecordViews, receivedOffset: number, eventOffset: number): void {
    const { counters, slots, exchangeToEngine } = this.options
    counters.increment(slots.marketUpdates)
    const receivedNs = views.f64[receivedOffset >> 3]
    this.lastReceivedNs[0] = receivedNs
    const eventUs = eventOffset === 0 ? 0 : views.f64[eventOffset >> 3]
    if (eventUs === 0) return
    const offsetUs = this.#wallOffsetUs[0] + this.options.venueFigures[VenueFigure.ClockOffsetUs]
    const latencyUs = receivedNs / 1000 + offsetUs - eventUs
    this.#durationNs[0] = latencyUs * 1000
    exchangeToEngine.recordAt(this.#durationNs, 0)
  }

  #stamp(symbol: number, { f64 }: RecordViews, offset: number): void {
    const times = this.#timesNs
    const row = symbol * TIMES
    for (let time = 0; time < BOOKED; time += 1) times[row + time] = f64[(offset >> 3) + time]
    this.options.clock.stampNs(times, row + BOOKED)
  }

  #raiseTop(symbol: number): void {
    const top = this.tops[symbol]
    if (top.raise(this.books[symbol])) this.#boardTop(top)
  }

  #boardTop(top: Top): void {
    this.#readBoardTime()
    this.options.boards[top.symbol].writeTop(top, this.#boardMs)
  }

  /** The time of day when the newest frame was received. */
  #readBoardTime(): void {
    this.#boardMs[0] = (this.lastReceivedNs[0] / 1000 + this.#wallOffsetUs[0]) / 1000
  }

  #bookLost(symbol: number): void {
    const view = this.books[symbol]
    view.isLive = false
    this.options.boards[symbol].writeBook(view, 0)
    this.#pending[symbol] |= PENDING_BOOK
    this.#changedLevel[symbol] = 0
    this.notify(symbol)
  }

  #requestSnapshot(symbol: number): void {
    const { toNetwork, clock, counters, slots } = this.options
    this.#retryAtNs[symbol] = clock.nowNs() + SNAPSHOT_RETRY_NS
    const at = toNetwork.claim(RecordType.SnapshotRequest, SNAPSHOT_REQUEST_BYTES, true)
    if (at === NO_CAPACITY) return
    counters.increment(slots.snapshotRequests)
    toNetwork.i32[(at + SNAPSHOT_REQUEST_SYMBOL) >> 2] = symbol
    toNetwork.i32[(at + SNAPSHOT_REQUEST_LEVELS) >> 2] = SNAPSHOT_LEVELS
    toNetwork.publish()
  }
}
