import type { CollectionReading, CollectionSummary } from "../kernel/contract.js"
import { COLLECTION_COUNT, COLLECTION_LONGEST_MS, COLLECTION_SUM_MS } from "../threads/collections.js"

const NOTHING: CollectionSummary = { count: 0, sum_ms: 0, longest_us: null }

/** What `watchCollections` writes down of a thread, read once a second: over the last minute and since
 * the thread runs. */
export class CollectionWindow {
  readonly #cells: Float64Array
  readonly #seen = new Float64Array(2)
  readonly #ticks: CollectionSummary[] = []
  #total = NOTHING

  constructor(
    memory: SharedArrayBuffer,
    private readonly windowTicks: number,
  ) {
    this.#cells = new Float64Array(memory)
  }

  tick(): void {
    const taken = this.#take()
    this.#total = add(this.#total, taken)
    this.#ticks.push(taken)
    if (this.#ticks.length > this.windowTicks) this.#ticks.shift()
  }

  read(): CollectionReading {
    return { ...this.#ticks.reduce(add, NOTHING), total: this.#total }
  }

  #take(): CollectionSummary {
    const [count, sumMs, longestMs] = this.#cells
    this.#cells[COLLECTION_LONGEST_MS] = 0
    const taken = {
      count: count - this.#seen[COLLECTION_COUNT],
      sum_ms: rounded(sumMs - this.#seen[COLLECTION_SUM_MS]),
      longest_us: longestMs === 0 ? null : rounded(longestMs * 1000),
    }
    this.#seen.set([count, sumMs])
    return taken
  }
}

function add(a: CollectionSummary, b: CollectionSummary): CollectionSummary {
  const longest = Math.max(a.longest_us ?? 0, b.longest_us ?? 0)
  return {
    count: a.count + b.count,
    sum_ms: rounded(a.sum_ms + b.sum_ms),
    longest_us: longest === 0 ? null : longest,
  }
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000
