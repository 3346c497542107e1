import type { NetworkContext } from "veloz"
import {
  DEPTH_ASK_COUNT,
  DEPTH_BID_COUNT,
  DEPTH_DECODED_NS,
  DEPTH_FINAL_UPDATE_ID,
  DEPTH_FIRST_UPDATE_ID,
  DEPTH_FLAGS,
  DEPTH_FRAME_NS,
  DEPTH_LEVELS,
  DEPTH_RECEIVED_NS,
  DEPTH_SYMBOL,
  DepthFlag,
  depthBytes,
  RecordType,
  VENUE_STATUS_BYTES,
  VENUE_STATUS_CHANNEL,
  VENUE_STATUS_UP,
  VenueChannel,
  writeReport,
} from "veloz/hot"
import type { BookMessage, ReportMessage } from "./messages.js"

// What the venue says, as records for the engine.

type Way = Pick<NetworkContext<object>, "toEngine" | "symbols" | "clock">

export interface Report {
  /** The request that it answers, or -1. */
  readonly requestId: number
  readonly kind: number
  readonly status: number
  readonly client: string
  readonly order: string
  readonly text?: string | undefined
  readonly fill?: (ReportMessage["fill"] & { readonly symbol: string }) | undefined
}

/** A whole book. Where there is no room for it, the next one makes up for it. */
export function publishBook({ toEngine, symbols, clock }: Way, book: BookMessage, receivedNs: number): void {
  const levels = [...book.bids, ...book.asks]
  const at = toEngine.claim(RecordType.Depth, depthBytes(levels.length))
  if (at < 0) return
  const { i32, f64 } = toEngine
  i32[(at + DEPTH_SYMBOL) >> 2] = symbols.indexOf(book.symbol)
  i32[(at + DEPTH_FLAGS) >> 2] = DepthFlag.Snapshot | DepthFlag.Stream | DepthFlag.First | DepthFlag.Last
  f64[(at + DEPTH_FIRST_UPDATE_ID) >> 3] = book.id
  f64[(at + DEPTH_FINAL_UPDATE_ID) >> 3] = book.id
  f64[(at + DEPTH_RECEIVED_NS) >> 3] = receivedNs
  f64[(at + DEPTH_FRAME_NS) >> 3] = receivedNs
  i32[(at + DEPTH_BID_COUNT) >> 2] = book.bids.length
  i32[(at + DEPTH_ASK_COUNT) >> 2] = book.asks.length
  for (const [level, [price, qty]] of levels.entries()) {
    f64[((at + DEPTH_LEVELS) >> 3) + 2 * level] = symbols.ticks(book.symbol, price)
    f64[((at + DEPTH_LEVELS) >> 3) + 2 * level + 1] = symbols.lots(book.symbol, qty)
  }
  clock.stampNs(f64, (at + DEPTH_DECODED_NS) >> 3)
  toEngine.publish()
}

/** What became of an order. False where there is no room for it. */
export function publishReport({ toEngine, symbols, clock }: Way, report: Report, receivedNs: number): boolean {
  const { requestId, kind, status, client, order, text = "", fill } = report
  const filled = fill && {
    tradeId: fill.trade,
    lastPriceTicks: symbols.ticks(fill.symbol, fill.price),
    lastQtyLots: symbols.lots(fill.symbol, fill.qty),
    cumulativeLots: symbols.lots(fill.symbol, fill.total),
  }
  const about = { requestId, kind, status, clientId: client, venueId: order, text, receivedNs }
  return writeReport(toEngine, { ...about, ...filled, decodedNs: clock.nowNs() })
}

/** Market and orders come over one connection, so that they are up together. */
export function publishStatus({ toEngine }: Way, isUp: boolean): void {
  for (const channel of [VenueChannel.Market, VenueChannel.Orders]) {
    const at = toEngine.claim(RecordType.VenueStatus, VENUE_STATUS_BYTES, true)
    if (at < 0) return
    toEngine.i32[(at + VENUE_STATUS_CHANNEL) >> 2] = channel
    toEngine.i32[(at + VENUE_STATUS_UP) >> 2] = isUp ? 1 : 0
    toEngine.publish()
  }
}
