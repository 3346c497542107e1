import { test } from "uvu"
import * as assert from "uvu/assert"
import {
  formatTrimmed,
  formatUnits,
  MALFORMED,
  OFF_STEP,
  parseUnits,
  TOO_LARGE,
  unitOf,
} from "../../../core/hot/decimal.js"
import { seededRandom } from "../../support/random.js"

const CENT = unitOf("0.01")
const SATOSHI = unitOf("0.00000001")
const FIVE_CENTS = unitOf("0.05")

test("unitOf reads a tick size with and without trailing zeros", () => {
  assert.equal(unitOf("0.01"), { decimals: 2, step: 1 })
  assert.equal(unitOf("0.01000000"), { decimals: 2, step: 1 })
  assert.equal(unitOf("0.05"), { decimals: 2, step: 5 })
  assert.equal(unitOf("2.50"), { decimals: 1, step: 25 })
  assert.equal(unitOf("1.00000000"), { decimals: 0, step: 1 })
  assert.equal(unitOf("100"), { decimals: 0, step: 100 })
  assert.equal(unitOf("1e-8"), { decimals: 8, step: 1 })
})

test("unitOf refuses what is not a positive decimal, and says what would be", () => {
  for (const text of ["", "0", "0.00", "-0.01", "abc", "0.0.1", "1."]) {
    assert.throws(() => unitOf(text), /VELOZ_UNIT: .*"0\.01"/, text)
  }
})

test("parseUnits reads plain decimals, trailing zeros and exponents", () => {
  assert.is(parseUnits("61737.63000000", CENT), 6173763)
  assert.is(parseUnits("61737.63", CENT), 6173763)
  assert.is(parseUnits("61737", CENT), 6173700)
  assert.is(parseUnits("0.00000000", CENT), 0)
  assert.is(parseUnits("1e-8", SATOSHI), 1)
  assert.is(parseUnits("1.5E+3", CENT), 150000)
  assert.is(parseUnits("12300e-2", CENT), 12300)
  assert.is(parseUnits("007.10", CENT), 710)
  assert.is(parseUnits("0e999", CENT), 0)
})

test("parseUnits tells malformed text, off-step and too large numbers apart", () => {
  for (const text of ["", ".", "1.", ".5", "-1", "+1", "1e", "1 ", " 1", "1,5", "0x10", "NaN", "Infinity", "1.2.3"]) {
    assert.is(parseUnits(text, CENT), MALFORMED, text)
  }
  assert.is(parseUnits("0.001", CENT), OFF_STEP)
  assert.is(parseUnits("1e-400", CENT), OFF_STEP)
  assert.is(parseUnits("0.07", FIVE_CENTS), OFF_STEP)
  assert.is(parseUnits("1.05", FIVE_CENTS), 21)
  assert.is(parseUnits("90071992547409.91", CENT), Number.MAX_SAFE_INTEGER)
  assert.is(parseUnits("90071992547409.92", CENT), TOO_LARGE)
  assert.is(parseUnits("1e400", CENT), TOO_LARGE)
})

test("formatUnits is exact and pads to the places asked for", () => {
  assert.is(formatUnits(6173763, CENT), "61737.63")
  assert.is(formatUnits(6173763, CENT, 8), "61737.63000000")
  assert.is(formatUnits(5, CENT), "0.05")
  assert.is(formatUnits(21, FIVE_CENTS), "1.05")
  assert.is(formatUnits(-5, CENT), "-0.05")
  assert.is(formatUnits(7, unitOf("100")), "700")
  assert.is(formatUnits(Number.MAX_SAFE_INTEGER, FIVE_CENTS), "450359962737049.55")
})

test("formatUnits keeps digits rather than lose them when fewer places are asked for", () => {
  assert.is(formatUnits(6173763, CENT, 0), "61737.63")
  assert.is(formatUnits(6173700, CENT, 0), "61737")
  assert.is(formatTrimmed(378826000, SATOSHI), "3.78826")
  assert.is(formatTrimmed(0, SATOSHI), "0")
  assert.is(formatTrimmed(100000000, SATOSHI), "1")
})

test("parseUnits undoes formatUnits for any count and unit", () => {
  const random = seededRandom(7)
  for (let i = 0; i < 20_000; i++) {
    const unit = { decimals: Math.floor(random() * 9), step: [1, 5, 25, 10][Math.floor(random() * 4)] }
    const count = Math.floor(random() ** 4 * (Number.MAX_SAFE_INTEGER / unit.step))
    assert.is(parseUnits(formatUnits(count, unit), unit), count)
    assert.is(parseUnits(formatUnits(count, unit, 12), unit), count)
    assert.is(parseUnits(formatTrimmed(count, unit), unit), count)
  }
})

test.run()
