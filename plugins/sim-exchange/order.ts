import type { Account } from "./account.js"
import type { Instrument } from "./instrument.js"

export type Side = "BUY" | "SELL"
export type OrderType = "LIMIT" | "LIMIT_MAKER" | "MARKET"
export type TimeInForce = "GTC" | "IOC" | "FOK"
export type SelfTradeMode = "NONE" | "EXPIRE_TAKER" | "EXPIRE_MAKER" | "EXPIRE_BOTH"
export type OrderStatus =
  | "NEW"
  | "PARTIALLY_FILLED"
  | "FILLED"
  | "CANCELED"
  | "EXPIRED"
  | "EXPIRED_IN_MATCH"
  | "REJECTED"

/** What a client asks for, in whole ticks and lots. */
export interface OrderWish {
  readonly instrument: Instrument
  readonly side: Side
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  /** 0 for MARKET. */
  readonly priceTicks: number
  /** 0 when `quoteUnits` says how much to spend or get. */
  readonly lots: number
  readonly quoteUnits: number
  readonly clientOrderId: string
  readonly selfTradeMode: SelfTradeMode
  readonly strategyId?: number
  readonly strategyType?: number
}

/** An order of an account. The generated ones are slots of the book and nothing more. */
export interface UserOrder {
  readonly id: number
  readonly account: Account
  readonly wish: OrderWish
  /** Lots that it is for; computed from the book when the wish names an amount of the quote asset. */
  lots: number
  filledLots: number
  filledQuoteUnits: number
  /** Units that it holds locked: of the quote asset when buying, of the base asset when selling. */
  lockedUnits: number
  status: OrderStatus
  /** Its place in the book, NO_ORDER when it is not there. */
  slot: number
  readonly createdUs: number
  updatedUs: number
  /** The id of the cancel that ended it. */
  cancelId: string
  preventedMatchId: number
  preventedLots: number
  expiryReason: string
  /** A test asked for silence: nothing is told about it until somebody asks. */
  isMuted: boolean
}

export interface OrderFill {
  readonly ticks: number
  readonly lots: number
  readonly tradeId: number
}

export function isOpen(order: UserOrder): boolean {
  return order.status === "NEW" || order.status === "PARTIALLY_FILLED"
}
