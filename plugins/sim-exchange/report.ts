import type { Account } from "./account.js"
import type { OrderStatus, UserOrder } from "./order.js"

export type ExecutionType = "NEW" | "CANCELED" | "REJECTED" | "TRADE" | "EXPIRED" | "TRADE_PREVENTION"

/** What happened to an order at one moment. The order moves on; the report keeps what was true then. */
export interface ExecutionReport {
  readonly kind: "execution"
  readonly order: UserOrder
  readonly executionType: ExecutionType
  readonly status: OrderStatus
  readonly rejectReason: string
  readonly executionId: number
  readonly timeUs: number
  readonly lastLots: number
  readonly lastTicks: number
  readonly filledLots: number
  readonly filledQuoteUnits: number
  /** -1 when it is no trade. */
  readonly tradeId: number
  readonly isMaker: boolean
  /** The order that self-trade prevention kept it from; 0 otherwise. */
  readonly counterOrderId: number
}

/** The balances of the assets that one operation may have changed. */
export interface PositionReport {
  readonly kind: "position"
  readonly account: Account
  readonly timeUs: number
  readonly balances: readonly { asset: string; free: number; locked: number }[]
}

export type UserReport = ExecutionReport | PositionReport
