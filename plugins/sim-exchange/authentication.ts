import { type Account, API_KEY } from "./account.js"
import type { Params } from "./params.js"
import { isSigned } from "./signature.js"
import {
  badKeyFormat,
  badSignature,
  earlyTimestamp,
  missingParameter,
  parameterTooGreat,
  staleTimestamp,
  unknownKey,
} from "./venue-error.js"

/** The account that a key belongs to, or the venue's refusal. */
export function accountOfKey(accounts: ReadonlyMap<string, Account>, apiKey: string | undefined): Account {
  const account = apiKey === undefined ? undefined : accounts.get(apiKey)
  if (account !== undefined) return account
  throw apiKey === undefined || !API_KEY.test(apiKey) ? badKeyFormat() : unknownKey()
}

/** Refuses a signed request whose time or signature is not right. `payload` is what its sender had to sign. */
export function checkSigned(account: Account, params: Params, payload: string, nowUs: number): void {
  checkTimestamp(params, nowUs)
  if (!isSigned(payload, params.required("signature"), account.key)) throw badSignature()
}

/** Refuses a request that is too old, or from the future. */
export function checkTimestamp(params: Params, nowUs: number): void {
  const window = params.optional("recvWindow")
  const windowMs = window === undefined ? DEFAULT_WINDOW_MS : Number(window)
  if (!(windowMs > 0)) throw missingParameter("recvWindow")
  if (windowMs > LONGEST_WINDOW_MS) throw parameterTooGreat("recvWindow", LONGEST_WINDOW_MS)
  const timestamp = Number(params.required("timestamp"))
  if (!Number.isSafeInteger(timestamp)) throw missingParameter("timestamp")
  const timestampUs = timestamp < FIRST_MICROSECONDS ? timestamp * 1000 : timestamp
  if (timestampUs >= nowUs + 1_000_000) throw earlyTimestamp()
  if (nowUs - timestampUs > windowMs * 1000) throw staleTimestamp()
}

const DEFAULT_WINDOW_MS = 5_000
const LONGEST_WINDOW_MS = 60_000
// As milliseconds this is the year 5138, as microseconds 1973.
const FIRST_MICROSECONDS = 1e14
