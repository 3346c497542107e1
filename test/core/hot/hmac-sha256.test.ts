import { createHmac, randomBytes } from "node:crypto"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { HmacSha256 } from "../../../core/hot/hmac-sha256.js"

test("signatures equal those of node:crypto for keys, messages and prefixes of all lengths", () => {
  for (let length = 0; length < 300; length++) {
    for (const keyLength of [0, 1, 32, 63, 64, 65, 200]) {
      const key = randomBytes(keyLength)
      const message = randomBytes(length)
      const prefix = message.subarray(0, (length * keyLength) % (length + 1))
      const hmac = new HmacSha256(key, prefix)
      const out = new Uint8Array(70)
      assert.is(hmac.sign(message, length, out, 3), 67)
      // A second time: the first left nothing behind.
      hmac.sign(message, length, out, 3)
      const expected = createHmac("sha256", key).update(message).digest("hex")
      assert.is(Buffer.from(out.subarray(3, 67)).toString(), expected)
    }
  }
})

test.run()
