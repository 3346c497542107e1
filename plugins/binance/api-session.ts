import type { Clock, Connection, Counter, Log, OrderRequest, Transport } from "veloz"
import { DenyReason, OrderStatus, ReportKind, wallOffsetUs } from "veloz/hot"
import type { BalanceWriter } from "./hot/balance-writer.js"
import { UserDecoded, UserDecoder, type UserSymbols } from "./hot/decode-user.js"
import { type EncoderSymbol, MAX_REQUEST_BYTES, OrderEncoder, type Signer } from "./hot/encode-order.js"
import { toMicroseconds } from "./hot/market-records.js"
import type { PendingRequests } from "./hot/pending.js"
import { Part, type ReportWriter } from "./hot/report-writer.js"
import { RequestKind } from "./hot/request-kind.js"
import { isObject, type JsonObject, parseObject, SlowRead } from "./read-market.js"
import { UserReader } from "./read-user.js"
import { type Credentials, signedParams, signerFor } from "./sign.js"
import type { VenueClock } from "./venue-clock.js"

export interface ApiSessionParts {
  readonly transport: Transport
  readonly clock: Clock
  readonly log: Log
  readonly backoff: { readonly minMs: number; readonly maxMs: number }
  readonly options: { readonly recv_window_ms: number; readonly request_timeout_ms: number }
  readonly symbols: readonly EncoderSymbol[]
  readonly userSymbols: UserSymbols
  readonly report: ReportWriter
  readonly balances: BalanceWriter
  readonly counters: ApiCounters
  readonly state: SessionState
  readonly after: (delayMs: number, callback: () => void) => number
  /** Orders may be sent from now on, or may not. */
  readonly onStatus: (isUp: boolean) => void
  readonly onClockOffset: (offsetUs: number, doubtUs: number) => void
  readonly onPong: (token: number, sentNs: number, receivedNs: number) => void
  /** Takes a snapshot of a symbol. Returns false when it has to be asked for again. */
  readonly onSnapshot: (bytes: Uint8Array, at: number, length: number, symbol: number, receivedNs: number) => boolean
}

/** What outlives a reload together with the connection. */
export interface SessionState {
  /** Requests on the wire. */
  readonly pending: PendingRequests
  readonly venueClock: VenueClock
  /** The API key whose account the open connection tells of, or none. */
  subscribedKey: string
}

export interface ApiCounters {
  readonly slow: Counter
  readonly ignored: Counter
  readonly malformed: Counter
  readonly lost: Counter
}

/**
 * The connection of the WebSocket API: requests, their answers, and the events of the account, which are subscribed to
 * on the same connection, so that an answer and its event come in a known order. Everything happens in callbacks.
 *
 * After each opening: the venue's time, then the subscription, then open orders and balances, and only then new orders.
 */
export class ApiSession {
  readonly #parts: ApiSessionParts
  readonly #decoder: UserDecoder
  readonly #reader: UserReader
  #connection: Connection | undefined
  #url = ""
  #credentials: Credentials | undefined
  #signer: Signer | undefined
  #encoder: OrderEncoder | undefined
  #isUp = false
  /** Counts openings: what was planned during an earlier one is void. */
  #opening = 0
  #lastRequest = 0
  readonly #requests = new Map<number, SessionRequest>()
  /** Levels of the snapshots that the engine waits for, by symbol; 0 for none. */
  readonly #snapshots: Int32Array
  #isLeaving = false

