import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import type { Duplex } from "node:stream"
import { SystemClock } from "veloz/hot"
import { type WebSocket, WebSocketServer } from "ws"
import { openAccount } from "../account.js"
import { parseTimeUnit, type TimeUnit } from "../answers.js"
import { listenError } from "../errors.js"
import { type Instrument, instrumentOf } from "../instrument.js"
import type { Desk } from "../operations.js"
import { accountsOf, DEFAULT_OPTIONS, type ExchangeOptions } from "../options.js"
import { RateLimits } from "../rate-limits.js"
import { SymbolMarket } from "../symbol-market.js"
import { Venue, type VenueCounts } from "../venue.js"
import { ApiSession } from "./api-session.js"
import { Connection } from "./connection.js"
import { DelayLine } from "./delay-line.js"
import { FaultSwitches, type Faults } from "./faults.js"
import { MarketStreams } from "./market-streams.js"
import { Pacer } from "./pacer.js"
import { answerRest, readRequest, writeAnswer } from "./rest.js"
import { StreamSession } from "./stream-session.js"
import { UserStreams } from "./user-streams.js"

export interface ExchangeStats extends VenueCounts {
  connections: number
  requests: number
  uptimeSeconds: number
}

export interface RunningExchange {
  readonly host: string
  readonly port: number
  readonly faults: Faults
  /** The trading floor itself, for tests that compare it with what clients were told. */
  readonly venue: Venue
  stats(): ExchangeStats
  /** Opens a market for each of these symbols that has none. Throws, and opens none, when one is not known. */
  list(symbols: readonly string[]): void
  /** Calls back whenever generated events have been told. */
  onEvents(listener: () => void): void
  /** What may change while it runs. */
  retune(options: { events_per_second?: number; latency_ms?: number }): void
  close(): Promise<void>
}

export const API_PATH = "/ws-api/v3"

/** Starts an exchange in this process. Resolves when it listens; rejects with what to mend. */
export async function startExchange(options: Partial<ExchangeOptions> = {}): Promise<RunningExchange> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const exchange = new Exchange({ ...DEFAULT_OPTIONS, ...Object.fromEntries(given) })
  await exchange.listen()
  return exchange
}

class Exchange implements RunningExchange {
  readonly venue: Venue
  readonly faults: FaultSwitches
  readonly #options: ExchangeOptions
  readonly #clock = new SystemClock()
  readonly #startedNs = this.#clock.nowNs()
  readonly #desk: Desk
  readonly #inbound: DelayLine
  readonly #outbound: DelayLine
  readonly #instruments = new Map<string, Instrument>()
  readonly #markets: MarketStreams[] = []
  #eventsPerSecond: number
  readonly #userStreams = new UserStreams()
  readonly #connections = new Set<Connection>()
  readonly #apiConnections = new Set<Connection>()
  readonly #sockets = new Set<Socket>()
  // Frames are small and local: compressing them would cost more than it saves, so the offer is not taken up.
  readonly #webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024 * 1024 })
  readonly #server = createServer((request, response) => this.#onRequest(request, response))
  #onEvents: () => void = () => undefined
  readonly #flow = new Pacer((count) => this.#onFlow(count))
  #depthTimer: NodeJS.Timeout | undefined
  #depthRounds = 0
  #requests = 0
  /** Whether requests of this turn have changed what others have not been told yet. */
  #hasNews = false

  constructor(options: ExchangeOptions) {
    this.#options = options
    this.#eventsPerSecond = options.events_per_second
    const accounts = accountsOf(options).map((account, index) => openAccount(index + 1, account))
    this.venue = new Venue([], accounts, options.max_open_orders)
    this.list(options.symbols)
    this.#inbound = new DelayLine(options.latency_ms)
    this.#outbound = new DelayLine(options.latency_ms)
    this.faults = new FaultSwitches(this.#inbound, this.#outbound, () => this.#cutAll())
    this.#desk = {
      venue: this.venue,
      instruments: this.#instruments,
      rateLimits: new RateLimits(options.rate_limits),
      maxOpenOrders: options.max_open_orders,
      swallowsAnswer: () => this.faults.takeOrderAnswer(),
    }
    this.#server.on("connection", (socket) => this.#onSocket(socket))
    this.#server.on("upgrade", (request, socket, head) => this.#onUpgrade(request, socket, head))
  }

