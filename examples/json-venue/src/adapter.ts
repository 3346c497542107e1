import type { NetworkContext, OrderRequest, VenueAdapter } from "veloz"
import { DenyReason, OrderStatus, ReportKind, Side } from "veloz/hot"
import { MEANINGS, type Message, type ReportMessage } from "./messages.js"
import { publishBook, publishReport, publishStatus, type Report } from "./records.js"
import type { JsonVenueOptions } from "./schema.js"

/**
 * One connection for everything. It allocates for each message, as a venue for real would not: VeloZ's own `binance` shows
 * how that is avoided.
 */
export class JsonVenue implements VenueAdapter {
  readonly connection
  /** The orders of requests that wait for an answer. Kept: the next part may get the answer. */
  readonly #pending: Map<number, string>

  constructor(private readonly context: NetworkContext<JsonVenueOptions>) {
    const { transport, options, keep, timers } = context
    this.#pending = keep("pending", 1, () => new Map())
    this.connection = transport.open({
      key: "json-venue",
      url: options.url,
      onOpen: () => publishStatus(context, true),
      onClose: () => this.#onClose(),
      onFrame: (bytes, offset, length, receivedNs) => this.#onFrame(bytes, offset, length, receivedNs),
    })
    // One that was taken over open says nothing of it. Timers run once this part is in force.
    timers.after(0, () => {
      if (this.connection.isOpen) publishStatus(context, true)
    })
  }

  get isReady(): boolean {
    return this.connection.isOpen
  }

  /** Orders do not go to other threads while there are any. */
  get inFlight(): number {
    return this.#pending.size
  }

  place(order: OrderRequest): number {
    const { symbol, priceTicks, qtyLots } = order
    const { symbols } = this.context
    return this.#send(order, {
      do: "place",
      symbol: symbols.all[symbol].name,
      side: order.side === Side.Buy ? "buy" : "sell",
      price: symbols.price(symbol, priceTicks),
      qty: symbols.qty(symbol, qtyLots),
    })
  }

  cancel(order: OrderRequest): number {
    return this.#send(order, { do: "cancel" })
  }

  query(order: OrderRequest): number {
    return this.#send(order, { do: "query" })
  }

  /** Its books come whole, and again with each change. */
  requestSnapshot(): void {}

  replay(bytes: Uint8Array, offset: number, length: number, receivedNs: number): boolean {
    this.#onFrame(bytes, offset, length, receivedNs)
    return true
  }

  #send(order: OrderRequest, request: object): number {
    const id = order.clientIdBytes.slice(order.clientIdOffset, order.clientIdOffset + order.clientIdLength)
    const client = Buffer.from(id).toString("latin1")
    const frame = Buffer.from(JSON.stringify({ ...request, client, id: order.requestId }))
    const at = this.connection.claim(frame.length)
    if (at < 0) return DenyReason.VenueAway
    // After the claim, for `out` may have moved.
    this.connection.out.set(frame, at)
    this.connection.commit(frame.length)
    this.#pending.set(order.requestId, client)
    return DenyReason.None
  }

  #onFrame(bytes: Uint8Array, offset: number, length: number, receivedNs: number): void {
    const message = JSON.parse(Buffer.from(bytes.subarray(offset, offset + length)).toString()) as Message
    if (message.type === "book") publishBook(this.context, message, receivedNs)
    else this.#onReport(message, receivedNs)
  }

  #onReport({ id = -1, symbol, client, status, order, text, fill }: ReportMessage, receivedNs: number): void {
    this.#pending.delete(id)
    const about = fill && { ...fill, symbol }
    this.#report({ ...MEANINGS[status], client, order, text, fill: about, requestId: id }, receivedNs)
  }

  #report(report: Report, receivedNs: number): void {
    if (publishReport(this.context, report, receivedNs)) return
    this.connection.reconnect("the engine has no room for a report: ask again what became of it")
  }

  #onClose(): void {
    publishStatus(this.context, false)
    // Answers that will not come: the engine asks when the venue is back.
    const lost = { kind: ReportKind.Lost, status: OrderStatus.Unknown, order: "" }
    const receivedNs = this.context.clock.nowNs()
    for (const [requestId, client] of this.#pending) this.#report({ ...lost, client, requestId }, receivedNs)
    this.#pending.clear()
  }
}