  constructor(parts: ApiSessionParts) {
    this.#parts = parts
    this.#decoder = new UserDecoder(parts.report, parts.balances, parts.userSymbols)
    this.#reader = new UserReader(parts.report, parts.balances, parts.userSymbols)
    this.#snapshots = new Int32Array(parts.symbols.length)
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  get isReady(): boolean {
    return this.#isUp && this.#parts.state.venueClock.isTrusted(this.#parts.clock.nowNs())
  }

  open(url: string, credentials: Credentials | undefined): void {
    const { transport, backoff, after, log } = this.#parts
    const old = this.#connection
    if (old !== undefined && url === this.#url && isSame(credentials, this.#credentials)) return
    this.#url = url
    this.#credentials = credentials
    this.#signer = credentials === undefined ? undefined : signerFor(credentials)
    this.retune()
    this.#connection = transport.open({
      key: "api",
      url: `${url}?timeUnit=MICROSECOND&returnRateLimits=false`,
      backoff,
      onOpen: () => this.#onOpen(),
      onFrame: (bytes, offset, length, receivedNs) => this.#onFrame(bytes, offset, length, receivedNs),
      onClose: (reason) => this.#onClose(reason),
      onFailure: (reason, waitMs) => log.warn(`no connection to the WebSocket API: ${reason}`, { waitMs }),
    })
    // A connection that is replaced on purpose says nothing of itself, and takes the requests on it along.
    if (old !== undefined && old !== this.#connection) this.#onClose("another endpoint was configured")
    // One that is open already was taken over; it is ours to use once this part is active, which is when timers run.
    after(0, () => {
      if (this.#opening === 0 && this.#connection?.isOpen) this.#onTakenOver()
    })
  }

  /** Text that is made ahead depends on the options. */
  retune(): void {
    const { symbols, options } = this.#parts
    if (this.#credentials === undefined || this.#signer === undefined) this.#encoder = undefined
    else this.#encoder = new OrderEncoder(symbols, this.#credentials.apiKey, this.#signer, options.recv_window_ms)
  }

  // ---- orders

  place(order: OrderRequest): number {
    if (!this.isReady) return DenyReason.VenueAway
    const isKnown = order.side >>> 0 <= 1 && order.type >>> 0 <= 2 && order.tif >>> 0 <= 2
    return isKnown ? this.#send(RequestKind.Place, order) : DenyReason.Unencodable
  }

  cancel(order: OrderRequest): number {
    return this.#send(RequestKind.Cancel, order)
  }

  query(order: OrderRequest): number {
    return this.#send(RequestKind.Query, order)
  }

  #send(kind: number, order: OrderRequest): number {
    const { clock, symbols } = this.#parts
    const { venueClock, pending } = this.#parts.state
    const connection = this.#connection
    const encoder = this.#encoder
    const nowNs = clock.nowNs()
    if (connection === undefined || encoder === undefined || !venueClock.isTrusted(nowNs)) return DenyReason.VenueAway
    if (order.symbol >>> 0 >= symbols.length) return DenyReason.Unencodable
    const at = connection.claim(MAX_REQUEST_BYTES)
    if (at < 0) return DenyReason.VenueAway
    const { requestId, clientIdBytes, clientIdOffset, clientIdLength } = order
    if (!pending.add(requestId, kind, nowNs, clientIdBytes, clientIdOffset, clientIdLength)) return DenyReason.RingFull
    const timestampMs = Math.floor(venueClock.venueUs(nowNs) / 1000)
    let length = 0
    if (kind === RequestKind.Place) length = encoder.place(order, timestampMs, connection.out, at)
    else if (kind === RequestKind.Cancel) length = encoder.cancel(order, timestampMs, connection.out, at)
    else length = encoder.query(order, timestampMs, connection.out, at)
    connection.commit(length)
    return 0
  }

  /** The venue's own ping, which needs no signature. */
  ping(token: number): number {
    const { clock, onPong } = this.#parts
    if (!this.#connection?.isOpen) return DenyReason.VenueAway
    const sentNs = clock.nowNs()
    this.#request("ping", {}, (_result, receivedNs) => onPong(token, sentNs, receivedNs))
    return 0
  }

  requestSnapshot(symbol: number, levels: number): void {
    this.#snapshots[symbol] = Math.min(Math.max(levels, 1), MAX_SNAPSHOT_LEVELS)
    this.#askForSnapshot(symbol)
  }

  /** Tells of requests that have waited too long. To be called every now and then. */
  expire(): void {
    const { clock, options, state } = this.#parts
    const timeoutNs = options.request_timeout_ms * 1e6
    const nowNs = clock.nowNs()
    state.pending.expire(nowNs - timeoutNs, this.#reportLost)
    for (const request of this.#requests.values()) {
      if (nowNs - request.sentNs < timeoutNs) continue
      this.#connection?.reconnect(`no answer to ${request.method} within ${options.request_timeout_ms} ms`)
      break
    }
    this.#leaveWhenQuiet()
  }

  /** Measures the venue's time again: several round trips, of which the fastest wins. */
  measureClock(done?: () => void): void {
    if (!this.#connection?.isOpen) return
    this.#parts.state.venueClock.beginRound()
    this.#sampleClock(CLOCK_SAMPLES, this.#opening, done)
  }

  // ---- the connection

  #onOpen(): void {
    this.#opening++
    this.#requests.clear()
    this.#isLeaving = false
    for (let symbol = 0; symbol < this.#snapshots.length; symbol++) this.#askForSnapshot(symbol)
    this.measureClock(() => this.#subscribe())
  }

  #onTakenOver(): void {
    const { state } = this.#parts
    // Whose events it brings cannot be changed on an open connection.
    if (state.subscribedKey !== "" && state.subscribedKey !== this.#credentials?.apiKey) {
      this.#connection?.reconnect("the credentials have changed")
    } else {
      this.#onOpen()
    }
  }

  #onClose(reason: string): void {
    this.#parts.state.subscribedKey = ""
    this.#opening++
    this.#requests.clear()
    this.#setUp(false)
    this.#parts.log.warn(`the WebSocket API is away: ${reason}`, { inFlight: this.#parts.state.pending.count })
    this.#parts.state.pending.expire(Number.POSITIVE_INFINITY, this.#reportLost)
  }

  #onFrame(bytes: Uint8Array, offset: number, length: number, receivedNs: number): void {
    const decoder = this.#decoder
    const decoded = decoder.decode(bytes, offset, length, receivedNs)
    if (isOrderKind(decoder.requestKind)) this.#parts.state.pending.remove(decoder.requestId, decoder.requestKind)
    if (decoded === UserDecoded.Done) return
    if (decoded === UserDecoded.Snapshot) {
      const start = decoder.resultStart
      const isTaken = this.#parts.onSnapshot(bytes, start, decoder.resultEnd - start, decoder.requestId, receivedNs)
      this.#onSnapshotAnswer(decoder.requestId, isTaken)
      return
    }
    const outcome = decoded === UserDecoded.NoCapacity ? decoded : this.#readSlowly(bytes, offset, length, receivedNs)
    this.#count(outcome)
  }

  #count(outcome: number): void {
    const { ignored, malformed, lost } = this.#parts.counters
    if (outcome === SlowRead.Ignored) ignored.increment()
    else if (outcome === SlowRead.Malformed) malformed.increment()
    else if (outcome === SlowRead.NoCapacity) {
      // A report may not be dropped. Opening again brings the state of all open orders, which says as much.
      lost.increment()
      this.#connection?.reconnect("the engine had no room for a report")
    }
  }

  #readSlowly(bytes: Uint8Array, offset: number, length: number, receivedNs: number): number {
    const message = parseObject(Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString())
    if (message === undefined) return SlowRead.Malformed
    const { id } = message
    if (typeof id === "string") return this.#readAnswer(id, message, receivedNs)
    const event = isObject(message.event) ? message.event : message
    if (event.e === "serverShutdown") this.#isLeaving = true
    if (event.e === "eventStreamTerminated") this.#connection?.reconnect("the venue ended the user stream")
    if (event.e === "executionReport" || event.e === "outboundAccountPosition") this.#parts.counters.slow.increment()
    return this.#reader.readEvent(event, receivedNs)
  }

  #readAnswer(id: string, message: JsonObject, receivedNs: number): number {
    const kind = id.charCodeAt(0)
    const number = Number(id.slice(1))
    if (!Number.isSafeInteger(number)) return SlowRead.Ignored
    if (isOrderKind(kind)) {
      this.#parts.state.pending.remove(number, kind)
      return this.#reader.readAnswer(kind, number, message, receivedNs)
    }
    if (kind === RequestKind.Snapshot) {
      this.#parts.log.warn("the venue refused a snapshot", { error: message.error })
      this.#onSnapshotAnswer(number, false)
      return SlowRead.Done
    }
    const request = this.#requests.get(number)
    if (kind !== RequestKind.Session || request === undefined) return SlowRead.Ignored
    this.#requests.delete(number)
    if (message.status === 200) request.onResult(message.result, receivedNs)
    else this.#onSessionRefusal(request, message.error)
    return SlowRead.Done
  }

