import type { StrategyContext } from "../core/kernel/contract.js"
import { type BenchEngine, startBenchEngine } from "./engine.js"
import { NullTransport } from "./null-transport.js"
import { answer, BOOK_TICKER, type OrderRequestMessage } from "./order-answers.js"

/** What orders are signed with. */
export const ACCOUNT = { apiKey: "k".repeat(64), secret: "s".repeat(64) }

/** An engine that may send orders to a venue that is not there; whoever runs it says what the venue answers. */
export interface OrderEngine extends BenchEngine {
  readonly strategy: StrategyContext<object>
  /** The sum of filled lots, and the count of fills, that the strategy heard of. */
  readonly fills: Float64Array
  receive(text: string): void
  receiveBytes(bytes: Uint8Array, offset: number, length: number): void
  /** The requests that were sent since the last call. */
  takeRequests(): OrderRequestMessage[]
}

export async function startOrderEngine(account: typeof ACCOUNT): Promise<OrderEngine> {
  const transport = new NullTransport()
  const fills = new Float64Array(2)
  let strategy: StrategyContext<object> | undefined
  const started = await startBenchEngine({
    plugins: { "order-processing": { max_orders_per_second: 1_000_000 }, "market-data": {}, binance: {} },
    strategy: (context) => {
      strategy = context
      context.orders.onFill((fill) => {
        fills[0] += fill.qtyLots
        fills[1]++
      })
    },
    transport: () => transport,
  })
  const { engine, clock } = started
  const endpoint = { streamUrl: "ws://venue", apiUrl: "ws://venue", ...account }
  engine.onChannel("binance", { type: "endpoint", endpoint })
  const [api, market] = [transport.connection("api"), transport.connection("market")]
  const receiveBytes = (bytes: Uint8Array, offset: number, length: number): void => {
    api.receive(bytes, offset, length, clock.nowNs())
    engine.endTurn()
  }
  const receive = (text: string): void => {
    const bytes = Buffer.from(text)
    receiveBytes(bytes, 0, bytes.length)
  }
  const takeRequests = (): OrderRequestMessage[] => api.takeMessages().map((text) => JSON.parse(text))
  api.open()
  market.open()
  for (let requests = takeRequests(); requests.length > 0; requests = takeRequests()) {
    for (const request of requests) receive(answer(request, 0))
  }
  const ticker = Buffer.from(BOOK_TICKER)
  market.receive(ticker, 0, ticker.length, clock.nowNs())
  return { ...started, strategy: strategy!, fills, receive, receiveBytes, takeRequests }
}
