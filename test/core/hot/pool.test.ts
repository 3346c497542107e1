import { test } from "uvu"
import * as assert from "uvu/assert"
import { FIRST_HEAP_SLOT, NO_SLOT, PoolFigure, type SegmentOwner, SlotPool } from "../../../core/hot/pool.js"
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

test("a full pool names objects on the heap, and counts those that live", () => {
  const pool = new SlotPool(1)
  const slots = [pool.acquireOrHeap(), pool.acquireOrHeap(), pool.acquireOrHeap(), pool.acquireHeap()]
  assert.equal(slots, [0, FIRST_HEAP_SLOT, FIRST_HEAP_SLOT + 1, FIRST_HEAP_SLOT + 2])
  assert.equal([pool.inUse, pool.onHeap, pool.allocations, pool.fallbacks], [1, 3, 4, 3])
  pool.release(slots[1])
  assert.not(pool.isUsed(slots[1]))
  assert.throws(() => pool.release(slots[1]), /VELOZ_SLOT_NOT_IN_USE/)
  assert.is(pool.acquireOrHeap(), slots[1], "numbers are used again")
  for (const slot of slots) pool.release(slot)
  assert.equal([pool.inUse, pool.onHeap], [0, 0])
  assert.is(pool.acquireOrHeap(), 0, "and the pool is used again once it has room")
})

test("a pool of one is one segment of one", () => {
  const memory = new Memory()
  const pool = new SlotPool(1, { owner: memory, bytesPerSlot: 61 })
  assert.equal(memory.sizes, [1])
  assert.is(usageOf(pool)[PoolFigure.Bytes], 64)
})

test("resize grows a segment a step and tells the owner, and what is lent stays", () => {
  const memory = new Memory()
  const pool = new SlotPool(1, { owner: memory })
  pool.acquire()
  pool.resize(3000)
  assert.is(pool.capacity, 1, "nothing happens before the first step")
  pool.settle()
  assert.equal([pool.capacity, memory.sizes, pool.isSettled], [1024, [1024], false])
  settle(pool)
  assert.equal([pool.capacity, memory.sizes], [3000, [1024, 1024, 952]])
  assert.ok(pool.isUsed(0))
  assert.is(pool.acquire(), 1)
})

test("resize shrinks as the slots that are too many are given back", () => {
  const memory = new Memory()
  const pool = new SlotPool(4096, { owner: memory })
  for (let i = 0; i < 2049; i++) pool.acquire()
  pool.resize(1000)
  assert.equal(memory.sizes, [1024, 1024, 1, 0])
  assert.is(pool.acquire(), NO_SLOT, "nothing is lent while more is in use than may be")
  assert.is(usageOf(pool)[PoolFigure.Capacity], 2049, "the figures never say that more is in use than there is")
  pool.release(2048)
  assert.equal(memory.sizes, [1024, 1024, 1, 0], "memory goes at the next step, not in the middle of a turn")
  pool.settle()
  assert.equal(memory.sizes, [1024, 1024, 0, 0])
  for (let slot = 1024; slot < 2048; slot++) pool.release(slot)
  for (let slot = 0; slot < 24; slot++) pool.release(slot)
  assert.is(pool.acquire(), NO_SLOT)
  pool.release(24)
  assert.ok(pool.acquire() < 1000, "beyond the capacity no slot is lent, though its memory is there")
  pool.settle()
  assert.equal(memory.sizes, [1024, 0, 0, 0])
  for (let slot = 1000; slot < 1024; slot++) pool.release(slot)
  settle(pool)
  assert.equal(memory.sizes, [1000, 0, 0, 0])
})

test("a pool that is told to preallocate touches each segment once, and new ones later", () => {
  const memory = new Memory()
  const pool = new SlotPool(2000, { owner: memory })
  settle(pool)
  assert.equal(memory.touched, [])
  pool.resize(2000, true)
  settle(pool)
  assert.equal(memory.touched, [0, 1])
  pool.resize(3000, true)
  settle(pool)
  assert.equal(memory.touched, [0, 1, 1, 2], "the second has other memory since it was completed")
})

test("an owner without memory leaves the pool as it was, and giving up ends the wish", () => {
  const memory = new Memory()
  const pool = new SlotPool(1500, { owner: memory })
  memory.isShort = true
  pool.resize(5000)
  assert.throws(() => pool.settle(), RangeError)
  assert.equal([pool.capacity, pool.heldSlots], [1500, 1500])
  for (let i = 0; i < 1500; i++) assert.is(pool.acquire(), i)
  assert.is(pool.acquire(), NO_SLOT)
  pool.giveUp()
  assert.ok(pool.isSettled)
  memory.isShort = false
  pool.resize(2000)
  settle(pool)
  assert.is(pool.acquire(), 1500)
})

test("resize refuses what is no capacity", () => {
  for (const capacity of [-1, 1.5, Number.NaN, 2 ** 28]) {
    assert.throws(() => new SlotPool(capacity), /VELOZ_POOL_CAPACITY/)
  }
})

test("whatever is acquired, released and resized, no slot is lent twice or lies outside its memory", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = seededRandom(seed)
    const memory = new Memory()
    const shift = seed % 2 === 0 ? 10 : 5
    const pool = new SlotPool(500, { owner: memory, shift })
    const lent: number[] = []
    for (let step = 0; step < 20_000; step++) {
      const action = random()
      if (action < 0.5) {
        const isFull = lent.filter((slot) => slot < FIRST_HEAP_SLOT).length >= pool.capacity
        const slot = pool.acquireOrHeap()
        assert.is(slot >= FIRST_HEAP_SLOT, isFull)
        assert.not(lent.includes(slot))
        if (!isFull) assert.ok(slot < pool.capacity)
        lent.push(slot)
      } else if (action < 0.98) {
        if (lent.length > 0) pool.release(lent.splice(below(random, lent.length), 1)[0])
      } else if (action < 0.99) pool.resize(below(random, random() < 0.5 ? 3_000 : 50))
      else pool.settle()
      const onHeap = lent.filter((slot) => slot >= FIRST_HEAP_SLOT).length
      assert.equal([pool.inUse, pool.onHeap], [lent.length - onHeap, onHeap])
      assert.is(
        memory.sizes.reduce((sum, size) => sum + size, 0),
        pool.heldSlots,
      )
      const [capacity, inUse] = usageOf(pool)
      assert.ok(inUse <= capacity && inUse <= pool.heldSlots)
    }
    for (const slot of lent) {
      assert.ok(pool.isUsed(slot))
      if (slot < FIRST_HEAP_SLOT) assert.ok((slot & (2 ** shift - 1)) < memory.sizes[slot >> shift])
      pool.release(slot)
    }
    settle(pool)
    assert.is(pool.heldSlots, pool.capacity, "memory is held for no more than the capacity when all is given back")
  }
})

/** What an owner holds for each segment. */
class Memory implements SegmentOwner {
  readonly sizes: number[] = []
  readonly touched: number[] = []
  isShort = false

  onSegment(index: number, slots: number): void {
    if (this.isShort) throw new RangeError("Array buffer allocation failed")
    this.sizes[index] = slots
  }

  onTouch(index: number): void {
    this.touched.push(index)
  }
}

function settle(pool: SlotPool): void {
  while (!pool.isSettled) pool.settle()
}

function usageOf(pool: SlotPool): Float64Array {
  const usage = new Float64Array(8)
  pool.writeUsage(usage)
  return usage
}

test.run()
