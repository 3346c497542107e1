import { type CheckContext, type SimExchangeOptions, VelozError } from "veloz"
import { openAccount } from "./account.js"
import { unlistedSymbolError } from "./errors.js"
import { instrumentOf } from "./instrument.js"
import { accountsOf, DEFAULT_OPTIONS } from "./options.js"

/** A market or an account that cannot be is refused before the exchange is asked for it. */
export function check(options: Readonly<SimExchangeOptions>, { report, config }: CheckContext): void {
  const { symbols, instruments } = options
  for (const symbol of symbols ?? config.symbols) attempt(report, () => instrumentOf(symbol, instruments[symbol]))
  for (const symbol of symbols === undefined ? [] : config.symbols) {
    if (!symbols!.includes(symbol)) report(unlistedSymbolError(symbol, symbols!))
  }
  attempt(report, () => {
    // The embedded account gets a key at its start where it has none.
    const { api_key = "made-up", api_secret = "made-up" } = options
    const all = accountsOf({ ...DEFAULT_OPTIONS, ...options, api_key, api_secret } as never)
    for (const [index, account] of all.entries()) openAccount(index + 1, account)
  })
}

function attempt(report: CheckContext["report"], work: () => unknown): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof VelozError)) throw error
    report(error)
  }
}
