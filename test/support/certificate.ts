import { generateKeyPairSync, sign } from "node:crypto"

/** A key and a certificate of its own signature, which nobody trusts: X.509 version 1, in DER by hand. */
export function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from("localhost")))))
  const validity = der(SEQUENCE, time("200101000000Z"), time("491231235959Z"))
  const subjectKey = publicKey.export({ type: "spki", format: "der" })
  const content = der(SEQUENCE, der(INTEGER, Buffer.of(1)), ECDSA_WITH_SHA256, name, validity, name, subjectKey)
  const signature = der(BIT_STRING, Buffer.of(0), sign("sha256", content, privateKey))
  const certificate = der(SEQUENCE, content, ECDSA_WITH_SHA256, signature)
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----\n`,
  }
}

const INTEGER = 0x02
const BIT_STRING = 0x03
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const SEQUENCE = 0x30
const SET = 0x31
const ECDSA_WITH_SHA256 = der(SEQUENCE, Buffer.from("06082a8648ce3d040302", "hex"))
const COMMON_NAME = Buffer.from("0603550403", "hex")

function time(text: string): Buffer {
  return der(UTC_TIME, Buffer.from(text))
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}
