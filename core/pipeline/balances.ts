import { formatUnits } from "../hot/decimal.js"
import { BALANCE_ASSET, BALANCE_FREE_UNITS, BALANCE_LOCKED_UNITS, type RecordViews } from "../hot/records.js"
import type { AccountReader, BalanceState } from "../kernel/contract.js"
import { ASSET_DECIMALS, type AssetTable } from "./assets.js"

/** The account as control knows it: the venue's last word on each asset. */
export class BalanceSheet implements AccountReader {
  #rows: BalanceState[] = []

  constructor(
    private assets: AssetTable,
    /** Takes the events that wait, so that who reads sees everything that has happened. */
    private readonly takeEvents: () => void,
  ) {}

  /** Assets have other numbers from now on; of another venue nothing is known yet. */
  moveTo(assets: AssetTable, isSameVenue: boolean): void {
    const before = isSameVenue ? this.#rows.flat() : []
    this.#rows = []
    for (const row of before) {
      const index = assets.indexOf(row.asset)
      if (index >= 0) this.#rows[index] = row
    }
    this.assets = assets
  }

  /** A Balance record. */
  take({ f64, i32 }: RecordViews, offset: number): void {
    const asset = i32[(offset + BALANCE_ASSET) >> 2]
    const free = amount(f64[(offset + BALANCE_FREE_UNITS) >> 3])
    const locked = amount(f64[(offset + BALANCE_LOCKED_UNITS) >> 3])
    this.#rows[asset] = { asset: this.assets.names[asset], free, locked }
  }

  balances(): BalanceState[] {
    this.takeEvents()
    // Assets that nothing was said of are holes, which flat() leaves out.
    return this.#rows.flat()
  }
}

// An adapter writes the largest number that a double counts exactly when there is more.
const amount = (units: number): string | null =>
  units < Number.MAX_SAFE_INTEGER ? formatUnits(units, { decimals: ASSET_DECIMALS, step: 1 }) : null
