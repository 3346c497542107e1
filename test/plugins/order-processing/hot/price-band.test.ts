import { test } from "uvu"
import * as assert from "uvu/assert"
import { isOutsideBand } from "../../../../plugins/order-processing/hot/price-band.js"

test("the band is measured from the middle, and its edge is inside", () => {
  assert.not(isOutsideBand(110, 99, 101, 10))
  assert.ok(isOutsideBand(111, 99, 101, 10))
  assert.not(isOutsideBand(90, 99, 101, 10))
  assert.ok(isOutsideBand(89, 99, 101, 10))
})

test("a middle between two ticks is exact", () => {
  // The middle is 100.5, ten percent of it 10.05: 110 is inside, 111 is not.
  assert.not(isOutsideBand(110, 100, 101, 10))
  assert.ok(isOutsideBand(111, 100, 101, 10))
})

test("a book with one side is measured from that side, an empty one not at all", () => {
  assert.ok(isOutsideBand(200, 100, 0, 50))
  assert.not(isOutsideBand(150, 0, 100, 50))
  assert.not(isOutsideBand(1e12, 0, 0, 1))
})

test.run()