  get host(): string {
    return this.#options.host
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  listen(): Promise<void> {
    const { host, port } = this.#options
    return new Promise((resolve, reject) => {
      this.#server.once("error", (error) => reject(listenError(host, port, error)))
      this.#server.listen(port, host, () => {
        this.#setRate()
        this.#depthTimer = setInterval(() => this.#onDepthTimer(), FAST_DEPTH_MS)
        resolve()
      })
    })
  }

  stats(): ExchangeStats {
    const uptimeSeconds = (this.#clock.nowNs() - this.#startedNs) / 1e9
    return { ...this.venue.counts, connections: this.#connections.size, requests: this.#requests, uptimeSeconds }
  }

  list(symbols: readonly string[]): void {
    const fresh = symbols.filter((symbol) => !this.#instruments.has(symbol))
    for (const instrument of fresh.map((symbol) => instrumentOf(symbol, this.#options.instruments[symbol]))) {
      const market = new SymbolMarket(instrument, flowOptions(this.#options, this.#markets.length))
      this.#instruments.set(instrument.symbol, instrument)
      this.venue.open(market)
      this.#markets.push(new MarketStreams(market))
    }
    if (this.#depthTimer !== undefined) this.#setRate()
  }

  onEvents(listener: () => void): void {
    this.#onEvents = listener
  }

  #setRate(): void {
    this.#flow.setRate(this.#eventsPerSecond * this.#markets.length)
  }

  retune(options: { events_per_second?: number; latency_ms?: number }): void {
    this.#eventsPerSecond = options.events_per_second ?? this.#eventsPerSecond
    this.#setRate()
    if (options.latency_ms !== undefined) this.faults.delayMs = options.latency_ms
  }

  async close(): Promise<void> {
    this.#flow.stop()
    clearInterval(this.#depthTimer)
    this.#inbound.close()
    this.#outbound.close()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const connection of this.#connections) connection.close(GOING_AWAY, "the exchange is closing")
    // A moment for the close frames to be read; who does not answer is cut.
    const patience = setTimeout(() => this.#cutAll(), CLOSE_PATIENCE_MS)
    this.#server.closeIdleConnections()
    await closed
    clearTimeout(patience)
  }

  // ---- the generated market

  #onFlow(count: number): void {
    for (let i = 0; i < count; i++) {
      const streams = this.#markets[this.venue.counts.events % this.#markets.length]
      const nowUs = this.#clock.wallUs()
      this.venue.step(streams.market, nowUs)
      streams.publishEvent(nowUs)
    }
    this.#publishReports()
    this.#flush()
    this.#onEvents()
  }

  #onDepthTimer(): void {
    const isSecond = ++this.#depthRounds % SLOW_DEPTH_ROUNDS === 0
    const nowUs = this.#clock.wallUs()
    for (const streams of this.#markets) streams.publishDepth(nowUs, isSecond, () => this.faults.takeDepthUpdate())
    this.#flush()
  }

  // ---- what requests have changed, after they were answered

  /**
   * Serves one request. Answers leave when all requests of the same read are handled, in one write: at the pace of
   * orders a write costs as much as handling a request. What follows from them is told after it.
   */
  #serve(answer: () => void): void {
    this.#requests++
    // The trades of the request before are lost when this one makes its own.
    if (this.#hasNews) this.#publishEvents()
    else queueMicrotask(() => this.#publishNews())
    this.#hasNews = true
    answer()
  }

  // Three writes, since who waits for an answer should not wait for the texts of what follows from it; and what the
  // user hears leaves before what everybody hears.
  #publishNews(): void {
    this.#hasNews = false
    this.#flushApi()
    this.#publishReports()
    this.#flushApi()
    this.#publishEvents()
    this.#flush()
  }

  #flushApi(): void {
    for (const connection of this.#apiConnections) connection.flush()
  }

  #publishEvents(): void {
    const nowUs = this.#clock.wallUs()
    for (const streams of this.#markets) streams.publishEvent(nowUs)
  }

  #publishReports(): void {
    const { reports } = this.venue
    if (reports.length === 0) return
    this.venue.reports = []
    this.#userStreams.publish(reports, this.#clock.wallUs())
  }

  #flush(): void {
    for (const connection of this.#connections) connection.flush()
  }

  // ---- clients

  #onSocket(socket: Socket): void {
    if (this.faults.refuseConnections) socket.destroy()
    socket.setNoDelay(true)
    this.#sockets.add(socket)
    socket.on("close", () => this.#sockets.delete(socket))
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy())
    const url = new URL(request.url ?? "/", "ws://exchange")
    const unit = parseTimeUnit(url.searchParams.get("timeUnit"))
    if (unit === undefined) refuseUpgrade(socket, "400 Bad Request")
    else if (!isEndpoint(url.pathname)) refuseUpgrade(socket, "404 Not Found")
    else
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) =>
        this.#onClient(webSocket, request, socket, url, unit),
      )
  }

  #onClient(webSocket: WebSocket, request: IncomingMessage, socket: Duplex, url: URL, unit: TimeUnit): void {
    const address = request.socket.remoteAddress ?? ""
    const { ping_interval_ms } = this.#options
    const connection = new Connection(webSocket, socket, address, unit, this.#outbound, ping_interval_ms)
    this.#connections.add(connection)
    connection.onClose(() => this.#connections.delete(connection))
    if (url.pathname === API_PATH) this.#serveApi(connection, url)
    else this.#serveStreams(connection, url)
  }

  #serveApi(connection: Connection, url: URL): void {
    const showsLimits = url.searchParams.get("returnRateLimits") !== "false"
    const session = new ApiSession(
      connection,
      this.#desk,
      this.#userStreams,
      () => this.#publishReports(),
      () => this.#clock.wallUs(),
      showsLimits,
    )
    this.#apiConnections.add(connection)
    connection.onClose(() => this.#apiConnections.delete(connection))
    connection.onMessage((text) => this.#inbound.pass(() => this.#serve(() => session.handle(text))))
  }

  #serveStreams(connection: Connection, url: URL): void {
    const isCombined = url.pathname.startsWith("/stream")
    const session = new StreamSession(connection, isCombined, (name) => this.#findStream(name))
    const names = isCombined ? url.searchParams.get("streams") : url.pathname.slice("/ws/".length)
    session.subscribe((names ?? "").split("/").filter((name) => name !== ""))
  }

  #findStream(name: string) {
    for (const streams of this.#markets) {
      const stream = streams.stream(name)
      if (stream !== undefined) return stream
    }
    return undefined
  }

  #onRequest(message: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = []
    message.on("data", (chunk) => chunks.push(chunk))
    message.on("end", () => {
      const request = readRequest(message, Buffer.concat(chunks).toString())
      this.#inbound.pass(() =>
        this.#serve(() => {
          const answer = answerRest(this.#desk, request, this.#clock.wallUs())
          if (answer !== undefined) this.#outbound.pass(() => writeAnswer(response, answer))
        }),
      )
    })
  }

  #cutAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

const FAST_DEPTH_MS = 100
const SLOW_DEPTH_ROUNDS = 10
const GOING_AWAY = 1001
const CLOSE_PATIENCE_MS = 200

function isEndpoint(path: string): boolean {
  return path === API_PATH || path === "/ws" || path.startsWith("/ws/") || path === "/stream" || path === "/stream/"
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}

function flowOptions(options: ExchangeOptions, index: number) {
  return {
    // Each symbol walks its own way.
    seed: options.seed + index * 7919,
    eventsPerSecond: options.events_per_second,
    levelsPerSide: options.depth_levels,
    volatilityBps: options.volatility_bps,
  }
}
