import type { Clock } from "../hot/clock.js"
import type { Counters } from "../hot/counters.js"
import { DenyReason } from "../hot/deny.js"
import type { HistogramRecorder } from "../hot/histogram.js"
import type { Link } from "../hot/link.js"
import type { RecordQueue } from "../hot/record-queue.js"
import {
  EventCause,
  ID_MAX_LENGTH,
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
  OrderStatus,
  OrderType,
  Origin,
  REPORT_CLIENT_ID,
  REPORT_CODE,
  REPORT_CUMULATIVE_LOTS,
  REPORT_DECODED_NS,
  REPORT_KIND,
  REPORT_LAST_PRICE_TICKS,
  REPORT_LAST_QTY_LOTS,
  REPORT_RECEIVED_NS,
  REPORT_REQUEST_ID,
  REPORT_STATUS,
  REPORT_TEXT,
  REPORT_TRADE_ID,
  REPORT_VENUE_ID,
  REQUEST_BYTES,
  REQUEST_CLIENT_ID,
  REQUEST_ID,
  REQUEST_PRICE_TICKS,
  REQUEST_QTY_LOTS,
  REQUEST_SIDE,
  REQUEST_SYMBOL,
  REQUEST_TIF,
  REQUEST_TYPE,
  RecordType,
  type RecordViews,
  ReportKind,
  SENT_ENCODED_NS,
  SENT_REASON,
  SENT_REQUEST_ID,
  SENT_SENT_NS,
  SENT_STARTED_NS,
  Side,
  TimeInForce,
} from "../hot/records.js"
import { NO_CAPACITY } from "../hot/ring.js"
import type { TopView } from "../kernel/contract.js"
import type { Account } from "./account.js"
import type { CancelSweeps } from "./cancel-sweeps.js"
import type { EngineCounters } from "./engine-counters.js"
import type { EngineHooks } from "./hooks.js"
import { type OpenOrders, openOrders } from "./open-orders.js"
import type { OrderEvents } from "./order-events.js"
import { Field, NO_SLOT, type OrderStore, StoredOrder } from "./order-store.js"
import type { Profile } from "./profile.js"
import { VenueFigure } from "./venue-figures.js"

// The order path on the engine's side: receive -> validate -> risk -> (encode, batch, send on the network) ...
// report -> order state -> notify. The engine owns the state of every order; everybody else hears of it by events.

export interface OrderPathOptions {
  readonly store: OrderStore
  readonly account: Account
  readonly clock: Clock
  readonly symbolCount: number
  readonly tops: readonly TopView[]
  readonly assetOf: (symbol: number, side: number) => number
  readonly toNetwork: Link
  readonly events: OrderEvents
  readonly sweeps: CancelSweeps
  readonly counters: Counters
  readonly slots: EngineCounters
  readonly profile: Profile
  readonly venueFigures: Float64Array
  readonly orderToAck: HistogramRecorder
  readonly orderToFill: HistogramRecorder
}

/** How long a venue may still act on a request whose answer was lost: its own time-out, and the receive window. */
const OUTCOME_HORIZON_NS = 15e9
const ASK_INTERVAL_NS = 1e9

export class OrderPath {
  #hooks: EngineHooks
  /** False before the venue is ready and while the engine stops: then everything new is denied. */
  isOpen = false
  /** Leaves validation out for orders of the typed API. */
  trustsTyped = false
  readonly #durationNs = new Float64Array(1)
  readonly #order: StoredOrder
  /** The counter of each end of an order, by status. */
  readonly #endCounters = new Int32Array(OrderStatus.Unknown)
  #isVenueUp = false
  /** Counts how often the venue went away: what it said of an order before says nothing of it now. */
  #outages = 0
  /** Some order may have to be asked for, or its cancel asked for again. */
  #isChasing = false

  constructor(
    private readonly options: OrderPathOptions,
    hooks: EngineHooks,
  ) {
    this.#hooks = hooks
    this.#order = new StoredOrder(options.store)
    const { slots } = options
    this.#endCounters[OrderStatus.Filled] = slots.ordersFilled
    this.#endCounters[OrderStatus.Canceled] = slots.ordersCanceled
    this.#endCounters[OrderStatus.Rejected] = slots.ordersRejected
    this.#endCounters[OrderStatus.Denied] = slots.ordersDenied
    this.#endCounters[OrderStatus.Expired] = slots.ordersExpired
  }

