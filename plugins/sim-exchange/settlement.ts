import { type Balance, balanceOf, lock, unlock } from "./account.js"
import { quoteUnits } from "./instrument.js"
import type { UserOrder } from "./order.js"

/** Holds back what an order may take: price times quantity when buying, the quantity when selling. */
export function lockFunds(order: UserOrder, units: number): void {
  lock(fundsOf(order), units)
  order.lockedUnits = units
}

/** Moves what a trade changes hands. A buy below its limit gets the difference back. */
export function settle(order: UserOrder, ticks: number, lots: number): void {
  const { instrument, side, type, priceTicks } = order.wish
  const quote = balanceOf(order.account, instrument.quote)
  const base = balanceOf(order.account, instrument.base)
  const paid = quoteUnits(instrument, ticks, lots)
  const baseUnits = lots * instrument.lotUnits
  if (side === "BUY") {
    const released = type === "MARKET" ? paid : quoteUnits(instrument, priceTicks, lots)
    takeLocked(order, quote, released)
    quote.free += released - paid
    base.free += baseUnits
  } else {
    takeLocked(order, base, baseUnits)
    quote.free += paid
  }
  order.filledLots += lots
  order.filledQuoteUnits += paid
}

/** Gives back what a finished order still holds. */
export function releaseFunds(order: UserOrder): void {
  unlock(fundsOf(order), order.lockedUnits)
  order.lockedUnits = 0
}

export function fundsOf(order: Pick<UserOrder, "account" | "wish">): Balance {
  const { instrument, side } = order.wish
  return balanceOf(order.account, side === "BUY" ? instrument.quote : instrument.base)
}

function takeLocked(order: UserOrder, balance: Balance, units: number): void {
  balance.locked -= units
  order.lockedUnits -= units
}
