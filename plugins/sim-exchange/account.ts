import { createPublicKey, type KeyObject } from "node:crypto"
import { HmacSha256 } from "veloz/hot"
import { MOST_UNITS, parseAmount } from "./amounts.js"
import { accountError, balanceError } from "./errors.js"

export interface AccountOptions {
  api_key: string
  /** HMAC secret; either it or a public key. */
  api_secret?: string
  /** PEM of an Ed25519 or RSA public key. */
  public_key?: string
  /** Free amounts by asset, decimal text. */
  balances?: Record<string, string>
}

/** What an account has of one asset, in units of 1e-8. Locked is what its open orders may take. */
export interface Balance {
  readonly asset: string
  free: number
  locked: number
}

/** What signatures are checked with: an HMAC secret, or an Ed25519 or RSA public key. */
export type AccountKey = HmacSha256 | KeyObject

export interface Account {
  /** What its orders are marked with in the books; 1 and up. */
  readonly owner: number
  readonly apiKey: string
  readonly key: AccountKey
  readonly balances: Map<string, Balance>
  updatedUs: number
}

export function openAccount(owner: number, options: AccountOptions): Account {
  if (!API_KEY.test(options.api_key))
    throw accountError("api_key must have 1 to 128 letters, digits, dashes or underscores")
  const balances = new Map<string, Balance>()
  for (const [asset, text] of Object.entries(options.balances ?? {})) {
    const free = parseAmount(text)
    if (free < 0 || free > MOST_UNITS) throw balanceError(asset, text)
    balances.set(asset, { asset, free, locked: 0 })
  }
  return { owner, apiKey: options.api_key, key: keyOf(options), balances, updatedUs: 0 }
}

export const API_KEY = /^[A-Za-z0-9_-]{1,128}$/

export function balanceOf(account: Account, asset: string): Balance {
  let balance = account.balances.get(asset)
  if (balance === undefined) {
    balance = { asset, free: 0, locked: 0 }
    account.balances.set(asset, balance)
  }
  return balance
}

export function lock(balance: Balance, units: number): void {
  balance.free -= units
  balance.locked += units
}

export function unlock(balance: Balance, units: number): void {
  balance.locked -= units
  balance.free += units
}

function keyOf(options: AccountOptions): AccountKey {
  if (options.api_secret !== undefined && options.api_secret !== "") {
    return new HmacSha256(Buffer.from(options.api_secret, "utf8"))
  }
  if (options.public_key === undefined) throw accountError("it needs an api_secret or a public_key")
  try {
    return createPublicKey(options.public_key)
  } catch (error) {
    throw accountError(`public_key is no PEM public key (${error instanceof Error ? error.message : error})`)
  }
}
