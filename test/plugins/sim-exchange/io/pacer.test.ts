import { test } from "uvu"
import * as assert from "uvu/assert"
import { Pacer } from "../../../../plugins/sim-exchange/io/pacer.js"

/** Runs a pacer on a clock that jumps by the given steps, and returns how many events each wake made. */
async function counts(perSecond: number, stepsMs: number[]): Promise<number[]> {
  let nowMs = 0
  const made: number[] = []
  // Beyond the steps the clock stands still, so the pacer finds nothing more to do.
  const pacer = new Pacer(
    (count) => made.push(count),
    () => nowMs,
  )
  pacer.setRate(perSecond)
  for (const step of stepsMs) {
    nowMs += step
    const before = made.length
    for (let i = 0; i < 50 && made.length === before; i++) await new Promise((resolve) => setTimeout(resolve, 2))
  }
  pacer.stop()
  return made
}

test("a late wake makes up for what was missed, so that the rate holds", async () => {
  assert.equal(await counts(1000, [1, 10, 1]), [1, 10, 1])
})

test("fractions of an event are not lost", async () => {
  const made = await counts(500, [3, 3, 3, 3])
  assert.is(
    made.reduce((sum, count) => sum + count, 0),
    6,
  )
})

test("after a long stop it begins anew instead of catching up", async () => {
  assert.equal(await counts(1000, [1, 10_000, 2]), [1, 2])
})

test("a burst is cut to 1000 events a wake", async () => {
  const made = await counts(100_000, [20])
  assert.is(made[0], 1000)
})

test("a rate of nothing makes nothing", async () => {
  assert.equal(await counts(0, [5]), [])
})

test.run()
