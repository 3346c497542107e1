import { test } from "uvu"
import * as assert from "uvu/assert"
import { HotCounters } from "../../../core/measure/hot-counters.js"
import { createSharedMemory } from "../../../core/threads/shared-memory.js"

/** What hot threads count, as they write it. */
class Threads {
  readonly memory = createSharedMemory(1, "fused").metrics
  readonly names = [{ counters: ["orders_sent", "open_orders", "mine.level"], histograms: [] }]
  readonly #values = new Float64Array(this.memory[0].counters)

  count(orders: number, open: number, level: number): void {
    this.#values.set([orders, open, level])
  }
}

function counting(threads: Threads): HotCounters {
  const counters = new HotCounters(threads.memory)
  counters.learn(0, threads.names[0])
  return counters
}

test("when other threads take over, totals go on from where they are, and what stands for now is theirs", () => {
  const [old, next] = [new Threads(), new Threads()]
  old.count(100, 3, 7)
  const counters = counting(old)
  next.count(4, 0, 0)
  counters.moveTo(next.memory, next.names, ["mine.level"])
  assert.equal(counters.toObject(), { orders_sent: 100, open_orders: 0, "mine.level": 0 })
  next.count(14, 2, 5)
  assert.equal(counters.toObject(), { orders_sent: 110, open_orders: 2, "mine.level": 5 })
})

test("threads that go on after all have their own totals, and nothing twice", () => {
  const [old, next] = [new Threads(), new Threads()]
  old.count(100, 3, 7)
  const counters = counting(old)
  counters.moveTo(next.memory, next.names, [])
  counters.moveTo(old.memory, old.names, [])
  old.count(101, 3, 7)
  assert.is(counters.get("orders_sent"), 101)
})

test("a name that is only expected counts nothing yet", () => {
  const counters = counting(new Threads())
  counters.expect({ counters: ["later"], histograms: [] })
  assert.is(counters.toObject().later, 0)
})

test.run()
