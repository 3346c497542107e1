import { createPublicKey, generateKeyPairSync, verify } from "node:crypto"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { HmacSha256 } from "../../../core/hot/hmac-sha256.js"
import { signedParams, signerFor, signText } from "../../../plugins/binance/sign.js"

// Keys and signatures that the venue publishes in its documentation, for implementers to check themselves by.
const API_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
const SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
const ED25519 = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u
-----END PRIVATE KEY-----`

test("the published HMAC signatures of the REST API are reproduced", () => {
  const signer = new HmacSha256(Buffer.from(SECRET))
  const rest = "&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
  const wide = "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96"
  assert.is(
    signText(signer, `symbol=LTCBTC${rest}`),
    "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
  )
  assert.is(
    signText(signer, `symbol=${wide}${rest}`),
    "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
  )
})

test("the published HMAC signature of the WebSocket API is reproduced, parameters sorted by name", () => {
  const credentials = { apiKey: API_KEY, secret: SECRET }
  const order = { symbol: "BTCUSDT", side: "SELL", type: "LIMIT", timeInForce: "GTC", quantity: "0.01000000" }
  const params = { ...order, price: "52000.00" }
  const signed = signedParams(params, credentials, signerFor(credentials), 1645423376532, 100)
  assert.is(signed.signature, "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24")
  const names = Object.keys(signed).filter((name) => name !== "signature")
  assert.equal(names, [...names].sort())
})

test("the published Ed25519 signature is reproduced", () => {
  const payload = ["A", "EXAMPLE", "SPOT", "1", "20240627-11:17:25.223"].join("\u0001")
  assert.is(
    signText(signerFor({ apiKey: API_KEY, secret: ED25519 }), payload),
    "4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA==",
  )
})

test("RSA signatures are PKCS#1 v1.5 over SHA-256", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const secret = privateKey.export({ type: "pkcs8", format: "pem" }).toString()
  const signature = signText(signerFor({ apiKey: API_KEY, secret }), "a=1")
  const key = createPublicKey(publicKey.export({ type: "spki", format: "pem" }))
  assert.ok(verify("sha256", Buffer.from("a=1"), key, Buffer.from(signature, "base64")))
})

test("a key that cannot sign is refused without being quoted", () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" })
  for (const secret of ["-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----", ec.toString()]) {
    assert.throws(
      () => signerFor({ apiKey: API_KEY, secret }),
      (error: Error) => {
        assert.match(error.message, /^VELOZ_BINANCE_KEY|cannot sign/)
        return !error.message.includes(secret.split("\n")[1])
      },
    )
  }
})

test.run()
