import type { SymbolSpec } from "./contract.js"

/** A symbol of which nothing is known but its steps. */
export function bareSymbol(name: string, index: number, tickSize = FINEST_STEP, lotSize = FINEST_STEP): SymbolSpec {
  return {
    index,
    name,
    baseAsset: `${name}:base`,
    quoteAsset: `${name}:quote`,
    tickSize,
    lotSize,
    minPriceTicks: 1,
    maxPriceTicks: Number.MAX_SAFE_INTEGER,
    minQtyLots: 1,
    maxQtyLots: Number.MAX_SAFE_INTEGER,
    minNotional: 0,
  }
}

/** Where the venue is not asked for its steps, because nothing is connected to. */
const FINEST_STEP = "0.00000001"
