import { parseAmount } from "./amounts.js"
import type { Instrument } from "./instrument.js"
import type { OrderType, OrderWish, SelfTradeMode, Side, TimeInForce } from "./order.js"
import type { Params } from "./params.js"
import {
  filterFailure,
  illegalCharacters,
  invalidOrderType,
  invalidSide,
  invalidSymbol,
  invalidTimeInForce,
  missingEither,
  missingParameter,
  notRequired,
  rejected,
  selfTradeModeNotAllowed,
} from "./venue-error.js"

export type ResponseType = "ACK" | "RESULT" | "FULL"

/** Reads a new order. What it may not say is refused in the venue's words. */
export function readOrder(
  params: Params,
  instruments: ReadonlyMap<string, Instrument>,
  makeId: () => string,
): OrderWish {
  const instrument = readSymbol(params, instruments)
  const side = readSide(params)
  const type = readType(params)
  const amounts = readAmounts(params, type, instrument)
  const wish: OrderWish = {
    instrument,
    side,
    type,
    timeInForce: readTimeInForce(params, type),
    ...amounts,
    clientOrderId: readClientOrderId(params, "newClientOrderId") ?? makeId(),
    selfTradeMode: readSelfTradeMode(params),
    strategyId: params.integer("strategyId"),
    strategyType: params.integer("strategyType"),
  }
  refuseUnsupported(params)
  return wish
}

export function readSymbol(params: Params, instruments: ReadonlyMap<string, Instrument>): Instrument {
  const symbol = params.required("symbol")
  const instrument = instruments.get(symbol)
  if (instrument !== undefined) return instrument
  if (!/^[A-Z0-9-_.]{1,20}$/.test(symbol)) throw illegalCharacters("symbol", "^[A-Z0-9-_.]{1,20}$")
  throw invalidSymbol()
}

export function readClientOrderId(params: Params, name: string): string | undefined {
  const id = params.optional(name)
  if (id !== undefined && !CLIENT_ORDER_ID.test(id)) throw illegalCharacters(name, CLIENT_ORDER_ID.source)
  return id
}

/** MARKET and LIMIT answer FULL unless the client says otherwise, the others ACK. */
export function readResponseType(params: Params, type: OrderType): ResponseType {
  const wish = params.optional("newOrderRespType") ?? (type === "LIMIT_MAKER" ? "ACK" : "FULL")
  if (wish === "ACK" || wish === "RESULT" || wish === "FULL") return wish
  throw illegalCharacters("newOrderRespType", "ACK|RESULT|FULL")
}

export const SELF_TRADE_MODES: readonly SelfTradeMode[] = ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"]
export const DEFAULT_SELF_TRADE_MODE: SelfTradeMode = "EXPIRE_TAKER"

const CLIENT_ORDER_ID = /^[a-zA-Z0-9-_]{1,36}$/

function readSide(params: Params): Side {
  const side = params.required("side")
  if (side === "BUY" || side === "SELL") return side
  throw invalidSide()
}

function readType(params: Params): OrderType {
  const type = params.required("type")
  if (type === "LIMIT" || type === "MARKET" || type === "LIMIT_MAKER") return type
  const refusal = UNSUPPORTED_TYPES[type]
  throw refusal === undefined ? invalidOrderType() : rejected(refusal)
}

const UNSUPPORTED_TYPES: Record<string, string> = {
  STOP_LOSS: "Stop loss orders are not supported for this symbol.",
  STOP_LOSS_LIMIT: "Stop loss limit orders are not supported for this symbol.",
  TAKE_PROFIT: "Take profit orders are not supported for this symbol.",
  TAKE_PROFIT_LIMIT: "Take profit limit orders are not supported for this symbol.",
}

function readTimeInForce(params: Params, type: OrderType): TimeInForce {
  if (type !== "LIMIT") {
    if (params.optional("timeInForce") !== undefined) throw notRequired("timeInForce")
    return "GTC"
  }
  const timeInForce = params.required("timeInForce")
  if (timeInForce === "GTC" || timeInForce === "IOC" || timeInForce === "FOK") return timeInForce
  throw invalidTimeInForce()
}

function readAmounts(params: Params, type: OrderType, instrument: Instrument) {
  const price = params.amount("price")
  const quantity = params.amount("quantity")
  const quote = params.amount("quoteOrderQty")
  if (type === "MARKET") {
    if (price !== undefined) throw notRequired("price")
    if (quantity === undefined && quote === undefined) throw missingEither("quantity", "quoteOrderQty")
    if (quantity !== undefined && quote !== undefined) throw notRequired("quoteOrderQty")
    return { priceTicks: 0, lots: quantity === undefined ? 0 : lotsOf(quantity, instrument), quoteUnits: quote ?? 0 }
  }
  if (price === undefined) throw missingParameter("price")
  if (quantity === undefined) throw missingParameter("quantity")
  if (quote !== undefined) throw notRequired("quoteOrderQty")
  return { priceTicks: ticksOf(price, instrument), lots: lotsOf(quantity, instrument), quoteUnits: 0 }
}

function ticksOf(units: number, instrument: Instrument): number {
  if (units % instrument.tickUnits !== 0) throw filterFailure("PRICE_FILTER")
  return units / instrument.tickUnits
}

function lotsOf(units: number, instrument: Instrument): number {
  if (units % instrument.lotUnits !== 0) throw filterFailure("LOT_SIZE")
  return units / instrument.lotUnits
}

function readSelfTradeMode(params: Params): SelfTradeMode {
  const mode = params.optional("selfTradePreventionMode") ?? DEFAULT_SELF_TRADE_MODE
  const allowed = SELF_TRADE_MODES.find((each) => each === mode)
  if (allowed === undefined) throw selfTradeModeNotAllowed()
  return allowed
}

function refuseUnsupported(params: Params): void {
  const iceberg = params.optional("icebergQty")
  if (iceberg !== undefined && parseAmount(iceberg) !== 0) {
    throw rejected("Iceberg orders are not supported for this symbol.")
  }
  for (const name of ["stopPrice", "trailingDelta"]) if (params.optional(name) !== undefined) throw notRequired(name)
  for (const name of ["pegPriceType", "pegOffsetType", "pegOffsetValue"]) {
    if (params.optional(name) !== undefined) throw rejected("Pegged orders are not supported for this symbol.")
  }
}
