import { asciiBytes, equalBytes, OrderStatus, ReportKind, Scanner, type Unit } from "veloz/hot"
import { BALANCE_UNIT, type BalanceWriter } from "./balance-writer.js"
import { Decoded } from "./decode-market.js"
import type { NameTable } from "./name-table.js"
import { Part, type ReportWriter } from "./report-writer.js"
import { RequestKind } from "./request-kind.js"

/** What `decode` answers beside Decoded: messages that are none of its business. */
export const UserDecoded = {
  ...Decoded,
  /** An answer to a depth request: its object is at `resultStart` to `resultEnd`. */
  Snapshot: 3,
} as const

export interface UserSymbols {
  readonly names: NameTable
  readonly priceUnits: readonly Unit[]
  readonly lotUnits: readonly Unit[]
}

/**
 * The fast path of the WebSocket API connection: execution reports and the answers to place and cancel, each to
 * exactly one Report record. Keys may come in any order. What else arrives is Unexpected and left to the slow path.
 */
export class UserDecoder {
  /** The request that the message answers; `requestKind` is 0 when it answers none. */
  requestKind = 0
  resultStart = 0
  resultEnd = 0
  /** HTTP-like status of the answer. */
  status = 0
  readonly #requestId = new Float64Array(1)
  readonly #report: ReportWriter
  readonly #balances: BalanceWriter
  readonly #symbols: UserSymbols
  readonly #scanner = new Scanner()
  /** Where the value of each one-letter key of an execution report lies; a stamp tells this message's from old ones. */
  readonly #starts = new Int32Array(128)
  readonly #ends = new Int32Array(128)
  readonly #stamps = new Int32Array(128)
  #stamp = 0

  constructor(report: ReportWriter, balances: BalanceWriter, symbols: UserSymbols) {
    this.#report = report
    this.#balances = balances
    this.#symbols = symbols
  }

  get requestId(): number {
    return this.#requestId[0]
  }

  decode(bytes: Uint8Array, offset: number, length: number, receivedNs: number): number {
    const scanner = this.#scanner
    scanner.start(bytes, offset, length)
    this.requestKind = 0
    this.#report.begin(receivedNs)
    if (scanner.accept(ID)) return this.#answer(bytes)
    if (scanner.accept(SUBSCRIPTION)) {
      if (!scanner.skipValue() || !scanner.accept(EVENT)) return Decoded.Unexpected
    }
    if (scanner.accept(EXECUTION_REPORT)) return this.#executionReport(bytes)
    return scanner.accept(ACCOUNT_POSITION) ? this.#accountPosition() : Decoded.Unexpected
  }

  // ---- answers

