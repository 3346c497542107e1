import type { Link } from "./link.js"
import { writeRecordText } from "./record-text.js"
import {
  REPORT_BYTES,
  REPORT_CLIENT_ID,
  REPORT_CODE,
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
  TEXT_MAX_LENGTH,
} from "./records.js"

/** A report in plain words; what is left out is 0 or empty. */
export interface ReportFields {
  readonly kind: number
  readonly status?: number
  /** -1, as when the venue speaks unasked. */
  readonly requestId?: number
  readonly clientId?: string
  readonly venueId?: string
  readonly tradeId?: number
  readonly lastPriceTicks?: number
  readonly lastQtyLots?: number
  readonly cumulativeLots?: number
  readonly receivedNs?: number
  readonly decodedNs?: number
  readonly code?: number
  readonly text?: string
}

/** What the venue says of an order, as an adapter writes it. False where there is no room for it. */
export function writeReport(link: Link, report: ReportFields): boolean {
  const at = link.claim(RecordType.Report, REPORT_BYTES, true)
  if (at < 0) return false
  const { f64, i32, u8 } = link
  u8.fill(0, at, at + REPORT_BYTES)
  i32[(at + REPORT_KIND) >> 2] = report.kind
  i32[(at + REPORT_STATUS) >> 2] = report.status ?? 0
  f64[(at + REPORT_REQUEST_ID) >> 3] = report.requestId ?? -1
  f64[(at + REPORT_TRADE_ID) >> 3] = report.tradeId ?? -1
  f64[(at + REPORT_LAST_PRICE_TICKS) >> 3] = report.lastPriceTicks ?? 0
  f64[(at + REPORT_LAST_QTY_LOTS) >> 3] = report.lastQtyLots ?? 0
  f64[(at + REPORT_CUMULATIVE_LOTS) >> 3] = report.cumulativeLots ?? 0
  f64[(at + REPORT_RECEIVED_NS) >> 3] = report.receivedNs ?? 0
  f64[(at + REPORT_DECODED_NS) >> 3] = report.decodedNs ?? 0
  i32[(at + REPORT_CODE) >> 2] = report.code ?? 0
  writeRecordText(link, at + REPORT_CLIENT_ID, report.clientId ?? "")
  writeRecordText(link, at + REPORT_VENUE_ID, report.venueId ?? "")
  writeRecordText(link, at + REPORT_TEXT, report.text ?? "", TEXT_MAX_LENGTH)
  link.publish()
  return true
}
