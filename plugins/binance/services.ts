import type { SymbolSpec } from "veloz"

declare module "veloz" {
  interface Services {
    /** The instruments that the engine trades, as the venue describes them. */
    venue: { readonly symbols: readonly SymbolSpec[] }
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
  /** Calls back when the addresses have changed. */
  onChange?(listener: () => void): void
}
