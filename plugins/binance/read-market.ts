import { DepthFlag, parseUnits, type Unit } from "veloz/hot"
import { Decoded, type MarketSymbols } from "./hot/decode-market.js"
import { type MarketRecords, Value } from "./hot/market-records.js"

/** What became of a message that the fast path did not expect. */
export const SlowRead = {
  ...Decoded,
  /** Well-formed, and nothing that an engine is told of. */
  Ignored: 3,
  Malformed: 4,
} as const

/**
 * The slow path of market data: the same messages with keys in any order, white space or escapes. `records.begin` was
 * called by the fast path, which has given up and left nothing.
 */
export function readMarketMessage(text: string, records: MarketRecords, symbols: MarketSymbols): number {
  const message = parseObject(text)
  if (message === undefined) return SlowRead.Malformed
  const isWrapped = typeof message.stream === "string" && isObject(message.data)
  const data = isWrapped ? (message.data as JsonObject) : message
  if (data.e === "depthUpdate") return readDepthUpdate(data, records, symbols)
  if (data.e === "trade") return readTrade(data, records, symbols)
  if (data.e !== undefined) return SlowRead.Ignored
  if (data.lastUpdateId !== undefined) {
    const symbol = isWrapped
      ? streamSymbol(message.stream as string, symbols)
      : symbols.priceUnits.length === 1
        ? 0
        : -1
    return readWholeDepth(data, symbol, isWrapped, records, symbols)
  }
  if (data.u !== undefined && data.B !== undefined) return readTop(data, records, symbols)
  return SlowRead.Ignored
}

/** The event's name when the venue says that it will end the connection. */
export function isShutdownNotice(text: string): boolean {
  const message = parseObject(text)
  const data = isObject(message?.data) ? message.data : isObject(message?.event) ? message.event : message
  return data?.e === "serverShutdown"
}

export type JsonObject = Record<string, unknown>

export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function readDepthUpdate(data: JsonObject, records: MarketRecords, symbols: MarketSymbols): number {
  const symbol = symbolNamed(data.s, symbols)
  if (symbol < 0) return SlowRead.Ignored
  const bids = levelsOf(data.b)
  const asks = levelsOf(data.a)
  const areWhole =
    readWhole(data.E, records, Value.EventTime) &&
    readWhole(data.U, records, Value.FirstUpdateId) &&
    readWhole(data.u, records, Value.FinalUpdateId)
  if (!areWhole || !bids || !asks || !writeLevels(bids, asks, symbol, records, symbols)) return SlowRead.Malformed
  return records.depth(symbol, 0, bids.length, asks.length) ? SlowRead.Done : SlowRead.NoCapacity
}

function readWholeDepth(
  data: JsonObject,
  symbol: number,
  isWrapped: boolean,
  records: MarketRecords,
  symbols: MarketSymbols,
): number {
  if (symbol < 0) return SlowRead.Ignored
  const bids = levelsOf(data.bids)
  const asks = levelsOf(data.asks)
  if (!bids || !asks || !readWhole(data.lastUpdateId, records, Value.FinalUpdateId)) return SlowRead.Malformed
  if (!writeLevels(bids, asks, symbol, records, symbols)) return SlowRead.Malformed
  records.values[Value.FirstUpdateId] = records.values[Value.FinalUpdateId]
  records.values[Value.EventTime] = 0
  const flags = DepthFlag.Snapshot | (isWrapped ? DepthFlag.Stream : 0)
  return records.depth(symbol, flags, bids.length, asks.length) ? SlowRead.Done : SlowRead.NoCapacity
}

function readTrade(data: JsonObject, records: MarketRecords, symbols: MarketSymbols): number {
  const symbol = symbolNamed(data.s, symbols)
  if (symbol < 0) return SlowRead.Ignored
  const isWhole =
    typeof data.m === "boolean" &&
    readWhole(data.E, records, Value.EventTime) &&
    readWhole(data.t, records, Value.TradeId) &&
    readUnits(data.p, symbols.priceUnits[symbol], records.values, Value.Price) &&
    readUnits(data.q, symbols.lotUnits[symbol], records.values, Value.Quantity)
  if (!isWhole) return SlowRead.Malformed
  return records.trade(symbol, data.m ? 1 : 0) ? SlowRead.Done : SlowRead.NoCapacity
}

function readTop(data: JsonObject, records: MarketRecords, symbols: MarketSymbols): number {
  const symbol = symbolNamed(data.s, symbols)
  if (symbol < 0) return SlowRead.Ignored
  const price = symbols.priceUnits[symbol]
  const lot = symbols.lotUnits[symbol]
  const isWhole =
    readWhole(data.u, records, Value.FinalUpdateId) &&
    readUnits(data.b, price, records.values, Value.BidPrice) &&
    readUnits(data.B, lot, records.values, Value.BidQuantity) &&
    readUnits(data.a, price, records.values, Value.AskPrice) &&
    readUnits(data.A, lot, records.values, Value.AskQuantity)
  if (!isWhole) return SlowRead.Malformed
  return records.top(symbol) ? SlowRead.Done : SlowRead.NoCapacity
}

function writeLevels(
  bids: unknown[],
  asks: unknown[],
  symbol: number,
  records: MarketRecords,
  symbols: MarketSymbols,
): boolean {
  let count = 0
  for (const level of [...bids, ...asks]) {
    if (!Array.isArray(level)) return false
    records.makeRoom(count)
    if (!readUnits(level[0], symbols.priceUnits[symbol], records.levels, 2 * count)) return false
    if (!readUnits(level[1], symbols.lotUnits[symbol], records.levels, 2 * count + 1)) return false
    count++
  }
  return true
}

function levelsOf(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined
}

function readWhole(value: unknown, records: MarketRecords, at: number): boolean {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) return false
  records.values[at] = value
  return true
}

function readUnits(value: unknown, unit: Unit, into: Float64Array, at: number): boolean {
  const count = typeof value === "string" ? parseUnits(value, unit) : -1
  if (count < 0) return false
  into[at] = count
  return true
}

function symbolNamed(name: unknown, symbols: MarketSymbols): number {
  if (typeof name !== "string") return -1
  const bytes = Buffer.from(name)
  return symbols.names.find(bytes, 0, bytes.length)
}

function streamSymbol(stream: string, symbols: MarketSymbols): number {
  const bytes = Buffer.from(stream.split("@")[0])
  return symbols.streams.find(bytes, 0, bytes.length)
}
