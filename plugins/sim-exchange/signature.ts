import { createHmac, type KeyObject, timingSafeEqual, verify } from "node:crypto"

/** Whether `signature` is that of `payload` under an account's key: HMAC-SHA256, Ed25519 or RSA by the key's kind. */
export function isSigned(payload: string, signature: string, key: KeyObject): boolean {
  if (key.type === "secret") return isHmac(payload, signature, key)
  const bytes = Buffer.from(signature, "base64")
  const digest = key.asymmetricKeyType === "ed25519" ? null : "sha256"
  return verify(digest, Buffer.from(payload, "utf8"), key, bytes)
}

/** What a WebSocket API request signs: its parameters but the signature, sorted by name, as they were sent. */
export function signedParameters(params: ReadonlyMap<string, string>): string {
  const names = [...params.keys()].sort()
  let payload = ""
  for (const name of names) {
    if (name !== "signature") payload += `${payload === "" ? "" : "&"}${name}=${params.get(name)}`
  }
  return payload
}

// The hex of an HMAC may come in either case.
function isHmac(payload: string, signature: string, key: KeyObject): boolean {
  const expected = createHmac("sha256", key).update(payload, "utf8").digest()
  const given = Buffer.from(signature, "hex")
  return given.length === expected.length && signature.length === 64 && timingSafeEqual(given, expected)
}
