import { DenyReason } from "../hot/deny.js"
import type { Link } from "../hot/link.js"
import { readRecordText } from "../hot/record-text.js"
import {
  OrderStatus,
  PongFrom,
  RecordType,
  ReportKind,
  VENUE_STATUS_BYTES,
  VENUE_STATUS_CHANNEL,
  VENUE_STATUS_UP,
  VenueChannel,
} from "../hot/records.js"
import { type ReportFields, writeReport } from "../hot/write-report.js"
import type { OrderRequest, VenueAdapter } from "../kernel/contract.js"
import { writePong } from "../pipeline/ping.js"
import { FakeConnection } from "./fake-connection.js"

/**
 * What the venue does with a new order. `lost`: it takes the order and the answer is lost; `vanish`: both are; `late`:
 * the answer is lost, and the order arrives when the test lets it.
 */
export type PlaceAnswer = "ack" | "fill" | "reject" | "lost" | "vanish" | "late" | "silence"
export type CancelAnswer = "cancel" | "reject" | "lost" | "vanish" | "silence"
export type QueryAnswer = "status" | "lost" | "silence"

/** What it does as long as a test says nothing else. */
export interface VenueAnswers {
  place: PlaceAnswer
  cancel: CancelAnswer
  query: QueryAnswer
}

/** A request as it reached the venue, that is: when its frame was flushed. */
export interface VenueRequest {
  readonly kind: keyof VenueAnswers
  readonly requestId: number
  readonly id: string
  readonly symbol: number
  readonly side: number
  readonly type: number
  readonly tif: number
  readonly priceTicks: number
  readonly qtyLots: number
}

/** An order as the venue knows it. */
export interface VenueOrder extends VenueRequest {
  readonly venueId: string
  status: number
  filledLots: number
}

const ANSWERS_A_READ = 1000

/**
 * A venue without a socket: it answers each request as it is told to, but never before the engine has ended its turn,
 * as no venue does.
 */
