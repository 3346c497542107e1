import type { BinanceOptions, NetworkContext, OrderRequest, Part, SymbolSpec, VenueAdapter } from "veloz"
import {
  PONG_BYTES,
  PONG_FROM,
  PONG_IS_UP,
  PONG_RECEIVED_NS,
  PONG_SENT_NS,
  PONG_TOKEN,
  PongFrom,
  RecordType,
  unitOf,
  VENUE_STATUS_BYTES,
  VENUE_STATUS_CHANNEL,
  VENUE_STATUS_UP,
  VenueChannel,
} from "veloz/hot"
import { ApiSession, type SessionState } from "./api-session.js"
import { BalanceWriter } from "./hot/balance-writer.js"
import { NameTable } from "./hot/name-table.js"
import { PendingRequests } from "./hot/pending.js"
import { ReportWriter } from "./hot/report-writer.js"
import { MarketFeed, streamsUrl } from "./market-feed.js"
import { type Endpoint, isEndpointMessage } from "./options.js"
import { VenueClock } from "./venue-clock.js"

/** The network part: the venue adapter on its two connections. */
export function startNetwork(context: NetworkContext<BinanceOptions>): Part {
  const adapter = new BinanceAdapter(context)
  context.venue.register(adapter)
  return { retune: () => adapter.retune() }
}

/** Speaks Binance Spot for the engine: market streams on one connection, orders and account on the other. */
class BinanceAdapter implements VenueAdapter {
  readonly #context: NetworkContext<BinanceOptions>
  readonly #names: readonly string[]
  readonly #feed: MarketFeed
  readonly #session: ApiSession
  readonly #kept: KeptState
  readonly #status: boolean[] = []
  readonly #backoff = { minMs: 0, maxMs: 0 }

