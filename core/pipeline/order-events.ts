import type { Counters } from "../hot/counters.js"
import { DenyReason } from "../hot/deny.js"
import type { Link } from "../hot/link.js"
import {
  EVENT_BYTES,
  EVENT_CAUSE,
  EVENT_CLIENT_ID,
  EVENT_CODE,
  EVENT_CREATED_US,
  EVENT_FILLED_LOTS,
  EVENT_FILLED_NOTIONAL,
  EVENT_LAST_PRICE_TICKS,
  EVENT_LAST_QTY_LOTS,
  EVENT_ORIGIN,
  EVENT_OWNER,
  EVENT_PRICE_TICKS,
  EVENT_QTY_LOTS,
  EVENT_REASON,
  EVENT_SEQUENCE,
  EVENT_SIDE,
  EVENT_STATUS,
  EVENT_SYMBOL,
  EVENT_TEXT,
  EVENT_TIF,
  EVENT_TOKEN,
  EVENT_TRADE_ID,
  EVENT_TYPE,
  EVENT_UPDATED_US,
  EVENT_VENUE_ID,
  EventCause,
  ID_BYTES,
  ORDER_CLIENT_ID,
  ORDER_ORIGIN,
  ORDER_OWNER,
  ORDER_TOKEN,
  OrderStatus,
  Origin,
  RecordType,
  type RecordViews,
} from "../hot/records.js"
import { NO_CAPACITY } from "../hot/ring.js"
import type { EngineCounters } from "./engine-counters.js"
import { Field, NO_SLOT, type OrderStore } from "./order-store.js"

export interface OrderEventsOptions {
  readonly store: OrderStore
  readonly toStrategy: Link
  readonly toControl: Link
  /** Events wait for control; somebody waits for this one when `isUrgent`. */
  readonly ringControl: (isUrgent: boolean) => void
  readonly counters: Counters
  readonly slots: EngineCounters
}

/**
 * Tells of orders: the strategy that owns one, and control. Each event is the whole state of its order, so that where
 * there is no room those of one order join into its newest, and no order is forgotten.
 */
export class OrderEvents {
  readonly #options: OrderEventsOptions
  /** The number of the newest event. */
  sequence = 0

  constructor(options: OrderEventsOptions) {
    this.#options = options
  }

