import type { SymbolSpec } from "veloz"

declare module "veloz" {
  interface Services {
    /** The instruments that the engine trades, as the venue describes them. */
    venue: { readonly symbols: readonly SymbolSpec[]; readonly account?: string }
    /** Where an exchange other than the configured one is to be found, and an account on it. */
    "exchange-endpoint": ExchangeEndpoint
  }
}

export interface ExchangeEndpoint {
  readonly restUrl: string
  readonly streamUrl: string
  readonly apiUrl: string
  readonly apiKey: string
  readonly secret: string
  /** Lists the symbols that the engine is to trade, where an exchange can. */
  list?(symbols: readonly string[]): Promise<void>
  /** Calls back when the addresses have changed. Returns what ends it. */
  onChange?(listener: () => void): () => void
}
