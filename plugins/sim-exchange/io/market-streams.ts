import { type TimeUnit, timeIn } from "../answers.js"
import { ChangeLog } from "../hot/change-log.js"
import { writeHeaderBefore } from "../hot/frame-header.js"
import { SELL } from "../hot/order-book.js"
import { StreamMessages } from "../hot/stream-messages.js"
import type { SymbolMarket } from "../symbol-market.js"
import type { Connection } from "./connection.js"

/** A receiver of a stream: a connection, and whether its messages name the stream that they belong to. */
export interface Subscriber {
  readonly connection: Connection
  readonly isCombined: boolean
}

/** One public stream, such as btcusdt@trade, and who listens. */
export class Stream {
  readonly subscribers = new Set<Subscriber>()
  /** What a combined message begins with. */
  readonly prefix: Uint8Array

  constructor(name: string) {
    this.prefix = Buffer.from(`{"stream":"${name}","data":`, "latin1")
  }
}

const PARTIAL_LEVELS = [5, 10, 20] as const
const UNITS: readonly TimeUnit[] = ["MILLISECOND", "MICROSECOND"]

/** The public streams of one symbol. A message is encoded once for all who listen in the same unit of time. */
export class MarketStreams {
  readonly market: SymbolMarket
  readonly #messages: StreamMessages
  readonly #trade: Stream
  readonly #bookTicker: Stream
  readonly #fast: DepthFeed
  readonly #slow: DepthFeed
  readonly #byName = new Map<string, Stream>()
  #publishedId: number

  constructor(market: SymbolMarket) {
    const { symbol, tickUnits, lotUnits } = market.instrument
    this.market = market
    this.#publishedId = market.book.updateId
    // What the book began with is in every snapshot.
    market.book.changes.clear()
    this.#messages = new StreamMessages(market.book, symbol, tickUnits, lotUnits)
    this.#trade = this.#add("trade")
    this.#bookTicker = this.#add("bookTicker")
    this.#fast = this.#addDepth(["@100ms"])
    // The venue's plain name is the slow one; the long name is accepted too.
    this.#slow = this.#addDepth(["", "@1000ms"])
  }

  /** The stream of a name such as btcusdt@depth5@100ms, or undefined. */
  stream(name: string): Stream | undefined {
    return this.#byName.get(name)
  }

  /** The trades of the latest event and the best prices after it. */
  publishEvent(eventUs: number): void {
    const { market } = this
    if (market.book.updateId === this.#publishedId) return
    this.#publishedId = market.book.updateId
    if (this.#trade.subscribers.size > 0) this.#publishTrades(eventUs)
    if (this.#bookTicker.subscribers.size > 0) {
      this.#messages.bookTicker()
      for (const unit of UNITS) this.#send(this.#bookTicker, unit)
    }
  }

  /** The depth streams of 100 ms, and those of a second when it is their turn. `takeGap` may ask to lose a message. */
  publishDepth(eventUs: number, isSecond: boolean, takeGap: () => boolean): void {
    const { changes } = this.market.book
    for (let i = 0; i < changes.count; i++) this.#slow.changes.markKey(changes.keys[i])
    this.#publishFeed(this.#fast, changes, eventUs, takeGap)
    if (isSecond) this.#publishFeed(this.#slow, this.#slow.changes, eventUs, takeGap)
  }

  #publishTrades(eventUs: number): void {
    const { market } = this
    const { fills } = market.book
    const buyerIsMaker = market.takerSide === SELL
    let id = market.firstTradeId
    for (let row = 0; row < fills.count; row++) {
      if (fills.lots[row] === 0) continue
      for (const unit of UNITS) {
        if (!listensIn(this.#trade, unit)) continue
        const tradeTime = timeIn(unit, market.changedUs)
        this.#messages.trade(id, fills.ticks[row], fills.lots[row], buyerIsMaker, tradeTime, timeIn(unit, eventUs))
        this.#send(this.#trade, unit)
      }
      id++
    }
  }

  #publishFeed(feed: DepthFeed, changes: ChangeLog, eventUs: number, takeGap: () => boolean): void {
    const { updateId } = this.market.book
    if (updateId === feed.lastId) return
    if (feed.diffs.subscribers.size > 0 && !takeGap()) this.#publishDiff(feed, changes, eventUs)
    for (const [index, partial] of feed.partials.entries()) {
      if (partial.subscribers.size === 0) continue
      this.#messages.partialDepth(PARTIAL_LEVELS[index])
      for (const unit of UNITS) this.#send(partial, unit)
    }
    feed.lastId = updateId
    changes.clear()
  }

  #publishDiff(feed: DepthFeed, changes: ChangeLog, eventUs: number): void {
    const { updateId } = this.market.book
    changes.keys.subarray(0, changes.count).sort()
    for (const unit of UNITS) {
      if (!listensIn(feed.diffs, unit)) continue
      this.#messages.depthUpdate(changes.keys, changes.count, feed.lastId + 1, updateId, timeIn(unit, eventUs))
      this.#send(feed.diffs, unit)
    }
  }

  #send(stream: Stream, unit: TimeUnit): void {
    const { bytes, start, end } = this.#messages
    let wrappedFrom = 0
    let rawFrom = 0
    for (const { connection, isCombined } of stream.subscribers) {
      if (connection.unit !== unit || isCombined) continue
      rawFrom ||= writeHeaderBefore(bytes, start, end - start)
      connection.outbox.appendFrame(bytes, rawFrom, end)
    }
    for (const { connection, isCombined } of stream.subscribers) {
      if (connection.unit !== unit || !isCombined) continue
      wrappedFrom ||= wrap(bytes, stream.prefix, start, end)
      connection.outbox.appendFrame(bytes, wrappedFrom, end + 1)
    }
  }

  #add(suffix: string): Stream {
    const name = `${this.market.instrument.symbol.toLowerCase()}@${suffix}`
    const stream = new Stream(name)
    this.#byName.set(name, stream)
    return stream
  }

  #addDepth(speeds: readonly string[]): DepthFeed {
    const add = (depth: string) => {
      const stream = this.#add(depth + speeds[0])
      const symbol = this.market.instrument.symbol.toLowerCase()
      for (const speed of speeds) this.#byName.set(`${symbol}@${depth}${speed}`, stream)
      return stream
    }
    return new DepthFeed(
      add("depth"),
      PARTIAL_LEVELS.map((levels) => add(`depth${levels}`)),
      this.market.book.updateId,
    )
  }
}

/** The depth streams of one speed: what changed since their last message, and up to which update they have told. */
class DepthFeed {
  readonly diffs: Stream
  readonly partials: readonly Stream[]
  readonly changes = new ChangeLog()
  lastId: number

  constructor(diffs: Stream, partials: readonly Stream[], lastId: number) {
    this.diffs = diffs
    this.partials = partials
    this.lastId = lastId
  }
}

function listensIn(stream: Stream, unit: TimeUnit): boolean {
  for (const { connection } of stream.subscribers) if (connection.unit === unit) return true
  return false
}

function wrap(bytes: Uint8Array, prefix: Uint8Array, start: number, end: number): number {
  const from = start - prefix.length
  bytes.set(prefix, from)
  bytes[end] = CLOSING_BRACE
  return writeHeaderBefore(bytes, from, end + 1 - from)
}

const CLOSING_BRACE = 125
