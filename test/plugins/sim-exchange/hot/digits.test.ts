import { test } from "uvu"
import * as assert from "uvu/assert"
import { writeAmount, writeInteger } from "../../../../plugins/sim-exchange/hot/digits.js"
import { seededRandom } from "../../../support/random.js"

const bytes = new Uint8Array(64)

test("writeInteger prints what String prints, at every length", () => {
  const random = seededRandom(5)
  const cases = [0, 9, 10, 99_999_999, 100_000_000, 4_294_967_296, Number.MAX_SAFE_INTEGER]
  for (let power = 0; power < 16; power++) cases.push(10 ** power, 10 ** power - 1, Math.floor(random() * 10 ** power))
  for (const value of cases) assert.is(text(writeInteger(bytes, 3, value)), String(value))
})

test("writeAmount prints eight decimals, zeros included", () => {
  assert.is(text(writeAmount(bytes, 3, 0, 1_000)), "0.00000000")
  assert.is(text(writeAmount(bytes, 3, 1, 1)), "0.00000001")
  assert.is(text(writeAmount(bytes, 3, 6_183_763, 1_000_000)), "61837.63000000")
  assert.is(text(writeAmount(bytes, 3, 9e9, 1_000_000)), "90000000.00000000")
})

function text(end: number): string {
  return Buffer.from(bytes.subarray(3, end)).toString("latin1")
}

test.run()
