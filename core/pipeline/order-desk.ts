import { randomInt } from "node:crypto"
import type { Clock } from "../hot/clock.js"
import { DenyReason } from "../hot/deny.js"
import type { Link } from "../hot/link.js"
import { readRecordText, writeRecordText } from "../hot/record-text.js"
import {
  CANCEL_ALL_BYTES,
  CANCEL_ALL_DONE_CANCELED,
  CANCEL_ALL_DONE_OTHERWISE,
  CANCEL_ALL_DONE_TOKEN,
  CANCEL_ALL_DONE_UNCONFIRMED,
  CANCEL_ALL_SYMBOL,
  CANCEL_ALL_TOKEN,
  EVENT_CAUSE,
  EVENT_CLIENT_ID,
  EVENT_CODE,
  EVENT_CREATED_US,
  EVENT_FILLED_LOTS,
  EVENT_FILLED_NOTIONAL,
  EVENT_LAST_PRICE_TICKS,
  EVENT_LAST_QTY_LOTS,
  EVENT_ORIGIN,
  EVENT_PRICE_TICKS,
  EVENT_QTY_LOTS,
  EVENT_REASON,
  EVENT_SEQUENCE,
  EVENT_SIDE,
  EVENT_STATUS,
  EVENT_SYMBOL,
  EVENT_TEXT,
  EVENT_TOKEN,
  EVENT_TRADE_ID,
  EVENT_TYPE,
  EVENT_UPDATED_US,
  EVENT_VENUE_ID,
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
  OrderStatus,
  OrderType,
  Origin,
  RecordType,
  type RecordViews,
  Side,
  TimeInForce,
} from "../hot/records.js"
import { NO_CAPACITY } from "../hot/ring.js"
import type { CancelAllOutcome, OrderDesk, OrderState, OrderWish } from "../kernel/contract.js"
import {
  badParamsError,
  engineSilentError,
  orderDeniedError,
  orderNotFoundError,
  orderRejectedError,
  orderUnknownError,
  type VelozError,
} from "../kernel/errors.js"
import type { DenyReasons } from "./deny-reasons.js"
import { FinishedOrders } from "./finished-orders.js"
import { orderIdText } from "./order-id.js"
import { SymbolTable } from "./symbols.js"

const STATUS_NAMES = nameOf(OrderStatus, {
  PendingNew: "PENDING_NEW",
  New: "NEW",
  PartiallyFilled: "PARTIALLY_FILLED",
  Filled: "FILLED",
  Canceled: "CANCELED",
  Rejected: "REJECTED",
  Denied: "DENIED",
  Expired: "EXPIRED",
  Unknown: "UNKNOWN",
})
const CAUSE_NAMES = nameOf(EventCause, {
  Denied: "denied",
  Sent: "sent",
  Ack: "ack",
  Reject: "reject",
  Fill: "fill",
  Canceled: "canceled",
  Expired: "expired",
  CancelRejected: "cancel_rejected",
  Unknown: "unknown",
  NotFound: "not_found",
  Snapshot: "snapshot",
})
const TYPE_NAMES = ["LIMIT", "MARKET", "LIMIT_MAKER"] as const
const TIF_NUMBERS = { GTC: TimeInForce.Gtc, IOC: TimeInForce.Ioc, FOK: TimeInForce.Fok } as const
const CLIENT_ID = /^[a-zA-Z0-9\-_]{1,36}$/

const FINISHED_KEPT = 10_000
const EVENTS_KEPT = 1_000
/** Longer than the venue's own time-out for an order: then the outcome is not known. */
const ANSWER_TIMEOUT_MS = 10_000

/** What the newest trade of an order added to it. */
export interface OrderFill {
  /** Null where it is not known. */
  readonly price: string | null
  readonly qty: string
  /** Null where the venue told of the trade by the order's state alone. */
  readonly trade_id: number | null
}

export type OrderListener = (event: string, order: OrderState, fill: OrderFill | undefined) => void

interface Waiting<T = OrderState> {
  resolve(answer: T): void
  reject(error: VelozError): void
  timer: NodeJS.Timeout
}

/**
 * The orders as control knows them: a read model built from the engine's events in their order. A wish is answered
 * from the same flow, so that who reads after a write sees it.
 */
