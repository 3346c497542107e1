import type { Connection, NetworkContext, OrderRequest, SymbolSpec, VenueAdapter } from "veloz"
import * as hot from "veloz/hot"
import { SystemClock } from "../../../core/hot/clock.js"
import { WebSocketTransport } from "../../../core/io/websocket-transport.js"
import { CallLink } from "../../../core/threads/call-link.js"
import { startNetwork } from "../../../plugins/binance/network.js"
import type { Endpoint } from "../../../plugins/binance/options.js"
import { until } from "../../support/until.js"

export const BTCUSDT: SymbolSpec = {
  index: 0,
  name: "BTCUSDT",
  baseAsset: "BTC",
  quoteAsset: "USDT",
  tickSize: "0.01",
  lotSize: "0.00001",
  minPriceTicks: 1,
  maxPriceTicks: 100_000_000,
  minQtyLots: 1,
  maxQtyLots: 900_000_000,
  minNotional: 0,
}

/** The recording's symbol: tick and lot of 1e-8. */
export const FINEST: SymbolSpec = { ...BTCUSDT, tickSize: "0.00000001", lotSize: "0.00000001" }

export interface DepthSeen {
  type: "depth"
  symbol: number
  flags: number
  first: number
  final: number
  eventUs: number
  receivedNs: number
  frameNs: number
  decodedNs: number
  bids: [number, number][]
  asks: [number, number][]
}
export interface TradeSeen {
  type: "trade"
  symbol: number
  buyerIsMaker: number
  id: number
  price: number
  qty: number
  eventUs: number
}
export interface TopSeen {
  type: "top"
  symbol: number
  updateId: number
  bid: number
  bidQty: number
  ask: number
  askQty: number
}
export interface ReportSeen {
  type: "report"
  kind: number
  status: number
  requestId: number
  tradeId: number
  lastPrice: number
  lastQty: number
  cumulative: number
  venueUs: number
  code: number
  isMaker: number
  clientId: string
  venueId: string
  text: string
}
export interface StatusSeen {
  type: "status"
  channel: number
  up: number
}
export interface BalanceSeen {
  type: "balance"
  asset: number
  free: number
  locked: number
}
export interface PongSeen {
  type: "pong"
  token: number
  sentNs: number
  receivedNs: number
  from: number
  isUp: number
}
export type Seen = DepthSeen | TradeSeen | TopSeen | ReportSeen | StatusSeen | BalanceSeen | PongSeen

/** A link that turns records into objects. */
export function recordingLink(): { link: CallLink; seen: Seen[] } {
  const seen: Seen[] = []
  const link = new CallLink()
  link.connect((type, offset, _length, views) => {
    seen.push(readRecord(type, offset, views))
    return true
  })
  return { link, seen }
}

export function readRecord(type: number, at: number, { f64, i32, u8 }: hot.RecordViews): Seen {
  const double = (offset: number) => f64[(at + offset) >> 3]
  const int = (offset: number) => i32[(at + offset) >> 2]
  const text = (offset: number) => Buffer.from(u8.slice(at + offset + 4, at + offset + 4 + int(offset))).toString()
  const levels = (from: number, count: number) =>
    Array.from({ length: count }, (_, i): [number, number] => [
      double(hot.DEPTH_LEVELS + (from + i) * hot.LEVEL_BYTES),
      double(hot.DEPTH_LEVELS + (from + i) * hot.LEVEL_BYTES + 8),
    ])
  switch (type) {
    case hot.RecordType.Depth: {
      const bidCount = int(hot.DEPTH_BID_COUNT)
      return {
        type: "depth",
        symbol: int(hot.DEPTH_SYMBOL),
        flags: int(hot.DEPTH_FLAGS),
        first: double(hot.DEPTH_FIRST_UPDATE_ID),
        final: double(hot.DEPTH_FINAL_UPDATE_ID),
        eventUs: double(hot.DEPTH_EVENT_US),
        receivedNs: double(hot.DEPTH_RECEIVED_NS),
        frameNs: double(hot.DEPTH_FRAME_NS),
        decodedNs: double(hot.DEPTH_DECODED_NS),
        bids: levels(0, bidCount),
        asks: levels(bidCount, int(hot.DEPTH_ASK_COUNT)),
      }
    }
    case hot.RecordType.Trade:
      return {
        type: "trade",
        symbol: int(hot.TRADE_SYMBOL),
        buyerIsMaker: int(hot.TRADE_BUYER_IS_MAKER),
        id: double(hot.TRADE_ID),
        price: double(hot.TRADE_PRICE_TICKS),
        qty: double(hot.TRADE_QTY_LOTS),
        eventUs: double(hot.TRADE_EVENT_US),
      }
    case hot.RecordType.Top:
      return {
        type: "top",
        symbol: int(hot.TOP_SYMBOL),
        updateId: double(hot.TOP_UPDATE_ID),
        bid: double(hot.TOP_BID_TICKS),
        bidQty: double(hot.TOP_BID_LOTS),
        ask: double(hot.TOP_ASK_TICKS),
        askQty: double(hot.TOP_ASK_LOTS),
      }
    case hot.RecordType.Report:
      return {
        type: "report",
        kind: int(hot.REPORT_KIND),
        status: int(hot.REPORT_STATUS),
        requestId: double(hot.REPORT_REQUEST_ID),
        tradeId: double(hot.REPORT_TRADE_ID),
        lastPrice: double(hot.REPORT_LAST_PRICE_TICKS),
        lastQty: double(hot.REPORT_LAST_QTY_LOTS),
        cumulative: double(hot.REPORT_CUMULATIVE_LOTS),
        venueUs: double(hot.REPORT_VENUE_US),
        code: int(hot.REPORT_CODE),
        isMaker: int(hot.REPORT_IS_MAKER),
        clientId: text(hot.REPORT_CLIENT_ID),
        venueId: text(hot.REPORT_VENUE_ID),
        text: text(hot.REPORT_TEXT),
      }
    case hot.RecordType.Balance:
      return {
        type: "balance",
        asset: int(hot.BALANCE_ASSET),
        free: double(hot.BALANCE_FREE_UNITS),
        locked: double(hot.BALANCE_LOCKED_UNITS),
      }
    case hot.RecordType.VenueStatus:
      return { type: "status", channel: int(hot.VENUE_STATUS_CHANNEL), up: int(hot.VENUE_STATUS_UP) }
    case hot.RecordType.Pong:
      return {
        type: "pong",
        token: double(hot.PONG_TOKEN),
        sentNs: double(hot.PONG_SENT_NS),
        receivedNs: double(hot.PONG_RECEIVED_NS),
        from: int(hot.PONG_FROM),
        isUp: int(hot.PONG_IS_UP),
      }
    default:
      throw new Error(`record type ${type} is none of the network's`)
  }
}

