import { createPrivateKey, type KeyObject, sign } from "node:crypto"
import { asciiBytes, HmacSha256, writeAscii } from "veloz/hot"
import { invalidKeyError } from "./errors.js"
import type { Signer } from "./hot/encode-order.js"
import { nativeCompress } from "./io/native-sha256.js"

/** An API key and what proves that it is ours: an HMAC secret, or an Ed25519 or RSA private key in PEM. */
export interface Credentials {
  readonly apiKey: string
  readonly secret: string
}

/** The signer for these credentials, by the kind of their secret. */
export function signerFor(credentials: Credentials): Signer {
  if (!credentials.secret.includes("-----BEGIN")) {
    // All signed texts begin with the API key, so that its block is hashed only once.
    const prefix = asciiBytes(`apiKey=${credentials.apiKey}`)
    return new HmacSha256(Buffer.from(credentials.secret), prefix, nativeCompress())
  }
  return new PrivateKeySigner(privateKey(credentials.secret))
}

/** Parameters of a signed request of the WebSocket API: with key, timestamp and signature, sorted by name. */
export function signedParams(
  params: Record<string, string | number | boolean>,
  credentials: Credentials,
  signer: Signer,
  timestampMs: number,
  recvWindowMs: number,
): Record<string, string | number | boolean> {
  const all = { ...params, apiKey: credentials.apiKey, recvWindow: recvWindowMs, timestamp: timestampMs }
  const sorted = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...Object.fromEntries(sorted), signature: signText(signer, sorted.map((pair) => pair.join("=")).join("&")) }
}

/** The signature of a text: hexadecimal digits for an HMAC secret, base64 for a private key. */
export function signText(signer: Signer, text: string): string {
  const out = new Uint8Array(MAX_SIGNATURE_BYTES)
  const bytes = Buffer.from(text)
  return Buffer.from(out.buffer, 0, signer.sign(bytes, bytes.length, out, 0)).toString("latin1")
}

/** Ed25519, or RSA with PKCS#1 v1.5 and SHA-256. Slower than HMAC by far, and it allocates. */
class PrivateKeySigner implements Signer {
  readonly #key: KeyObject
  readonly #digest: string | null

  constructor(key: KeyObject) {
    this.#key = key
    this.#digest = key.asymmetricKeyType === "rsa" ? "sha256" : null
  }

  sign(message: Uint8Array, length: number, out: Uint8Array, at: number): number {
    const signature = sign(this.#digest, message.subarray(0, length), this.#key).toString("base64")
    return at + writeAscii(signature, out, at)
  }
}

const MAX_SIGNATURE_BYTES = 1024

function privateKey(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    // The reason that crypto gives may quote the key.
    throw invalidKeyError("it cannot be read as a private key in PEM")
  }
  const type = key.asymmetricKeyType
  if (type !== "ed25519" && type !== "rsa") throw invalidKeyError(`keys of type ${type} are not accepted by the venue`)
  return key
}
