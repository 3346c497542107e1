import type { Connection, Counter, Link, Log, Transport } from "veloz"
import type { Clock } from "veloz/hot"
import { Decoded, MarketDecoder, type MarketSymbols } from "./hot/decode-market.js"
import { MarketRecords } from "./hot/market-records.js"
import { isShutdownNotice, readMarketMessage, SlowRead } from "./read-market.js"

export interface MarketFeedParts {
  readonly transport: Transport
  readonly sink: Link
  readonly clock: Pick<Clock, "nowNs">
  readonly symbols: MarketSymbols
  readonly log: Log
  readonly backoff: { readonly minMs: number; readonly maxMs: number }
  readonly counters: MarketCounters
  /** The feed came up or went away. */
  readonly onStatus: (isUp: boolean) => void
}

export interface MarketCounters {
  readonly slow: Counter
  readonly ignored: Counter
  readonly malformed: Counter
  readonly noCapacity: Counter
}

/** The connection of the market streams, and what becomes of its messages. */
export class MarketFeed {
  readonly #parts: MarketFeedParts
  readonly #records: MarketRecords
  readonly #decoder: MarketDecoder
  #connection: Connection | undefined

  constructor(parts: MarketFeedParts) {
    this.#parts = parts
    this.#records = new MarketRecords(parts.sink, parts.clock)
    this.#decoder = new MarketDecoder(this.#records, parts.symbols)
  }

  /** Opens the streams at `url`; the connection that leads there already is kept. */
  open(url: string): void {
    const { transport, backoff, onStatus, log } = this.#parts
    const isReplaced = this.#connection !== undefined
    this.#connection = transport.open({
      key: "market",
      url,
      backoff,
      onOpen: () => onStatus(true),
      onFrame: (bytes, offset, length, receivedNs) => void this.take(bytes, offset, length, receivedNs),
      onClose: (reason) => {
        log.warn(`market streams are away: ${reason}`)
        onStatus(false)
      },
      onFailure: (reason, waitMs) => log.warn(`no connection to the market streams: ${reason}`, { waitMs }),
    })
    // A connection that is replaced on purpose says nothing of itself.
    if (isReplaced && !this.#connection.isOpen) onStatus(false)
  }

  /** Decodes one message, from the venue or from a recording. Returns false when nothing came of it, and it should. */
  take(bytes: Uint8Array, offset: number, length: number, receivedNs: number): boolean {
    const decoded = this.#decoder.decode(bytes, offset, length, receivedNs)
    if (decoded === Decoded.Done) return true
    const outcome = decoded === Decoded.Unexpected ? this.#readSlowly(bytes, offset, length) : decoded
    this.#count(outcome)
    return outcome === SlowRead.Done || outcome === SlowRead.Ignored
  }

  /** Decodes the {"lastUpdateId":...} of an answer to a depth request. Returns false when it has to be asked for again. */
  takeSnapshot(bytes: Uint8Array, offset: number, length: number, symbol: number, receivedNs: number): boolean {
    const decoded = this.#decoder.decodeSnapshot(bytes, offset, length, symbol, receivedNs)
    if (decoded !== Decoded.Done) this.#count(decoded === Decoded.Unexpected ? SlowRead.Malformed : decoded)
    return decoded === Decoded.Done
  }

  #readSlowly(bytes: Uint8Array, offset: number, length: number): number {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString()
    this.#parts.counters.slow.increment()
    const read = readMarketMessage(text, this.#records, this.#parts.symbols)
    if (read === SlowRead.Ignored && isShutdownNotice(text))
      this.#connection?.reconnect("the venue announced a shutdown")
    return read
  }

  #count(outcome: number): void {
    const { ignored, malformed, noCapacity } = this.#parts.counters
    if (outcome === SlowRead.Ignored) ignored.increment()
    else if (outcome === SlowRead.Malformed) malformed.increment()
    else if (outcome === SlowRead.NoCapacity) noCapacity.increment()
  }
}

/** The address of the combined stream of these symbols. With `wholeDepthLevels` their books come whole, cut to a size. */
export function streamsUrl(root: string, symbols: readonly string[], wholeDepthLevels: number): string {
  const depth = wholeDepthLevels > 0 ? `depth${partialDepthSize(wholeDepthLevels)}@100ms` : "depth@100ms"
  const names = symbols.flatMap((symbol) => {
    const stream = symbol.toLowerCase()
    return [`${stream}@${depth}`, `${stream}@trade`, `${stream}@bookTicker`]
  })
  return `${root.replace(/\/$/, "")}/stream?streams=${names.join("/")}&timeUnit=MICROSECOND`
}

/** The venue has three sizes: the smallest that is enough, or the largest. */
function partialDepthSize(levels: number): number {
  return [5, 10, 20].find((size) => size >= levels) ?? 20
}
