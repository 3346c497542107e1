import type { Clock } from "../hot/clock.js"
import { DenyReason } from "../hot/deny.js"
import {
  BOOK_SYMBOL,
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
  TOP_SYMBOL,
  TRADE_BUYER_IS_MAKER,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  TRADE_SYMBOL,
} from "../hot/records.js"
import type { BookView, Fill, OrderUpdate, PublicTrade, TopView } from "../kernel/contract.js"
import { type Link, NO_CAPACITY } from "../threads/link.js"
import { composeOrderListeners, type Emit, type Hooks } from "./hooks.js"
import { writeOrderId } from "./order-id.js"
import type { PartInstance } from "./taps.js"

/** The strategies of an engine: what they hear of the market and of their orders, and what they ask for. */
export class StrategyRole {
  #hooks: Hooks
  // Listeners of each strategy by its number: an order's events go to its owner alone.
  #listeners: ({ onUpdate: Emit<[OrderUpdate]>; onFill: Emit<[Fill]> } | undefined)[] = []
  #sequence = 0
  readonly #trade = { symbol: 0, priceTicks: 0, qtyLots: 0, buyerIsMaker: false }
  readonly #update = { handle: 0, symbol: 0, side: 0, status: 0, reason: 0, priceTicks: 0, qtyLots: 0, filledLots: 0 }
  readonly #fill = { handle: 0, symbol: 0, side: 0, priceTicks: 0, qtyLots: 0, tradeId: 0 }

  constructor(
    private readonly clock: Clock,
    private readonly toEngine: Link,
    private readonly books: readonly BookView[],
    private readonly tops: readonly TopView[],
    /** Distinguishes the ids of this run from those of every other. */
    private readonly epoch: number,
    hooks: Hooks,
  ) {
    this.#hooks = hooks
  }

  adopt(hooks: Hooks, strategies: readonly PartInstance[]): void {
    this.#hooks = hooks
    this.#listeners = []
    for (const part of strategies) this.#listeners[part.owner] = composeOrderListeners(part)
  }

  readonly onRecord = (type: number, offset: number, _length: number, views: RecordViews): void => {
    if (type === RecordType.BookChanged) this.#hooks.onBook?.(this.books[views.i32[(offset + BOOK_SYMBOL) >> 2]])
    else if (type === RecordType.Top) this.#hooks.onTop?.(this.tops[views.i32[(offset + TOP_SYMBOL) >> 2]])
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
    const { toEngine } = this
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
    this.clock.stampNs(f64, (at + ORDER_ENTERED_NS) >> 3)
    f64[(at + ORDER_TOKEN) >> 3] = handle
    i32[(at + ORDER_ORIGIN) >> 2] = Origin.Strategy
    i32[(at + ORDER_OWNER) >> 2] = owner
    writeOrderId(toEngine, at + ORDER_CLIENT_ID, this.epoch, owner, handle)
    toEngine.publish()
    return handle
  }

  cancel(owner: number, handle: number): number {
    const { toEngine } = this
    const at = toEngine.claim(RecordType.CancelOrder, ORDER_BYTES, true)
    if (at === NO_CAPACITY) return DenyReason.RingFull
    toEngine.i32[(at + ORDER_SYMBOL) >> 2] = -1
    this.clock.stampNs(toEngine.f64, (at + ORDER_ENTERED_NS) >> 3)
    toEngine.f64[(at + ORDER_TOKEN) >> 3] = handle
    toEngine.i32[(at + ORDER_ORIGIN) >> 2] = Origin.Strategy
    toEngine.i32[(at + ORDER_OWNER) >> 2] = owner
    writeOrderId(toEngine, at + ORDER_CLIENT_ID, this.epoch, owner, handle)
    toEngine.publish()
    return DenyReason.None
  }

  #onTrade(views: RecordViews, offset: number): void {
    if (this.#hooks.onTrade === null) return
    const trade = this.#trade
    trade.symbol = views.i32[(offset + TRADE_SYMBOL) >> 2]
    trade.priceTicks = views.f64[(offset + TRADE_PRICE_TICKS) >> 3]
    trade.qtyLots = views.f64[(offset + TRADE_QTY_LOTS) >> 3]
    trade.buyerIsMaker = views.i32[(offset + TRADE_BUYER_IS_MAKER) >> 2] === 1
    this.#hooks.onTrade(trade satisfies PublicTrade)
  }

  #onOrderEvent(views: RecordViews, offset: number): void {
    const { f64, i32 } = views
    const listener = this.#listeners[i32[(offset + EVENT_OWNER) >> 2]]
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
