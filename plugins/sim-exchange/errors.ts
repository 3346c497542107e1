import { VelozError } from "veloz"

/** What the exchange refuses of the person who configures it. What it answers to its clients is in `venue-error.ts`. */
export function unknownSymbolError(symbol: string, known: readonly string[]): VelozError {
  return new VelozError(
    "VELOZ_EXCHANGE_SYMBOL",
    `cannot list ${JSON.stringify(symbol)}: the exchange knows ${known.join(", ")}; describe others under "instruments" with base_asset, quote_asset, tick_size, lot_size and reference_price`,
    { field: "symbols" },
  )
}

export function unlistedSymbolError(symbol: string, listed: readonly string[]): VelozError {
  return new VelozError(
    "VELOZ_EXCHANGE_UNLISTED",
    `the engine is to trade ${symbol}, and the exchange lists ${listed.join(", ")} alone: add it to sim-exchange.symbols, or leave that out`,
    { field: "symbols" },
  )
}

export function instrumentError(symbol: string, option: string, value: unknown, wish: string): VelozError {
  return new VelozError(
    "VELOZ_EXCHANGE_INSTRUMENT",
    `cannot list ${symbol}: instruments.${symbol}.${option} must be ${wish}, was ${JSON.stringify(value)}`,
    { field: `instruments.${symbol}.${option}` },
  )
}

export function balanceError(asset: string, value: unknown): VelozError {
  return new VelozError(
    "VELOZ_EXCHANGE_BALANCE",
    `cannot open the account: balances.${asset} must be a decimal from 0 to 90000000 with at most 8 decimals, was ${JSON.stringify(value)}`,
    { field: "balances" },
  )
}

export function accountError(reason: string): VelozError {
  return new VelozError("VELOZ_EXCHANGE_ACCOUNT", `cannot open an account: ${reason}`, { field: "accounts" })
}

export function listenError(host: string, port: number, cause: NodeJS.ErrnoException): VelozError {
  const why = cause.code === "EADDRINUSE" ? "the port is taken" : cause.message
  return new VelozError(
    "VELOZ_EXCHANGE_LISTEN",
    `the exchange cannot listen on ${host}:${port}: ${why}; choose another port, or 0 for any that is free`,
    { cause },
  )
}

export function childError(reason: string): VelozError {
  return new VelozError("VELOZ_EXCHANGE_PROCESS", `the exchange process did not start: ${reason}`)
}

export function flagError(flag: string, value: string, most: number): VelozError {
  return new VelozError(
    "VELOZ_EXCHANGE_FLAG",
    `${flag} must be a number from 0 to ${most}, was ${JSON.stringify(value)}`,
  )
}
