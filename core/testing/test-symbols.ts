import type { SymbolSpec } from "../kernel/contract.js"

/** A symbol to trade in a test: its name, and what of it is to differ from a usual one. */
export type TestSymbol = string | (Partial<Omit<SymbolSpec, "index">> & { readonly name: string })

export const DEFAULT_SYMBOL = "BTCUSDT"

const QUOTE_ASSETS = ["USDT", "USDC", "FDUSD", "EUR", "BTC", "ETH"]

export function symbolSpecs(symbols: readonly TestSymbol[]): SymbolSpec[] {
  return symbols.map((symbol, index): SymbolSpec => {
    const wish = typeof symbol === "string" ? { name: symbol } : symbol
    const quoteAsset = QUOTE_ASSETS.find((asset) => wish.name.endsWith(asset)) ?? wish.name.slice(-3)
    return {
      baseAsset: wish.name.slice(0, -quoteAsset.length),
      quoteAsset,
      tickSize: "0.01",
      lotSize: "0.00001",
      minPriceTicks: 1,
      maxPriceTicks: 100_000_000,
      minQtyLots: 1,
      maxQtyLots: 900_000_000,
      minNotional: 5_000_000,
      ...wish,
      index,
    }
  })
}
