import { test } from "uvu"
import * as assert from "uvu/assert"
import { RateWindow } from "../../../../plugins/order-processing/hot/rate-window.js"
import { bytesPerCall, NO_ALLOCATION } from "../../../support/allocation.js"
import { seededRandom } from "../../../support/random.js"

const SECOND_NS = 1e9

function windowOf(limit: number): RateWindow {
  const window = new RateWindow()
  window.resize(limit)
  return window
}

test("as many as the limit are admitted at once, and another when the first of them is a second old", () => {
  const window = windowOf(3)
  assert.equal(
    [0, 1, 2, 3].map((now) => window.admit(now)),
    [true, true, true, false],
  )
  assert.not(window.admit(SECOND_NS - 1))
  assert.ok(window.admit(SECOND_NS))
  assert.not(window.admit(SECOND_NS))
  assert.ok(window.admit(SECOND_NS + 1))
})

test("no second ever holds more than the limit, and no more are refused than that takes", () => {
  const random = seededRandom(7)
  const limit = 5
  const window = windowOf(limit)
  const admitted: number[] = []
  for (let now = 0, i = 0; i < 20_000; i += 1, now += Math.floor(random() * 4e8)) {
    const recent = admitted.filter((at) => now - at < SECOND_NS).length
    const isAdmitted = window.admit(now)
    assert.is(isAdmitted, recent < limit, `at ${now} after ${recent}`)
    if (isAdmitted) admitted.push(now)
    if (admitted.length > limit) admitted.shift()
  }
})

test("a limit of 0 is no limit", () => {
  const window = windowOf(0)
  for (let i = 0; i < 1000; i += 1) assert.ok(window.admit(0))
})

test("a new limit remembers what was admitted: a smaller one at once, a larger one grants the difference", () => {
  const window = windowOf(3)
  for (let now = 0; now < 3; now += 1) window.admit(now)
  window.resize(5)
  assert.equal(
    [3, 4, 5].map((now) => window.admit(now)),
    [true, true, false],
  )
  window.resize(2)
  assert.not(window.admit(SECOND_NS + 2))
  assert.ok(window.admit(SECOND_NS + 3))
  assert.ok(window.admit(SECOND_NS + 4))
  assert.not(window.admit(SECOND_NS + 4))
})

test("admitting allocates nothing", () => {
  const window = windowOf(100)
  const now = new Float64Array(1)
  const bytes = bytesPerCall(() => {
    now[0] += 9e6
    window.admit(now[0])
  })
  assert.ok(bytes < NO_ALLOCATION, `${bytes}`)
})

test.run()
