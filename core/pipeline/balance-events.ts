import type { Link } from "../hot/link.js"
import {
  BALANCE_ASSET,
  BALANCE_BYTES,
  BALANCE_FREE_UNITS,
  BALANCE_LOCKED_UNITS,
  RecordType,
  type RecordViews,
} from "../hot/records.js"
import { NO_CAPACITY } from "../hot/ring.js"

/**
 * Tells control of balances. Each record is the whole of its asset, so that where there is no room the newest of an
 * asset takes the place of those before it, and none is forgotten.
 */
export class BalanceEvents {
  readonly #toControl: Link
  readonly #ringControl: () => void
  readonly #freeUnits: Float64Array
  readonly #lockedUnits: Float64Array
  readonly #isDue: Uint8Array
  #dueCount = 0

  constructor(assetCount: number, toControl: Link, ringControl: () => void) {
    this.#toControl = toControl
    this.#ringControl = ringControl
    this.#freeUnits = new Float64Array(assetCount)
    this.#lockedUnits = new Float64Array(assetCount)
    this.#isDue = new Uint8Array(assetCount)
  }

  /** A Balance record of the network. */
  tell({ f64, i32 }: RecordViews, offset: number): void {
    const asset = i32[(offset + BALANCE_ASSET) >> 2]
    if (asset >>> 0 >= this.#isDue.length) return
    this.#freeUnits[asset] = f64[(offset + BALANCE_FREE_UNITS) >> 3]
    this.#lockedUnits[asset] = f64[(offset + BALANCE_LOCKED_UNITS) >> 3]
    if (this.#isDue[asset] === 0) this.#dueCount += 1
    this.#isDue[asset] = 1
    this.tellDue()
  }

  /** Balances that found no room leave as soon as there is some. */
  tellDue(): void {
    for (let asset = 0; this.#dueCount > 0 && asset < this.#isDue.length; asset += 1) {
      if (this.#isDue[asset] === 0) continue
      if (!this.#write(asset)) return
      this.#isDue[asset] = 0
      this.#dueCount -= 1
      this.#ringControl()
    }
  }

  #write(asset: number): boolean {
    const link = this.#toControl
    const at = link.claim(RecordType.Balance, BALANCE_BYTES, true)
    if (at === NO_CAPACITY) return false
    link.i32[(at + BALANCE_ASSET) >> 2] = asset
    link.f64[(at + BALANCE_FREE_UNITS) >> 3] = this.#freeUnits[asset]
    link.f64[(at + BALANCE_LOCKED_UNITS) >> 3] = this.#lockedUnits[asset]
    link.publish()
    return true
  }
}
