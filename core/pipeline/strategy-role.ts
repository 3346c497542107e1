import type { Clock } from "../hot/clock.js"
import { DenyReason } from "../hot/deny.js"
import type { HistogramRecorder } from "../hot/histogram.js"
import type { Link } from "../hot/link.js"
import {
  BOOK_RECEIVED_NS,
  BOOK_SYMBOL,
  CANCEL_OWNED_BYTES,
  CANCEL_OWNED_OWNER,
  EVENT_CAUSE,
  EVENT_FILLED_LOTS,
  EVENT_LAST_PRICE_TICKS,
  EVENT_LAST_QTY_LOTS,
  EVENT_OWNER,
  EVENT_PRICE_TICKS,
  EVENT_QTY_LOTS,
  EVENT_REASON,
  EVENT_SIDE,
  EVENT_STATUS,
  EVENT_SYMBOL,
  EVENT_TOKEN,
  EVENT_TRADE_ID,
  EventCause,
  ORDER_BYTES,
  ORDER_CLIENT_ID,
  ORDER_ENTERED_NS,
  ORDER_ORIGIN,
  ORDER_OWNER,
  ORDER_PRICE_TICKS,
  ORDER_QTY_LOTS,
  ORDER_SIDE,
  ORDER_SYMBOL,
  ORDER_TIF,
  ORDER_TOKEN,
  ORDER_TYPE,
  Origin,
  RecordType,
  type RecordViews,
  TOP_RECEIVED_NS,
  TOP_SYMBOL,
  TRADE_BUYER_IS_MAKER,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  TRADE_RECEIVED_NS,
  TRADE_SYMBOL,
} from "../hot/records.js"
import { NO_CAPACITY } from "../hot/ring.js"
import type { BookView, PublicTrade, TopView } from "../kernel/contract.js"
import type { StrategyHooks } from "./hooks.js"
import { MarketCopy } from "./market-copy.js"
import { writeOrderId } from "./order-id.js"
import type { Profile } from "./profile.js"

export interface StrategyRoleOptions {
  readonly clock: Clock
  readonly toEngine: Link
  /** The engine's own where both share a thread, copies from its records where they do not. */
  readonly market: { readonly books: readonly BookView[]; readonly tops: readonly TopView[] } | MarketCopy
  /** Distinguishes the ids of this run from those of every other. */
  readonly epoch: number
  /** From the receipt of a frame until the strategies have been notified. */
  readonly processing: HistogramRecorder
  readonly profile: Profile
}

// The times of a record of market data, which lie in a row.
const FRAME = 1
const DECODED = 2
const BOOKED = 3

/** The strategies of an engine: what they hear of the market and of their orders, and what they ask for. */
export class StrategyRole {
  readonly books: readonly BookView[]
  readonly tops: readonly TopView[]
  #hooks: StrategyHooks
  readonly #copy: MarketCopy | undefined
  readonly #nowNs = new Float64Array(1)
  readonly #durationNs = new Float64Array(1)
  #sequence = 0
  /** Numbers of strategies that are gone and of which the engine has not been told. */
  readonly #abandoned: number[] = []
  readonly #trade = { symbol: 0, priceTicks: 0, qtyLots: 0, buyerIsMaker: false }
  readonly #update = { handle: 0, symbol: 0, side: 0, status: 0, reason: 0, priceTicks: 0, qtyLots: 0, filledLots: 0 }
  readonly #fill = { handle: 0, symbol: 0, side: 0, priceTicks: 0, qtyLots: 0, tradeId: 0 }

  constructor(
    private readonly options: StrategyRoleOptions,
    hooks: StrategyHooks,
  ) {
    const { market } = options
    this.books = market.books
    this.tops = market.tops
    this.#copy = market instanceof MarketCopy ? market : undefined
    this.#hooks = hooks
  }

  adopt(hooks: StrategyHooks): void {
    this.#hooks = hooks
  }

  /** The newest handle that was given out. */
  get lastHandle(): number {
    return this.#sequence
  }

  /** Goes on with handles behind those of another strategy role. */
  goOnFrom(lastHandle: number): void {
    this.#sequence = lastHandle
  }

  readonly onRecord = (type: number, offset: number, _length: number, views: RecordViews): void => {
    if (type === RecordType.BookChanged) this.#onBook(views, offset)
    else if (type === RecordType.Top) this.#onTop(views, offset)
    else if (type === RecordType.Trade) this.#onTrade(views, offset)
    else if (type === RecordType.OrderEvent) this.#onOrderEvent(views, offset)
  }

  place(
    owner: number,
    symbol: number,
    side: number,
    priceTicks: number,
    qtyLots: number,
    type: number,
    tif: number,
  ): number {
    const { toEngine } = this.options
    const { f64, i32 } = toEngine
    const at = toEngine.claim(RecordType.NewOrder, ORDER_BYTES)
    if (at === NO_CAPACITY) return -DenyReason.RingFull
    const handle = ++this.#sequence
    i32[(at + ORDER_SYMBOL) >> 2] = symbol
    i32[(at + ORDER_SIDE) >> 2] = side
    i32[(at + ORDER_TYPE) >> 2] = type
    i32[(at + ORDER_TIF) >> 2] = tif
    f64[(at + ORDER_PRICE_TICKS) >> 3] = priceTicks
    f64[(at + ORDER_QTY_LOTS) >> 3] = qtyLots
    this.options.clock.stampNs(f64, (at + ORDER_ENTERED_NS) >> 3)
    f64[(at + ORDER_TOKEN) >> 3] = handle
    i32[(at + ORDER_ORIGIN) >> 2] = Origin.Strategy
    i32[(at + ORDER_OWNER) >> 2] = owner
    writeOrderId(toEngine, at + ORDER_CLIENT_ID, this.options.epoch, owner, handle)
    toEngine.publish()
    return handle
  }