export class EventFedOrderDesk implements OrderDesk {
  readonly #open = new Map<string, OrderState>()
  readonly #finished = new FinishedOrders(FINISHED_KEPT)
  readonly #events: { sequence: number; event: string; order: OrderState; timestamp: number }[] = []
  readonly #placing = new Map<number, Waiting>()
  readonly #cancelling = new Map<string, Waiting[]>()
  readonly #sweeping = new Map<number, Waiting<CancelAllOutcome>>()
  readonly #listeners: OrderListener[] = []
  /** The trade that each open order was told of last. */
  readonly #tradeIds = new Map<string, number>()
  /** What events name: the engine's symbols, and behind them those that it has traded before. */
  #named: SymbolTable
  /** While the orders go over to other threads: wishes wait. */
  #pause: { readonly over: Promise<void>; readonly end: () => void } | undefined
  #token = 0

  constructor(
    private symbols: SymbolTable,
    private readonly clock: Clock,
    private readonly reasons: DenyReasons,
    private commands: Link,
    private ring: () => void,
    /** Takes the events that wait, so that who reads sees everything that has happened. */
    private readonly takeEvents: () => void,
    private readonly epoch = randomInt(36 ** 6),
  ) {
    this.#named = symbols
  }

  /** From now on wishes wait until `goOn`. */
  pause(): void {
    let end = (): void => undefined
    const over = new Promise<void>((resolve) => {
      end = resolve
    })
    this.#pause ??= { over, end }
  }

  /** Wishes that waited go to the engine, in their order. */
  goOn(): void {
    this.#pause?.end()
    this.#pause = undefined
  }

  /** The orders are with other threads now, where symbols may have other numbers. All events of the old ones are taken. */
  moveTo(symbols: SymbolTable, commands: Link, ring: () => void): void {
    const before = this.#named
    const gone = before.all.filter((spec) => !symbols.hasAsIs(spec))
    const former = gone.map((spec, index) => ({ ...spec, index: symbols.all.length + index }))
    this.#named = new SymbolTable([...symbols.all, ...former])
    this.#finished.renumber((index) => this.#named.indexOf(before.all[index]?.name ?? ""))
    this.symbols = symbols
    this.commands = commands
    this.ring = ring
  }