  constructor(context: NetworkContext<BinanceOptions>) {
    this.#context = context
    this.#names = context.symbols.all.map((symbol) => symbol.name)
    this.#kept = context.keep("session", 1, () => ({
      pending: new PendingRequests(),
      venueClock: new VenueClock(),
      subscribedKey: "",
      endpoint: undefined,
    }))
    this.#feed = this.#createFeed()
    this.#session = this.#createSession()
    this.retune()
    if (this.#kept.endpoint !== undefined) this.#open(this.#kept.endpoint)
    context.channel.onMessage((message) => {
      if (isEndpointMessage(message)) this.#open(message.endpoint)
    })
    context.subscriptions.onChange(() => this.#openFeed())
    context.timers.every(EXPIRY_CHECK_MS, () => this.#session.expire())
    context.timers.every(CLOCK_PERIOD_MS, () => this.#session.measureClock())
  }

  get connection() {
    return this.#session.connection
  }

  get isReady(): boolean {
    return this.#session.isReady
  }

  get inFlight(): number {
    return this.#kept.pending.count
  }

  place(order: OrderRequest): number {
    return this.#session.place(order)
  }

  cancel(order: OrderRequest): number {
    return this.#session.cancel(order)
  }

  query(order: OrderRequest): number {
    return this.#session.query(order)
  }

  ping(token: number): number {
    return this.#session.ping(token)
  }

  requestSnapshot(symbol: number, levels: number): void {
    this.#session.requestSnapshot(symbol, levels)
  }

  replay(bytes: Uint8Array, offset: number, length: number, receivedNs: number): boolean {
    return this.#feed.take(bytes, offset, length, receivedNs)
  }

  retune(): void {
    const { options } = this.#context
    this.#backoff.minMs = options.reconnect_min_ms
    this.#backoff.maxMs = Math.max(options.reconnect_min_ms, options.reconnect_max_ms)
    this.#session.retune()
  }

  #open(endpoint: Endpoint): void {
    this.#kept.endpoint = endpoint
    const { apiUrl, apiKey, secret } = endpoint
    this.#session.open(apiUrl, apiKey === undefined || secret === undefined ? undefined : { apiKey, secret })
    this.#openFeed()
  }

  #openFeed(): void {
    const { endpoint } = this.#kept
    if (endpoint === undefined) return
    this.#feed.open(streamsUrl(endpoint.streamUrl, this.#names, this.#context.subscriptions.wholeDepthLevels))
  }

  #createFeed(): MarketFeed {
    const { transport, toEngine, clock, log, counter, symbols } = this.#context
    return new MarketFeed({
      transport,
      sink: toEngine,
      clock,
      log,
      backoff: this.#backoff,
      symbols: {
        names: new NameTable(this.#names),
        streams: new NameTable(this.#names.map((name) => name.toLowerCase())),
        ...unitsOf(symbols.all),
      },
      counters: {
        slow: counter("market_slow_decodes"),
        ignored: counter("market_ignored"),
        malformed: counter("market_malformed"),
        noCapacity: counter("market_lost"),
      },
      onStatus: (isUp) => this.#tellStatus(VenueChannel.Market, isUp),
    })
  }

  #createSession(): ApiSession {
    const { transport, toEngine, clock, log, counter, symbols, timers, options, venue } = this.#context
    const units = unitsOf(symbols.all)
    const assets = [...new Set(symbols.all.flatMap(({ baseAsset, quoteAsset }) => [baseAsset, quoteAsset]))]
    const numbers = assets.map((asset) => this.#context.assetIndex(asset))
    return new ApiSession({
      transport,
      clock,
      log,
      options,
      backoff: this.#backoff,
      state: this.#kept,
      symbols: symbols.all.map(({ name }, i) => ({ name, price: units.priceUnits[i], lot: units.lotUnits[i] })),
      userSymbols: { names: new NameTable(this.#names), ...units },
      report: new ReportWriter(toEngine, clock),
      balances: new BalanceWriter(toEngine, new NameTable(assets), numbers),
      counters: {
        slow: counter("api_slow_decodes"),
        ignored: counter("api_ignored"),
        malformed: counter("api_malformed"),
        lost: counter("answers_lost"),
      },
      after: (delayMs, callback) => timers.after(delayMs, callback),
      onStatus: (isUp) => this.#tellStatus(VenueChannel.Orders, isUp),
      onClockOffset: (offsetUs, doubtUs) => venue.setClockOffsetUs(offsetUs, doubtUs),
      onPong: (token, sentNs, receivedNs) => this.#publishPong(token, sentNs, receivedNs),
      onSnapshot: (bytes, at, length, symbol, receivedNs) =>
        this.#feed.takeSnapshot(bytes, at, length, symbol, receivedNs),
    })
  }

  #publishPong(token: number, sentNs: number, receivedNs: number): void {
    const { toEngine } = this.#context
    const at = toEngine.claim(RecordType.Pong, PONG_BYTES, true)
    if (at < 0) return
    toEngine.f64[(at + PONG_TOKEN) >> 3] = token
    toEngine.f64[(at + PONG_SENT_NS) >> 3] = sentNs
    toEngine.f64[(at + PONG_RECEIVED_NS) >> 3] = receivedNs
    toEngine.i32[(at + PONG_FROM) >> 2] = PongFrom.Venue
    toEngine.i32[(at + PONG_IS_UP) >> 2] = 1
    toEngine.publish()
  }

  #tellStatus(channel: number, isUp: boolean): void {
    this.#status[channel] = isUp
    this.#publishStatus(channel)
  }

  #publishStatus(channel: number): void {
    const { toEngine, log, timers } = this.#context
    const isUp = this.#status[channel]
    const at = toEngine.claim(RecordType.VenueStatus, VENUE_STATUS_BYTES, true)
    if (at < 0) {
      // The engine must not go on believing what was: say how it is then, as soon as there is room.
      timers.after(STATUS_RETRY_MS, () => this.#publishStatus(channel))
      return
    }
    toEngine.i32[(at + VENUE_STATUS_CHANNEL) >> 2] = channel
    toEngine.i32[(at + VENUE_STATUS_UP) >> 2] = isUp ? 1 : 0
    toEngine.publish()
    if (isUp) log.info(channel === VenueChannel.Market ? "market streams are up" : "orders may be sent")
  }
}

/** What survives a reload of this plugin: connections are handed over open, and this with them. */
interface KeptState extends SessionState {
  endpoint: Endpoint | undefined
}

const EXPIRY_CHECK_MS = 250
const CLOCK_PERIOD_MS = 30_000
const STATUS_RETRY_MS = 10

function unitsOf(symbols: readonly SymbolSpec[]) {
  return {
    priceUnits: symbols.map(({ tickSize }) => unitOf(tickSize)),
    lotUnits: symbols.map(({ lotSize }) => unitOf(lotSize)),
  }
}
