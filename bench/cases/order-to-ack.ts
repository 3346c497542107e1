import { WebSocket } from "ws"
import { OrderStatus } from "../../core/hot/records.js"
import { WebSocketTransport } from "../../core/io/websocket-transport.js"
import type { StrategyContext } from "../../core/kernel/contract.js"
import { type LaunchedExchange, launchExchange } from "../../plugins/sim-exchange/io/launch.js"
import { startBenchEngine } from "../engine.js"
import { floorInC } from "../floor.js"
import { type BenchCase, rowsFromBlocks } from "../measure.js"
import { NaiveGateway, type NaiveOrder } from "../naive-gateway.js"

/**
 * An order over loopback to the embedded exchange, a process of its own: from the strategy's call until the venue's
 * acceptance has been decoded and told. Both ways take turns, order by order, at the same exchange; what the exchange
 * itself takes is in both. The floor is what the bytes alone take between two C programs.
 */
export const orderToAck: BenchCase = {
  name: "order-to-ack",
  async run({ quick }) {
    const rounds = quick ? 300 : 3_000
    const exchange = await launchExchange({ events_per_second: EVENTS_PER_SECOND, accounts: [NAIVE_ACCOUNT] })
    const ways = [await startVeloz(exchange), await startNaive(exchange)]
    const samples = ways.map((): number[] => [])
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      for (const [i, way] of ways.entries()) {
        const tookNs = await way.placeAndCancel(round)
        if (round >= 0) samples[i].push(tookNs)
      }
    }
    for (const way of ways) await way.close()
    await exchange.close()
    const floor = floorInC("loopback-floor")(rounds, REQUEST_BYTES, ANSWER_BYTES)
    const all = new Map(ways.map(({ name }, i) => [name, [samples[i]]]))
    if (floor !== undefined) all.set("C, bytes alone", [floor])
    return rowsFromBlocks("order-to-ack", "loopback", all)
  },
}

/** Enough for a market to be there. */
const EVENTS_PER_SECOND = 20
const WARM_UP_ROUNDS = 500
/** What an order and its answer take on the wire, headers of frames included. */
const REQUEST_BYTES = 480
const ANSWER_BYTES = 190
const BALANCES = { USDT: "1000000", BTC: "100" }
const NAIVE_ACCOUNT = { api_key: "n".repeat(64), api_secret: "o".repeat(64), balances: BALANCES }

interface Way {
  readonly name: string
  /** Places an order that rests, and takes it away again. Returns how long the acceptance took. */
  placeAndCancel(round: number): Promise<number>
  close(): Promise<void>
}

async function startVeloz({ host, port, apiKey, apiSecret }: LaunchedExchange): Promise<Way> {
  let strategy!: StrategyContext<object>
  let onUpdate: (status: number) => void = () => undefined
  const { engine, clock, drainEvents } = await startBenchEngine({
    plugins: { "order-processing": {}, "market-data": {}, binance: {} },
    strategy: (context) => {
      strategy = context
      context.orders.onUpdate(({ status }) => onUpdate(status))
    },
    transport: (ownClock, afterRead) => new WebSocketTransport({ clock: ownClock, afterRead }),
  })
  engine.start()
  const [streamUrl, apiUrl] = [`ws://${host}:${port}`, `ws://${host}:${port}/ws-api/v3`]
  engine.onChannel("binance", { type: "endpoint", endpoint: { streamUrl, apiUrl, apiKey, secret: apiSecret } })
  await until(() => engine.network.adapter!.isReady && engine.market.books[0].isLive)
  return {
    name: "veloz engine",
    placeAndCancel: (round) =>
      new Promise((resolve, reject) => {
        let tookNs = 0
        onUpdate = (status) => {
          if (status === OrderStatus.New && tookNs === 0) {
            tookNs = clock.nowNs() - startedNs
            strategy.orders.cancel(handle)
          } else if (status === OrderStatus.Canceled) resolve(tookNs)
          else if (status !== OrderStatus.PendingNew) reject(new Error(`the order ended in status ${status}`))
        }
        drainEvents()
        const startedNs = clock.nowNs()
        const handle = strategy.orders.place(0, 0, priceTicks(round), qtyLots(round))
        engine.endTurn()
      }),
    close: async () => void (await engine.stop()),
  }
}

async function startNaive({ host, port }: LaunchedExchange): Promise<Way> {
  const socket = new WebSocket(`ws://${host}:${port}/ws-api/v3`)
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject))
  const { api_key: apiKey, api_secret: secret } = NAIVE_ACCOUNT
  const gateway = new NaiveGateway({ apiKey, secret }, (text) => socket.send(text))
  const subscribed = new Promise((resolve) => socket.once("message", resolve))
  gateway.subscribe()
  await subscribed
  socket.on("message", (data) => gateway.onMessage(data.toString()))
  gateway.on("reject", ({ clientOrderId }) => {
    throw new Error(`the venue rejected ${clientOrderId}`)
  })
  return {
    name: "ws, JSON, objects",
    placeAndCancel: (round) =>
      new Promise((resolve) => {
        let tookNs = 0
        gateway.once("ack", (order: NaiveOrder) => {
          tookNs = Number(process.hrtime.bigint() - started)
          gateway.cancel(order)
        })
        gateway.once("canceled", () => resolve(tookNs))
        const started = process.hrtime.bigint()
        gateway.place("BUY", priceTicks(round) / 100, qtyLots(round) / 1e5)
      }),
    close: async () => socket.terminate(),
  }
}

/** Far below the market, where it rests, and never the same twice in a row. */
function priceTicks(round: number): number {
  return 4_000_000 + ((round * 7919) & 0x3ffff)
}

function qtyLots(round: number): number {
  return 100 + ((round * 104_729) & 0xfff)
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2_000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5))
  if (!condition()) throw new Error("the engine did not become ready")
}
