import { MALFORMED, OrderStatus, parseUnits, ReportKind, TOO_LARGE, type Unit } from "veloz/hot"
import { BALANCE_UNIT, type BalanceWriter } from "./hot/balance-writer.js"
import { isOutcomeUnknown, orderStatus, type UserSymbols } from "./hot/decode-user.js"
import { Part, type ReportWriter } from "./hot/report-writer.js"
import { RequestKind } from "./hot/request-kind.js"
import { isObject, type JsonObject, SlowRead } from "./read-market.js"

/**
 * The slow path of what the venue says of our orders and account: messages with keys in another order than usual, and
 * all that comes too rarely for a fast path.
 */
export class UserReader {
  readonly #report: ReportWriter
  readonly #balances: BalanceWriter
  readonly #symbols: UserSymbols

  constructor(report: ReportWriter, balances: BalanceWriter, symbols: UserSymbols) {
    this.#report = report
    this.#balances = balances
    this.#symbols = symbols
  }

  /** An event of the user stream. Returns one of SlowRead. */
  readEvent(event: JsonObject, receivedNs: number): number {
    if (event.e === "executionReport") return this.#readExecution(event, receivedNs)
    if (event.e === "outboundAccountPosition") return this.readBalances(event.B, "a", "f", "l")
    return SlowRead.Ignored
  }

  /** An answer to a place, cancel or query. */
  readAnswer(kind: number, requestId: number, answer: JsonObject, receivedNs: number): number {
    if (answer.status !== 200) return this.#readRefusal(kind, requestId, answer, receivedNs)
    if (!isObject(answer.result)) return SlowRead.Malformed
    if (kind === RequestKind.Query) return this.readOrder(answer.result, requestId, receivedNs)
    return this.#readAccepted(kind, requestId, answer.result, receivedNs)
  }

  /** The venue's whole view of an order, as order.status and openOrders.status give it: a Status report. */
  readOrder(order: JsonObject, requestId: number, receivedNs: number): number {
    const symbol = this.#symbolNamed(order.symbol)
    if (symbol < 0) return SlowRead.Ignored
    const status = statusNamed(order.status)
    this.#begin(requestId, receivedNs, order.updateTime ?? order.time)
    const executed = this.#units(order.executedQty, this.#symbols.lotUnits[symbol], Part.Cumulative)
    if (status < 0 || !executed || !this.#ids(order.clientOrderId, order.orderId)) return SlowRead.Malformed
    this.#report.values[Part.LastPrice] = this.#averageTicks(order, symbol)
    return this.#write(ReportKind.Status, status)
  }

  /** Balances of an account: rows with the asset and its free and locked amounts under the given keys. */
  readBalances(rows: unknown, asset: string, free: string, locked: string): number {
    if (!Array.isArray(rows)) return SlowRead.Malformed
    this.#balances.begin()
    for (const row of rows) {
      if (!isObject(row) || typeof row[asset] !== "string") return SlowRead.Malformed
      const name = Buffer.from(row[asset])
      const number = this.#balances.find(name, 0, name.length)
      if (number < 0) continue
      if (!amount(row[free], this.#balances.values, 0) || !amount(row[locked], this.#balances.values, 1)) {
        return SlowRead.Malformed
      }
      this.#balances.add(number)
    }
    return this.#balances.publish() ? SlowRead.Done : SlowRead.NoCapacity
  }

  #readExecution(event: JsonObject, receivedNs: number): number {
    const symbol = this.#symbolNamed(event.s)
    const kind = KIND_OF_EXECUTION[String(event.x)]
    if (symbol < 0 || kind === undefined) return SlowRead.Ignored
    const status = statusNamed(event.X)
    this.#begin(-1, receivedNs, event.T)
    const price = this.#symbols.priceUnits[symbol]
    const lot = this.#symbols.lotUnits[symbol]
    const isRead =
      this.#units(event.z, lot, Part.Cumulative) &&
      (kind !== ReportKind.Fill ||
        (this.#whole(event.t, Part.TradeId) &&
          this.#units(event.L, price, Part.LastPrice) &&
          this.#units(event.l, lot, Part.LastQuantity)))
    const id = typeof event.C === "string" && event.C !== "" ? event.C : event.c
    if (status < 0 || !isRead || !this.#ids(id, event.i)) return SlowRead.Malformed
    this.#report.isMaker = event.m === true ? 1 : 0
    if (kind === ReportKind.Reject) this.#text(event.r)
    return this.#write(kind, status)
  }

  #readAccepted(kind: number, requestId: number, result: JsonObject, receivedNs: number): number {
    const symbol = this.#symbolNamed(result.symbol)
    if (symbol < 0) return SlowRead.Ignored
    this.#begin(requestId, receivedNs, result.transactTime)
    const isPlace = kind === RequestKind.Place
    if (!this.#ids(isPlace ? result.clientOrderId : result.origClientOrderId, result.orderId)) return SlowRead.Malformed
    if (isPlace) return this.#write(ReportKind.Ack, OrderStatus.New)
    if (result.executedQty !== undefined) {
      if (!this.#units(result.executedQty, this.#symbols.lotUnits[symbol], Part.Cumulative)) return SlowRead.Malformed
    }
    return this.#write(ReportKind.Canceled, OrderStatus.Canceled)
  }

  #readRefusal(kind: number, requestId: number, answer: JsonObject, receivedNs: number): number {
    const { code, msg } = isObject(answer.error) ? answer.error : { code: 0, msg: "" }
    if (typeof code !== "number" || typeof answer.status !== "number") return SlowRead.Malformed
    this.#begin(requestId, receivedNs, 0)
    this.#report.code = code
    this.#text(msg)
    if (kind === RequestKind.Query) {
      // Anything else than "no such order" says nothing of the order: it stays unknown, and is asked for again.
      const isNotFound = code === NO_SUCH_ORDER
      return this.#write(isNotFound ? ReportKind.NotFound : ReportKind.Lost, OrderStatus.Unknown)
    }
    if (isOutcomeUnknown(answer.status, code)) return this.#write(ReportKind.Lost, OrderStatus.Unknown)
    return kind === RequestKind.Place
      ? this.#write(ReportKind.Reject, OrderStatus.Rejected)
      : this.#write(ReportKind.CancelReject, OrderStatus.New)
  }

  #begin(requestId: number, receivedNs: number, venueTime: unknown): void {
    this.#report.begin(receivedNs)
    this.#report.values[Part.RequestId] = requestId
    this.#report.values[Part.VenueTime] = typeof venueTime === "number" ? venueTime : 0
  }

  #write(kind: number, status: number): number {
    return this.#report.write(kind, status) ? SlowRead.Done : SlowRead.NoCapacity
  }

  #ids(clientId: unknown, venueId: unknown): boolean {
    if (typeof clientId !== "string" || typeof venueId !== "number") return false
    const client = Buffer.from(clientId)
    const venue = Buffer.from(String(venueId))
    this.#report.clientId(client, 0, client.length)
    this.#report.venueId(venue, 0, venue.length)
    return true
  }

  #text(words: unknown): void {
    const bytes = Buffer.from(typeof words === "string" ? words : "")
    this.#report.text(bytes, 0, bytes.length)
  }

