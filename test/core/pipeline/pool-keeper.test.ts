import { test } from "uvu"
import * as assert from "uvu/assert"
import { ManualClock } from "../../../core/hot/clock.js"
import { Counters } from "../../../core/hot/counters.js"
import { PoolFigure, type ResizablePool, SlotPool } from "../../../core/hot/pool.js"
import { PoolKeeper } from "../../../core/pipeline/pool-keeper.js"

/** A keeper of two pools, of which each segment takes so long of the clock. */
class Rig {
  readonly clock = new ManualClock()
  readonly counters = new Counters(new Float64Array(64))
  readonly failures: string[] = []
  readonly steps: (() => void)[] = []
  readonly scheduler = {
    after: (_delayMs: number, callback: () => void) => {
      this.steps.push(callback)
      return () => undefined
    },
  }
  isShort = false
  isTouchedAnew = false
  readonly orders: SlotPool
  readonly strings = new SlotPool(20)
  readonly keeper: PoolKeeper

  constructor(segmentMs = 0.3) {
    this.orders = new SlotPool(10, {
      owner: {
        onSegment: () => {
          if (this.isShort) throw new RangeError("Array buffer allocation failed")
          this.clock.advanceMs(segmentMs)
        },
      },
    })
    this.keeper = new PoolKeeper({
      clock: this.clock,
      counters: this.counters,
      scheduler: this.scheduler,
      onFailure: (message) => void this.failures.push(message),
      pools: [
        { name: "order_pool", pool: this.orders, unwished: 10 },
        { name: "string_pool", pool: this.strings, unwished: 20 },
      ],
      wishPages: () => this.isTouchedAnew,
    })
  }

  counter(name: string): number {
    return this.counters.get(this.counters.slot(name))
  }

  orderPool(capacity: number): void {
    this.keeper.apply({ order_pool: { capacity, preallocate: false } })
  }
}

test("the figures of each pool stand in counters from the beginning", () => {
  const rig = new Rig()
  assert.equal([rig.counter("order_pool_capacity"), rig.counter("string_pool_capacity")], [10, 20])
})

test("each figure stands in the counter of its name", () => {
  const { clock, counters, scheduler } = new Rig()
  const pool = Object.assign(new SlotPool(1), {
    writeUsage: (into: Float64Array) => {
      for (const [name, figure] of Object.entries(PoolFigure)) into[figure] = name.length
    },
  })
  const pools = [{ name: "market_event_pool" as const, pool, unwished: 1 }]
  new PoolKeeper({ clock, counters, scheduler, pools, onFailure: () => undefined, wishPages: () => false })
  const figures = counters.toObject()
  for (const name of Object.keys(PoolFigure)) {
    const counter = `market_event_pool${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`
    assert.is(figures[counter], name.length, counter)
  }
})

test("a turn shows what was lent and given back", () => {
  const rig = new Rig()
  rig.orders.acquire()
  rig.keeper.idle()
  assert.equal([rig.counter("order_pool_in_use"), rig.counter("order_pool_allocations")], [1, 1])
})

test("a pool grows a millisecond at a time, with pauses in between, and shows how far it is", () => {
  const rig = new Rig()
  rig.orderPool(100 * 1024)
  assert.is(rig.counter("order_pool_capacity"), 10, "not in the cut of the generation")
  let steps = 0
  for (let before = 10; !rig.orders.isSettled; steps += 1) {
    const startedNs = rig.clock.nowNs()
    assert.is(rig.steps.length, 1)
    rig.steps.shift()!()
    const tookMs = (rig.clock.nowNs() - startedNs) / 1e6
    assert.ok(tookMs <= 1.3, `${tookMs}`)
    assert.ok(rig.orders.capacity > before)
    assert.is(rig.counter("order_pool_capacity"), rig.orders.capacity)
    before = rig.orders.capacity
  }
  assert.is(steps, 25)
  assert.is(rig.steps.length, 0)
})

test("a smaller size holds at once, and its memory goes as slots are given back", () => {
  const rig = new Rig()
  rig.orderPool(5000)
  rig.keeper.tick()
  const slots = Array.from({ length: 3000 }, () => rig.orders.acquire())
  rig.orderPool(1)
  assert.equal([rig.counter("order_pool_capacity"), rig.counter("order_pool_in_use")], [3000, 3000])
  for (const slot of slots) rig.orders.release(slot)
  rig.keeper.tick()
  assert.equal([rig.counter("order_pool_capacity"), rig.counter("order_pool_bytes")], [1, 3])
})

test("a pool that nobody wishes anything of goes back to its own size", () => {
  const rig = new Rig()
  rig.orderPool(5000)
  rig.keeper.tick()
  rig.keeper.apply({})
  assert.equal([rig.orders.capacity, rig.strings.capacity], [10, 20])
  assert.ok(rig.orders.isSettled)
})

test("a pool that cannot grow stays where it is, says so once, and tries again at the next wish", () => {
  const rig = new Rig(0)
  rig.orderPool(3000)
  rig.keeper.tick()
  rig.isShort = true
  rig.orderPool(9000)
  rig.keeper.tick()
  rig.keeper.tick()
  assert.is(rig.counter("order_pool_capacity"), 3000)
  assert.is(rig.failures.length, 1)
  assert.match(rig.failures[0], /order_pool .* no memory/)
  rig.isShort = false
  rig.orderPool(9000)
  rig.keeper.tick()
  assert.is(rig.counter("order_pool_capacity"), 9000)
})

test("what is no want of memory is not hidden", () => {
  const rig = new Rig()
  const broken: ResizablePool = Object.assign(new SlotPool(1), {
    settle: () => {
      throw new Error("a bug")
    },
  })
  const { clock, counters, scheduler } = rig
  const pools = [{ name: "market_event_pool" as const, pool: broken, unwished: 9 }]
  const keeper = new PoolKeeper({
    clock,
    counters,
    scheduler,
    pools,
    onFailure: () => undefined,
    wishPages: () => false,
  })
  keeper.apply({})
  assert.throws(() => keeper.tick(), "a bug")
})

test("when more is wished of the pages they are all touched anew", () => {
  const rig = new Rig()
  rig.keeper.apply({ order_pool: { capacity: 10, preallocate: true } })
  while (!rig.orders.isSettled) rig.keeper.tick()
  rig.keeper.apply({ order_pool: { capacity: 10, preallocate: true } })
  assert.ok(rig.orders.isSettled)
  rig.isTouchedAnew = true
  rig.keeper.apply({ order_pool: { capacity: 10, preallocate: true } })
  assert.not(rig.orders.isSettled)
  while (!rig.orders.isSettled) rig.keeper.tick()
})

test.run()
