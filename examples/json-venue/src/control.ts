import type { ControlContext, SymbolSpec } from "veloz"
import type { JsonVenueOptions } from "./schema.js"

/** Says what can be traded, and where. Other accounts at this address would be another text. */
export function startControl({ provide, config, options }: ControlContext<JsonVenueOptions>): void {
  const symbols = config.symbols.map((name, index) => ({ ...INSTRUMENT, name, index }))
  provide("venue", { symbols, account: options.url })
}

/** A venue for real would be asked for these. */
const INSTRUMENT: SymbolSpec = {
  index: 0,
  name: "BTCUSDT",
  baseAsset: "BTC",
  quoteAsset: "USDT",
  tickSize: "0.01",
  lotSize: "0.00001",
  minPriceTicks: 1,
  maxPriceTicks: 100_000_000,
  minQtyLots: 1,
  maxQtyLots: 900_000_000,
  minNotional: 5_000_000,
}
