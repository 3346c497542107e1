import { test } from "uvu"
import * as assert from "uvu/assert"
import { rankTest } from "../../../core/measure/rank-test.js"
import { seededRandom } from "../../support/random.js"

const ONE_TO_TEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

test("the probabilities are those of the textbook", () => {
  // Two tens that do not overlap: U = 0, z = (50 - 0.5) / sqrt(175).
  const apart = rankTest(
    ONE_TO_TEN,
    ONE_TO_TEN.map((value) => value + 10),
  )
  assert.ok(Math.abs(apart - 0.000183) < 0.000001, `${apart}`)
  // Ties: U = 3.5 of 25, z = (12.5 - 3.5 - 0.5) / sqrt(25 / 12 * (11 - 30 / 90)).
  const tied = rankTest([1, 2, 2, 3, 4], [2, 4, 5, 6, 7])
  assert.ok(Math.abs(tied - 0.07137) < 0.00001, `${tied}`)
})

test("it does not matter which sample is named first, nor in what order", () => {
  const [a, b] = [
    [5, 1, 9, 3, 3],
    [2, 8, 3, 11, 4],
  ]
  assert.is(rankTest(a, b), rankTest(b, a))
  assert.is(rankTest(a, b), rankTest([...a].reverse(), b))
})

test("equal values are no difference", () => {
  assert.is(rankTest([4, 4, 4, 4, 4], [4, 4, 4, 4, 4]), 1)
  assert.ok(rankTest(ONE_TO_TEN, ONE_TO_TEN) > 0.999)
})

test("of samples from one source about one pair in a hundred falls below 0.01", () => {
  const random = seededRandom(11)
  const sample = (): number[] => Array.from({ length: 10 }, () => -Math.log(1 - random()))
  let alarms = 0
  for (let pair = 0; pair < 5000; pair += 1) if (rankTest(sample(), sample()) < 0.01) alarms += 1
  assert.ok(alarms >= 15 && alarms <= 75, `${alarms} of 5000`)
})

test("a source that is half as fast again is told apart", () => {
  const random = seededRandom(12)
  const sample = (factor: number): number[] => Array.from({ length: 10 }, () => factor * (10 + random()))
  assert.ok(rankTest(sample(1), sample(1.5)) < 0.001)
})

test.run()
