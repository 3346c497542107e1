import { test } from "uvu"
import * as assert from "uvu/assert"
import { ManualClock } from "../../../../core/hot/clock.js"
import { ThrottleStage } from "../../../../plugins/market-data/hot/throttle.js"
import { bytesPerCall, NO_ALLOCATION } from "../../../support/allocation.js"
import { FakeCounter, StageProbe } from "../../../support/part-contexts.js"

function throttling(update_throttle_us: number) {
  const clock = new ManualClock()
  const throttled = new FakeCounter()
  const options = { update_throttle_us }
  const probe = new StageProbe((next, context) => new ThrottleStage(2, options, next, context, throttled), clock)
  return { clock, throttled, options, probe, stage: probe.stage }
}

test("the first notification of a symbol goes on at once, what follows within the gap as one at its end", () => {
  const { clock, probe, stage, throttled } = throttling(1000)
  stage.offer(0)
  assert.equal(probe.take(), [0])
  clock.advanceNs(300_000)
  stage.offer(0)
  stage.offer(0)
  stage.idle?.()
  assert.equal(probe.take(), [])
  assert.is(probe.wakeUs, 700)
  assert.is(throttled.value, 1)
  clock.advanceNs(700_000)
  stage.idle?.()
  assert.equal(probe.take(), [0])
})

test("symbols are spaced apart from each other, and the stage wakes for the one that is due first", () => {
  const { clock, probe, stage } = throttling(1000)
  stage.offer(0)
  clock.advanceNs(400_000)
  stage.offer(1)
  assert.equal(probe.take(), [0, 1])
  clock.advanceNs(100_000)
  stage.offer(1)
  stage.offer(0)
  stage.idle?.()
  assert.is(probe.wakeUs, 500)
  clock.advanceNs(500_000)
  stage.idle?.()
  assert.equal(probe.take(), [0])
  assert.is(probe.wakeUs, 400)
  clock.advanceNs(400_000)
  stage.idle?.()
  assert.equal(probe.take(), [1])
})

test("after a quiet gap the next notification goes on at once again", () => {
  const { clock, probe, stage } = throttling(1000)
  stage.offer(0)
  clock.advanceNs(1_000_000)
  stage.offer(0)
  assert.equal(probe.take(), [0, 0])
})

test("a new gap counts from the next update on", () => {
  const { clock, probe, stage, options } = throttling(1000)
  stage.offer(0)
  options.update_throttle_us = 50
  clock.advanceNs(60_000)
  stage.offer(0)
  assert.equal(probe.take(), [0, 0])
})

test("throttling allocates nothing", () => {
  const clock = new ManualClock()
  const context = { clock, wakeAfter() {} }
  let last = 0
  const next = (symbol: number): void => {
    last = symbol
  }
  const stage = new ThrottleStage(8, { update_throttle_us: 10 }, next, context, new FakeCounter())
  const bytes = bytesPerCall((i) => {
    clock.advanceNs(700)
    stage.offer(i & 7)
    stage.idle()
  })
  assert.ok(bytes < NO_ALLOCATION, `${bytes}, ${last}`)
})

test.run()
