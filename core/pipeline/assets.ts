import type { SymbolSpec } from "../kernel/contract.js"

/** Amounts of assets are counted in units of 1e-8 of the asset, exact in a double up to 90 million. */
export const ASSET_DECIMALS = 8

/**
 * The assets of an engine's symbols, and their numbers in Balance records. The numbers follow from the symbols alone:
 * each thread counts them for itself, and all agree.
 */
export class AssetTable {
  readonly names: readonly string[]
  readonly #indexByName: ReadonlyMap<string, number>

  constructor(symbols: readonly SymbolSpec[]) {
    this.names = [...new Set(symbols.flatMap(({ baseAsset, quoteAsset }) => [baseAsset, quoteAsset]))]
    this.#indexByName = new Map(this.names.map((name, index) => [name, index]))
  }

  /** -1 when no symbol of the engine has the asset. */
  indexOf(asset: string): number {
    return this.#indexByName.get(asset) ?? -1
  }
}
