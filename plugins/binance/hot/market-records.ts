import {
  type Clock,
  DEPTH_ASK_COUNT,
  DEPTH_BID_COUNT,
  DEPTH_DECODED_NS,
  DEPTH_EVENT_US,
  DEPTH_FINAL_UPDATE_ID,
  DEPTH_FIRST_UPDATE_ID,
  DEPTH_FLAGS,
  DEPTH_FRAME_NS,
  DEPTH_LEVELS,
  DEPTH_MAX_LEVELS,
  DEPTH_RECEIVED_NS,
  DEPTH_SYMBOL,
  DepthFlag,
  depthBytes,
  type Link,
  NO_CAPACITY,
  RecordType,
  TOP_ASK_LOTS,
  TOP_ASK_TICKS,
  TOP_BID_LOTS,
  TOP_BID_TICKS,
  TOP_BYTES,
  TOP_DECODED_NS,
  TOP_FRAME_NS,
  TOP_RECEIVED_NS,
  TOP_SYMBOL,
  TOP_UPDATE_ID,
  TRADE_BUYER_IS_MAKER,
  TRADE_BYTES,
  TRADE_DECODED_NS,
  TRADE_EVENT_US,
  TRADE_FRAME_NS,
  TRADE_ID,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  TRADE_RECEIVED_NS,
  TRADE_SYMBOL,
} from "veloz/hot"

/** Where the parts of a message stand in `MarketRecords.values` until they become a record. */
export const Value = {
  EventTime: 0,
  FirstUpdateId: 1,
  FinalUpdateId: 2,
  TradeId: 3,
  Price: 4,
  Quantity: 5,
  BidPrice: 6,
  BidQuantity: 7,
  AskPrice: 8,
  AskQuantity: 9,
  ReceivedNs: 10,
  FrameNs: 11,
  TradeTime: 12,
  DecodedNs: 13,
} as const

/**
 * Turns the parts of one market message into records. A message is read to its end before anything is claimed, so
 * that a broken one leaves nothing behind; doubles travel in arrays, where they are never boxed.
 */
export class MarketRecords {
  readonly values = new Float64Array(16)
  /** Bids, then asks, each ticks and lots. */
  levels = new Float64Array(2 * 1024)
  readonly #sink: Link
  readonly #clock: Pick<Clock, "nowNs">

  constructor(sink: Link, clock: Pick<Clock, "nowNs">) {
    this.#sink = sink
    this.#clock = clock
  }

  /** A message begins. */
  begin(receivedNs: number): void {
    this.values[Value.ReceivedNs] = receivedNs
    this.values[Value.FrameNs] = this.#clock.nowNs()
  }

  /** Makes room for one level more than `count`; grows once or twice in a life. */
  makeRoom(count: number): void {
    if (2 * (count + 1) <= this.levels.length) return
    const grown = new Float64Array(2 * this.levels.length)
    grown.set(this.levels)
    this.levels = grown
  }

  /** Returns false when the sink has no room; then the message left no trace. */
  depth(symbol: number, flags: number, bidCount: number, askCount: number): boolean {
    this.values[Value.DecodedNs] = this.#clock.nowNs()
    const levelCount = bidCount + askCount
    let done = 0
    do {
      const count = Math.min(levelCount - done, DEPTH_MAX_LEVELS)
      const bids = Math.max(0, Math.min(bidCount - done, count))
      const first = done === 0 ? DepthFlag.First : 0
      const last = done + count === levelCount ? DepthFlag.Last : 0
      if (!this.#depthSlice(symbol, flags | first | last, done, bids, count - bids)) {
        this.#sink.abort()
        return false
      }
      done += count
    } while (done < levelCount)
    this.#sink.publish()
    return true
  }

  #depthSlice(symbol: number, flags: number, from: number, bidCount: number, askCount: number): boolean {
    const count = bidCount + askCount
    const at = this.#sink.claim(RecordType.Depth, depthBytes(count))
    if (at === NO_CAPACITY) return false
    const { f64, i32 } = this.#sink
    const values = this.values
    i32[(at + DEPTH_SYMBOL) >> 2] = symbol
    i32[(at + DEPTH_FLAGS) >> 2] = flags
    f64[(at + DEPTH_FIRST_UPDATE_ID) >> 3] = values[Value.FirstUpdateId]
    f64[(at + DEPTH_FINAL_UPDATE_ID) >> 3] = values[Value.FinalUpdateId]
    f64[(at + DEPTH_EVENT_US) >> 3] = toMicroseconds(values[Value.EventTime])
    f64[(at + DEPTH_RECEIVED_NS) >> 3] = values[Value.ReceivedNs]
    f64[(at + DEPTH_FRAME_NS) >> 3] = values[Value.FrameNs]
    f64[(at + DEPTH_DECODED_NS) >> 3] = values[Value.DecodedNs]
    i32[(at + DEPTH_BID_COUNT) >> 2] = bidCount
    i32[(at + DEPTH_ASK_COUNT) >> 2] = askCount
    const levels = this.levels
    let to = (at + DEPTH_LEVELS) >> 3
    for (let i = 2 * from; i < 2 * (from + count); i++) f64[to++] = levels[i]
    return true
  }

  trade(symbol: number, buyerIsMaker: number): boolean {
    const at = this.#sink.claim(RecordType.Trade, TRADE_BYTES)
    if (at === NO_CAPACITY) return false
    const { f64, i32 } = this.#sink
    const values = this.values
    i32[(at + TRADE_SYMBOL) >> 2] = symbol
    i32[(at + TRADE_BUYER_IS_MAKER) >> 2] = buyerIsMaker
    f64[(at + TRADE_ID) >> 3] = values[Value.TradeId]
    f64[(at + TRADE_PRICE_TICKS) >> 3] = values[Value.Price]
    f64[(at + TRADE_QTY_LOTS) >> 3] = values[Value.Quantity]
    f64[(at + TRADE_EVENT_US) >> 3] = toMicroseconds(values[Value.EventTime])
    f64[(at + TRADE_RECEIVED_NS) >> 3] = values[Value.ReceivedNs]
    f64[(at + TRADE_FRAME_NS) >> 3] = values[Value.FrameNs]
    f64[(at + TRADE_DECODED_NS) >> 3] = this.#clock.nowNs()
    this.#sink.publish()
    return true
  }

  top(symbol: number): boolean {
    const at = this.#sink.claim(RecordType.Top, TOP_BYTES)
    if (at === NO_CAPACITY) return false
    const { f64, i32 } = this.#sink
    const values = this.values
    i32[(at + TOP_SYMBOL) >> 2] = symbol
    f64[(at + TOP_UPDATE_ID) >> 3] = values[Value.FinalUpdateId]
    f64[(at + TOP_BID_TICKS) >> 3] = values[Value.BidPrice]
    f64[(at + TOP_BID_LOTS) >> 3] = values[Value.BidQuantity]
    f64[(at + TOP_ASK_TICKS) >> 3] = values[Value.AskPrice]
    f64[(at + TOP_ASK_LOTS) >> 3] = values[Value.AskQuantity]
    f64[(at + TOP_RECEIVED_NS) >> 3] = values[Value.ReceivedNs]
    f64[(at + TOP_FRAME_NS) >> 3] = values[Value.FrameNs]
    f64[(at + TOP_DECODED_NS) >> 3] = this.#clock.nowNs()
    this.#sink.publish()
    return true
  }
}

/** The venue writes milliseconds unless asked for microseconds; as counts they are 13 and 16 digits long. */
export function toMicroseconds(time: number): number {
  return time < 1e14 ? time * 1000 : time
}