export class FakeVenue implements VenueAdapter {
  isReady = true
  readonly answers: VenueAnswers = { ...HONEST }
  /** Everything that reached the venue, oldest first. */
  readonly requests: VenueRequest[] = []
  readonly orders = new Map<string, VenueOrder>()
  /** Symbols whose whole depth was asked for, oldest first. */
  readonly snapshotRequests: number[] = []
  /** Whether it answers pings, after a quarter of a millisecond. */
  isAnsweringPings = true
  /** Tokens of the pings that reached it, oldest first. */
  readonly pings: number[] = []
  /** A deny reason with which the adapter refuses to encode. */
  refusal: number = DenyReason.None
  readonly connection: FakeConnection = new FakeConnection("fake-venue", () => this.#receive())
  readonly #next: { [K in keyof VenueAnswers]: VenueAnswers[K][] } = { place: [], cancel: [], query: [] }
  readonly #appended: VenueRequest[] = []
  readonly #undelivered: (() => void)[] = []
  readonly #late: VenueRequest[] = []
  #lastReport: ReportFields | undefined
  readonly #unanswered = new Set<VenueRequest>()
  #tradeId = 0
  #venueId = 1000

  constructor(private readonly toEngine: () => Link) {}

  /** How the next requests of a kind are answered, in their order. */
  next<K extends keyof VenueAnswers>(kind: K, ...answers: VenueAnswers[K][]): void {
    ;(this.#next[kind] as VenueAnswers[K][]).push(...answers)
  }

  // ---- what the engine calls

  place(order: OrderRequest): number {
    return this.#append("place", order)
  }

  cancel(order: OrderRequest): number {
    return this.#append("cancel", order)
  }

  query(order: OrderRequest): number {
    return this.#append("query", order)
  }

  ping(token: number): number {
    if (!this.connection.isOpen) return DenyReason.VenueAway
    this.pings.push(token)
    if (!this.isAnsweringPings) return DenyReason.None
    const pong = { token, from: PongFrom.Venue, isUp: true, sentNs: 1, receivedNs: 250_001 }
    this.#undelivered.push(() => writePong(this.toEngine(), pong))
    return DenyReason.None
  }

  requestSnapshot(symbol: number): void {
    this.snapshotRequests.push(symbol)
  }

  replay(): boolean {
    return false
  }

  // ---- what a test calls

  get hasAnswers(): boolean {
    return this.#undelivered.length > 0
  }

  /** Orders that wait for a trade. */
  get resting(): VenueOrder[] {
    return [...this.orders.values()].filter(isResting)
  }

  /** Forgets what was set for the next requests, and answers honestly from now on. */
  calm(): void {
    for (const answers of Object.values(this.#next)) answers.length = 0
    Object.assign(this.answers, HONEST)
  }

  /** Hands what was said until now to the engine, as much as one read of a socket may bring. */
  deliver(): void {
    for (const say of this.#undelivered.splice(0, ANSWERS_A_READ)) say()
  }

  /** The bytes of frames that were appended never leave. */
  forgetAppended(): void {
    this.#appended.length = 0
  }

  /** Keeps back what was said and not yet delivered: it never arrives. */
  drop(): number {
    return this.#undelivered.splice(0).length
  }

  /** Orders whose answer was lost on their way arrive now. */
  arriveLate(): void {
    for (const request of this.#late.splice(0)) this.#take(request)
  }

  /** Says again what it said last of its own accord. */
  repeat(): void {
    if (this.#lastReport !== undefined) this.say(this.#lastReport)
  }

  /** A trade of an order that rests at the venue. */
  fill(id: string, lots?: number, priceTicks?: number): void {
    const order = this.#order(id)
    const rest = order.qtyLots - order.filledLots
    const filled = lots ?? rest
    if (filled <= 0 || filled > rest)
      throw new RangeError(`order ${id} has ${rest} lots left, it cannot fill ${filled}`)
    order.filledLots += filled
    order.status = order.filledLots === order.qtyLots ? OrderStatus.Filled : OrderStatus.PartiallyFilled
    this.#tradeId += 1
    this.say({
      kind: ReportKind.Fill,
      status: order.status,
      ...ids(order),
      tradeId: this.#tradeId,
      lastPriceTicks: priceTicks ?? order.priceTicks,
      lastQtyLots: filled,
      cumulativeLots: order.filledLots,
    })
  }

  cancelUnasked(id: string): void {
    this.#end(this.#order(id), OrderStatus.Canceled, ReportKind.Canceled)
  }

  expire(id: string): void {
    this.#end(this.#order(id), OrderStatus.Expired, ReportKind.Expired)
  }

  /** The order connection breaks: what was said is lost, and so are the answers to what was asked. */
  goAway(): void {
    this.connection.isOpen = false
    this.#undelivered.length = 0
    this.status(VenueChannel.Orders, false)
    this.timeOut()
  }

  /** The connection is there again, and the adapter has told of the orders that rest at the venue, as adapters do. */
  comeBack(): void {
    this.connection.isOpen = true
    for (const order of this.orders.values()) {
      if (!isResting(order)) continue
      const { status, filledLots: cumulativeLots } = order
      this.say({ kind: ReportKind.Status, status, ...ids(order), cumulativeLots })
    }
    this.status(VenueChannel.Orders, true)
  }

  /** The adapter gives up on the answers that it waits for. */
  timeOut(): void {
    for (const { requestId, id } of this.#unanswered) {
      this.say({ kind: ReportKind.Lost, status: OrderStatus.Unknown, requestId, clientId: id })
    }
    this.#unanswered.clear()
  }

  /** Says of a channel that it is up or away. */
  status(channel: number, isUp: boolean): void {
    this.#undelivered.push(() => {
      const link = this.toEngine()
      const at = link.claim(RecordType.VenueStatus, VENUE_STATUS_BYTES, true)
      link.i32[(at + VENUE_STATUS_CHANNEL) >> 2] = channel
      link.i32[(at + VENUE_STATUS_UP) >> 2] = isUp ? 1 : 0
      link.publish()
    })
  }

  /** Any report, true or not. */
  say(report: ReportFields): void {
    this.#lastReport = report
    this.#undelivered.push(() => writeReport(this.toEngine(), report))
  }

  /** The answer to a request. */
  #answer(request: VenueRequest, report: ReportFields): void {
    this.#undelivered.push(() => {
      this.#unanswered.delete(request)
      writeReport(this.toEngine(), { ...report, requestId: request.requestId, clientId: request.id })
    })
  }

  // ---- inside the venue

  #append(kind: VenueRequest["kind"], order: OrderRequest): number {
    if (this.refusal !== DenyReason.None) return this.refusal
    if (!this.connection.isOpen) return DenyReason.VenueAway
    const { requestId, symbol, side, type, tif, priceTicks, qtyLots } = order
    const views = { u8: order.clientIdBytes, i32: new Int32Array(order.clientIdBytes.buffer), f64: NO_DOUBLES }
    const id = readRecordText(views, order.clientIdOffset - 4)
    this.#appended.push({ kind, requestId, id, symbol, side, type, tif, priceTicks, qtyLots })
    return DenyReason.None
  }

  #receive(): void {
    for (const request of this.#appended.splice(0)) {
      this.requests.push(request)
      this.#unanswered.add(request)
      if (request.kind === "place") this.#onPlace(request, this.#next.place.shift() ?? this.answers.place)
      else if (request.kind === "cancel") this.#onCancel(request, this.#next.cancel.shift() ?? this.answers.cancel)
      else this.#onQuery(request, this.#next.query.shift() ?? this.answers.query)
    }
  }

