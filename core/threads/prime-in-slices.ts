import type { Clock } from "../hot/clock.js"
import type { PluginChange } from "./messages.js"
import type { Primer } from "./primer.js"

export interface Primed {
  readonly tookMs: number
  /** The longest slice. A round that is slower than a slice is to be cannot be cut. */
  readonly sliceMs: number
  /** Why the code could not be primed, or not all of it: it comes into force as it is. */
  readonly failure?: string | undefined
}

/** Short enough that nobody misses the thread, long enough that the event loop between two slices costs little. */
const SLICE_NS = 100_000

/** Primes in slices, between which the thread runs its event loop: sockets, timers and messages have their turns. */
export async function primeInSlices(primer: Primer, plugins: readonly PluginChange[], clock: Clock): Promise<Primed> {
  const startedNs = clock.nowNs()
  let longestNs = 0
  const slice = <T>(act: () => T): T => {
    const beganNs = clock.nowNs()
    try {
      return act()
    } finally {
      longestNs = Math.max(longestNs, clock.nowNs() - beganNs)
    }
  }
  slice(() => primer.begin(plugins))
  await nextTurn()
  try {
    while (slice(() => stepUntil(primer, clock.nowNs() + SLICE_NS, clock))) await nextTurn()
  } finally {
    slice(() => primer.end())
  }
  return { tookMs: (clock.nowNs() - startedNs) / 1e6, sliceMs: longestNs / 1e6, failure: primer.failure }
}

/** False when there is nothing left to do. */
function stepUntil(primer: Primer, endNs: number, clock: Clock): boolean {
  while (primer.step()) if (clock.nowNs() >= endNs) return true
  return false
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
