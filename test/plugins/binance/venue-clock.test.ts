import { test } from "uvu"
import * as assert from "uvu/assert"
import { VenueClock } from "../../../plugins/binance/venue-clock.js"

const MS = 1e6

test("before the first measure no timestamp is trusted", () => {
  assert.not(new VenueClock().isTrusted(0))
})

test("the fastest round trip of a round sets the time, read in its middle", () => {
  const clock = new VenueClock()
  clock.beginRound()
  clock.sample(10 * MS, 30 * MS, 5_000_000)
  clock.sample(40 * MS, 42 * MS, 5_021_000)
  clock.sample(50 * MS, 90 * MS, 9_000_000)
  assert.ok(clock.endRound(90 * MS))
  // Monotonic 41 ms was venue 5.021 s.
  assert.is(clock.venueUs(41 * MS), 5_021_000)
  assert.is(clock.venueUs(141 * MS), 5_121_000)
  assert.is(clock.doubtUs(90 * MS), 1000)
})

test("a round without an answer keeps the old measure, whose doubt grows", () => {
  const clock = new VenueClock()
  clock.beginRound()
  clock.sample(0, 2 * MS, 1000)
  clock.endRound(2 * MS)
  clock.beginRound()
  assert.not(clock.endRound(3 * MS))
  assert.is(clock.venueUs(1 * MS), 1000)
  const hourNs = 3600 * 1000 * MS
  assert.ok(clock.isTrusted(hourNs))
  assert.not(clock.isTrusted(2 * hourNs))
})

test("a round trip of two seconds leaves too much doubt to sign", () => {
  const clock = new VenueClock()
  clock.beginRound()
  clock.sample(0, 2000 * MS, 1000)
  clock.endRound(2000 * MS)
  assert.not(clock.isTrusted(2000 * MS))
})

test.run()
