import { createHmac } from "node:crypto"
import { EventEmitter } from "node:events"

export interface NaiveOrder {
  readonly clientOrderId: string
  readonly symbol: string
  readonly side: "BUY" | "SELL"
  readonly price: number
  readonly quantity: number
  status: string
  filled: number
  orderId?: number
}

/**
 * An order gateway as a first version has it: objects, doubles, JSON both ways, a signature by node:crypto, a Map of
 * orders and an event emitter. It makes the checks that VeloZ makes by default, and measures nothing of itself.
 */
export class NaiveGateway extends EventEmitter<Record<"ack" | "fill" | "reject" | "canceled", [NaiveOrder]>> {
  readonly orders = new Map<string, NaiveOrder>()
  readonly #requests = new Map<string, NaiveOrder>()
  readonly #sentMs: number[] = []
  #sequence = 0

  constructor(
    private readonly account: { readonly apiKey: string; readonly secret: string },
    private readonly send: (text: string) => void,
  ) {
    super()
  }

  place(side: "BUY" | "SELL", price: number, quantity: number): NaiveOrder {
    const clientOrderId = `nv-${++this.#sequence}`
    const order: NaiveOrder = { clientOrderId, symbol: "BTCUSDT", side, price, quantity, status: "NEW", filled: 0 }
    const refusal = CHECKS.map((check) => check(order, this)).find((reason) => reason !== undefined)
    if (refusal !== undefined) throw new Error(refusal)
    this.orders.set(clientOrderId, order)
    const id = String(this.#sequence)
    this.#requests.set(id, order)
    const params = {
      symbol: order.symbol,
      side: order.side,
      type: "LIMIT",
      timeInForce: "GTC",
      price: order.price.toFixed(2),
      quantity: order.quantity.toFixed(5),
      newClientOrderId: order.clientOrderId,
      newOrderRespType: "ACK",
    }
    this.#request(id, "order.place", params)
    return order
  }

  cancel({ symbol, clientOrderId }: NaiveOrder): void {
    this.#request(`c${++this.#sequence}`, "order.cancel", { symbol, origClientOrderId: clientOrderId })
  }

  /** Asks for the account's events on this connection. */
  subscribe(): void {
    this.#request("subscribe", "userDataStream.subscribe.signature", {})
  }

  onMessage(text: string): void {
    const message = JSON.parse(text)
    if (message.id !== undefined) this.#onAnswer(message)
    else if (message.event?.e === "executionReport") this.#onReport(message.event)
  }

  /** At most so many orders in a second: a list of times, as most do it. */
  isTooFast(limit: number): boolean {
    const now = Date.now()
    while (this.#sentMs.length > 0 && this.#sentMs[0] <= now - 1000) this.#sentMs.shift()
    return this.#sentMs.push(now) > limit
  }

  #request(id: string, method: string, params: Record<string, string | number>): void {
    const all = { ...params, recvWindow: 5000, apiKey: this.account.apiKey, timestamp: Date.now() }
    this.send(JSON.stringify({ id, method, params: { ...all, signature: signatureOf(all, this.account.secret) } }))
  }

  #onAnswer({ id, status, result }: { id: string; status: number; result?: { orderId: number } }): void {
    const order = this.#requests.get(id)
    if (order === undefined) return
    this.#requests.delete(id)
    order.orderId = result?.orderId
    if (status !== 200) this.#end(order, "REJECTED")
    this.emit(status === 200 ? "ack" : "reject", order)
  }

  #onReport({ c, C, x, X, z }: Record<"c" | "C" | "x" | "X" | "z", string>): void {
    const order = this.orders.get(C || c)
    if (order === undefined) return
    order.status = X
    order.filled = Number(z)
    if (X === "FILLED" || X === "CANCELED") this.#end(order, X)
    if (x === "TRADE") this.emit("fill", order)
    if (x === "CANCELED") this.emit("canceled", order)
  }

  #end(order: NaiveOrder, status: string): void {
    order.status = status
    this.orders.delete(order.clientOrderId)
  }
}

export function signatureOf(params: Readonly<Record<string, string | number>>, secret: string): string {
  const sorted = Object.keys(params).sort()
  const payload = sorted.map((name) => `${name}=${params[name]}`).join("&")
  return createHmac("sha256", secret).update(payload).digest("hex")
}

const MARKET = { middle: 61_837.63, free: { BUY: 80_000_000, SELL: 10_000 } }

type Check = (order: NaiveOrder, gateway: NaiveGateway) => string | undefined

const CHECKS: readonly Check[] = [
  ({ price }) => (price > 0 && price < 1e9 ? undefined : "price range"),
  ({ quantity }) => (quantity > 0 && quantity < 1e9 ? undefined : "quantity range"),
  ({ price, quantity }) => (price * quantity > 1_000_000 ? "notional" : undefined),
  (_order, { orders }) => (orders.size >= 1000 ? "open orders" : undefined),
  ({ side, price, quantity }) =>
    (side === "BUY" ? price * quantity : quantity) > MARKET.free[side] ? "balance" : undefined,
  ({ price }) => (Math.abs(price / MARKET.middle - 1) > 0.5 ? "price band" : undefined),
  (_order, gateway) => (gateway.isTooFast(1_000_000) ? "rate" : undefined),
]