  #answer(bytes: Uint8Array): number {
    const scanner = this.#scanner
    if (!this.#readRequest(bytes) || !scanner.accept(STATUS)) return Decoded.Unexpected
    if (!scanner.readUnsigned(this.#report.values, Part.TradeId)) return Decoded.Unexpected
    this.status = this.#report.values[Part.TradeId]
    this.#report.values[Part.TradeId] = 0
    this.#report.values[Part.RequestId] = this.#requestId[0]
    if (this.status !== OK) {
      if (this.requestKind !== RequestKind.Place && this.requestKind !== RequestKind.Cancel) return Decoded.Unexpected
      return this.#refusal()
    }
    if (!scanner.accept(RESULT)) return Decoded.Unexpected
    switch (this.requestKind) {
      case RequestKind.Place:
        return this.#accepted(bytes, ReportKind.Ack, OrderStatus.New)
      case RequestKind.Cancel:
        return this.#accepted(bytes, ReportKind.Canceled, OrderStatus.Canceled)
      case RequestKind.Snapshot:
        this.resultStart = scanner.position
        if (!scanner.skipValue()) return Decoded.Unexpected
        this.resultEnd = scanner.position
        return UserDecoded.Snapshot
      default:
        return Decoded.Unexpected
    }
  }

  /** Reads an id of ours: a letter and digits, in quotes. */
  #readRequest(bytes: Uint8Array): boolean {
    const scanner = this.#scanner
    if (!scanner.acceptByte(QUOTE)) return false
    const kind = scanner.peek()
    scanner.position++
    if (!scanner.readUnsigned(this.#requestId, 0) || !scanner.acceptByte(QUOTE)) return false
    this.requestKind = kind
    return bytes[scanner.position] === COMMA
  }

  /** The result of a place or a cancel. */
  #accepted(bytes: Uint8Array, kind: number, status: number): number {
    const scanner = this.#scanner
    const report = this.#report
    if (!scanner.acceptByte(OPEN_BRACE)) return Decoded.Unexpected
    let symbol = -1
    let executedStart = 0
    do {
      if (!scanner.readString()) return Decoded.Unexpected
      const keyStart = scanner.textStart
      const keyEnd = scanner.textEnd
      if (!scanner.acceptByte(COLON)) return Decoded.Unexpected
      const valueStart = scanner.position
      if (!scanner.skipValue()) return Decoded.Unexpected
      const valueEnd = scanner.position
      const isString = bytes[valueStart] === QUOTE
      if (is(bytes, keyStart, keyEnd, ORDER_ID)) {
        if (isString) return Decoded.Unexpected
        report.venueId(bytes, valueStart, valueEnd)
      } else if (is(bytes, keyStart, keyEnd, SYMBOL)) {
        symbol = isString ? this.#symbols.names.find(bytes, valueStart + 1, valueEnd - 1) : -1
      } else if (is(bytes, keyStart, keyEnd, kind === ReportKind.Ack ? CLIENT_ORDER_ID : ORIGINAL_CLIENT_ORDER_ID)) {
        if (!isString) return Decoded.Unexpected
        report.clientId(bytes, valueStart + 1, valueEnd - 1)
      } else if (is(bytes, keyStart, keyEnd, TRANSACT_TIME)) {
        if (!this.#unsignedAt(valueStart, Part.VenueTime)) return Decoded.Unexpected
      } else if (is(bytes, keyStart, keyEnd, EXECUTED_QUANTITY)) executedStart = valueStart
    } while (scanner.acceptByte(COMMA))
    if (!scanner.acceptByte(CLOSE_BRACE) || symbol < 0) return Decoded.Unexpected
    if (kind === ReportKind.Canceled && executedStart > 0) {
      if (!this.#unitsAt(executedStart, this.#symbols.lotUnits[symbol], Part.Cumulative)) return Decoded.Unexpected
    }
    return report.write(kind, status) ? Decoded.Done : Decoded.NoCapacity
  }

  /** {"code":-2010,"msg":"..."}: a refusal, or word that the outcome is not known. */
  #refusal(): number {
    const scanner = this.#scanner
    const report = this.#report
    if (!scanner.accept(ERROR_CODE) || !scanner.readInteger(report.values, Part.TradeId)) return Decoded.Unexpected
    report.code = report.values[Part.TradeId]
    report.values[Part.TradeId] = 0
    if (!scanner.accept(MESSAGE) || !scanner.readString()) return Decoded.Unexpected
    report.text(scanner.bytes, scanner.textStart, scanner.textEnd)
    if (isOutcomeUnknown(this.status, report.code)) {
      return report.write(ReportKind.Lost, OrderStatus.Unknown) ? Decoded.Done : Decoded.NoCapacity
    }
    const isPlace = this.requestKind === RequestKind.Place
    const written = isPlace
      ? report.write(ReportKind.Reject, OrderStatus.Rejected)
      : report.write(ReportKind.CancelReject, OrderStatus.New)
    return written ? Decoded.Done : Decoded.NoCapacity
  }

  // ---- execution reports

  #executionReport(bytes: Uint8Array): number {
    const scanner = this.#scanner
    const report = this.#report
    if (!this.#readLetters(bytes)) return Decoded.Unexpected
    const symbol = this.#hasString(bytes, LETTER.s) ? this.#find(bytes, LETTER.s) : -1
    const kind = this.#hasString(bytes, LETTER.x) ? reportKind(bytes, this.#starts[LETTER.x] + 1) : -1
    const status = this.#hasString(bytes, LETTER.X) ? orderStatus(bytes, this.#starts[LETTER.X] + 1) : -1
    if (symbol < 0 || kind < 0 || status < 0) return Decoded.Unexpected
    const price = this.#symbols.priceUnits[symbol]
    const lot = this.#symbols.lotUnits[symbol]
    const isRead =
      this.#unsigned(LETTER.T, Part.VenueTime) &&
      this.#units(LETTER.z, lot, Part.Cumulative) &&
      (kind !== ReportKind.Fill ||
        (this.#unsigned(LETTER.t, Part.TradeId) &&
          this.#units(LETTER.L, price, Part.LastPrice) &&
          this.#units(LETTER.l, lot, Part.LastQuantity)))
    if (!isRead || !this.#has(LETTER.i) || !this.#hasString(bytes, LETTER.c)) return Decoded.Unexpected
    report.venueId(bytes, this.#starts[LETTER.i], this.#ends[LETTER.i])
    // A cancel has an id of its own; the order that it canceled stands in C.
    const hasOriginal =
      this.#hasString(bytes, LETTER.C) && this.#ends[LETTER.C] - this.#starts[LETTER.C] > EMPTY_STRING_BYTES
    const idKey = hasOriginal ? LETTER.C : LETTER.c
    report.clientId(bytes, this.#starts[idKey] + 1, this.#ends[idKey] - 1)
    report.isMaker = this.#has(LETTER.m) && bytes[this.#starts[LETTER.m]] === LETTER.t ? 1 : 0
    if (kind === ReportKind.Reject && this.#hasString(bytes, LETTER.r)) {
      report.text(bytes, this.#starts[LETTER.r] + 1, this.#ends[LETTER.r] - 1)
    }
    if (scanner.failed) return Decoded.Unexpected
    return report.write(kind, status) ? Decoded.Done : Decoded.NoCapacity
  }

  // ---- balances

  /** {"e":"outboundAccountPosition","E":1,"u":1,"B":[{"a":"BTC","f":"1.0","l":"0.0"}]}: each asset as one record. */
  #accountPosition(): number {
    const scanner = this.#scanner
    if (!scanner.skipValue() || !scanner.accept(UPDATED) || !scanner.skipValue()) return Decoded.Unexpected
    if (!scanner.accept(BALANCES)) return Decoded.Unexpected
    this.#balances.begin()
    do {
      if (!scanner.accept(ASSET) || !scanner.readString()) return Decoded.Unexpected
      const asset = this.#balances.find(scanner.bytes, scanner.textStart, scanner.textEnd)
      if (!scanner.accept(FREE) || !scanner.readUnits(BALANCE_UNIT, this.#balances.values, 0)) return Decoded.Unexpected
      if (!scanner.accept(LOCKED) || !scanner.readUnits(BALANCE_UNIT, this.#balances.values, 1)) {
        return Decoded.Unexpected
      }
      if (!scanner.acceptByte(CLOSE_BRACE)) return Decoded.Unexpected
      if (asset >= 0) this.#balances.add(asset)
    } while (scanner.acceptByte(COMMA))
    if (!scanner.acceptByte(CLOSE_BRACKET) || !scanner.acceptByte(CLOSE_BRACE)) return Decoded.Unexpected
    return this.#balances.publish() ? Decoded.Done : Decoded.NoCapacity
  }

  /** Notes where the value of each one-letter key lies. Begins behind the "e" of the report. */
  #readLetters(bytes: Uint8Array): boolean {
    const scanner = this.#scanner
    this.#stamp++
    while (scanner.acceptByte(COMMA)) {
      if (!scanner.readString()) return false
      const key = scanner.textEnd - scanner.textStart === 1 ? bytes[scanner.textStart] & 127 : 0
      if (!scanner.acceptByte(COLON)) return false
      this.#starts[key] = scanner.position
      if (!scanner.skipValue()) return false
      this.#ends[key] = scanner.position
      this.#stamps[key] = this.#stamp
    }
    return scanner.acceptByte(CLOSE_BRACE)
  }

  #has(key: number): boolean {
    return this.#stamps[key] === this.#stamp
  }

  #hasString(bytes: Uint8Array, key: number): boolean {
    return this.#stamps[key] === this.#stamp && bytes[this.#starts[key]] === QUOTE
  }

  #find(bytes: Uint8Array, key: number): number {
    return this.#symbols.names.find(bytes, this.#starts[key] + 1, this.#ends[key] - 1)
  }

  #unsigned(key: number, into: number): boolean {
    return this.#has(key) && this.#unsignedAt(this.#starts[key], into)
  }

  #units(key: number, unit: Unit, into: number): boolean {
    return this.#has(key) && this.#unitsAt(this.#starts[key], unit, into)
  }

  #unsignedAt(start: number, into: number): boolean {
    const scanner = this.#scanner
    const back = scanner.position
    scanner.position = start
    const isRead = scanner.readUnsigned(this.#report.values, into)
    scanner.position = back
    return isRead
  }

  #unitsAt(start: number, unit: Unit, into: number): boolean {
    const scanner = this.#scanner
    const back = scanner.position
    scanner.position = start
    const isRead = scanner.readUnits(unit, this.#report.values, into)
    scanner.position = back
    return isRead
  }
}

/** Whether an error leaves open what became of the request: timeouts and troubles inside the venue. */
export function isOutcomeUnknown(status: number, code: number): boolean {
  return status >= 500 || code === UNKNOWN || code === DISCONNECTED || code === UNEXPECTED_RESPONSE || code === TIMEOUT
}

/** The ReportKind of the execution type that begins at `start`, or -1 for those that change nothing of ours. */
function reportKind(bytes: Uint8Array, start: number): number {
  switch (bytes[start]) {
    case LETTER.N:
      return ReportKind.Ack
    case LETTER.T:
      // TRADE; TRADE_PREVENTION goes on where TRADE ends.
      return bytes[start + 5] === QUOTE ? ReportKind.Fill : -1
    case LETTER.C:
      return ReportKind.Canceled
    case LETTER.E:
      return ReportKind.Expired
    case LETTER.R:
      // REJECTED, not REPLACED.
      return bytes[start + 2] === LETTER.J ? ReportKind.Reject : -1
    default:
      return -1
  }
}

/** The OrderStatus whose venue name begins at `start`, or -1. */
export function orderStatus(bytes: Uint8Array, start: number): number {
  switch (bytes[start]) {
    case LETTER.N:
      return OrderStatus.New
    case LETTER.P:
      // PARTIALLY_FILLED, or PENDING_NEW and PENDING_CANCEL, which are open.
      return bytes[start + 1] === LETTER.A ? OrderStatus.PartiallyFilled : OrderStatus.New
    case LETTER.F:
      return OrderStatus.Filled
    case LETTER.C:
      return OrderStatus.Canceled
    case LETTER.R:
      return OrderStatus.Rejected
    case LETTER.E:
      return OrderStatus.Expired
    default:
      return -1
  }
}

function is(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  return end - start === name.length && equalBytes(bytes, start, name, 0, name.length)
}

const OK = 200
const UNKNOWN = -1000
const DISCONNECTED = -1001
const UNEXPECTED_RESPONSE = -1006
const TIMEOUT = -1007
const ID = asciiBytes('{"id":')
const STATUS = asciiBytes(',"status":')
const RESULT = asciiBytes(',"result":')
const ERROR_CODE = asciiBytes(',"error":{"code":')
const MESSAGE = asciiBytes(',"msg":')
const SUBSCRIPTION = asciiBytes('{"subscriptionId":')
const EVENT = asciiBytes(',"event":')
const EXECUTION_REPORT = asciiBytes('{"e":"executionReport"')
const ACCOUNT_POSITION = asciiBytes('{"e":"outboundAccountPosition","E":')
const UPDATED = asciiBytes(',"u":')
const BALANCES = asciiBytes(',"B":[')
const ASSET = asciiBytes('{"a":')
const FREE = asciiBytes(',"f":')
const LOCKED = asciiBytes(',"l":')
const SYMBOL = asciiBytes("symbol")
const ORDER_ID = asciiBytes("orderId")
const CLIENT_ORDER_ID = asciiBytes("clientOrderId")
const ORIGINAL_CLIENT_ORDER_ID = asciiBytes("origClientOrderId")
const TRANSACT_TIME = asciiBytes("transactTime")
const EXECUTED_QUANTITY = asciiBytes("executedQty")
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const EMPTY_STRING_BYTES = 2
const LETTER = {
  A: 0x41,
  C: 0x43,
  E: 0x45,
  F: 0x46,
  J: 0x4a,
  L: 0x4c,
  N: 0x4e,
  P: 0x50,
  R: 0x52,
  T: 0x54,
  X: 0x58,
  c: 0x63,
  i: 0x69,
  l: 0x6c,
  m: 0x6d,
  r: 0x72,
  s: 0x73,
  t: 0x74,
  x: 0x78,
  z: 0x7a,
} as const
