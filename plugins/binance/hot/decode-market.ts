import { DepthFlag, Scanner, type Unit } from "veloz/hot"
import { acceptKey, Key, Literal } from "./literal.js"
import { type MarketRecords, Value } from "./market-records.js"
import type { NameTable } from "./name-table.js"

/** What became of a message. */
export const Decoded = {
  /** Records of it are published. */
  Done: 0,
  /** It is not written the way the venue usually does: read it the slow way. */
  Unexpected: 1,
  /** The engine has no room: the message is lost, and counted. */
  NoCapacity: 2,
} as const

/** What the decoder needs to know of symbols. All three by index. */
export interface MarketSymbols {
  /** As the venue spells them in messages: "BTCUSDT". */
  readonly names: NameTable
  /** As it spells them in stream names: "btcusdt". */
  readonly streams: NameTable
  readonly priceUnits: readonly Unit[]
  readonly lotUnits: readonly Unit[]
}

/**
 * The fast path of market data: bytes to integer ticks and lots in one pass, for messages with the venue's own order
 * of keys. Whatever else arrives is Unexpected, and nothing of it has been published.
 */
export class MarketDecoder {
  readonly #records: MarketRecords
  readonly #symbols: MarketSymbols
  readonly #scanner = new Scanner()
  /** The symbol found last, and its name in quotes. */
  #symbol = 0
  #symbolText: Literal

  constructor(records: MarketRecords, symbols: MarketSymbols) {
    this.#records = records
    this.#symbols = symbols
    this.#symbolText = symbols.names.quoted[0] ?? new Literal(`""`)
  }

  /** A message of a stream, in its envelope or bare, or the bare answer of REST to a depth request. */
  decode(bytes: Uint8Array, offset: number, length: number, receivedNs: number): number {
    this.#records.begin(receivedNs)
    const scanner = this.#scanner
    scanner.start(bytes, offset, length)
    let streamSymbol = -1
    const isWrapped = STREAM.accept(scanner)
    if (isWrapped) {
      if (!scanner.readString() || !DATA.accept(scanner)) return Decoded.Unexpected
      // Only whole-depth messages do not name their symbol themselves.
      if (bytes[scanner.position + 2] === LETTER_L) streamSymbol = this.#streamSymbol(bytes)
    } else if (this.#symbols.priceUnits.length === 1) {
      streamSymbol = 0
    }
    switch (bytes[scanner.position + 2]) {
      case LETTER_U:
        return this.#top(isWrapped)
      case LETTER_L:
        return this.#wholeDepth(streamSymbol, isWrapped)
      default:
        if (TRADE.accept(scanner)) return this.#trade(isWrapped)
        return DEPTH_UPDATE.accept(scanner) ? this.#depthUpdate(isWrapped) : Decoded.Unexpected
    }
  }

  /** The object {"lastUpdateId":...} within an answer to a depth request. */
  decodeSnapshot(bytes: Uint8Array, offset: number, length: number, symbol: number, receivedNs: number): number {
    this.#records.begin(receivedNs)
    this.#scanner.start(bytes, offset, length)
    return this.#wholeDepth(symbol, false)
  }

  #depthUpdate(isWrapped: boolean): number {
    const scanner = this.#scanner
    const { values } = this.#records
    if (!scanner.readUnsigned(values, Value.EventTime) || !acceptKey(scanner, Key.s)) return Decoded.Unexpected
    const symbol = this.#readSymbol()
    if (symbol < 0) return Decoded.Unexpected
    if (!acceptKey(scanner, Key.U) || !scanner.readUnsigned(values, Value.FirstUpdateId)) return Decoded.Unexpected
    if (!acceptKey(scanner, Key.u) || !scanner.readUnsigned(values, Value.FinalUpdateId)) return Decoded.Unexpected
    if (!BIDS.accept(scanner)) return Decoded.Unexpected
    const bidCount = this.#readLevels(symbol, 0)
    if (bidCount < 0 || !ASKS.accept(scanner)) return Decoded.Unexpected
    const askCount = this.#readLevels(symbol, bidCount)
    if (askCount < 0 || !this.#isEnd(isWrapped)) return Decoded.Unexpected
    return this.#records.depth(symbol, 0, bidCount, askCount) ? Decoded.Done : Decoded.NoCapacity
  }

  #wholeDepth(symbol: number, isWrapped: boolean): number {
    const scanner = this.#scanner
    const { values } = this.#records
    if (symbol < 0 || !LAST_UPDATE_ID.accept(scanner)) return Decoded.Unexpected
    if (!scanner.readUnsigned(values, Value.FinalUpdateId) || !WHOLE_BIDS.accept(scanner)) return Decoded.Unexpected
    const bidCount = this.#readLevels(symbol, 0)
    if (bidCount < 0 || !WHOLE_ASKS.accept(scanner)) return Decoded.Unexpected
    const askCount = this.#readLevels(symbol, bidCount)
    if (askCount < 0 || !this.#isEnd(isWrapped)) return Decoded.Unexpected
    values[Value.FirstUpdateId] = values[Value.FinalUpdateId]
    values[Value.EventTime] = 0
    const flags = DepthFlag.Snapshot | (isWrapped ? DepthFlag.Stream : 0)
    return this.#records.depth(symbol, flags, bidCount, askCount) ? Decoded.Done : Decoded.NoCapacity
  }

