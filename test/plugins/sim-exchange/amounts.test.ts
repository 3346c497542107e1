import { test } from "uvu"
import * as assert from "uvu/assert"
import { formatUnits, parseUnits } from "../../../core/hot/decimal.js"
import {
  formatAmount,
  MALFORMED,
  MOST_UNITS,
  parseAmount,
  parsePlainAmount,
} from "../../../plugins/sim-exchange/amounts.js"
import { below, seededRandom } from "../../support/random.js"

const UNIT = { decimals: 8, step: 1 }

test("amounts are read as the exact way reads them, whatever the text", () => {
  const texts = ["", ".", "0", "00", "1.", ".5", "1.2.3", "-1", "+1", " 1", "1 ", "1e3", "0x1", "１", "0.00000001"]
  texts.push("0.000000001", "0.100000000", "90071992.54740991", "90071992.54740992", "9007199254740993", "99999999")
  const random = seededRandom(3)
  for (let i = 0; i < 20_000; i++) {
    texts.push(Array.from({ length: below(random, 19) }, () => "0123456789."[below(random, 11)]).join(""))
  }
  for (const text of texts) {
    assert.is(parseAmount(text), parseUnits(text, UNIT), JSON.stringify(text))
    const plain = parsePlainAmount(text)
    assert.ok(plain === MALFORMED || /^[0-9]{1,20}(\.[0-9]{1,20})?$/.test(text), JSON.stringify(text))
  }
})

test("amounts are written with eight decimals, exactly", () => {
  const random = seededRandom(4)
  const amounts = [0, 1, 99_999_999, 100_000_000, 100_000_001, MOST_UNITS, -1, -123_456_789_012]
  for (let i = 0; i < 20_000; i++) amounts.push(Math.floor(random() * 10 ** below(random, 16)))
  for (const units of amounts) assert.is(formatAmount(units), formatUnits(units, UNIT, 8))
})

test.run()
