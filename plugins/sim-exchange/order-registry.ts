import type { Account } from "./account.js"
import { isOpen, type UserOrder } from "./order.js"

/**
 * Finds orders by the venue's id and by the client's. Client ids are unique among an account's open orders of a
 * symbol only; a finished order is found by its id until a newer one takes it, or until it is among the oldest.
 */
export class OrderRegistry {
  readonly #byId = new Map<number, UserOrder>()
  readonly #byClientId = new Map<string, UserOrder>()
  readonly #finished: UserOrder[] = []
  readonly #keepFinished: number

  constructor(keepFinished = 1_000) {
    this.#keepFinished = keepFinished
  }

  add(order: UserOrder): void {
    this.#byId.set(order.id, order)
    this.#byClientId.set(keyOf(order.account, order.wish.instrument.symbol, order.wish.clientOrderId), order)
  }

  finish(order: UserOrder): void {
    if (order.cancelId !== "") {
      this.#byClientId.set(keyOf(order.account, order.wish.instrument.symbol, order.cancelId), order)
    }
    this.#finished.push(order)
    if (this.#finished.length >= this.#keepFinished * 2) this.#forgetOldest()
  }

  byId(account: Account, symbol: string, id: number): UserOrder | undefined {
    const order = this.#byId.get(id)
    return order?.account === account && order.wish.instrument.symbol === symbol ? order : undefined
  }

  byClientId(account: Account, symbol: string, clientOrderId: string): UserOrder | undefined {
    return this.#byClientId.get(keyOf(account, symbol, clientOrderId))
  }

  hasOpen(account: Account, symbol: string, clientOrderId: string): boolean {
    const order = this.byClientId(account, symbol, clientOrderId)
    return order !== undefined && order.wish.clientOrderId === clientOrderId && isOpen(order)
  }

  /** The open orders of an account, oldest first. */
  open(account: Account, symbol?: string): UserOrder[] {
    return this.all(account, symbol).filter(isOpen)
  }

  /** All that is remembered of an account's orders, oldest first. */
  all(account: Account, symbol?: string): UserOrder[] {
    const found: UserOrder[] = []
    for (const order of this.#byId.values()) {
      if (order.account === account && (symbol === undefined || order.wish.instrument.symbol === symbol))
        found.push(order)
    }
    return found
  }

  // Half of the list at a time, so that a finished order costs no shift of the whole list.
  #forgetOldest(): void {
    for (const order of this.#finished.splice(0, this.#keepFinished)) {
      this.#byId.delete(order.id)
      const symbol = order.wish.instrument.symbol
      this.#forgetClientId(keyOf(order.account, symbol, order.wish.clientOrderId), order)
      this.#forgetClientId(keyOf(order.account, symbol, order.cancelId), order)
    }
  }

  #forgetClientId(key: string, order: UserOrder): void {
    if (this.#byClientId.get(key) === order) this.#byClientId.delete(key)
  }
}

function keyOf(account: Account, symbol: string, clientOrderId: string): string {
  return `${account.owner} ${symbol} ${clientOrderId}`
}
