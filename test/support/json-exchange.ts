import type { AddressInfo } from "node:net"
import { type WebSocket, WebSocketServer } from "ws"

export interface JsonOrder {
  readonly client: string
  readonly symbol: string
  readonly price: string
  status: "open" | "canceled" | "filled"
}

interface Request {
  readonly do: "place" | "cancel" | "query"
  readonly id: number
  readonly client: string
  readonly symbol?: string
  readonly price?: string
  readonly qty?: string
}

/** The venue that the example json-venue speaks to, as small as can be: a book that stands still, and orders that rest. */
export class JsonExchange {
  readonly orders: JsonOrder[] = []
  readonly #server = new WebSocketServer({ port: 0, host: "127.0.0.1" })

  constructor() {
    this.#server.on("connection", (client) => {
      say(client, { type: "book", symbol: "BTCUSDT", id: 1, bids: [["50000.00", "1"]], asks: [["50001.00", "1"]] })
      client.on("message", (data) => this.#onRequest(client, JSON.parse(String(data))))
    })
  }

  static async listen(): Promise<JsonExchange> {
    const exchange = new JsonExchange()
    await new Promise((resolve) => exchange.#server.once("listening", resolve))
    return exchange
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** How many engines are connected. */
  get connections(): number {
    return this.#server.clients.size
  }

  /** Fills an order whole, and tells everybody. */
  fill(client: string): void {
    const order = this.orders.find((one) => one.client === client)!
    order.status = "filled"
    const fill = { trade: 1, price: order.price, qty: "0.001", total: "0.001" }
    for (const one of this.#server.clients) say(one, { ...this.#report(client), fill })
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate()
    this.#server.close()
  }

  #onRequest(from: WebSocket, request: Request): void {
    const { client, id } = request
    if (request.do === "place") {
      this.orders.push({ client, symbol: request.symbol!, price: request.price!, status: "open" })
    }
    const order = this.orders.find((one) => one.client === client)
    if (request.do === "cancel" && order?.status === "open") order.status = "canceled"
    say(from, { ...this.#report(client), id })
  }

  #report(client: string): object {
    const number = this.orders.findIndex((one) => one.client === client)
    const { status = "unknown" } = this.orders[number] ?? {}
    return { type: "report", symbol: "BTCUSDT", client, order: String(number + 1), status }
  }
}

const say = (client: WebSocket, message: object): void => client.send(JSON.stringify(message))
