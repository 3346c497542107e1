import { randomUUID } from "node:crypto"
import type { Account } from "./account.js"
import {
  accountAnswer,
  aggregateTradesAnswer,
  bookTickerAnswer,
  canceledAnswer,
  depthAnswer,
  exchangeInfoAnswer,
  orderAnswer,
  placedAnswer,
  priceAnswer,
  type TimeUnit,
  timeIn,
  tradesAnswer,
  userTradesAnswer,
} from "./answers.js"
import type { Instrument } from "./instrument.js"
import type { UserOrder } from "./order.js"
import { readClientOrderId, readOrder, readResponseType, readSymbol } from "./order-request.js"
import type { Params } from "./params.js"
import type { RateLimit, RateLimits } from "./rate-limits.js"
import type { Venue } from "./venue.js"
import {
  illegalCharacters,
  invalidCancelRestrictions,
  invalidSymbol,
  missingEither,
  noSuchOrder,
  parameterTooGreat,
  unknownOrderSent,
} from "./venue-error.js"

/** One request, whichever way it came. */
export interface Call {
  readonly params: Params
  readonly unit: TimeUnit
  readonly nowUs: number
  /** Who asks; known for every operation that is signed. */
  readonly account?: Account
}

export interface Operation {
  readonly isSigned: boolean
  readonly weight: number
  /** Counts towards the account's orders. */
  readonly isOrder?: boolean
  /** The answer's JSON, or undefined when a test has asked that none is given. */
  run(desk: Desk, call: Call): string | undefined
}

/** What operations work on. */
export interface Desk {
  readonly venue: Venue
  readonly instruments: ReadonlyMap<string, Instrument>
  readonly rateLimits: RateLimits
  readonly maxOpenOrders: number
  /** True when the answer to this new order is to be swallowed. */
  swallowsAnswer(): boolean
}

export const ping: Operation = { isSigned: false, weight: 1, run: () => "{}" }

export const time: Operation = {
  isSigned: false,
  weight: 1,
  run: (_desk, { unit, nowUs }) => `{"serverTime":${timeIn(unit, nowUs)}}`,
}

export const exchangeInfo: Operation = {
  isSigned: false,
  weight: 20,
  run({ instruments, maxOpenOrders }, { params, unit, nowUs }) {
    params.ignore("permissions", "showPermissionSets", "symbolStatus")
    return exchangeInfoAnswer(wantedInstruments(params, instruments), maxOpenOrders, timeIn(unit, nowUs))
  },
}

export const depth: Operation = {
  isSigned: false,
  weight: 5,
  run({ venue, instruments }, { params }) {
    const instrument = readSymbol(params, instruments)
    params.ignore("symbolStatus")
    return depthAnswer(venue.marketOf(instrument.symbol), Math.min(readLimit(params, 100), 5000))
  },
}

export const trades: Operation = {
  isSigned: false,
  weight: 25,
  run({ venue, instruments }, { params, unit }) {
    const instrument = readSymbol(params, instruments)
    return tradesAnswer(venue.marketOf(instrument.symbol), Math.min(readLimit(params, 500), 1000), unit)
  },
}

export const aggregateTrades: Operation = {
  isSigned: false,
  weight: 4,
  run({ venue, instruments }, { params, unit }) {
    const instrument = readSymbol(params, instruments)
    const within = readRange(params, "fromId", unit)
    const kept = venue.marketOf(instrument.symbol).tape.latest(1000)
    const rows = within(
      kept,
      (trade) => trade.id,
      (trade) => trade.timeUs,
    )
    return aggregateTradesAnswer(instrument, rows, unit)
  },
}

export const bookTicker: Operation = {
  isSigned: false,
  weight: 2,
  run: ({ venue, instruments }, { params }) =>
    eachWanted(params, instruments, ({ symbol }) => bookTickerAnswer(venue.marketOf(symbol))),
}

export const priceTicker: Operation = {
  isSigned: false,
  weight: 2,
  run: ({ venue, instruments }, { params }) =>
    eachWanted(params, instruments, ({ symbol }) => priceAnswer(venue.marketOf(symbol))),
}

