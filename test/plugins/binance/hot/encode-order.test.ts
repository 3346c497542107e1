import { createHmac, createPublicKey, generateKeyPairSync, verify } from "node:crypto"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { OrderType, Side, TimeInForce, type Unit, unitOf } from "veloz/hot"
import { formatUnits } from "../../../../core/hot/decimal.js"
import { type EncodableOrder, MAX_REQUEST_BYTES, OrderEncoder } from "../../../../plugins/binance/hot/encode-order.js"
import { signerFor } from "../../../../plugins/binance/sign.js"
import { bytesPerCall, NO_ALLOCATION } from "../../../support/allocation.js"
import { below, seededRandom } from "../../../support/random.js"

const API_KEY = "k".repeat(64)
const SECRET = "s".repeat(64)
const NOW_MS = 1723161255208
const SYMBOLS = [
  { name: "BTCUSDT", price: unitOf("0.01"), lot: unitOf("0.00001") },
  { name: "ODD1", price: unitOf("0.05"), lot: unitOf("1") },
  { name: "PEPEUSDT", price: unitOf("0.00000001"), lot: unitOf("0.1") },
]

test("a limit order is encoded to exactly the parameters of order.place, and its signature holds", () => {
  const request = encode("place", order({ priceTicks: 6183763, qtyLots: 100 }))
  const { signature, ...params } = request.params
  assert.equal(
    { ...request, params },
    {
      id: "p42",
      method: "order.place",
      params: {
        apiKey: API_KEY,
        newClientOrderId: "veloz-1-1",
        newOrderRespType: "ACK",
        price: "61837.63",
        quantity: "0.00100",
        recvWindow: 5000,
        side: "BUY",
        symbol: "BTCUSDT",
        timeInForce: "GTC",
        timestamp: NOW_MS,
        type: "LIMIT",
      },
    },
  )
  assert.is(signature, hmac(params))
})

test("every side, type and time in force is said in the venue's words and no others", () => {
  for (const [side, sideText] of [
    [Side.Buy, "BUY"],
    [Side.Sell, "SELL"],
  ] as const) {
    for (const [tif, tifText] of [
      [TimeInForce.Gtc, "GTC"],
      [TimeInForce.Ioc, "IOC"],
      [TimeInForce.Fok, "FOK"],
    ] as const) {
      for (const [type, typeText] of [
        [OrderType.Limit, "LIMIT"],
        [OrderType.Market, "MARKET"],
        [OrderType.LimitMaker, "LIMIT_MAKER"],
      ] as const) {
        const { signature, ...params } = encode("place", order({ side, tif, type, symbol: 1, priceTicks: 3 })).params
        assert.equal([params.side, params.type, params.symbol], [sideText, typeText, "ODD1"])
        assert.is(params.timeInForce, type === OrderType.Limit ? tifText : undefined)
        assert.is(params.price, type === OrderType.Market ? undefined : "0.15")
        assert.is(signature, hmac(params))
      }
    }
  }
})

test("a cancel and a query name the order by its client id, and their signatures hold", () => {
  for (const [kind, id, method] of [
    ["cancel", "c42", "order.cancel"],
    ["query", "q42", "order.status"],
  ] as const) {
    const request = encode(kind, order({}))
    const { signature, ...params } = request.params
    assert.equal([request.id, request.method, signature], [id, method, hmac(params)])
    const rest = { recvWindow: 5000, symbol: "BTCUSDT", timestamp: NOW_MS }
    assert.equal(params, { apiKey: API_KEY, origClientOrderId: "veloz-1-1", ...rest })
  }
})

test("prices, quantities and request ids of any size are written exactly", () => {
  const random = seededRandom(31)
  for (let round = 0; round < 3000; round++) {
    const symbol = below(random, SYMBOLS.length)
    const { price, lot } = SYMBOLS[symbol]
    const priceTicks = count(random, price)
    const qtyLots = count(random, lot)
    const requestId = Math.floor(Number.MAX_SAFE_INTEGER * random() ** 8)
    const request = encode("place", order({ symbol, priceTicks, qtyLots, requestId }))
    assert.is(request.params.price, formatUnits(priceTicks, price))
    assert.is(request.params.quantity, formatUnits(qtyLots, lot))
    assert.is(request.id, `p${requestId}`)
    const { signature, ...params } = request.params
    assert.is(signature, hmac(params))
  }
})

test("Ed25519 and RSA keys sign in base64, and the longest signature fits", () => {
  const pairs = [generateKeyPairSync("ed25519"), generateKeyPairSync("rsa", { modulusLength: 4096 })]
  for (const { privateKey, publicKey } of pairs) {
    const secret = privateKey.export({ type: "pkcs8", format: "pem" }).toString()
    const longest = "x".repeat(40)
    const request = encode("place", order({ clientId: longest, requestId: 2 ** 53 - 1 }), secret)
    const { signature, ...params } = request.params
    const digest = publicKey.asymmetricKeyType === "rsa" ? "sha256" : null
    const key = createPublicKey(publicKey.export({ type: "spki", format: "pem" }))
    assert.ok(verify(digest, Buffer.from(signedText(params)), key, Buffer.from(String(signature), "base64")))
  }
})

test("encoding and signing with HMAC allocates nothing", () => {
  const encoder = encoderWith(SECRET)
  const out = new Uint8Array(MAX_REQUEST_BYTES)
  const wish = order({ priceTicks: 6183763, qtyLots: 100 }) as {
    -readonly [K in keyof EncodableOrder]: EncodableOrder[K]
  }
  let total = 0
  const bytes = bytesPerCall(
    (i) => {
      wish.requestId = i
      wish.priceTicks = 6183763 + (i & 1023)
      total += encoder.place(wish, NOW_MS, out, 0)
    },
    { warmUpCalls: 30_000 },
  )
  assert.ok(total > 0)
  assert.ok(bytes < NO_ALLOCATION, `${bytes} bytes an order`)
})

test.run()

interface Request {
  id: string
  method: string
  params: Record<string, string | number>
}

function encoderWith(secret: string): OrderEncoder {
  return new OrderEncoder(SYMBOLS, API_KEY, signerFor({ apiKey: API_KEY, secret }), 5000)
}

function encode(kind: "place" | "cancel" | "query", wish: EncodableOrder, secret = SECRET): Request {
  const out = new Uint8Array(MAX_REQUEST_BYTES + 7).fill(0x7e)
  const length = encoderWith(secret)[kind](wish, NOW_MS, out, 7)
  assert.ok(length <= MAX_REQUEST_BYTES)
  return JSON.parse(Buffer.from(out.subarray(7, 7 + length)).toString())
}

function order({ clientId = "veloz-1-1", ...wish }: Partial<EncodableOrder> & { clientId?: string }): EncodableOrder {
  // The id stands somewhere within a record, as in life.
  const clientIdBytes = Buffer.from(`??${clientId}??`)
  return {
    requestId: 42,
    symbol: 0,
    side: Side.Buy,
    type: OrderType.Limit,
    tif: TimeInForce.Gtc,
    priceTicks: 1,
    qtyLots: 1,
    clientIdBytes,
    clientIdOffset: 2,
    clientIdLength: clientId.length,
    ...wish,
  }
}

function count(random: () => number, unit: Unit): number {
  return 1 + Math.floor((Number.MAX_SAFE_INTEGER / unit.step - 1) * random() ** 6)
}

function signedText(params: object): string {
  const entries = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([name, value]) => `${name}=${value}`).join("&")
}

function hmac(params: object): string {
  return createHmac("sha256", SECRET).update(signedText(params)).digest("hex")
}
