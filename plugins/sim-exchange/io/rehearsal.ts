import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { HmacSha256 } from "veloz/hot"
import { WebSocket } from "ws"
import { signedParameters } from "../signature.js"
import { API_PATH, type ExchangeStats, type RunningExchange, startExchange } from "./exchange.js"

export interface Rehearsal {
  /** Of the exchange that is rehearsed at. */
  stats(): ExchangeStats
  close(): Promise<void>
}

/**
 * A venue handles thousands of orders a second, so that the next one finds its code and data in the caches. Between 50
 * orders a second this process would go cold, and a client would measure that. So, a while after the market has moved,
 * it places or cancels an order at a second exchange in the same process: another market, another account, the same
 * code from the socket on. Nobody hears of these orders, and none is ever in the book that clients see.
 */
export async function rehearseOrders(exchange: Pick<RunningExchange, "onEvents">): Promise<Rehearsal> {
  const secret = randomBytes(32).toString("hex")
  const account = { api_key: randomBytes(32).toString("hex"), api_secret: secret }
  const stage = await startExchange({ ...account, symbols: [SYMBOL], events_per_second: 0, depth_levels: 1 })
  const socket = new WebSocket(`ws://${stage.host}:${stage.port}${API_PATH}`, { perMessageDeflate: false })
  await once(socket, "open")
  // Without rehearsals the exchange is slower, and nothing else.
  socket.on("error", () => socket.terminate())
  const script = new Script(account.api_key, new HmacSha256(Buffer.from(secret)))
  socket.send(script.subscribe())
  let lastMs = 0
  let timer: NodeJS.Timeout | undefined
  const play = (): void => {
    timer = undefined
    socket.send(script.next())
  }
  exchange.onEvents(() => {
    const nowMs = performance.now()
    if (timer !== undefined || nowMs - lastMs < LEAST_PERIOD_MS || socket.readyState !== WebSocket.OPEN) return
    lastMs = nowMs
    timer = setTimeout(play, PAUSE_MS)
  })
  return {
    stats: () => stage.stats(),
    async close() {
      clearTimeout(timer)
      socket.terminate()
      await stage.close()
    },
  }
}

const SYMBOL = "BTCUSDT"
/** Clients answer an event within some 200 µs: a rehearsal must not be in the way of their orders. */
const PAUSE_MS = 1
/** At more events than this an order is rehearsed every other time: the caches remember that long. */
const LEAST_PERIOD_MS = 1.5

/** What the rehearsing client sends: orders far from the market, each cancelled before the next. */
class Script {
  #orders = 0
  #isPlaced = false
  readonly #message = Buffer.alloc(1024)
  readonly #digits = Buffer.alloc(64)

  constructor(
    private readonly apiKey: string,
    private readonly key: HmacSha256,
  ) {}

  subscribe(): string {
    return this.#request("userDataStream.subscribe.signature", {})
  }

  next(): string {
    this.#isPlaced = !this.#isPlaced
    if (!this.#isPlaced)
      return this.#request("order.cancel", { origClientOrderId: `r${this.#orders++}`, symbol: SYMBOL })
    return this.#request("order.place", {
      newClientOrderId: `r${this.#orders}`,
      newOrderRespType: "ACK",
      price: "10000.00",
      quantity: "0.00100000",
      side: "BUY",
      symbol: SYMBOL,
      timeInForce: "GTC",
      type: "LIMIT",
    })
  }

  #request(method: string, values: Readonly<Record<string, string>>): string {
    const params: Record<string, string> = { apiKey: this.apiKey, ...values, timestamp: String(Date.now()) }
    const length = this.#message.write(signedParameters(new Map(Object.entries(params))))
    this.key.sign(this.#message, length, this.#digits, 0)
    params.signature = this.#digits.toString("latin1")
    return JSON.stringify({ id: this.#orders, method, params })
  }
}
