import type { AccountOptions } from "./account.js"
import { accountError } from "./errors.js"
import type { InstrumentOptions } from "./instrument.js"

/** How an exchange is started; each is described in `schemas/sim-exchange.schema.json`. */
export interface ExchangeOptions {
  host: string
  port: number
  symbols: string[]
  instruments: Record<string, Partial<InstrumentOptions>>
  seed: number
  events_per_second: number
  depth_levels: number
  volatility_bps: number
  latency_ms: number
  rate_limits: boolean
  max_open_orders: number
  rehearse_orders: boolean
  ping_interval_ms: number
  api_key: string
  api_secret: string
  balances: Record<string, string>
  accounts: AccountOptions[]
}

export const DEFAULT_OPTIONS: ExchangeOptions = {
  host: "127.0.0.1",
  port: 0,
  symbols: ["BTCUSDT"],
  instruments: {},
  seed: 1,
  events_per_second: 500,
  depth_levels: 500,
  volatility_bps: 0.5,
  latency_ms: 0,
  rate_limits: false,
  max_open_orders: 200,
  rehearse_orders: true,
  ping_interval_ms: 20_000,
  api_key: "",
  api_secret: "",
  balances: { USDT: "1000000", BTC: "100", ETH: "1000", BNB: "1000", SOL: "10000", XRP: "1000000" },
  accounts: [],
}

/** The accounts to open: the embedded one when it has a key, and the others. Keys are unique. */
export function accountsOf(options: ExchangeOptions): AccountOptions[] {
  const { api_key, api_secret, balances } = options
  const embedded = api_key === "" ? [] : [{ api_key, api_secret, balances }]
  const all = [...embedded, ...options.accounts]
  const keys = new Set(all.map((account) => account.api_key))
  if (keys.size < all.length) throw accountError("two accounts have the same api_key")
  return all
}
