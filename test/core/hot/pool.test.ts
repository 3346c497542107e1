import { test } from "uvu"
import * as assert from "uvu/assert"
import { NO_SLOT, SlotPool } from "../../../core/hot/pool.js"
import { below, seededRandom } from "../../support/random.js"

test("acquire lends slots from 0 and counts, release gives them back", () => {
  const pool = new SlotPool(10)
  assert.equal([pool.acquire(), pool.acquire(), pool.acquire()], [0, 1, 2])
  pool.release(1)
  assert.is(pool.acquire(), 1)
  assert.equal([pool.inUse, pool.peak, pool.allocations, pool.fallbacks], [3, 3, 4, 0])
})

test("acquire answers NO_SLOT beyond the capacity and counts the fallback", () => {
  const pool = new SlotPool(2)
  pool.acquire()
  pool.acquire()
  assert.is(pool.acquire(), NO_SLOT)
  assert.equal([pool.fallbacks, pool.inUse, pool.capacity], [1, 2, 2])
  assert.is(new SlotPool(0).acquire(), NO_SLOT)
})

test("release refuses a slot that is not lent", () => {
  const pool = new SlotPool(10)
  const slot = pool.acquire()
  pool.release(slot)
  for (const wrong of [slot, 5, 9_999, -1]) assert.throws(() => pool.release(wrong), /VELOZ_SLOT_NOT_IN_USE/)
})

test("resize grows by whole segments at once and tells the owner", () => {
  const made: number[] = []
  const pool = new SlotPool(1024, { onSegment: (index) => made.push(index) })
  for (let i = 0; i < 1024; i++) pool.acquire()
  assert.is(pool.acquire(), NO_SLOT)
  pool.resize(3000)
  assert.is(pool.acquire(), 1024)
  assert.equal(made, [0, 1, 2])
})

test("resize shrinks from the end, as the last segments empty", () => {
  const dropped: number[] = []
  const pool = new SlotPool(4096, { onSegment() {}, onSegmentReleased: (index) => dropped.push(index) })
  for (let i = 0; i < 2049; i++) pool.acquire()
  pool.resize(1000)
  assert.equal(dropped, [3])
  assert.is(pool.acquire(), NO_SLOT, "nothing is lent while more is in use than may be")
  pool.release(2048)
  assert.equal(dropped, [3, 2])
  for (let slot = 1024; slot < 2048; slot++) pool.release(slot)
  assert.equal(dropped, [3, 2, 1])
  assert.is(pool.segmentCount, 1)
  assert.is(pool.acquire(), NO_SLOT)
  for (let slot = 0; slot < 24; slot++) pool.release(slot)
  assert.is(pool.acquire(), NO_SLOT)
  pool.release(24)
  assert.ok(pool.acquire() < 1024)
})

test("resize refuses what is no capacity", () => {
  for (const capacity of [-1, 1.5, Number.NaN, 2 ** 25]) {
    assert.throws(() => new SlotPool(capacity), /VELOZ_POOL_CAPACITY/)
  }
})

test("whatever is acquired, released and resized, no slot is lent twice or lies outside its memory", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = seededRandom(seed)
    const segments = new Set<number>()
    const pool = new SlotPool(500, {
      onSegment: (index) => segments.add(index),
      onSegmentReleased: (index) => segments.delete(index),
    })
    const lent = new Set<number>()
    for (let step = 0; step < 20_000; step++) {
      const action = random()
      if (action < 0.55) {
        const slot = pool.acquire()
        assert.is(slot === NO_SLOT, lent.size >= pool.capacity)
        if (slot === NO_SLOT) continue
        assert.not(lent.has(slot))
        lent.add(slot)
      } else if (action < 0.999) {
        const slot = lent.values().next().value
        if (slot === undefined) continue
        lent.delete(slot)
        pool.release(slot)
      } else {
        pool.resize(below(random, 5_000))
      }
      assert.is(pool.inUse, lent.size)
      assert.is(segments.size, pool.segmentCount)
    }
    for (const slot of lent) assert.ok(segments.has(slot >> 10) && pool.isUsed(slot))
  }
})

test.run()
