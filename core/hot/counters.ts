import { counterCapacityError } from "./errors.js"

/**
 * Counters in memory that control reads, one double a counter: exact to 2^53, and a load or store of 8 aligned bytes
 * is never torn on the processors that VeloZ runs on. Each slot has one writing thread. Give threads blocks of their
 * own, so that they do not write to the same cache line.
 */
export class Counters {
  readonly #values: Float64Array
  readonly #names: string[]
  /** Names that stand for what is now, and not for what has added up. */
  readonly gauges = new Set<string>()

  /** `names` are those that another thread has given the first slots of the same memory. */
  constructor(memory: ArrayBufferLike | Float64Array, names: readonly string[] = []) {
    this.#values = memory instanceof Float64Array ? memory : new Float64Array(memory)
    this.#names = [...names]
  }

  /** In the order of their slots. */
  get names(): readonly string[] {
    return this.#names
  }

  /** Cold: the slot of a name, which is given one if it has none. */
  slot(name: string): number {
    const known = this.#names.indexOf(name)
    if (known >= 0) return known
    if (this.#names.length === this.#values.length) throw counterCapacityError(name, this.#values.length)
    return this.#names.push(name) - 1
  }

  increment(slot: number): void {
    this.#values[slot]++
  }

  add(slot: number, amount: number): void {
    this.#values[slot] += amount
  }

  /** For gauges: the number of open orders, for example. */
  set(slot: number, value: number): void {
    this.#values[slot] = value
  }

  get(slot: number): number {
    return this.#values[slot]
  }

  /** Cold: all counters by name. */
  toObject(): Record<string, number> {
    return Object.fromEntries(this.#names.map((name, slot) => [name, this.#values[slot]]))
  }
}