export const orderPlace: Operation = {
  isSigned: true,
  weight: 1,
  isOrder: true,
  run(desk, { params, unit, nowUs, account }) {
    const wish = readOrder(params, desk.instruments, makeClientOrderId)
    const responseType = readResponseType(params, wish.type)
    params.finish()
    desk.rateLimits.checkOrder(account!, nowUs)
    const { order, fills } = desk.venue.place(account!, wish, nowUs)
    desk.rateLimits.countOrder(account!, nowUs)
    order.isMuted = desk.swallowsAnswer()
    return order.isMuted ? undefined : placedAnswer(order, fills, responseType, unit)
  },
}

export const orderTest: Operation = {
  isSigned: true,
  weight: 1,
  run({ venue, instruments }, { params, account }) {
    const wish = readOrder(params, instruments, makeClientOrderId)
    readResponseType(params, wish.type)
    params.ignore("computeCommissionRates")
    params.finish()
    venue.test(account!, wish)
    return "{}"
  },
}

export const orderCancel: Operation = {
  isSigned: true,
  weight: 1,
  run(desk, call) {
    const { params, nowUs, unit } = call
    const restriction = readRestriction(params)
    const cancelId = readClientOrderId(params, "newClientOrderId") ?? makeClientOrderId()
    const order = findOrder(desk, call)
    params.finish()
    if (order === undefined) throw unknownOrderSent()
    desk.venue.cancel(order, cancelId, restriction, nowUs)
    return canceledAnswer(order, unit)
  },
}

export const orderStatus: Operation = {
  isSigned: true,
  weight: 4,
  run(desk, call) {
    const order = findOrder(desk, call)
    call.params.finish()
    if (order === undefined) throw noSuchOrder()
    order.isMuted = false
    return orderAnswer(order, call.unit)
  },
}

export const openOrdersStatus: Operation = {
  isSigned: true,
  weight: 6,
  run({ venue, instruments }, { params, unit, account }) {
    const symbol = params.values.has("symbol") ? readSymbol(params, instruments).symbol : undefined
    params.finish()
    const orders = venue.orders.open(account!, symbol)
    for (const order of orders) order.isMuted = false
    return `[${orders.map((order) => orderAnswer(order, unit)).join(",")}]`
  },
}

export const openOrdersCancelAll: Operation = {
  isSigned: true,
  weight: 1,
  run({ venue, instruments }, { params, unit, nowUs, account }) {
    const { symbol } = readSymbol(params, instruments)
    params.finish()
    const orders = venue.orders.open(account!, symbol)
    if (orders.length === 0) throw unknownOrderSent()
    for (const order of orders) venue.cancel(order, makeClientOrderId(), undefined, nowUs)
    return `[${orders.map((order) => canceledAnswer(order, unit)).join(",")}]`
  },
}

export const allOrders: Operation = {
  isSigned: true,
  weight: 20,
  run({ venue, instruments }, { params, unit, account }) {
    const { symbol } = readSymbol(params, instruments)
    const within = readRange(params, "orderId", unit)
    params.finish()
    const orders = venue.orders.all(account!, symbol)
    return `[${within(
      orders,
      (order) => order.id,
      (order) => order.createdUs,
    )
      .map((order) => orderAnswer(order, unit))
      .join(",")}]`
  },
}

export const myTrades: Operation = {
  isSigned: true,
  weight: 20,
  run({ venue, instruments }, { params, unit, account }) {
    const { symbol } = readSymbol(params, instruments)
    const orderId = params.integer("orderId")
    const within = readRange(params, "fromId", unit)
    params.finish()
    const made = venue.userTrades.of(account!, symbol, orderId)
    return userTradesAnswer(
      within(
        made,
        (trade) => trade.tradeId,
        (trade) => trade.timeUs,
      ),
      unit,
    )
  },
}

export const accountStatus: Operation = {
  isSigned: true,
  weight: 20,
  run(_desk, { params, unit, account }) {
    const omitZeroBalances = params.optional("omitZeroBalances") === "true"
    params.finish()
    return accountAnswer(account!, omitZeroBalances, unit)
  },
}