  #onSnapshotAnswer(symbol: number, isTaken: boolean): void {
    if (isTaken) this.#snapshots[symbol] = 0
    else this.#later(SNAPSHOT_RETRY_MS, () => this.#askForSnapshot(symbol))
  }

  #askForSnapshot(symbol: number): void {
    const limit = this.#snapshots[symbol]
    if (!limit || !this.#connection?.isOpen) return
    const params = { symbol: this.#parts.symbols[symbol].name, limit }
    this.#connection.sendText(JSON.stringify({ id: `s${symbol}`, method: "depth", params }))
  }

  // ---- from open to up

  #sampleClock(left: number, opening: number, done: (() => void) | undefined): void {
    if (opening !== this.#opening) return
    const { clock, onClockOffset } = this.#parts
    const { venueClock } = this.#parts.state
    if (left === 0) {
      const nowNs = clock.nowNs()
      if (venueClock.endRound(nowNs))
        onClockOffset(venueClock.offsetUs - wallOffsetUs(clock), venueClock.doubtUs(nowNs))
      done?.()
      return
    }
    const sentNs = clock.nowNs()
    this.#request("time", {}, (result, receivedNs) => {
      const serverTime = isObject(result) ? result.serverTime : undefined
      if (typeof serverTime === "number") venueClock.sample(sentNs, receivedNs, toMicroseconds(serverTime))
      this.#sampleClock(left - 1, opening, done)
    })
  }

  #subscribe(): void {
    if (this.#credentials === undefined || this.#isUp) return
    if (!this.#parts.state.venueClock.isTrusted(this.#parts.clock.nowNs())) {
      this.#parts.log.error("the venue's time cannot be told to within a second: no order is signed")
      this.#later(SESSION_RETRY_MS, () => this.measureClock(() => this.#subscribe()))
      return
    }
    const { state } = this.#parts
    if (state.subscribedKey !== "") {
      this.#fetchOpenOrders()
      return
    }
    this.#signedRequest("userDataStream.subscribe.signature", {}, () => {
      state.subscribedKey = this.#credentials?.apiKey ?? ""
      this.#fetchOpenOrders()
    })
  }

  #fetchOpenOrders(): void {
    this.#signedRequest("openOrders.status", {}, (result, receivedNs) => {
      for (const order of Array.isArray(result) ? result : []) {
        if (isObject(order)) this.#count(this.#reader.readOrder(order, -1, receivedNs))
      }
      this.#fetchBalances()
    })
  }

  #fetchBalances(): void {
    this.#signedRequest("account.status", {}, (result) => {
      const balances = isObject(result) ? result.balances : undefined
      this.#count(this.#reader.readBalances(balances, "asset", "free", "locked"))
      this.#setUp(true)
    })
  }

  #setUp(isUp: boolean): void {
    if (this.#isUp === isUp) return
    this.#isUp = isUp
    this.#parts.onStatus(isUp)
  }

  #onSessionRefusal(request: SessionRequest, error: unknown): void {
    const { code, msg } = isObject(error) ? error : {}
    this.#parts.log.error(`the venue refused ${request.method}: ${code} ${msg}`)
    // The time may have been off (-1021); the rest may pass as well. Begin again where a session begins.
    if (!this.#isUp) this.#later(SESSION_RETRY_MS, () => this.measureClock(() => this.#subscribe()))
  }

  #signedRequest(method: string, params: Record<string, string>, onResult: SessionRequest["onResult"]): void {
    const { clock, state, options } = this.#parts
    if (this.#credentials === undefined || this.#signer === undefined) return
    const timestampMs = Math.floor(state.venueClock.venueUs(clock.nowNs()) / 1000)
    const signed = signedParams(params, this.#credentials, this.#signer, timestampMs, options.recv_window_ms)
    this.#request(method, signed, onResult)
  }

  #request(method: string, params: object, onResult: SessionRequest["onResult"]): void {
    const number = ++this.#lastRequest
    this.#requests.set(number, { method, onResult, sentNs: this.#parts.clock.nowNs() })
    this.#connection?.sendText(JSON.stringify({ id: `x${number}`, method, params }))
  }

  /** Later, unless the connection has been opened or lost until then. */
  #later(delayMs: number, act: () => void): void {
    const opening = this.#opening
    this.#parts.after(delayMs, () => {
      if (opening === this.#opening) act()
    })
  }

  /** The venue has said that it will go: leave when no request would be lost by it. */
  #leaveWhenQuiet(): void {
    if (this.#isLeaving && this.#parts.state.pending.count === 0) {
      this.#connection?.reconnect("the venue announced a shutdown")
    }
  }

  readonly #reportLost = (requestId: number, _kind: number, ids: Uint8Array, offset: number, length: number): void => {
    const { report, counters, clock } = this.#parts
    counters.lost.increment()
    report.begin(clock.nowNs())
    report.values[Part.RequestId] = requestId
    report.clientId(ids, offset, offset + length)
    report.write(ReportKind.Lost, OrderStatus.Unknown)
  }
}

interface SessionRequest {
  readonly method: string
  readonly sentNs: number
  readonly onResult: (result: unknown, receivedNs: number) => void
}

const CLOCK_SAMPLES = 5
const MAX_SNAPSHOT_LEVELS = 5000
const SNAPSHOT_RETRY_MS = 1000
const SESSION_RETRY_MS = 5000

function isOrderKind(kind: number): boolean {
  return kind === RequestKind.Place || kind === RequestKind.Cancel || kind === RequestKind.Query
}

function isSame(a: Credentials | undefined, b: Credentials | undefined): boolean {
  return a?.apiKey === b?.apiKey && a?.secret === b?.secret
}
