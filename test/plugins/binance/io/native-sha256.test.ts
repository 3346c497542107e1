import { createHmac } from "node:crypto"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { HmacSha256, makeCompress } from "../../../../core/hot/hmac-sha256.js"
import { nativeCompress } from "../../../../plugins/binance/io/native-sha256.js"
import { bytesPerCall, NO_ALLOCATION } from "../../../support/allocation.js"
import { below, seededRandom } from "../../../support/random.js"
import { testUnless } from "../../../support/skip.js"

const compress = nativeCompress()
const testNative = testUnless(compress === undefined ? "this Node does not show its OpenSSL" : undefined)

testNative("takes any state and block to where plain arithmetic takes it", () => {
  const random = seededRandom(5)
  const plain = makeCompress()
  for (let i = 0; i < 500; i++) {
    const state = Int32Array.from({ length: 8 }, () => below(random, 2 ** 32) | 0)
    const bytes = Uint8Array.from({ length: 200 }, () => below(random, 256))
    const offset = below(random, 136)
    const expected = state.slice()
    plain(expected, bytes, offset)
    compress!(state, bytes, offset)
    assert.equal(state, expected)
  }
})

testNative("signs messages of every length as node:crypto does", () => {
  const key = Buffer.from("secret".repeat(7))
  const hmac = new HmacSha256(key, Buffer.from("apiKey="), compress)
  const out = new Uint8Array(64)
  for (let length = 7; length < 300; length++) {
    const message = Buffer.from(`apiKey=${"abcdefghij".repeat(30)}`.slice(0, length))
    assert.is(hmac.sign(message, length, out, 0), 64)
    assert.is(Buffer.from(out).toString(), createHmac("sha256", key).update(message).digest("hex"))
  }
})

testNative("goes on to be right after the heap was collected, and allocates nothing", () => {
  const message = Buffer.from("x".repeat(243))
  const hmac = new HmacSha256(message.subarray(0, 32), message.subarray(0, 0), nativeCompress())
  const out = new Uint8Array(64)
  const bytes = bytesPerCall((i) => {
    message[100] = 48 + (i % 10)
    hmac.sign(message, message.length, out, 0)
  })
  assert.ok(bytes < NO_ALLOCATION, `${bytes} bytes a signature`)
  const expected = createHmac("sha256", message.subarray(0, 32)).update(message).digest("hex")
  assert.is(Buffer.from(out).toString(), expected)
})

test.run()