  #trade(isWrapped: boolean): number {
    const scanner = this.#scanner
    const { values } = this.#records
    if (!scanner.readUnsigned(values, Value.EventTime) || !acceptKey(scanner, Key.s)) return Decoded.Unexpected
    const symbol = this.#readSymbol()
    if (symbol < 0) return Decoded.Unexpected
    if (!acceptKey(scanner, Key.t) || !scanner.readUnsigned(values, Value.TradeId)) return Decoded.Unexpected
    if (!acceptKey(scanner, Key.p) || !this.#readPrice(symbol, Value.Price)) return Decoded.Unexpected
    if (!acceptKey(scanner, Key.q) || !this.#readLots(symbol, Value.Quantity)) return Decoded.Unexpected
    if (!acceptKey(scanner, Key.T) || !scanner.readUnsigned(values, Value.TradeTime)) return Decoded.Unexpected
    if (!acceptKey(scanner, Key.m)) return Decoded.Unexpected
    const buyerIsMaker = scanner.readBoolean()
    // "M" has no meaning left, and may go one day.
    if (acceptKey(scanner, Key.M)) scanner.readBoolean()
    if (buyerIsMaker < 0 || !this.#isEnd(isWrapped)) return Decoded.Unexpected
    return this.#records.trade(symbol, buyerIsMaker) ? Decoded.Done : Decoded.NoCapacity
  }

  #top(isWrapped: boolean): number {
    const scanner = this.#scanner
    const { values } = this.#records
    if (!TOP.accept(scanner) || !scanner.readUnsigned(values, Value.FinalUpdateId)) return Decoded.Unexpected
    if (!acceptKey(scanner, Key.s)) return Decoded.Unexpected
    const symbol = this.#readSymbol()
    if (symbol < 0) return Decoded.Unexpected
    if (!acceptKey(scanner, Key.b) || !this.#readPrice(symbol, Value.BidPrice)) return Decoded.Unexpected
    if (!acceptKey(scanner, Key.B) || !this.#readLots(symbol, Value.BidQuantity)) return Decoded.Unexpected
    if (!acceptKey(scanner, Key.a) || !this.#readPrice(symbol, Value.AskPrice)) return Decoded.Unexpected
    if (!acceptKey(scanner, Key.A) || !this.#readLots(symbol, Value.AskQuantity)) return Decoded.Unexpected
    if (!this.#isEnd(isWrapped)) return Decoded.Unexpected
    return this.#records.top(symbol) ? Decoded.Done : Decoded.NoCapacity
  }

  #readSymbol(): number {
    const scanner = this.#scanner
    // Most messages are about the symbol of the one before.
    if (this.#symbolText.accept(scanner)) return this.#symbol
    if (!scanner.readString()) return -1
    const { bytes, textStart, textEnd } = scanner
    const symbol = this.#symbols.names.find(bytes, textStart, textEnd)
    if (symbol >= 0) {
      this.#symbol = symbol
      this.#symbolText = this.#symbols.names.quoted[symbol]
    }
    return symbol
  }

  /** The symbol of "btcusdt@depth5@100ms", the string read last. */
  #streamSymbol(bytes: Uint8Array): number {
    const { textStart, textEnd } = this.#scanner
    let end = textStart
    while (end < textEnd && bytes[end] !== AT) end++
    return this.#symbols.streams.find(bytes, textStart, end)
  }

  #readPrice(symbol: number, into: number): boolean {
    return this.#scanner.readUnits(this.#symbols.priceUnits[symbol], this.#records.values, into)
  }

  #readLots(symbol: number, into: number): boolean {
    return this.#scanner.readUnits(this.#symbols.lotUnits[symbol], this.#records.values, into)
  }

  /** Reads a side behind its opening bracket, to the levels from `first` on. */
  #readLevels(symbol: number, first: number): number {
    const scanner = this.#scanner
    const records = this.#records
    const price = this.#symbols.priceUnits[symbol]
    const lot = this.#symbols.lotUnits[symbol]
    let count = 0
    while (true) {
      records.makeRoom(first + count)
      const room = (records.levels.length >> 1) - first - count
      const read = scanner.readLevels(price, lot, records.levels, 2 * (first + count), room)
      if (read < 0) return -1
      count += read
      if (!scanner.moreLevels) return count
    }
  }

  #isEnd(isWrapped: boolean): boolean {
    const scanner = this.#scanner
    if (!scanner.acceptByte(CLOSE_BRACE)) return false
    if (isWrapped && !scanner.acceptByte(CLOSE_BRACE)) return false
    return scanner.position === scanner.end && !scanner.failed
  }
}

const STREAM = new Literal('{"stream":')
const DATA = new Literal(',"data":')
const DEPTH_UPDATE = new Literal('{"e":"depthUpdate","E":')
const TRADE = new Literal('{"e":"trade","E":')
const TOP = new Literal('{"u":')
const LAST_UPDATE_ID = new Literal('{"lastUpdateId":')
const BIDS = new Literal(',"b":[')
const ASKS = new Literal(',"a":[')
const WHOLE_BIDS = new Literal(',"bids":[')
const WHOLE_ASKS = new Literal(',"asks":[')
const AT = 0x40
const LETTER_L = 0x6c
const LETTER_U = 0x75
const CLOSE_BRACE = 0x7d
