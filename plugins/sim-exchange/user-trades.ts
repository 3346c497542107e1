import type { Account } from "./account.js"
import type { UserOrder } from "./order.js"

export interface UserTrade {
  readonly order: UserOrder
  readonly tradeId: number
  readonly ticks: number
  readonly lots: number
  readonly isMaker: boolean
  readonly timeUs: number
}

/** The latest trades of users' orders, so that a client that was away can ask what it missed. */
export class UserTrades {
  #trades: UserTrade[] = []
  readonly #keep: number

  constructor(keep = 1_000) {
    this.#keep = keep
  }

  add(trade: UserTrade): void {
    this.#trades.push(trade)
    if (this.#trades.length >= this.#keep * 2) this.#trades = this.#trades.slice(-this.#keep)
  }

  /** Oldest first. */
  of(account: Account, symbol: string, orderId: number | undefined): UserTrade[] {
    return this.#trades.filter(
      ({ order }) =>
        order.account === account &&
        order.wish.instrument.symbol === symbol &&
        (orderId === undefined || order.id === orderId),
    )
  }
}
