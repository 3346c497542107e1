import type { MetricNames } from "../threads/metric-slots.js"
import type { MetricMemory } from "../threads/shared-memory.js"

/** A figure of the engine's own that stands for what is now, and not for what has added up. */
const GAUGE = /^open_orders$|^(order|string|market_event)_pool_(capacity|in_use|peak|on_heap|bytes|preallocated_bytes)$/

/**
 * What hot threads count, a block each, by name. The same name on several threads is one figure, their sum. When other
 * threads take over, figures go on from where they were.
 */
export class HotCounters {
  #blocks: readonly Float64Array[]
  #slots = new Map<string, { readonly block: number; readonly slot: number }[]>()
  /** What was counted before these threads took over, less what they themselves had counted by then. */
  #before = new Map<string, number>()

  constructor(memory: readonly MetricMemory[]) {
    this.#blocks = blocksOf(memory)
  }

  /** Slots that a prepared generation has added to the block of one thread. */
  learn(block: number, { counters }: MetricNames): void {
    for (const [slot, name] of counters.entries()) {
      const slots = this.#slots.get(name) ?? []
      if (!slots.some((known) => known.block === block)) this.#slots.set(name, [...slots, { block, slot }])
    }
  }

  /** Names that threads will count under which are only being made ready. */
  expect({ counters }: MetricNames): void {
    for (const name of counters) if (!this.#slots.has(name)) this.#slots.set(name, [])
  }

  get(name: string): number {
    const slots = this.#slots.get(name) ?? []
    return slots.reduce((sum, { block, slot }) => sum + this.#blocks[block][slot], this.#before.get(name) ?? 0)
  }

  toObject(): Record<string, number> {
    return Object.fromEntries([...this.#slots.keys()].map((name) => [name, this.get(name)]))
  }

  moveTo(memory: readonly MetricMemory[], names: readonly MetricNames[], gauges: readonly string[]): void {
    const totals = this.toObject()
    this.#blocks = blocksOf(memory)
    this.#slots = new Map(Object.keys(totals).map((name) => [name, []]))
    this.#before = new Map()
    for (const [block, known] of names.entries()) this.learn(block, known)
    for (const [name, total] of Object.entries(totals)) {
      if (!GAUGE.test(name) && !gauges.includes(name)) this.#before.set(name, total - this.get(name))
    }
  }
}

const blocksOf = (memory: readonly MetricMemory[]): Float64Array[] =>
  memory.map(({ counters }) => new Float64Array(counters))
