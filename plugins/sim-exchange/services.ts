declare module "veloz" {
  interface Services {
    /** Where the exchange is to be found, and an account on it. The addresses change when it had to be started anew. */
    "exchange-endpoint": {
      readonly restUrl: string
      readonly streamUrl: string
      readonly apiUrl: string
      readonly apiKey: string
      readonly secret: string
      /** Opens markets for the symbols that the engine is to trade. */
      list?(symbols: readonly string[]): Promise<void>
      /** Returns what ends it. */
      onChange?(listener: () => void): () => void
    }
  }
}

export type {}