  #onPlace(request: VenueRequest, answer: PlaceAnswer): void {
    if (answer === "late") this.#late.push(request)
    if (answer === "late" || answer === "vanish") return this.#lose(request)
    if (answer === "reject") {
      const words = { code: -2010, text: "Account has insufficient balance for requested action." }
      return this.#answer(request, { kind: ReportKind.Reject, status: OrderStatus.Rejected, ...words })
    }
    const order = this.#take(request)
    if (answer === "lost") return this.#lose(request)
    if (answer === "silence") return
    this.#answer(request, { kind: ReportKind.Ack, status: OrderStatus.New, ...ids(order) })
    if (answer === "fill") this.fill(order.id)
  }

  #take(request: VenueRequest): VenueOrder {
    const venueId = String(this.#venueId++)
    const order: VenueOrder = { ...request, venueId, status: OrderStatus.New, filledLots: 0 }
    this.orders.set(order.id, order)
    return order
  }

  #onCancel(request: VenueRequest, answer: CancelAnswer): void {
    if (answer === "vanish") return this.#lose(request)
    const order = this.orders.get(request.id)
    if (answer === "reject" || order === undefined || !isResting(order)) {
      const words = { code: -2011, text: "Unknown order sent." }
      return this.#answer(request, { kind: ReportKind.CancelReject, status: OrderStatus.Unknown, ...words })
    }
    if (answer === "lost") {
      order.status = OrderStatus.Canceled
      return this.#lose(request)
    }
    if (answer === "cancel") this.#end(order, OrderStatus.Canceled, ReportKind.Canceled, request)
  }

  #onQuery(request: VenueRequest, answer: QueryAnswer): void {
    if (answer === "lost") return this.#lose(request)
    if (answer === "silence") return
    const order = this.orders.get(request.id)
    if (order === undefined) {
      const words = { code: -2013, text: "Order does not exist." }
      return this.#answer(request, { kind: ReportKind.NotFound, status: OrderStatus.Unknown, ...words })
    }
    const { status, filledLots: cumulativeLots } = order
    this.#answer(request, { kind: ReportKind.Status, status, ...ids(order), cumulativeLots })
  }

  #end(order: VenueOrder, status: number, kind: number, request?: VenueRequest): void {
    if (!isResting(order)) throw new RangeError(`order ${order.id} does not rest at the venue any more`)
    order.status = status
    const report = { kind, status, ...ids(order), cumulativeLots: order.filledLots }
    if (request === undefined) this.say(report)
    else this.#answer(request, report)
  }

  #lose(request: VenueRequest): void {
    this.#answer(request, { kind: ReportKind.Lost, status: OrderStatus.Unknown })
  }

  #order(id: string): VenueOrder {
    const order = this.orders.get(id)
    if (order === undefined) throw new RangeError(`the venue has no order ${id}`)
    return order
  }
}

const HONEST: VenueAnswers = { place: "ack", cancel: "cancel", query: "status" }
const NO_DOUBLES = new Float64Array(0)

const ids = ({ id, venueId }: VenueOrder) => ({ requestId: -1, clientId: id, venueId })

const isResting = ({ status }: VenueOrder): boolean =>
  status === OrderStatus.New || status === OrderStatus.PartiallyFilled
