import { test } from "uvu"
import * as assert from "uvu/assert"
import { ManualClock, SystemClock, wallOffsetUs } from "../../../core/hot/clock.js"

test("SystemClock never runs backwards and starts within a second of its base", () => {
  const clock = new SystemClock()
  let last = clock.nowNs()
  assert.ok(last >= 0 && last < 2e9, `${last}`)
  for (let i = 0; i < 10_000; i++) {
    const now = clock.nowNs()
    assert.ok(now >= last, `${now} after ${last}`)
    last = now
  }
})

test("SystemClock agrees with Node's own monotonic clock, so that all threads can share a base", () => {
  const clock = new SystemClock(0)
  const before = Number(process.hrtime.bigint())
  const now = clock.nowNs()
  const after = Number(process.hrtime.bigint())
  assert.ok(before <= now && now <= after, `${before} <= ${now} <= ${after}`)
})

test("SystemClock given the base of another counts from the same second", () => {
  const first = new SystemClock()
  const second = new SystemClock(first.baseSeconds)
  const a = first.nowNs()
  const b = second.nowNs()
  const c = first.nowNs()
  assert.ok(a <= b && b <= c, `${a} <= ${b} <= ${c}`)
})

test("SystemClock tells the wall time in whole microseconds", () => {
  const clock = new SystemClock()
  const before = Date.now()
  const now = clock.wallUs()
  const after = Date.now()
  assert.ok(Number.isSafeInteger(now))
  assert.ok(now >= before * 1000 && now < (after + 1) * 1000, `${before} ${now} ${after}`)
})

test("ManualClock moves only when told, and only its wall clock is stepped", () => {
  const clock = new ManualClock(500, 1_000_000)
  assert.is(clock.nowNs(), 500)
  assert.is(clock.wallUs(), 1_000_000)
  clock.advanceNs(2_000)
  assert.is(clock.nowNs(), 2_500)
  assert.is(clock.wallUs(), 1_000_002)
  clock.advanceMs(1)
  assert.is(clock.nowNs(), 1_002_500)
  clock.stepWallUs(-500)
  assert.is(clock.nowNs(), 1_002_500)
  assert.is(clock.wallUs(), 1_000_502)
})

test("a pause between the two clocks does not bring them closer together", () => {
  const pausesUs = [0, 300, 2]
  class InterruptedClock extends ManualClock {
    override wallUs(): number {
      const nowUs = super.wallUs()
      this.advanceNs(1000 * pausesUs.shift()!)
      return nowUs
    }
  }
  assert.is(wallOffsetUs(new InterruptedClock(7_000_000, 1_000_000)), 993_000)
})

test.run()