export const ASSETS = ["BTC", "USDT"]

/** The network part of the plugin with a transport of its own, and a list in place of the engine. */
export class Rig {
  readonly clock = new SystemClock()
  readonly transport: WebSocketTransport
  readonly seen: Seen[]
  readonly logs: string[] = []
  readonly counters = new Map<string, number>()
  readonly options: Record<string, unknown>
  readonly kept: Map<string, unknown>
  adapter!: VenueAdapter
  clockOffsetUs: number | undefined
  wholeDepthLevels = 0
  #onMessage: (message: unknown) => void = () => {}
  #onWholeDepth: () => void = () => {}
  readonly #intervals: NodeJS.Timeout[] = []
  #lastRequest = 0

  constructor({
    symbols = [BTCUSDT],
    options = {},
    kept = new Map(),
    transport,
  }: {
    symbols?: SymbolSpec[]
    options?: object
    kept?: Map<string, unknown>
    transport?: WebSocketTransport
  } = {}) {
    this.transport = transport ?? new WebSocketTransport({ clock: this.clock, random: () => 0 })
    this.options = {
      recv_window_ms: 5000,
      request_timeout_ms: 10_000,
      reconnect_min_ms: 5,
      reconnect_max_ms: 20,
      ...options,
    }
    this.kept = kept
    const { link, seen } = recordingLink()
    this.seen = seen
    const generation = this.transport.prepare("binance")
    startNetwork(this.#context(symbols, link, generation) as unknown as NetworkContext<never>)
    generation.activate()
  }

  connect(endpoint: Endpoint): void {
    this.#onMessage({ type: "endpoint", endpoint })
  }

  wishWholeDepth(levels: number): void {
    this.wholeDepthLevels = levels
    this.#onWholeDepth()
  }

  order(wish: Partial<OrderRequest> & { clientId: string }): OrderRequest {
    const { clientId, ...rest } = wish
    const bytes = Buffer.from(clientId)
    return {
      requestId: ++this.#lastRequest,
      symbol: 0,
      side: hot.Side.Buy,
      type: hot.OrderType.Limit,
      tif: hot.TimeInForce.Gtc,
      priceTicks: 0,
      qtyLots: 100,
      clientIdBytes: bytes,
      clientIdOffset: 0,
      clientIdLength: bytes.length,
      ...rest,
    }
  }

  get connection(): Connection {
    return this.adapter.connection!
  }

  of<T extends Seen["type"]>(type: T): Extract<Seen, { type: T }>[] {
    return this.seen.filter((record) => record.type === type) as Extract<Seen, { type: T }>[]
  }

  async ordersUp(): Promise<void> {
    await until(() => this.of("status").at(-1)?.up === 1 && this.adapter.isReady)
  }

  /** The part leaves, its connections stay. */
  leave(): void {
    for (const interval of this.#intervals) clearInterval(interval)
  }

  stop(): void {
    this.leave()
    this.transport.close()
  }

  #context(symbols: SymbolSpec[], link: CallLink, transport: ReturnType<WebSocketTransport["prepare"]>) {
    const log = (message: string, details?: object): void => {
      this.logs.push(details === undefined ? message : `${message} ${JSON.stringify(details)}`)
    }
    const rig = this
    return {
      options: this.options,
      log: { debug: log, info: log, warn: log, error: log },
      clock: this.clock,
      counter: (name: string) => ({
        increment: () => this.counters.set(name, (this.counters.get(name) ?? 0) + 1),
      }),
      channel: {
        onMessage: (listener: (message: unknown) => void) => {
          this.#onMessage = listener
        },
      },
      keep: (key: string, _version: number, make: () => unknown) => {
        if (!this.kept.has(key)) this.kept.set(key, make())
        return this.kept.get(key)
      },
      symbols: { all: symbols },
      transport,
      toEngine: link,
      subscriptions: {
        get wholeDepthLevels() {
          return rig.wholeDepthLevels
        },
        onChange: (listener: () => void) => {
          this.#onWholeDepth = listener
        },
      },
      assetIndex: (asset: string) => ASSETS.indexOf(asset),
      venue: {
        register: (adapter: VenueAdapter) => {
          this.adapter = adapter
        },
        setClockOffsetUs: (offsetUs: number) => {
          this.clockOffsetUs = offsetUs
        },
      },
      timers: {
        every: (periodMs: number, callback: () => void) => this.#intervals.push(setInterval(callback, periodMs)),
        after: (delayMs: number, callback: () => void) => {
          this.#intervals.push(setTimeout(callback, delayMs))
          return this.#intervals.length
        },
      },
    }
  }
}