  adopt(hooks: EngineHooks): void {
    this.#hooks = hooks
  }

  get openCount(): number {
    return this.options.store.openCount
  }

  /** True when orders may be sent. */
  get isVenueUp(): boolean {
    return this.#isVenueUp
  }

  /** Where the orders live, for who measures or resizes its pools. */
  get store(): OrderStore {
    return this.options.store
  }

  // ---- handing over

  /** Orders, events and answers to control that are on their way. */
  get unsettled(): number {
    const { store, sweeps } = this.options
    let count = sweeps.count + (store.nextQueued() === NO_SLOT ? 0 : 1)
    for (let slot = store.firstOpen(); slot !== NO_SLOT; slot = store.nextOpen(slot)) {
      if (store.row(slot)[Field.Status] === OrderStatus.PendingNew) count += 1
    }
    return count
  }

  /** Goes on with the orders of another engine role. What became of them meanwhile is said by `catchUp`. */
  takeOver(orders: OpenOrders, numbers: Parameters<typeof openOrders>[2]): void {
    const { store, account, counters, slots } = this.options
    openOrders(store, orders, numbers, (row) => {
      if (row[Field.HeldUnits] > 0) account.holdAgain(row[Field.HeldAsset], row[Field.HeldUnits])
    })
    this.#isChasing = true
    counters.set(slots.openOrders, store.openCount)
  }

  /**
   * What the venue said while others had the orders, as far as it is of these very orders: an id may have been used
   * before. Whom it has not told of is asked for.
   */
  catchUp(heard: RecordQueue): void {
    const { store } = this.options
    heard.drain((_type, offset, _length, views) => {
      const slot = store.find(views, offset + REPORT_CLIENT_ID)
      if (slot !== NO_SLOT && store.hasVenueId(slot, views, offset + REPORT_VENUE_ID)) this.onReport(views, offset)
    })
    if (this.#isVenueUp) this.#reconcile()
  }

  // ---- wishes

  onNewOrder(views: RecordViews, offset: number): void {
    const { store, counters, slots } = this.options
    counters.increment(slots.ordersEntered)
    const slot = store.acquire()
    this.#fill(slot, views, offset)
    const reason = this.#check(slot, views, offset)
    if (reason !== DenyReason.None) return this.#deny(slot, reason)
    store.open(slot)
    this.#hold(slot)
    counters.set(slots.openOrders, store.openCount)
    if (!this.#request(RecordType.Place, slot, false)) return this.#deny(slot, DenyReason.RingFull)
  }

  onCancelOrder(views: RecordViews, offset: number): void {
    const { store } = this.options
    const slot = store.find(views, offset + ORDER_CLIENT_ID)
    if (slot === NO_SLOT) return this.options.events.tellNotOpen(views, offset)
    if (!this.#isVenueUp) return this.#refuseCancel(slot, DenyReason.VenueAway)
    if (!this.#request(RecordType.Cancel, slot, true)) this.#refuseCancel(slot, DenyReason.RingFull)
  }

  /** Control wants the orders gone that are open now, all of them or those of a symbol. */
  onCancelAll(views: RecordViews, offset: number): void {
    const { sweeps, clock } = this.options
    this.#cancelEach(sweeps.begin(views, offset, clock.nowNs()).means)
    sweeps.tellOver(0)
  }

  /** The engine itself wants every order gone. */
  cancelAll(): void {
    this.#cancelEach(() => true)
  }

  /** The same for what a strategy that was stopped has open. */
  cancelOwned(owner: number): void {
    this.#cancelEach((row) => row[Field.Origin] === Origin.Strategy && row[Field.Owner] === owner)
  }

  #cancelEach(isMeant: (row: Float64Array) => boolean): void {
    const { store } = this.options
    for (let slot = store.firstOpen(), next: number; slot !== NO_SLOT; slot = next) {
      // A failed write closes orders while this goes on.
      next = store.nextOpen(slot)
      if (store.isOpen(slot) && isMeant(store.row(slot))) this.#cancelFirmly(slot)
    }
  }

  // Asks until it is gone.
  #cancelFirmly(slot: number): void {
    const { store, clock } = this.options
    const row = store.row(slot)
    this.#isChasing = true
    row[Field.IsCancelWanted] = 1
    clock.stampNs(row, Field.AskedNs)
    this.#request(RecordType.Cancel, slot, true)
  }

  #refuseCancel(slot: number, reason: number): void {
    const { store } = this.options
    const row = store.row(slot)
    const before = row[Field.Reason]
    row[Field.Reason] = reason
    this.#publish(slot, EventCause.CancelRejected)
    row[Field.Reason] = before
  }

  #fill(slot: number, views: RecordViews, offset: number): void {
    const { store, clock } = this.options
    const row = store.row(slot)
    const { f64, i32 } = views
    store.clear(slot)
    clock.stampNs(row, Field.ReceivedNs)
    row[Field.Symbol] = i32[(offset + ORDER_SYMBOL) >> 2]
    row[Field.Side] = i32[(offset + ORDER_SIDE) >> 2]
    row[Field.Type] = i32[(offset + ORDER_TYPE) >> 2]
    row[Field.Tif] = i32[(offset + ORDER_TIF) >> 2]
    row[Field.PriceTicks] = f64[(offset + ORDER_PRICE_TICKS) >> 3]
    row[Field.QtyLots] = f64[(offset + ORDER_QTY_LOTS) >> 3]
    row[Field.Origin] = i32[(offset + ORDER_ORIGIN) >> 2]
    row[Field.Owner] = i32[(offset + ORDER_OWNER) >> 2]
    row[Field.Token] = f64[(offset + ORDER_TOKEN) >> 3]
    row[Field.EnteredNs] = f64[(offset + ORDER_ENTERED_NS) >> 3]
    clock.stampWallUs(row, Field.CreatedUs)
    row[Field.Status] = OrderStatus.PendingNew
    row[Field.LastTradeId] = -1
    row[Field.SeenOutage] = this.#outages
    store.setClientId(slot, views, offset + ORDER_CLIENT_ID)
  }

