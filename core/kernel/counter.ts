import type { Counters } from "../hot/counters.js"
import type { Counter } from "./contract.js"

/** The counter of a name, as a plugin holds it. */
export function counterOf(counters: Counters, name: string): Counter {
  const slot = counters.slot(name)
  return {
    increment: () => counters.increment(slot),
    add: (amount) => counters.add(slot, amount),
    set: (value) => counters.set(slot, value),
    get: () => counters.get(slot),
  }
}