  /** That an order has left for the venue is news for control alone: its strategy knows that it has asked for it. */
  tell(slot: number, cause: number): void {
    const { store, toStrategy, counters, slots } = this.#options
    const row = store.row(slot)
    if (row[Field.Origin] === Origin.Strategy && cause !== EventCause.Sent) {
      if (!this.#write(toStrategy, slot, cause)) counters.increment(slots.strategyRingFull)
    }
    // An earlier event of the order still waits: they leave as one, the state that counts is the newest.
    if (row[Field.IsEventDue] === 1) return counters.increment(slots.eventsCoalesced)
    // Nor may it overtake the events of others: an id may have been used again meanwhile.
    if (this.tellQueued() && this.#tellControl(slot, cause)) return
    counters.increment(slots.eventsCoalesced)
    store.queueEvent(slot)
  }

  /** Events that found no room leave as soon as there is some. False when some still wait. */
  tellQueued(): boolean {
    const { store } = this.#options
    for (let slot = store.nextQueued(); slot !== NO_SLOT; slot = store.nextQueued()) {
      if (!this.#tellControl(slot, EventCause.Snapshot)) return false
      store.unqueueEvent()
      if (!store.isOpen(slot)) store.release(slot)
    }
    return true
  }

  /** A cancel named an order that is not open here: an event without an order. */
  tellNotOpen(views: RecordViews, offset: number): void {
    const { toControl, toStrategy, ringControl } = this.#options
    const isOfStrategy = views.i32[(offset + ORDER_ORIGIN) >> 2] === Origin.Strategy
    const link = isOfStrategy ? toStrategy : toControl
    const at = link.claim(RecordType.OrderEvent, EVENT_BYTES, true)
    if (at === NO_CAPACITY) return
    link.u8.fill(0, at, at + EVENT_BYTES)
    link.f64[(at + EVENT_TOKEN) >> 3] = views.f64[(offset + ORDER_TOKEN) >> 3]
    link.i32[(at + EVENT_SYMBOL) >> 2] = -1
    link.i32[(at + EVENT_CAUSE) >> 2] = EventCause.NotFound
    link.i32[(at + EVENT_STATUS) >> 2] = OrderStatus.Denied
    link.i32[(at + EVENT_REASON) >> 2] = DenyReason.NotOpen
    link.i32[(at + EVENT_ORIGIN) >> 2] = views.i32[(offset + ORDER_ORIGIN) >> 2]
    link.i32[(at + EVENT_OWNER) >> 2] = views.i32[(offset + ORDER_OWNER) >> 2]
    for (let index = 0; index < ID_BYTES >> 2; index += 1) {
      link.i32[((at + EVENT_CLIENT_ID) >> 2) + index] = views.i32[((offset + ORDER_CLIENT_ID) >> 2) + index]
    }
    link.publish()
    if (!isOfStrategy) ringControl(true)
  }

  #tellControl(slot: number, cause: number): boolean {
    const row = this.#options.store.row(slot)
    if (!this.#write(this.#options.toControl, slot, cause)) return false
    this.#options.ringControl(row[Field.Origin] === Origin.Http)
    return true
  }

  #write(link: Link, slot: number, cause: number): boolean {
    const { store } = this.#options
    const row = store.row(slot)
    const at = link.claim(RecordType.OrderEvent, EVENT_BYTES, true)
    if (at === NO_CAPACITY) return false
    const { f64, i32 } = link
    this.sequence += 1
    f64[(at + EVENT_SEQUENCE) >> 3] = this.sequence
    f64[(at + EVENT_TOKEN) >> 3] = row[Field.Token]
    i32[(at + EVENT_SYMBOL) >> 2] = row[Field.Symbol]
    i32[(at + EVENT_SIDE) >> 2] = row[Field.Side]
    i32[(at + EVENT_TYPE) >> 2] = row[Field.Type]
    i32[(at + EVENT_TIF) >> 2] = row[Field.Tif]
    f64[(at + EVENT_PRICE_TICKS) >> 3] = row[Field.PriceTicks]
    f64[(at + EVENT_QTY_LOTS) >> 3] = row[Field.QtyLots]
    f64[(at + EVENT_FILLED_LOTS) >> 3] = row[Field.FilledLots]
    f64[(at + EVENT_FILLED_NOTIONAL) >> 3] = row[Field.FilledNotional]
    i32[(at + EVENT_STATUS) >> 2] = row[Field.Status]
    i32[(at + EVENT_REASON) >> 2] = row[Field.Reason]
    i32[(at + EVENT_CODE) >> 2] = row[Field.Code]
    i32[(at + EVENT_ORIGIN) >> 2] = row[Field.Origin]
    i32[(at + EVENT_OWNER) >> 2] = row[Field.Owner]
    i32[(at + EVENT_CAUSE) >> 2] = cause
    f64[(at + EVENT_CREATED_US) >> 3] = row[Field.CreatedUs]
    f64[(at + EVENT_UPDATED_US) >> 3] = row[Field.UpdatedUs]
    f64[(at + EVENT_LAST_PRICE_TICKS) >> 3] = row[Field.LastPriceTicks]
    f64[(at + EVENT_LAST_QTY_LOTS) >> 3] = row[Field.LastQtyLots]
    f64[(at + EVENT_TRADE_ID) >> 3] = row[Field.LastTradeId]
    store.copyClientId(slot, link, at + EVENT_CLIENT_ID)
    store.copyVenueId(slot, link, at + EVENT_VENUE_ID)
    store.copyText(slot, link, at + EVENT_TEXT)
    link.publish()
    return true
  }
}
