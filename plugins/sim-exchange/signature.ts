import { verify } from "node:crypto"
import { HmacSha256 } from "veloz/hot"
import type { AccountKey } from "./account.js"

/** Whether `signature` is that of `payload` under an account's key: HMAC-SHA256, Ed25519 or RSA by the key's kind. */
export function isSigned(payload: string, signature: string, key: AccountKey): boolean {
  if (key instanceof HmacSha256) return isHmac(payload, signature, key)
  const bytes = Buffer.from(signature, "base64")
  const digest = key.asymmetricKeyType === "ed25519" ? null : "sha256"
  return verify(digest, Buffer.from(payload, "utf8"), key, bytes)
}

/** What a WebSocket API request signs: its parameters but the signature, sorted by name, as they were sent. */
export function signedParameters(params: ReadonlyMap<string, string>): string {
  let payload = ""
  let last = ""
  for (const [name, value] of params) {
    if (name === "signature") continue
    // Clients that sort what they sign tend to send it sorted too.
    if (name < last) return signedInOrder(params)
    payload += payload === "" ? `${name}=${value}` : `&${name}=${value}`
    last = name
  }
  return payload
}

function signedInOrder(params: ReadonlyMap<string, string>): string {
  const pairs = [...params].sort(([a], [b]) => (a < b ? -1 : 1))
  return signedParameters(new Map(pairs))
}

const HEX_DIGITS = 64
const BYTES_PER_CHARACTER = 3
const digits = new Uint8Array(HEX_DIGITS)
let message = Buffer.alloc(4096)

// The hex of an HMAC may come in either case. All digits are compared, so that the time does not tell which was wrong.
function isHmac(payload: string, signature: string, key: HmacSha256): boolean {
  if (signature.length !== HEX_DIGITS) return false
  const longest = payload.length * BYTES_PER_CHARACTER
  if (message.length < longest) message = Buffer.alloc(longest)
  key.sign(message, message.write(payload), digits, 0)
  const given = signature.toLowerCase()
  let difference = 0
  for (let i = 0; i < HEX_DIGITS; i++) difference |= given.charCodeAt(i) ^ digits[i]
  return difference === 0
}