  cancel(owner: number, handle: number): number {
    const { toEngine } = this.options
    const at = toEngine.claim(RecordType.CancelOrder, ORDER_BYTES, true)
    if (at === NO_CAPACITY) return DenyReason.RingFull
    toEngine.i32[(at + ORDER_SYMBOL) >> 2] = -1
    this.options.clock.stampNs(toEngine.f64, (at + ORDER_ENTERED_NS) >> 3)
    toEngine.f64[(at + ORDER_TOKEN) >> 3] = handle
    toEngine.i32[(at + ORDER_ORIGIN) >> 2] = Origin.Strategy
    toEngine.i32[(at + ORDER_OWNER) >> 2] = owner
    writeOrderId(toEngine, at + ORDER_CLIENT_ID, this.options.epoch, owner, handle)
    toEngine.publish()
    return DenyReason.None
  }

  /** A strategy is gone: what it has open is to be cancelled. */
  abandon(owner: number): void {
    this.#abandoned.push(owner)
    this.idle()
  }

  /** The end of a turn: what found no room is said as soon as there is some. */
  idle(): void {
    if (this.#abandoned.length > 0) this.tellAbandoned()
  }

  /** False when there was no room for all of it. */
  tellAbandoned(): boolean {
    const { toEngine } = this.options
    while (this.#abandoned.length > 0) {
      const at = toEngine.claim(RecordType.CancelOwned, CANCEL_OWNED_BYTES, true)
      if (at === NO_CAPACITY) return false
      toEngine.i32[(at + CANCEL_OWNED_OWNER) >> 2] = this.#abandoned.shift()!
      toEngine.publish()
    }
    return true
  }

  #onBook(views: RecordViews, offset: number): void {
    this.#copy?.onBook(views, offset)
    this.#hooks.onBook?.(this.books[views.i32[(offset + BOOK_SYMBOL) >> 2]])
    this.#notified(views, offset + BOOK_RECEIVED_NS)
  }

  #onTop(views: RecordViews, offset: number): void {
    this.#copy?.onTop(views, offset)
    this.#hooks.onTop?.(this.tops[views.i32[(offset + TOP_SYMBOL) >> 2]])
    this.#notified(views, offset + TOP_RECEIVED_NS)
  }

  #onTrade(views: RecordViews, offset: number): void {
    if (this.#hooks.onTrade !== null) this.#hooks.onTrade(this.#readTrade(views, offset))
    this.#notified(views, offset + TRADE_RECEIVED_NS)
  }

  #readTrade(views: RecordViews, offset: number): PublicTrade {
    const trade = this.#trade
    trade.symbol = views.i32[(offset + TRADE_SYMBOL) >> 2]
    trade.priceTicks = views.f64[(offset + TRADE_PRICE_TICKS) >> 3]
    trade.qtyLots = views.f64[(offset + TRADE_QTY_LOTS) >> 3]
    trade.buyerIsMaker = views.i32[(offset + TRADE_BUYER_IS_MAKER) >> 2] === 1
    return trade
  }

  /** The strategies have been told of the update whose times begin at `offset`. */
  #notified({ f64 }: RecordViews, offset: number): void {
    const { clock, processing, profile } = this.options
    const at = offset >> 3
    clock.stampNs(this.#nowNs, 0)
    this.#durationNs[0] = this.#nowNs[0] - f64[at]
    processing.recordAt(this.#durationNs, 0)
    profile.stagesNs[0] = f64[at + FRAME] - f64[at]
    profile.stagesNs[1] = f64[at + DECODED] - f64[at + FRAME]
    profile.stagesNs[2] = f64[at + BOOKED] - f64[at + DECODED]
    profile.stagesNs[3] = this.#nowNs[0] - f64[at + BOOKED]
    profile.add()
  }

  #onOrderEvent(views: RecordViews, offset: number): void {
    const { f64, i32 } = views
    const listener = this.#hooks.orders[i32[(offset + EVENT_OWNER) >> 2]]
    if (listener === undefined) return
    const handle = f64[(offset + EVENT_TOKEN) >> 3]
    if (i32[(offset + EVENT_CAUSE) >> 2] === EventCause.Fill && listener.onFill !== null) {
      const fill = this.#fill
      fill.handle = handle
      fill.symbol = i32[(offset + EVENT_SYMBOL) >> 2]
      fill.side = i32[(offset + EVENT_SIDE) >> 2]
      fill.priceTicks = f64[(offset + EVENT_LAST_PRICE_TICKS) >> 3]
      fill.qtyLots = f64[(offset + EVENT_LAST_QTY_LOTS) >> 3]
      fill.tradeId = f64[(offset + EVENT_TRADE_ID) >> 3]
      listener.onFill(fill)
    }
    if (listener.onUpdate === null) return
    const update = this.#update
    update.handle = handle
    update.symbol = i32[(offset + EVENT_SYMBOL) >> 2]
    update.side = i32[(offset + EVENT_SIDE) >> 2]
    update.status = i32[(offset + EVENT_STATUS) >> 2]
    update.reason = i32[(offset + EVENT_REASON) >> 2]
    update.priceTicks = f64[(offset + EVENT_PRICE_TICKS) >> 3]
    update.qtyLots = f64[(offset + EVENT_QTY_LOTS) >> 3]
    update.filledLots = f64[(offset + EVENT_FILLED_LOTS) >> 3]
    listener.onUpdate(update)
  }
}