  place(wish: OrderWish): Promise<OrderState> {
    if (this.#pause !== undefined) return this.#pause.over.then(() => this.place(wish))
    const { clientId, symbol, type, tif, priceTicks, qtyLots } = this.#parse(wish)
    const token = ++this.#token
    const at = this.commands.claim(RecordType.NewOrder, ORDER_BYTES)
    if (at === NO_CAPACITY) throw orderDeniedError(this.reasons.text(DenyReason.RingFull))
    const { f64, i32 } = this.commands
    i32[(at + ORDER_SYMBOL) >> 2] = symbol
    i32[(at + ORDER_SIDE) >> 2] = wish.side === "BUY" ? Side.Buy : Side.Sell
    i32[(at + ORDER_TYPE) >> 2] = type
    i32[(at + ORDER_TIF) >> 2] = tif
    f64[(at + ORDER_PRICE_TICKS) >> 3] = priceTicks
    f64[(at + ORDER_QTY_LOTS) >> 3] = qtyLots
    f64[(at + ORDER_ENTERED_NS) >> 3] = wish.enteredNs
    f64[(at + ORDER_TOKEN) >> 3] = token
    i32[(at + ORDER_ORIGIN) >> 2] = Origin.Http
    i32[(at + ORDER_OWNER) >> 2] = -1
    writeRecordText(this.commands, at + ORDER_CLIENT_ID, clientId)
    this.commands.publish()
    this.ring()
    const { waiting, answer } = waitingFor(clientId, () => this.#placing.delete(token))
    this.#placing.set(token, waiting)
    return answer
  }

  cancel(clientOrderId: string, symbol?: string): Promise<OrderState> {
    if (this.#pause !== undefined) return this.#pause.over.then(() => this.cancel(clientOrderId, symbol))
    this.takeEvents()
    const open = this.#open.get(clientOrderId)
    if (open === undefined || (symbol !== undefined && open.symbol !== symbol)) {
      throw orderNotFoundError(clientOrderId, this.#findFinished(clientOrderId)?.status)
    }
    const at = this.commands.claim(RecordType.CancelOrder, ORDER_BYTES, true)
    if (at === NO_CAPACITY) throw orderDeniedError(this.reasons.text(DenyReason.RingFull))
    this.commands.i32[(at + ORDER_SYMBOL) >> 2] = -1
    this.commands.f64[(at + ORDER_ENTERED_NS) >> 3] = this.clock.nowNs()
    this.commands.f64[(at + ORDER_TOKEN) >> 3] = 0
    this.commands.i32[(at + ORDER_ORIGIN) >> 2] = Origin.Http
    this.commands.i32[(at + ORDER_OWNER) >> 2] = -1
    writeRecordText(this.commands, at + ORDER_CLIENT_ID, clientOrderId)
    this.commands.publish()
    this.ring()
    const { waiting, answer } = waitingFor(clientOrderId, () => {
      const rest = this.#cancelling.get(clientOrderId)?.filter((other) => other !== waiting) ?? []
      if (rest.length === 0) this.#cancelling.delete(clientOrderId)
      else this.#cancelling.set(clientOrderId, rest)
    })
    this.#cancelling.set(clientOrderId, [...(this.#cancelling.get(clientOrderId) ?? []), waiting])
    return answer
  }

  cancelAll(symbol?: string): Promise<CancelAllOutcome> {
    if (this.#pause !== undefined) return this.#pause.over.then(() => this.cancelAll(symbol))
    const index = symbol === undefined ? -1 : this.symbols.get(symbol).index
    const token = ++this.#token
    const at = this.commands.claim(RecordType.CancelAll, CANCEL_ALL_BYTES, true)
    if (at === NO_CAPACITY) throw orderDeniedError(this.reasons.text(DenyReason.RingFull))
    this.commands.f64[(at + CANCEL_ALL_TOKEN) >> 3] = token
    this.commands.i32[(at + CANCEL_ALL_SYMBOL) >> 2] = index
    this.commands.publish()
    this.ring()
    const { waiting, answer } = waitFor<CancelAllOutcome>(() => {
      this.#sweeping.delete(token)
      return engineSilentError(ANSWER_TIMEOUT_MS)
    })
    this.#sweeping.set(token, waiting)
    return answer
  }

  get(clientOrderId: string): OrderState | undefined {
    this.takeEvents()
    return this.#open.get(clientOrderId) ?? this.#findFinished(clientOrderId)
  }

  list(): OrderState[] {
    this.takeEvents()
    const finished = Array.from(this.#finished.newestFirst(), (at) => this.#read(this.#finished, at))
    return [...[...this.#open.values()].reverse(), ...finished]
  }

  events(): { sequence: number; event: string; order: OrderState; timestamp: number }[] {
    this.takeEvents()
    return this.#events.toReversed()
  }

  onEvent(listener: OrderListener): void {
    this.#listeners.push(listener)
  }

  get openCount(): number {
    this.takeEvents()
    return this.#open.size
  }

  openCountOf(symbol: string): number {
    this.takeEvents()
    return [...this.#open.values()].filter((order) => order.symbol === symbol).length
  }

  /** One record of the engine's event ring. */
  readonly onRecord = (type: number, offset: number, _length: number, views: RecordViews): void => {
    if (type === RecordType.CancelAllDone) return this.#settleSweeping(views, offset)
    if (type !== RecordType.OrderEvent) return
    const cause = views.i32[(offset + EVENT_CAUSE) >> 2]
    const order = this.#read(views, offset)
    const fill = cause === EventCause.Fill ? this.#readFill(order, views, offset) : undefined
    if (cause !== EventCause.NotFound && !this.#isForeignDenial(order)) this.#keep(order, views, offset)
    const event = CAUSE_NAMES[cause] ?? "update"
    const sequence = views.f64[(offset + EVENT_SEQUENCE) >> 3]
    this.#events.push({ sequence, event, order, timestamp: order.updated_at })
    if (this.#events.length > 2 * EVENTS_KEPT) this.#events.splice(0, EVENTS_KEPT)
    this.#settlePlacing(views.f64[(offset + EVENT_TOKEN) >> 3], cause, order, views, offset)
    this.#settleCancelling(cause, order, views.i32[(offset + EVENT_REASON) >> 2])
    for (const listener of this.#listeners) listener(event, order, fill)
  }

  /** Nobody will answer any more. */
  close(): void {
    const all = [...this.#placing.values(), ...[...this.#cancelling.values()].flat(), ...this.#sweeping.values()]
    this.#placing.clear()
    this.#cancelling.clear()
    this.#sweeping.clear()
    for (const waiting of all) {
      clearTimeout(waiting.timer)
      waiting.reject(orderUnknownError("the engine stopped before the venue had answered"))
    }
  }

  // The denial of a second order with the id of an open one must not cover the open one's state.
  #isForeignDenial(order: OrderState): boolean {
    return order.status === "DENIED" && this.#open.has(order.client_order_id)
  }

  #keep(order: OrderState, views: RecordViews, offset: number): void {
    if (!isFinal(order.status)) {
      this.#open.set(order.client_order_id, order)
      return
    }
    this.#open.delete(order.client_order_id)
    this.#tradeIds.delete(order.client_order_id)
    this.#finished.add(views, offset)
  }

  #findFinished(clientOrderId: string): OrderState | undefined {
    const at = this.#finished.find(clientOrderId)
    return at < 0 ? undefined : this.#read(this.#finished, at)
  }

  #read(views: RecordViews, offset: number): OrderState {
    const { f64, i32 } = views
    const symbol = i32[(offset + EVENT_SYMBOL) >> 2]
    const spec = this.#named.all[symbol]
    const priceTicks = f64[(offset + EVENT_PRICE_TICKS) >> 3]
    const filledLots = f64[(offset + EVENT_FILLED_LOTS) >> 3]
    const reason = this.#reason(views, offset)
    return {
      client_order_id: readRecordText(views, offset + EVENT_CLIENT_ID),
      venue_order_id: readRecordText(views, offset + EVENT_VENUE_ID) || null,
      symbol: spec?.name ?? "",
      side: i32[(offset + EVENT_SIDE) >> 2] === Side.Buy ? "BUY" : "SELL",
      type: TYPE_NAMES[i32[(offset + EVENT_TYPE) >> 2]] ?? "LIMIT",
      price: spec === undefined || priceTicks === 0 ? null : this.#named.price(symbol, priceTicks),
      qty: spec === undefined ? "0" : this.#named.qty(symbol, f64[(offset + EVENT_QTY_LOTS) >> 3]),
      filled_qty: spec === undefined ? "0" : this.#named.qty(symbol, filledLots),
      avg_price:
        filledLots === 0 ? null : this.#average(symbol, f64[(offset + EVENT_FILLED_NOTIONAL) >> 3], filledLots),
      status: STATUS_NAMES[i32[(offset + EVENT_STATUS) >> 2]] ?? "UNKNOWN",
      created_at: Math.floor(f64[(offset + EVENT_CREATED_US) >> 3] / 1000),
      updated_at: Math.floor(f64[(offset + EVENT_UPDATED_US) >> 3] / 1000),
      ...(reason === undefined ? {} : { reason }),
    }
  }

  #readFill({ client_order_id }: OrderState, { f64, i32 }: RecordViews, offset: number): OrderFill {
    const symbol = i32[(offset + EVENT_SYMBOL) >> 2]
    const priceTicks = f64[(offset + EVENT_LAST_PRICE_TICKS) >> 3]
    const tradeId = f64[(offset + EVENT_TRADE_ID) >> 3]
    // Ids of trades grow: with the same one again, it was the order's state that told of this trade.
    const isOwn = tradeId > (this.#tradeIds.get(client_order_id) ?? -1)
    this.#tradeIds.set(client_order_id, tradeId)
    return {
      price: priceTicks === 0 ? null : this.#named.price(symbol, priceTicks),
      qty: this.#named.qty(symbol, f64[(offset + EVENT_LAST_QTY_LOTS) >> 3]),
      trade_id: isOwn ? tradeId : null,
    }
  }

  // Rounded to eight decimals: an average need not lie on the tick.
  #average(symbol: number, notional: number, lots: number): string {
    const { step, decimals } = this.#named.tickUnit(symbol)
    return ((notional / lots) * step * 10 ** -decimals).toFixed(8)
  }

  #reason(views: RecordViews, offset: number): { code: string; message: string } | undefined {
    const reason = views.i32[(offset + EVENT_REASON) >> 2]
    if (reason !== DenyReason.None) {
      const { code, message } = this.reasons.text(reason)
      return { code, message }
    }
    const code = views.i32[(offset + EVENT_CODE) >> 2]
    if (code === 0) return undefined
    return { code: String(code), message: readRecordText(views, offset + EVENT_TEXT) }
  }

  #settlePlacing(token: number, cause: number, order: OrderState, views: RecordViews, offset: number): void {
    if (cause === EventCause.Sent || token === 0) return
    const isOfStrategy = views.i32[(offset + EVENT_ORIGIN) >> 2] === Origin.Strategy
    const waiting = isOfStrategy ? undefined : this.#placing.get(token)
    if (waiting === undefined) return
    this.#placing.delete(token)
    clearTimeout(waiting.timer)
    if (order.status === "DENIED") {
      waiting.reject(orderDeniedError(this.reasons.text(views.i32[(offset + EVENT_REASON) >> 2])))
    } else if (order.status === "REJECTED") waiting.reject(orderRejectedError(order.reason))
    else if (order.status === "UNKNOWN")
      waiting.reject(orderUnknownError("the venue's answer was lost; it is being asked"))
    else waiting.resolve(order)
  }

  #settleCancelling(cause: number, order: OrderState, reason: number): void {
    const waiting = this.#cancelling.get(order.client_order_id)
    const isRefused = cause === EventCause.CancelRejected || cause === EventCause.NotFound
    if (waiting === undefined || !(isFinal(order.status) || isRefused)) return
    this.#cancelling.delete(order.client_order_id)
    for (const { resolve, reject, timer } of waiting) {
      clearTimeout(timer)
      if (cause === EventCause.NotFound) reject(orderNotFoundError(order.client_order_id, undefined))
      else if (cause === EventCause.CancelRejected && reason !== DenyReason.None) {
        reject(orderDeniedError(this.reasons.text(reason)))
      } else if (cause === EventCause.CancelRejected) reject(orderRejectedError(order.reason))
      else resolve(order)
    }
  }

  #settleSweeping({ f64, i32 }: RecordViews, offset: number): void {
    const token = f64[(offset + CANCEL_ALL_DONE_TOKEN) >> 3]
    const waiting = this.#sweeping.get(token)
    if (waiting === undefined) return
    this.#sweeping.delete(token)
    clearTimeout(waiting.timer)
    const unconfirmed = i32[(offset + CANCEL_ALL_DONE_UNCONFIRMED) >> 2]
    waiting.resolve({
      ok: unconfirmed === 0,
      canceled: i32[(offset + CANCEL_ALL_DONE_CANCELED) >> 2],
      ended_otherwise: i32[(offset + CANCEL_ALL_DONE_OTHERWISE) >> 2],
      unconfirmed,
    })
  }

  #parse(wish: OrderWish): {
    clientId: string
    symbol: number
    type: number
    tif: number
    priceTicks: number
    qtyLots: number
  } {
    const symbol = this.symbols.get(wish.symbol).index
    const typeName = wish.type ?? "LIMIT"
    const isMarket = typeName === "MARKET"
    if (isMarket && wish.price !== undefined) throw badParamsError("price", "a market order has no price")
    if (!isMarket && wish.price === undefined) throw badParamsError("price", `a ${typeName} order needs a price`)
    const qtyLots = this.symbols.lots(wish.symbol, wish.qty)
    if (qtyLots === 0) throw badParamsError("qty", "qty must be more than 0")
    const priceTicks = wish.price === undefined ? 0 : this.symbols.ticks(wish.symbol, wish.price)
    if (!isMarket && priceTicks === 0) throw badParamsError("price", "price must be more than 0")
    const clientId = wish.client_order_id ?? orderIdText(this.epoch, "h", this.#token + 1)
    if (!CLIENT_ID.test(clientId))
      throw badParamsError("client_order_id", "client_order_id must be 1 to 36 of [a-zA-Z0-9-_]")
    return {
      clientId,
      symbol,
      type: typeName === "LIMIT" ? OrderType.Limit : isMarket ? OrderType.Market : OrderType.LimitMaker,
      tif: TIF_NUMBERS[wish.tif ?? "GTC"],
      priceTicks,
      qtyLots,
    }
  }
}

/** Somebody waits for word of an order. */
function waitingFor(clientId: string, forget: () => void): { waiting: Waiting; answer: Promise<OrderState> } {
  return waitFor(() => {
    forget()
    return orderUnknownError(`no word of order "${clientId}" after ${ANSWER_TIMEOUT_MS / 1000} s`)
  })
}

/** Somebody waits, but not for ever: `giveUp` then forgets that he does, and says why. */
function waitFor<T>(giveUp: () => VelozError): { waiting: Waiting<T>; answer: Promise<T> } {
  let waiting!: Waiting<T>
  const answer = new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(giveUp()), ANSWER_TIMEOUT_MS)
    waiting = { resolve, reject, timer }
  })
  return { waiting, answer }
}

function isFinal(status: string): boolean {
  return status !== "NEW" && status !== "PARTIALLY_FILLED" && status !== "PENDING_NEW" && status !== "UNKNOWN"
}

function nameOf<K extends string>(numbers: Readonly<Record<K, number>>, names: Readonly<Record<K, string>>): string[] {
  const list: string[] = []
  for (const key of Object.keys(numbers) as K[]) list[numbers[key]] = names[key]
  return list
}
