import type { Account } from "./account.js"
import { tooManyOrders, tooMuchWeight } from "./venue-error.js"

export interface RateLimit {
  readonly type: "REQUEST_WEIGHT" | "ORDERS"
  readonly interval: "SECOND" | "MINUTE" | "DAY"
  readonly intervalNum: number
  readonly limit: number
}

export const WEIGHT_LIMIT: RateLimit = { type: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: 6_000 }
export const ORDER_LIMITS: readonly RateLimit[] = [
  { type: "ORDERS", interval: "SECOND", intervalNum: 10, limit: 100 },
  { type: "ORDERS", interval: "DAY", intervalNum: 1, limit: 200_000 },
]

/**
 * Counts weight by address and orders by account, in windows that begin with the wall clock's. It always counts, so
 * that clients can be tried against the counts; it refuses only when it is told to.
 */
export class RateLimits {
  readonly isEnforced: boolean
  readonly #weights = new Map<string, Window>()
  readonly #orders = new Map<Account, readonly Window[]>()

  constructor(isEnforced: boolean) {
    this.isEnforced = isEnforced
  }

  /** Adds weight and refuses what goes beyond the limit. */
  spendWeight(address: string, weight: number, nowUs: number): void {
    const window = this.#weightOf(address)
    if (this.isEnforced && window.count(nowUs) + weight > WEIGHT_LIMIT.limit) {
      throw tooMuchWeight(WEIGHT_LIMIT.limit, "1 MINUTE", window.secondsLeft(nowUs))
    }
    window.add(weight, nowUs)
  }

  /** Refuses a new order when the account has placed too many. */
  checkOrder(account: Account, nowUs: number): void {
    if (!this.isEnforced) return
    for (const window of this.#ordersOf(account)) {
      const { limit, intervalNum, interval } = window.rule
      if (window.count(nowUs) >= limit)
        throw tooManyOrders(limit, `${intervalNum} ${interval}`, window.secondsLeft(nowUs))
    }
  }

  countOrder(account: Account, nowUs: number): void {
    for (const window of this.#ordersOf(account)) window.add(1, nowUs)
  }

  weightUsed(address: string, nowUs: number): number {
    return this.#weightOf(address).count(nowUs)
  }

  ordersUsed(account: Account, nowUs: number): { rule: RateLimit; count: number }[] {
    return this.#ordersOf(account).map((window) => ({ rule: window.rule, count: window.count(nowUs) }))
  }

  #weightOf(address: string): Window {
    let window = this.#weights.get(address)
    if (window === undefined) this.#weights.set(address, (window = new Window(WEIGHT_LIMIT)))
    return window
  }

  #ordersOf(account: Account): readonly Window[] {
    let windows = this.#orders.get(account)
    if (windows === undefined) this.#orders.set(account, (windows = ORDER_LIMITS.map((rule) => new Window(rule))))
    return windows
  }
}

const INTERVAL_US = { SECOND: 1e6, MINUTE: 60e6, DAY: 86_400e6 }

class Window {
  readonly rule: RateLimit
  readonly #lengthUs: number
  #number = 0
  #count = 0

  constructor(rule: RateLimit) {
    this.rule = rule
    this.#lengthUs = INTERVAL_US[rule.interval] * rule.intervalNum
  }

  count(nowUs: number): number {
    return Math.floor(nowUs / this.#lengthUs) === this.#number ? this.#count : 0
  }

  add(amount: number, nowUs: number): void {
    this.#count = this.count(nowUs) + amount
    this.#number = Math.floor(nowUs / this.#lengthUs)
  }

  secondsLeft(nowUs: number): number {
    return Math.ceil((this.#lengthUs - (nowUs % this.#lengthUs)) / 1e6)
  }
}
