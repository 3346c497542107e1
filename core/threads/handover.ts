import type { MovedState } from "../kernel/kept-state.js"
import type { HeldRecord } from "../pipeline/held-wishes.js"
import type { OpenOrders } from "../pipeline/open-orders.js"

/** What the engine role leaves to the one that goes on. */
export interface EngineHandover {
  readonly orders: OpenOrders
  /** Wishes of strategies that came when the orders were being handed over already. */
  readonly wishes: readonly HeldRecord[]
  /** Of the newest event of an order. */
  readonly eventSequence: number
}

/** What a set of hot threads leaves to the one that goes on. Each thread has a share of it. */
export interface Handover {
  readonly engine?: EngineHandover
  /** The newest handle that strategies were given. */
  readonly lastHandle?: number
  /** Plugins by the number by which their orders are told apart. */
  readonly owners: readonly string[]
  readonly kept: readonly MovedState[]
  /** Counters of plugins that stand for what is now. */
  readonly gauges: readonly string[]
}

/** The shares of all threads as one. */
export function joinShares(shares: readonly Handover[]): Handover {
  // Numbers are given out by each thread for itself: those in orders are the strategies'.
  const { owners } = shares.find(({ lastHandle }) => lastHandle !== undefined)!
  const kept = shares.flatMap((share) => share.kept)
  const gauges = shares.flatMap((share) => share.gauges)
  return Object.assign({}, ...shares, { owners, kept, gauges }) as Handover
}
