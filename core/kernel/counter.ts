import type { Counters } from "../hot/counters.js"
import type { Counter } from "./contract.js"

/** The counter of a name, as a plugin holds it. */
export function counterOf(counters: Counters, name: string): Counter {
  const slot = counters.slot(name)
  let isGauge = false
  return {
    increment: () => counters.increment(slot),
    add: (amount) => counters.add(slot, amount),
    set: (value) => {
      if (!isGauge) counters.gauges.add(name)
      isGauge = true
      counters.set(slot, value)
    },
    get: () => counters.get(slot),
  }
}
