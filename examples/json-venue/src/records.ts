import type { Link, NetworkContext } from "veloz"
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
  REPORT_BYTES,
  REPORT_CLIENT_ID,
  REPORT_CUMULATIVE_LOTS,
  REPORT_DECODED_NS,
  REPORT_KIND,
  REPORT_LAST_PRICE_TICKS,
  REPORT_LAST_QTY_LOTS,
  REPORT_RECEIVED_NS,
  REPORT_REQUEST_ID,
  REPORT_STATUS,
  REPORT_TEXT,
  REPORT_TRADE_ID,
  REPORT_VENUE_ID,
  RecordType,
  VENUE_STATUS_BYTES,
  VENUE_STATUS_CHANNEL,
  VENUE_STATUS_UP,
  VenueChannel,
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
  const at = toEngine.claim(RecordType.Report, REPORT_BYTES, true)
  if (at < 0) return false
  const { i32, f64 } = toEngine
  const { fill } = report
  i32[(at + REPORT_KIND) >> 2] = report.kind
  i32[(at + REPORT_STATUS) >> 2] = report.status
  f64[(at + REPORT_REQUEST_ID) >> 3] = report.requestId
  f64[(at + REPORT_TRADE_ID) >> 3] = fill?.trade ?? 0
  f64[(at + REPORT_LAST_PRICE_TICKS) >> 3] = fill === undefined ? 0 : symbols.ticks(fill.symbol, fill.price)
  f64[(at + REPORT_LAST_QTY_LOTS) >> 3] = fill === undefined ? 0 : symbols.lots(fill.symbol, fill.qty)
  f64[(at + REPORT_CUMULATIVE_LOTS) >> 3] = fill === undefined ? 0 : symbols.lots(fill.symbol, fill.total)
  f64[(at + REPORT_RECEIVED_NS) >> 3] = receivedNs
  writeText(toEngine, at + REPORT_CLIENT_ID, report.client)
  writeText(toEngine, at + REPORT_VENUE_ID, report.order)
  writeText(toEngine, at + REPORT_TEXT, report.text ?? "")
  clock.stampNs(f64, (at + REPORT_DECODED_NS) >> 3)
  toEngine.publish()
  return true
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

/** | length i32 | ASCII | */
function writeText({ i32, u8 }: Link, at: number, text: string): void {
  i32[at >> 2] = text.length
  for (let index = 0; index < text.length; index += 1) u8[at + 4 + index] = text.charCodeAt(index)
}