  #units(value: unknown, unit: Unit, into: number): boolean {
    const count = typeof value === "string" ? parseUnits(value, unit) : MALFORMED
    this.#report.values[into] = Math.max(0, count)
    return count >= 0
  }

  #whole(value: unknown, into: number): boolean {
    if (typeof value !== "number" || !Number.isSafeInteger(value)) return false
    this.#report.values[into] = value
    return true
  }

  /** The average price of all fills, which need not be a whole tick: it tells what missed ones have cost. */
  #averageTicks(order: JsonObject, symbol: number): number {
    const quote = Number(order.cummulativeQuoteQty)
    const executed = Number(order.executedQty)
    const { decimals, step } = this.#symbols.priceUnits[symbol]
    return quote > 0 && executed > 0 ? (quote / executed) * (10 ** decimals / step) : 0
  }

  #symbolNamed(name: unknown): number {
    const bytes = Buffer.from(typeof name === "string" ? name : "")
    return this.#symbols.names.find(bytes, 0, bytes.length)
  }
}

const NO_SUCH_ORDER = -2013

const KIND_OF_EXECUTION: Record<string, number> = {
  NEW: ReportKind.Ack,
  TRADE: ReportKind.Fill,
  CANCELED: ReportKind.Canceled,
  EXPIRED: ReportKind.Expired,
  REJECTED: ReportKind.Reject,
}

function statusNamed(name: unknown): number {
  return typeof name === "string" ? orderStatus(Buffer.from(name), 0) : -1
}

function amount(value: unknown, into: Float64Array, at: number): boolean {
  const units = typeof value === "string" ? parseUnits(value, BALANCE_UNIT) : MALFORMED
  // More than a double counts exactly is more than any order of ours takes.
  into[at] = units === TOO_LARGE ? Number.MAX_SAFE_INTEGER : units
  return into[at] >= 0
}
