import { test } from "uvu"
import * as assert from "uvu/assert"
import { formatUnits } from "../../../../core/hot/decimal.js"
import { MAX_DECIMALS, writeDecimal, writeUnsigned } from "../../../../plugins/binance/hot/digits.js"
import { seededRandom } from "../../../support/random.js"

test("whole numbers of every length are written exactly, and nothing beside them", () => {
  const edges = Array.from({ length: 16 }, (_, exponent) => [10 ** exponent - 1, 10 ** exponent, 10 ** exponent + 1])
  for (const value of [0, ...edges.flat(), 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    assert.is(
      written((out) => writeUnsigned(out, 1, value)),
      String(value),
    )
  }
})

test("decimals of every length are written with all their places", () => {
  const random = seededRandom(41)
  for (let round = 0; round < 5000; round++) {
    const decimals = round % (MAX_DECIMALS + 1)
    const smallest = Math.floor(Number.MAX_SAFE_INTEGER * random() ** (round % 12))
    const expected = formatUnits(smallest, { decimals, step: 1 })
    assert.is(
      written((out) => writeDecimal(out, 1, smallest, decimals)),
      expected,
    )
  }
})

test.run()

function written(write: (out: Uint8Array) => number): string {
  const out = new Uint8Array(40)
  const end = write(out)
  assert.ok(out[0] === 0 && out.subarray(end).every((byte) => byte === 0))
  return Buffer.from(out.subarray(1, end)).toString()
}
