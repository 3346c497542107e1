import type { SymbolSpec } from "veloz"
import { exchangeInfoError, unknownSymbolError } from "../errors.js"
import { isObject } from "../read-market.js"
import { symbolSpecOf } from "../symbol-spec.js"

/** Reads the trading rules of these symbols over REST. Trouble of the moment is tried again a few times. */
export async function fetchSymbols(restUrl: string, names: readonly string[]): Promise<SymbolSpec[]> {
  const url = `${restUrl.replace(/\/$/, "")}/api/v3/exchangeInfo?symbols=${encodeURIComponent(JSON.stringify(names))}`
  const answer = await fetchPatiently(url)
  const entries = isObject(answer) && Array.isArray(answer.symbols) ? answer.symbols.filter(isObject) : []
  return names.map((name, index) => {
    const spec = symbolSpecOf(
      entries.find((entry) => entry.symbol === name),
      index,
    )
    if (spec === undefined) throw unknownSymbolError(name, restUrl)
    return spec
  })
}

const ATTEMPTS = 4
const FIRST_WAIT_MS = 200
const TIMEOUT_MS = 5000
/** The venue's word for a symbol that it does not have. */
const INVALID_SYMBOL = -1121

async function fetchPatiently(url: string): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
      const body: unknown = await response.json()
      if (response.ok) return body
      // What the venue refuses now it will refuse in a second, too.
      if (isObject(body) && body.code === INVALID_SYMBOL) return { symbols: [] }
      if (response.status < 500) throw exchangeInfoError(url, `the venue answered ${response.status}, ${wordsOf(body)}`)
      if (attempt === ATTEMPTS) throw exchangeInfoError(url, `the venue answered ${response.status}`)
    } catch (error) {
      if (attempt === ATTEMPTS || isOurs(error)) throw isOurs(error) ? error : exchangeInfoError(url, reasonOf(error))
    }
    await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** (attempt - 1)))
  }
}

function wordsOf(body: unknown): string {
  return isObject(body) ? `${body.code} ${body.msg}` : "no reason given"
}

function isOurs(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "VELOZ_BINANCE_EXCHANGE_INFO"
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // fetch hides the reason, such as ECONNREFUSED, in the cause.
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message
}