  #check(slot: number, views: RecordViews, offset: number): number {
    const { store, clock } = this.options
    const row = store.row(slot)
    const reason = this.#checkForm(slot, views, offset)
    if (reason !== DenyReason.None) return reason
    this.#weigh(slot)
    const order = this.#order.at(slot)
    const isTrusted = this.trustsTyped && order.origin === Origin.Strategy
    const invalid = isTrusted || this.#hooks.validate === null ? DenyReason.None : this.#hooks.validate(order)
    clock.stampNs(row, Field.ValidatedNs)
    if (invalid !== DenyReason.None) return invalid
    const denied = this.#hooks.risk === null ? DenyReason.None : this.#hooks.risk(order)
    clock.stampNs(row, Field.RiskedNs)
    return denied
  }

  /** A market order has no price of its own: it counts with the opposite touch. */
  #weigh(slot: number): void {
    const { store, tops } = this.options
    const row = store.row(slot)
    const top = tops[row[Field.Symbol]]
    const touchTicks = row[Field.Side] === Side.Buy ? top.askTicks : top.bidTicks
    const isMarket = row[Field.Type] === OrderType.Market
    const priceTicks = isMarket ? touchTicks : row[Field.PriceTicks]
    row[Field.Notional] = priceTicks * row[Field.QtyLots]
  }

  // What no configuration may leave out: without it the engine's own state would be at risk.
  #checkForm(slot: number, views: RecordViews, offset: number): number {
    const { store, symbolCount } = this.options
    const row = store.row(slot)
    if (!this.isOpen) return DenyReason.NotRunning
    if (!this.#isVenueUp) return DenyReason.VenueAway
    const symbol = row[Field.Symbol]
    if (symbol < 0 || symbol >= symbolCount) return DenyReason.UnknownSymbol
    const idLength = views.i32[(offset + ORDER_CLIENT_ID) >> 2]
    if (idLength < 1 || idLength > ID_MAX_LENGTH) return DenyReason.ClientOrderId
    const type = row[Field.Type]
    const price = row[Field.PriceTicks]
    if (type === OrderType.Market ? price !== 0 : price <= 0) return DenyReason.Price
    if (!isForm(row[Field.Side], type, row[Field.Tif])) return DenyReason.Malformed
    if (!Number.isSafeInteger(price) || !isPositiveInteger(row[Field.QtyLots])) return DenyReason.Malformed
    return store.find(views, offset + ORDER_CLIENT_ID) === NO_SLOT ? DenyReason.None : DenyReason.DuplicateClientOrderId
  }

  #hold(slot: number): void {
    const { store, account, assetOf } = this.options
    const row = store.row(slot)
    const order = this.#order.at(slot)
    const asset = assetOf(order.symbol, order.side)
    row[Field.HeldAsset] = asset
    account.hold(asset, order, row, Field.HeldUnits)
  }

  #releaseHold(slot: number, isAccepted: boolean): void {
    const { store, account } = this.options
    const row = store.row(slot)
    if (row[Field.HeldUnits] === 0) return
    account.release(row[Field.HeldAsset], row, Field.HeldUnits, isAccepted)
  }

  #deny(slot: number, reason: number): void {
    const row = this.options.store.row(slot)
    row[Field.Reason] = reason
    this.#finish(slot, OrderStatus.Denied, EventCause.Denied)
  }

  #request(type: number, slot: number, reserved: boolean): boolean {
    const { store, toNetwork } = this.options
    const row = store.row(slot)
    const at = toNetwork.claim(type, REQUEST_BYTES, reserved)
    if (at === NO_CAPACITY) return false
    const { f64, i32 } = toNetwork
    store.putRequestId(slot, f64, (at + REQUEST_ID) >> 3)
    i32[(at + REQUEST_SYMBOL) >> 2] = row[Field.Symbol]
    i32[(at + REQUEST_SIDE) >> 2] = row[Field.Side]
    i32[(at + REQUEST_TYPE) >> 2] = row[Field.Type]
    i32[(at + REQUEST_TIF) >> 2] = row[Field.Tif]
    f64[(at + REQUEST_PRICE_TICKS) >> 3] = row[Field.PriceTicks]
    f64[(at + REQUEST_QTY_LOTS) >> 3] = row[Field.QtyLots]
    store.copyClientId(slot, toNetwork, at + REQUEST_CLIENT_ID)
    toNetwork.publish()
    return true
  }

  // ---- what the network says

  onSent(views: RecordViews, offset: number): void {
    const { store, counters, slots } = this.options
    const { f64, i32 } = views
    const slot = store.slotOf(f64, (offset + SENT_REQUEST_ID) >> 3)
    if (slot === NO_SLOT) return
    const row = store.row(slot)
    const reason = i32[(offset + SENT_REASON) >> 2]
    if (reason !== DenyReason.None) {
      // When its answer counts as lost already, some of its bytes may have left: then only the venue can say.
      return row[Field.Status] === OrderStatus.PendingNew ? this.#deny(slot, reason) : undefined
    }
    row[Field.StartedNs] = f64[(offset + SENT_STARTED_NS) >> 3]
    row[Field.EncodedNs] = f64[(offset + SENT_ENCODED_NS) >> 3]
    row[Field.SentNs] = f64[(offset + SENT_SENT_NS) >> 3]
    counters.increment(slots.ordersSent)
    this.#publish(slot, EventCause.Sent)
    const order = this.#order.at(slot)
    this.#hooks.sent?.(order)
    const lateDenial = this.#hooks.deferredRisk?.(order) ?? DenyReason.None
    if (lateDenial === DenyReason.None) return
    row[Field.Reason] = lateDenial
    this.#cancelFirmly(slot)
  }

  /** The order connection came up or went away. */
  onVenueStatus(isUp: boolean): void {
    const wasUp = this.#isVenueUp
    this.#isVenueUp = isUp
    if (wasUp && !isUp) this.#outages += 1
    if (!wasUp && isUp) this.#reconcile()
  }

  // What the adapter did not tell of while it came up is not open at the venue any more: ask how it ended.
  #reconcile(): void {
    const { store, clock } = this.options
    for (let slot = store.firstOpen(), next: number; slot !== NO_SLOT; slot = next) {
      next = store.nextOpen(slot)
      const row = store.row(slot)
      if (!store.isOpen(slot)) continue
      if (row[Field.IsCancelWanted] === 1) this.#cancelFirmly(slot)
      else if (row[Field.SeenOutage] < this.#outages) this.#ask(slot, clock.nowNs())
    }
  }

  onReport(views: RecordViews, offset: number): void {
    const { store, counters, slots } = this.options
    const kind = views.i32[(offset + REPORT_KIND) >> 2]
    const isAnswer = views.f64[(offset + REPORT_REQUEST_ID) >> 3] >= 0
    const slot = isAnswer
      ? store.slotOf(views.f64, (offset + REPORT_REQUEST_ID) >> 3)
      : store.find(views, offset + REPORT_CLIENT_ID)
    if (slot === NO_SLOT) {
      // Late words of finished orders are expected (a cancel that crossed a fill); the rest is somebody else's.
      const isExpected = isAnswer || store.isOver(views, offset + REPORT_CLIENT_ID)
      return counters.increment(isExpected ? slots.duplicateReports : slots.foreignReports)
    }
    const row = store.row(slot)
    if (views.i32[(offset + REPORT_VENUE_ID) >> 2] > 0) store.setVenueId(slot, views, offset + REPORT_VENUE_ID)
    row[Field.Code] = views.i32[(offset + REPORT_CODE) >> 2]
    store.setText(slot, views, offset + REPORT_TEXT)
    if (kind !== ReportKind.Lost) store.set(slot, Field.SeenOutage, this.#outages)
    switch (kind) {
      case ReportKind.Ack:
        return this.#onAck(slot, views, offset)
      case ReportKind.Reject:
        return this.#onReject(slot)
      case ReportKind.Fill:
        return this.#onFill(slot, views, offset)
      case ReportKind.Canceled:
        return this.#onEnd(slot, views, offset, OrderStatus.Canceled)
      case ReportKind.Expired:
        return this.#onEnd(slot, views, offset, OrderStatus.Expired)
      case ReportKind.CancelReject:
        return this.#onCancelReject(slot)
      case ReportKind.Lost:
        return this.#onLost(slot)
      case ReportKind.Status:
        return this.#onStatus(slot, views, offset)
      case ReportKind.NotFound:
        return this.#onNotFound(slot)
    }
  }

  #onAck(slot: number, views: RecordViews, offset: number): void {
    if (!this.#acknowledge(slot, views, offset)) return this.#duplicate()
    this.#publish(slot, EventCause.Ack)
  }

  /** The venue says that it has the order. False when that was known. */
  #acknowledge(slot: number, views: RecordViews, offset: number): boolean {
    const { store, counters, slots, orderToAck } = this.options
    const row = store.row(slot)
    const status = row[Field.Status]
    if (status !== OrderStatus.PendingNew && status !== OrderStatus.Unknown) return false
    const isFilled = row[Field.FilledLots] > 0
    row[Field.Status] = isFilled ? OrderStatus.PartiallyFilled : OrderStatus.New
    if (row[Field.IsAcknowledged] === 1) return true
    row[Field.IsAcknowledged] = 1
    this.#releaseHold(slot, true)
    counters.increment(slots.ordersAcked)
    const decodedNs = views.f64[(offset + REPORT_DECODED_NS) >> 3]
    // An order that was lost and found says nothing of how fast the venue answers.
    if (status === OrderStatus.Unknown || decodedNs === 0) return true
    this.#durationNs[0] = decodedNs - row[Field.EnteredNs]
    orderToAck.recordAt(this.#durationNs, 0)
    this.#addToProfile(slot, views, offset)
    return true
  }

  #addToProfile(slot: number, { f64 }: RecordViews, offset: number): void {
    const { store, profile, venueFigures } = this.options
    const row = store.row(slot)
    const sentNs = row[Field.SentNs]
    if (sentNs === 0) return
    const receivedNs = f64[(offset + REPORT_RECEIVED_NS) >> 3]
    const roundTripNs = Math.min(venueFigures[VenueFigure.RoundTripNs], receivedNs - sentNs)
    const stages = profile.stagesNs
    stages[0] = row[Field.ReceivedNs] - row[Field.EnteredNs]
    stages[1] = row[Field.ValidatedNs] - row[Field.ReceivedNs]
    stages[2] = row[Field.StartedNs] - row[Field.ValidatedNs]
    stages[3] = row[Field.EncodedNs] - row[Field.StartedNs]
    stages[4] = sentNs - row[Field.EncodedNs] + roundTripNs / 2
    stages[5] = receivedNs - sentNs - roundTripNs
    stages[6] = f64[(offset + REPORT_DECODED_NS) >> 3] - receivedNs + roundTripNs / 2
    profile.add()
  }

  #onReject(slot: number): void {
    const { store } = this.options
    const row = store.row(slot)
    const status = row[Field.Status]
    const isAwaited = status === OrderStatus.PendingNew || status === OrderStatus.Unknown
    if (!isAwaited || row[Field.IsAcknowledged] === 1) return this.#duplicate()
    this.#finish(slot, OrderStatus.Rejected, EventCause.Reject)
  }

  #onFill(slot: number, views: RecordViews, offset: number): void {
    const { store, counters, slots } = this.options
    const row = store.row(slot)
    const { f64 } = views
    const tradeId = f64[(offset + REPORT_TRADE_ID) >> 3]
    // The trade ids of a symbol grow, so those of one order do.
    if (tradeId <= row[Field.LastTradeId]) return this.#duplicate()
    row[Field.LastTradeId] = tradeId
    if (this.#acknowledge(slot, views, offset)) this.#publish(slot, EventCause.Ack)
    const cumulative = f64[(offset + REPORT_CUMULATIVE_LOTS) >> 3]
    const lots = f64[(offset + REPORT_LAST_QTY_LOTS) >> 3]
    // A status may have told of this trade before its own report came.
    if (!this.#fillUpTo(slot, cumulative > 0 ? cumulative : row[Field.FilledLots] + lots, views, offset)) {
      return this.#duplicate()
    }
    counters.increment(slots.fills)
    if (row[Field.FilledLots] < row[Field.QtyLots]) {
      row[Field.Status] = OrderStatus.PartiallyFilled
      return this.#publish(slot, EventCause.Fill)
    }
    const decodedNs = f64[(offset + REPORT_DECODED_NS) >> 3]
    this.#durationNs[0] = decodedNs - row[Field.EnteredNs]
    if (decodedNs > 0) this.options.orderToFill.recordAt(this.#durationNs, 0)
    this.#finish(slot, OrderStatus.Filled, EventCause.Fill)
  }

  /** Raises the filled quantity, which never falls. False when it was known to be as much. */
  #fillUpTo(slot: number, cumulativeLots: number, views: RecordViews, offset: number): boolean {
    const { store } = this.options
    const row = store.row(slot)
    const known = row[Field.FilledLots]
    if (cumulativeLots <= known) return false
    const lots = cumulativeLots - known
    const toldTicks = views.f64[(offset + REPORT_LAST_PRICE_TICKS) >> 3]
    // Of trades whose reports were lost, the price at which the order was checked is the best that is known...
    let notional = (toldTicks || row[Field.Notional] / row[Field.QtyLots]) * lots
    if (toldTicks > 0 && views.i32[(offset + REPORT_KIND) >> 2] === ReportKind.Status) {
      // ... unless a status tells the average of all trades: then they cost what it leaves for them.
      const rest = Math.round(toldTicks * cumulativeLots) - row[Field.FilledNotional]
      if (rest > 0) notional = rest
    }
    row[Field.FilledLots] = cumulativeLots
    row[Field.FilledNotional] += notional
    row[Field.LastPriceTicks] = Math.round(notional / lots)
    row[Field.LastQtyLots] = lots
    return true
  }

  // Its end proves that the venue had it, and its last word counts all fills.
  #onEnd(slot: number, views: RecordViews, offset: number, status: number): void {
    const cumulative = views.f64[(offset + REPORT_CUMULATIVE_LOTS) >> 3]
    if (this.#acknowledge(slot, views, offset)) this.#publish(slot, EventCause.Ack)
    if (this.#fillUpTo(slot, cumulative, views, offset) && status !== OrderStatus.Filled) {
      this.#publish(slot, EventCause.Fill)
    }
    this.#finish(slot, status, causeOfEnd(status))
  }

  // The venue does not have the order any more, or never had: its state decides, so ask.
  #onCancelReject(slot: number): void {
    this.#publish(slot, EventCause.CancelRejected)
    this.#ask(slot, this.options.clock.nowNs())
  }

  #onLost(slot: number): void {
    const { store, clock } = this.options
    const row = store.row(slot)
    // The answer to a cancel was lost: the order's own state is known, its end will be reported or asked for.
    if (row[Field.Status] === OrderStatus.PendingNew) this.#becomeUnknown(slot)
    this.#ask(slot, clock.nowNs())
  }

  #becomeUnknown(slot: number): void {
    const { store, clock, counters, slots } = this.options
    const row = store.row(slot)
    counters.increment(slots.ordersUnknown)
    this.#isChasing = true
    row[Field.Status] = OrderStatus.Unknown
    clock.stampNs(row, Field.LostNs)
    this.#publish(slot, EventCause.Unknown)
  }

  #onStatus(slot: number, views: RecordViews, offset: number): void {
    const { store } = this.options
    const row = store.row(slot)
    const status = views.i32[(offset + REPORT_STATUS) >> 2]
    if (status === OrderStatus.Rejected) return this.#onReject(slot)
    if (isEnd(status)) return this.#onEnd(slot, views, offset, status)
    if (this.#acknowledge(slot, views, offset)) this.#publish(slot, EventCause.Ack)
    if (!this.#fillUpTo(slot, views.f64[(offset + REPORT_CUMULATIVE_LOTS) >> 3], views, offset)) return
    row[Field.Status] = OrderStatus.PartiallyFilled
    this.#publish(slot, EventCause.Fill)
  }

  // Right after a time-out "not found" proves nothing: the venue may still be about to act on the request.
  #onNotFound(slot: number): void {
    const { store, clock } = this.options
    const row = store.row(slot)
    if (row[Field.Status] !== OrderStatus.Unknown) return this.#becomeUnknown(slot)
    if (clock.nowNs() - row[Field.LostNs] <= OUTCOME_HORIZON_NS) return
    const wasThere = row[Field.IsAcknowledged] === 1
    if (wasThere) this.#finish(slot, OrderStatus.Expired, EventCause.Expired)
    else this.#finish(slot, OrderStatus.Rejected, EventCause.Reject)
  }

  #duplicate(): void {
    this.options.counters.increment(this.options.slots.duplicateReports)
  }

  // ---- events

  #finish(slot: number, status: number, cause: number): void {
    const { store, counters, slots } = this.options
    const row = store.row(slot)
    counters.increment(this.#endCounters[status])
    row[Field.Status] = status
    this.#releaseHold(slot, false)
    store.close(slot)
    counters.set(slots.openOrders, store.openCount)
    this.#publish(slot, cause)
    this.options.sweeps.onEnd(row)
    if (row[Field.IsEventDue] === 0) store.release(slot)
  }

  #publish(slot: number, cause: number): void {
    const { store, clock, events } = this.options
    clock.stampWallUs(store.row(slot), Field.UpdatedUs)
    if (cause !== EventCause.Sent) this.#hooks.report?.(this.#order.at(slot), cause)
    events.tell(slot, cause)
  }

  /** Called about ten times a second. */
  tick(nowNs: number): void {
    this.tellLate(nowNs)
    if (this.#isChasing) this.#chase(nowNs)
  }

  /** Tells control what it could not be told before. */
  tellLate(nowNs: number): void {
    this.options.events.tellQueued()
    this.options.sweeps.tellOver(nowNs)
  }

  /** Asks again for orders whose outcome is not known, and for cancels that the engine wants. */
  #chase(nowNs: number): void {
    const { store } = this.options
    this.#isChasing = false
    for (let slot = store.firstOpen(), next: number; slot !== NO_SLOT; slot = next) {
      next = store.nextOpen(slot)
      const row = store.row(slot)
      const isCancelWanted = row[Field.IsCancelWanted] === 1
      if (!isCancelWanted && row[Field.Status] !== OrderStatus.Unknown) continue
      this.#isChasing = true
      if (!this.#isVenueUp || nowNs - row[Field.AskedNs] < ASK_INTERVAL_NS) continue
      if (isCancelWanted) this.#cancelFirmly(slot)
      else this.#ask(slot, nowNs)
    }
  }

  #ask(slot: number, nowNs: number): void {
    const row = this.options.store.row(slot)
    row[Field.AskedNs] = nowNs
    this.#request(RecordType.Query, slot, true)
  }
}

const isForm = (side: number, type: number, tif: number): boolean =>
  (side === Side.Buy || side === Side.Sell) &&
  type >= OrderType.Limit &&
  type <= OrderType.LimitMaker &&
  tif >= TimeInForce.Gtc &&
  tif <= TimeInForce.Fok

const isPositiveInteger = (value: number): boolean => Number.isSafeInteger(value) && value > 0

const isEnd = (status: number): boolean => status >= OrderStatus.Filled && status <= OrderStatus.Expired

function causeOfEnd(status: number): number {
  if (status === OrderStatus.Filled) return EventCause.Fill
  if (status === OrderStatus.Canceled) return EventCause.Canceled
  return status === OrderStatus.Expired ? EventCause.Expired : EventCause.Reject
}
