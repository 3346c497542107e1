import { test } from "uvu"
import * as assert from "uvu/assert"
import { Pace } from "../../../../plugins/quoter/hot/pace.js"

const MS = 1e6

const now = new Float64Array(1)
const paced = (): Pace => new Pace(now)

function isDue(pace: Pace, atMs: number, rate: number): boolean {
  now[0] = atMs * MS
  return pace.take(rate)
}

function turnsTaken(pace: Pace, rate: number, fromMs: number, toMs: number, stepMs: number): number {
  let count = 0
  for (let at = fromMs; at < toMs; at += stepMs) while (isDue(pace, at, rate)) count += 1
  return count
}

test("turns come at the rate, however unevenly one asks", () => {
  assert.is(turnsTaken(paced(), 50, 1000, 11_000, 1), 500)
  const uneven = turnsTaken(paced(), 50, 1000, 11_000, 7)
  assert.ok(uneven >= 499 && uneven <= 501, `${uneven}`)
})

test("a rate above the asking is kept by several turns at once", () => {
  assert.is(turnsTaken(paced(), 1000, 1000, 2000, 10), 991)
})

test("a standstill is not made up for", () => {
  const pace = paced()
  turnsTaken(pace, 50, 1000, 2000, 1)
  assert.is(turnsTaken(pace, 50, 60_000, 60_001, 1), 1)
})

test("a rate that is raised takes effect at once", () => {
  const pace = paced()
  assert.ok(isDue(pace, 1000, 0.01))
  assert.not(isDue(pace, 1001, 50))
  assert.ok(isDue(pace, 1021, 50))
})

test.run()
