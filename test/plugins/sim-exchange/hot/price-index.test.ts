import { test } from "uvu"
import * as assert from "uvu/assert"
import { NOT_FOUND, PriceIndex } from "../../../../plugins/sim-exchange/hot/price-index.js"
import { below, seededRandom } from "../../../support/random.js"

test("an empty index finds nothing in either direction", () => {
  const index = new PriceIndex(1_000_000)
  assert.is(index.above(0), NOT_FOUND)
  assert.is(index.below(1_000_000), NOT_FOUND)
})

test("neighbours are found across word borders and over the widest gap", () => {
  const index = new PriceIndex(2 ** 27)
  for (const ticks of [1, 31, 32, 1023, 1024, 2 ** 27]) index.add(ticks)
  assert.is(index.above(0), 1)
  assert.is(index.above(1), 31)
  assert.is(index.above(31), 32)
  assert.is(index.above(32), 1023)
  assert.is(index.above(1024), 2 ** 27)
  assert.is(index.above(2 ** 27), NOT_FOUND)
  assert.is(index.below(2 ** 27), 1024)
  assert.is(index.below(1023), 32)
  assert.is(index.below(1), NOT_FOUND)
})

test("it agrees with a sorted list through random additions and removals", () => {
  const random = seededRandom(11)
  const index = new PriceIndex(50_000)
  const model = new Set<number>()
  for (let i = 0; i < 4000; i++) {
    const ticks = random() < 0.5 ? below(random, 50_001) : 20_000 + below(random, 200)
    if (model.has(ticks)) {
      model.delete(ticks)
      index.remove(ticks)
    } else {
      model.add(ticks)
      index.add(ticks)
    }
    const from = below(random, 50_001)
    const sorted = [...model].sort((a, b) => a - b)
    assert.is(index.above(from), sorted.find((each) => each > from) ?? NOT_FOUND)
    assert.is(index.below(from), sorted.findLast((each) => each < from) ?? NOT_FOUND)
  }
})

test.run()
