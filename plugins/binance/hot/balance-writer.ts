import {
  BALANCE_ASSET,
  BALANCE_BYTES,
  BALANCE_FREE_UNITS,
  BALANCE_LOCKED_UNITS,
  type Link,
  NO_CAPACITY,
  RecordType,
  type Unit,
} from "veloz/hot"
import type { NameTable } from "./name-table.js"

/** Balances are counted in 1e-8 of their asset. */
export const BALANCE_UNIT: Unit = { decimals: 8, step: 1 }

/** Collects the balances of one message, and writes them as records once the whole message has been read. */
export class BalanceWriter {
  /** Free and locked units of the balance being read. */
  readonly values = new Float64Array(2)
  readonly #sink: Link
  readonly #names: NameTable
  /** The engine's number of each asset that it knows. */
  readonly #numbers: readonly number[]
  readonly #assets: Int32Array
  readonly #units: Float64Array
  #count = 0

  constructor(sink: Link, names: NameTable, numbers: readonly number[]) {
    this.#sink = sink
    this.#names = names
    this.#numbers = numbers
    // A message names an asset once; one that does not is cut at twice as many.
    this.#assets = new Int32Array(2 * numbers.length)
    this.#units = new Float64Array(4 * numbers.length)
  }

  begin(): void {
    this.#count = 0
  }

  /** The engine's number of an asset, or -1 when no symbol of ours has it. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const index = this.#names.find(bytes, start, end)
    return index < 0 ? -1 : this.#numbers[index]
  }

  add(asset: number): void {
    if (this.#count === this.#assets.length) return
    this.#assets[this.#count] = asset
    this.#units[2 * this.#count] = this.values[0]
    this.#units[2 * this.#count + 1] = this.values[1]
    this.#count++
  }

  publish(): boolean {
    for (let i = 0; i < this.#count; i++) {
      const at = this.#sink.claim(RecordType.Balance, BALANCE_BYTES, true)
      if (at === NO_CAPACITY) {
        this.#sink.abort()
        return false
      }
      const { f64, i32 } = this.#sink
      i32[(at + BALANCE_ASSET) >> 2] = this.#assets[i]
      f64[(at + BALANCE_FREE_UNITS) >> 3] = this.#units[2 * i]
      f64[(at + BALANCE_LOCKED_UNITS) >> 3] = this.#units[2 * i + 1]
    }
    if (this.#count > 0) this.#sink.publish()
    return true
  }
}
