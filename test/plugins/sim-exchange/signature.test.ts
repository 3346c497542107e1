import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { HmacSha256 } from "../../../core/hot/hmac-sha256.js"
import { isSigned, signedParameters } from "../../../plugins/sim-exchange/signature.js"

// The keys and signatures that the exchange publishes in its documentation, for implementers to check themselves by.
const API_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
const SECRET = new HmacSha256(Buffer.from("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"))
const ED25519_PRIVATE = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u
-----END PRIVATE KEY-----`

test("the published REST signatures hold", () => {
  const symbol = "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96"
  const rest = "&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
  assert.ok(
    isSigned(`symbol=LTCBTC${rest}`, "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71", SECRET),
  )
  assert.ok(
    isSigned(`symbol=${symbol}${rest}`, "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3", SECRET),
  )
})

test("the published WebSocket API signatures hold, parameters in whatever order", () => {
  const ascii = {
    symbol: "BTCUSDT",
    side: "SELL",
    type: "LIMIT",
    timeInForce: "GTC",
    quantity: "0.01000000",
    price: "52000.00",
    recvWindow: "100",
    timestamp: "1645423376532",
    apiKey: API_KEY,
    signature: "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
  }
  const wide = {
    ...ascii,
    symbol: "１２３４５６",
    side: "BUY",
    quantity: "1.00000000",
    price: "0.10000000",
    recvWindow: "5000",
    signature: "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd",
  }
  for (const params of [ascii, wide]) {
    assert.ok(isSigned(signedParameters(new Map(Object.entries(params))), params.signature, SECRET))
  }
})

test("the published Ed25519 signature holds", () => {
  const key = createPublicKey(createPrivateKey(ED25519_PRIVATE))
  const payload = ["A", "EXAMPLE", "SPOT", "1", "20240627-11:17:25.223"].join("\u0001")
  const signature = "4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA=="
  assert.ok(isSigned(payload, signature, key))
  assert.not.ok(isSigned(`${payload} `, signature, key))
})

test("RSA signatures are PKCS#1 v1.5 over SHA-256", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const signature = sign("sha256", Buffer.from("a=1"), privateKey).toString("base64")
  assert.ok(isSigned("a=1", signature, publicKey))
  assert.not.ok(isSigned("a=2", signature, publicKey))
})

test("the hex of an HMAC may be in capitals, but not be cut or wrong", () => {
  const signature = "C8DB56825AE71D6D79447849E617115F4A920FA2ACDCAB2B053C4B2838BD6B71"
  const payload =
    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
  assert.ok(isSigned(payload, signature, SECRET))
  assert.not.ok(isSigned(payload, signature.slice(2), SECRET))
  assert.not.ok(isSigned(payload, `${signature}00`, SECRET))
  assert.not.ok(isSigned(payload, `D${signature.slice(1)}`, SECRET))
  assert.not.ok(isSigned(payload, "no hex at all", SECRET))
})

test("a payload of any length is checked, also one longer than any before it", () => {
  for (const length of [0, 300, 5_000, 100_000]) {
    const payload = "é".repeat(length)
    const signature = createHmac("sha256", "secret").update(payload).digest("hex")
    assert.ok(isSigned(payload, signature, new HmacSha256(Buffer.from("secret"))))
    assert.not.ok(isSigned(`${payload}é`, signature, new HmacSha256(Buffer.from("secret"))))
  }
})

test.run()
