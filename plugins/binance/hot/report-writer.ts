import {
  type Clock,
  copyBytes,
  ID_MAX_LENGTH,
  type Link,
  NO_CAPACITY,
  REPORT_BYTES,
  REPORT_CLIENT_ID,
  REPORT_CODE,
  REPORT_CUMULATIVE_LOTS,
  REPORT_DECODED_NS,
  REPORT_IS_MAKER,
  REPORT_KIND,
  REPORT_LAST_PRICE_TICKS,
  REPORT_LAST_QTY_LOTS,
  REPORT_RECEIVED_NS,
  REPORT_REQUEST_ID,
  REPORT_STATUS,
  REPORT_TEXT,
  REPORT_TRADE_ID,
  REPORT_VENUE_ID,
  REPORT_VENUE_US,
  RecordType,
  TEXT_MAX_LENGTH,
} from "veloz/hot"
import { toMicroseconds } from "./market-records.js"

/** The numbers of a report, filled in before `write`. Slots of `ReportWriter.values`. */
export const Part = {
  RequestId: 0,
  TradeId: 1,
  LastPrice: 2,
  LastQuantity: 3,
  Cumulative: 4,
  VenueTime: 5,
  ReceivedNs: 6,
} as const

/** Writes what the venue says of an order as one Report record, once all of it has been read. */
export class ReportWriter {
  readonly values = new Float64Array(8)
  code = 0
  isMaker = 0
  readonly #sink: Link
  readonly #clock: Pick<Clock, "nowNs">
  readonly #clientId = new Text()
  readonly #venueId = new Text()
  readonly #text = new Text()

  constructor(sink: Link, clock: Pick<Clock, "nowNs">) {
    this.#sink = sink
    this.#clock = clock
  }

  begin(receivedNs: number): void {
    this.values.fill(0)
    this.values[Part.RequestId] = -1
    this.values[Part.ReceivedNs] = receivedNs
    this.code = 0
    this.isMaker = 0
    this.#clientId.clear()
    this.#venueId.clear()
    this.#text.clear()
  }

  clientId(bytes: Uint8Array, start: number, end: number): void {
    this.#clientId.set(bytes, start, end, ID_MAX_LENGTH)
  }

  venueId(bytes: Uint8Array, start: number, end: number): void {
    this.#venueId.set(bytes, start, end, ID_MAX_LENGTH)
  }

  /** The venue's words; cut where the record ends. */
  text(bytes: Uint8Array, start: number, end: number): void {
    this.#text.set(bytes, start, Math.min(end, start + TEXT_MAX_LENGTH), TEXT_MAX_LENGTH)
  }

  /** Returns false when the engine has no room. */
  write(kind: number, status: number): boolean {
    const at = this.#sink.claim(RecordType.Report, REPORT_BYTES, true)
    if (at === NO_CAPACITY) return false
    const { f64, i32, u8 } = this.#sink
    const values = this.values
    i32[(at + REPORT_KIND) >> 2] = kind
    i32[(at + REPORT_STATUS) >> 2] = status
    f64[(at + REPORT_REQUEST_ID) >> 3] = values[Part.RequestId]
    f64[(at + REPORT_TRADE_ID) >> 3] = values[Part.TradeId]
    f64[(at + REPORT_LAST_PRICE_TICKS) >> 3] = values[Part.LastPrice]
    f64[(at + REPORT_LAST_QTY_LOTS) >> 3] = values[Part.LastQuantity]
    f64[(at + REPORT_CUMULATIVE_LOTS) >> 3] = values[Part.Cumulative]
    f64[(at + REPORT_VENUE_US) >> 3] = toMicroseconds(values[Part.VenueTime])
    f64[(at + REPORT_RECEIVED_NS) >> 3] = values[Part.ReceivedNs]
    i32[(at + REPORT_CODE) >> 2] = this.code
    i32[(at + REPORT_IS_MAKER) >> 2] = this.isMaker
    this.#clientId.write(i32, u8, at + REPORT_CLIENT_ID)
    this.#venueId.write(i32, u8, at + REPORT_VENUE_ID)
    this.#text.write(i32, u8, at + REPORT_TEXT)
    f64[(at + REPORT_DECODED_NS) >> 3] = this.#clock.nowNs()
    this.#sink.publish()
    return true
  }
}

/** A range of somebody else's bytes, to be copied into a record as a length and the bytes. */
class Text {
  #bytes: Uint8Array = NOTHING
  #start = 0
  #length = 0

  clear(): void {
    this.#length = 0
  }

  /** Takes nothing when the text is longer than the record has room: half an id would name another order. */
  set(bytes: Uint8Array, start: number, end: number, maximum: number): void {
    this.#bytes = bytes
    this.#start = start
    this.#length = end - start <= maximum ? end - start : 0
  }

  write(i32: Int32Array, u8: Uint8Array, at: number): void {
    i32[at >> 2] = this.#length
    copyBytes(this.#bytes, this.#start, u8, at + 4, this.#length)
  }
}

const NOTHING = new Uint8Array(0)
