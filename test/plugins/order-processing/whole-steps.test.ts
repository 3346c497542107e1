import { test } from "uvu"
import * as assert from "uvu/assert"
import { wholeSteps } from "../../../plugins/order-processing/whole-steps.js"

test("an amount between two steps is rounded down", () => {
  assert.is(wholeSteps("0.0259", "0.01"), 2)
  assert.is(wholeSteps("0.029999999999999999999", "0.01"), 2)
  assert.is(wholeSteps("0.03", "0.01"), 3)
  assert.is(wholeSteps("0.009", "0.01"), 0)
})

test("the count is exact where doubles are not", () => {
  assert.is(wholeSteps("0.3", "0.1"), 3)
  assert.is(wholeSteps("1000000.00001", "0.00001"), 100_000_000_001)
})

test("numbers count by the digits that JavaScript writes for them", () => {
  assert.is(wholeSteps(2.5, "0.5"), 5)
  assert.is(wholeSteps(1e-7, "0.00000001"), 10)
  assert.is(wholeSteps(1e21, "0.00001"), Number.MAX_SAFE_INTEGER)
})

test("steps that are no power of ten count too", () => {
  assert.is(wholeSteps("1", "0.25"), 4)
  assert.is(wholeSteps("7", "5"), 1)
})

test.run()