export const orderRateLimits: Operation = {
  isSigned: true,
  weight: 40,
  run({ rateLimits }, { params, account, nowUs }) {
    params.finish()
    return `[${rateLimits.ordersUsed(account!, nowUs).map(rateLimitText).join(",")}]`
  },
}

export function rateLimitText({ rule, count }: { rule: RateLimit; count: number }): string {
  return `{"rateLimitType":"${rule.type}","interval":"${rule.interval}","intervalNum":${rule.intervalNum},"limit":${rule.limit},"count":${count}}`
}

/** The venue's ids of its own making: letters and digits, unique. */
function makeClientOrderId(): string {
  return randomUUID().replaceAll("-", "").slice(0, 22)
}

function readLimit(params: Params, fallback: number): number {
  const limit = params.integer("limit") ?? fallback
  if (limit < 1) throw illegalCharacters("limit", "^[1-9][0-9]*$")
  return limit
}

function wantedInstruments(params: Params, instruments: ReadonlyMap<string, Instrument>): Instrument[] {
  if (params.values.has("symbol")) return [readSymbol(params, instruments)]
  const list = params.optional("symbols")
  if (list === undefined) return [...instruments.values()]
  return readSymbolList(list).map((symbol) => instruments.get(symbol) ?? refuse(invalidSymbol()))
}

function readSymbolList(text: string): string[] {
  try {
    const list = JSON.parse(text)
    if (Array.isArray(list)) return list.map(String)
  } catch {
    // Not JSON: refused below, in the venue's words.
  }
  throw illegalCharacters("symbols", '^\\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}\\]$')
}

// One symbol is answered with an object, several with a list.
function eachWanted(
  params: Params,
  instruments: ReadonlyMap<string, Instrument>,
  render: (instrument: Instrument) => string,
): string {
  const rows = wantedInstruments(params, instruments).map(render)
  params.ignore("symbolStatus")
  return params.values.has("symbol") ? rows[0] : `[${rows.join(",")}]`
}

// Both ids must fit when both are given.
function findOrder({ venue, instruments }: Desk, { params, account }: Call): UserOrder | undefined {
  const { symbol } = readSymbol(params, instruments)
  const id = params.integer("orderId")
  const clientOrderId = params.optional("origClientOrderId")
  if (id === undefined && clientOrderId === undefined) throw missingEither("origClientOrderId", "orderId")
  if (id === undefined) return venue.orders.byClientId(account!, symbol, clientOrderId!)
  const order = venue.orders.byId(account!, symbol, id)
  return clientOrderId === undefined || order?.wish.clientOrderId === clientOrderId ? order : undefined
}

function readRestriction(params: Params): string | undefined {
  const restriction = params.optional("cancelRestrictions")
  if (restriction !== undefined && restriction !== "ONLY_NEW" && restriction !== "ONLY_PARTIALLY_FILLED") {
    throw invalidCancelRestrictions()
  }
  return restriction
}

/** From an id or a time on the oldest `limit` rows, otherwise the latest. */
function readRange(params: Params, idName: string, unit: TimeUnit) {
  const fromId = params.integer(idName)
  const startTime = params.integer("startTime")
  const endTime = params.integer("endTime")
  const limit = readLimit(params, 500)
  if (limit > 1000) throw parameterTooGreat("limit", 1000)
  return <Row>(rows: readonly Row[], idOf: (row: Row) => number, timeOf: (row: Row) => number): Row[] => {
    const found = rows.filter(
      (row) =>
        (fromId === undefined || idOf(row) >= fromId) &&
        (startTime === undefined || timeIn(unitOf(startTime, unit), timeOf(row)) >= startTime) &&
        (endTime === undefined || timeIn(unitOf(endTime, unit), timeOf(row)) <= endTime),
    )
    return fromId === undefined && startTime === undefined ? found.slice(-limit) : found.slice(0, limit)
  }
}

// Times in requests come in either unit, whatever the answers are in.
function unitOf(time: number, unit: TimeUnit): TimeUnit {
  if (time === 0) return unit
  return time < 1e14 ? "MILLISECOND" : "MICROSECOND"
}

function refuse(error: Error): never {
  throw error
}
