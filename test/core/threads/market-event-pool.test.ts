import { test } from "uvu"
import * as assert from "uvu/assert"
import { PoolFigure } from "../../../core/hot/pool.js"
import { MARKET_RECORD_BYTES } from "../../../core/hot/pool-sizes.js"
import { RecordType } from "../../../core/hot/records.js"
import { NO_CAPACITY, RingBuffer } from "../../../core/hot/ring.js"
import { CallLink } from "../../../core/threads/call-link.js"
import { Doorbell } from "../../../core/threads/doorbell.js"
import { RingLink } from "../../../core/threads/ring-link.js"
import type { ScratchLink } from "../../../core/threads/scratch-link.js"
import { below, seededRandom } from "../../support/random.js"

const { Trade, Report } = RecordType

/** [capacity, in use, peak, allocations, fallbacks, in the spill] */
function usageOf({ events }: ScratchLink): number[] {
  const usage = new Float64Array(8)
  events.writeUsage(usage)
  return [...usage.slice(0, 6)]
}

function settle({ events }: ScratchLink): void {
  for (let step = 0; step < 1e5 && !events.isSettled; step += 1) events.settle()
}

function heldLink(capacity: number): { link: CallLink; seen: number[] } {
  const link = new CallLink()
  const seen: number[] = []
  link.connect((_type, offset, _length, { f64 }) => void seen.push(f64[offset >> 3]))
  link.events.resize(capacity)
  settle(link)
  link.hold()
  return { link, seen }
}

function send(link: ScratchLink, value: number, type: number = Trade, bytes = 64): boolean {
  const at = link.claim(type, bytes, type === Report)
  if (at === NO_CAPACITY) return false
  link.f64[at >> 3] = value
  link.publish()
  return true
}

test("market records are in use until all are handled, others are not counted", () => {
  const { link, seen } = heldLink(10)
  send(link, 1)
  send(link, 2, Report)
  send(link, 3)
  assert.equal(usageOf(link), [10, 2, 2, 2, 0, 0])
  link.release()
  assert.equal(seen, [1, 2, 3])
  assert.equal(usageOf(link), [10, 0, 2, 2, 0, 0])
})

test("what a pool of one has no room for lies in the spill, in order, and is counted", () => {
  const { link, seen } = heldLink(1)
  for (const value of [1, 2, 3]) send(link, value)
  assert.equal(usageOf(link), [1, 1, 1, 3, 2, 2])
  link.release()
  assert.equal(seen, [1, 2, 3])
  assert.equal(usageOf(link), [1, 0, 1, 3, 2, 0])
  send(link, 4)
  assert.equal(usageOf(link), [1, 0, 1, 4, 2, 0], "and then the pool is used again")
})

test("records that are larger than a slot take as many bytes of the pool as they have", () => {
  const { link } = heldLink(10)
  assert.ok(send(link, 1, Trade, 9 * MARKET_RECORD_BYTES))
  assert.ok(send(link, 2, Trade, MARKET_RECORD_BYTES))
  assert.equal(usageOf(link).slice(1), [1, 1, 2, 1, 1])
})

test("the spill is bounded, and reports have room behind it", () => {
  const { link } = heldLink(1)
  let sent = 0
  while (send(link, sent, Trade, 8000)) sent += 1
  assert.ok(sent > 100 && sent < 1000, `${sent}`)
  assert.ok(send(link, 0, Report))
})

test("what was claimed and given up was no use of the pool", () => {
  const { link } = heldLink(2)
  send(link, 1)
  link.claim(Trade, 64)
  link.claim(Report, 64)
  link.claim(Trade, 64)
  link.abort()
  assert.equal(usageOf(link).slice(0, 3), [2, 1, 2])
  assert.equal(usageOf(link).slice(5), [0])
})

test("another size waits until no record lies in the memory", () => {
  const { link, seen } = heldLink(1)
  send(link, 1)
  link.events.resize(100)
  link.events.settle()
  assert.is(usageOf(link)[PoolFigure.Capacity], 1)
  link.release()
  settle(link)
  assert.is(usageOf(link)[PoolFigure.Capacity], 100)
  send(link, 2)
  assert.equal(seen, [1, 2])
})

test("a resize that the system has no memory for leaves the link as it is", () => {
  const { link, seen } = heldLink(7)
  link.events.resize(2 ** 46)
  assert.throws(() => link.events.settle(), RangeError)
  link.events.giveUp()
  assert.ok(link.events.isSettled)
  send(link, 1)
  link.release()
  assert.equal([seen, usageOf(link)[PoolFigure.Capacity]], [[1], 7])
})

test("preallocated memory is touched step by step, records in it stay, and other memory is touched anew", () => {
  const { link, seen } = heldLink(50_000)
  send(link, 1)
  link.events.resize(50_000, true)
  settle(link)
  const usage = new Float64Array(8)
  link.events.writeUsage(usage)
  assert.is(usage[PoolFigure.PreallocatedBytes], usage[PoolFigure.Bytes])
  link.release()
  assert.equal(seen, [1])
  link.events.resize(60_000, true)
  link.events.settle()
  link.events.writeUsage(usage)
  assert.is(usage[PoolFigure.PreallocatedBytes], 0)
})

test("where a ring follows, records are in use until they are in it", () => {
  const words = new Int32Array(new SharedArrayBuffer(64))
  const memory = new SharedArrayBuffer(RingBuffer.bytesFor(1024))
  const link = new RingLink(new RingBuffer(memory), new Doorbell(words, 0))
  link.events.resize(4)
  settle(link)
  const consumer = new RingBuffer(memory)
  const seen: number[] = []
  const take = (): void =>
    void consumer.poll((_type, offset, _length, { f64 }) => {
      seen.push(f64[offset >> 3])
    })
  for (let value = 0; value < 20; value += 1) send(link, value)
  assert.equal(usageOf(link).slice(1), [4, 4, 20, 16, 16])
  link.flush()
  assert.ok(link.isBehind)
  for (let turn = 0; turn < 10; turn += 1) {
    take()
    link.flush()
  }
  take()
  assert.equal(
    seen,
    Array.from({ length: 20 }, (_, value) => value),
  )
  assert.equal(usageOf(link), [4, 0, 4, 20, 16, 0])
})

test("whatever is sent, given up, held and resized, nothing is lost and the counts add up", () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const random = seededRandom(seed)
    const { link, seen } = heldLink(3)
    const sent: number[] = []
    let isHeld = true
    let waiting = 0
    for (let step = 0; step < 5000; step += 1) {
      const action = random()
      if (action < 0.7) {
        const type = random() < 0.8 ? Trade : Report
        if (send(link, step, type, 8 * (1 + below(random, 200)))) {
          sent.push(step)
          if (isHeld && type === Trade) waiting += 1
        }
      } else if (action < 0.75) {
        link.claim(Trade, 64)
        link.abort()
      } else if (action < 0.85) {
        link.events.resize(1 + below(random, 200), random() < 0.3)
      } else if (action < 0.95) link.events.settle()
      else {
        isHeld = !isHeld
        if (isHeld) link.hold()
        else link.release()
        if (!isHeld) waiting = 0
      }
      const [capacity, inUse, , allocations, fallbacks, spilled] = usageOf(link)
      assert.is(inUse + spilled, waiting)
      assert.ok(inUse <= capacity && fallbacks <= allocations)
    }
    link.release()
    assert.equal(seen, sent)
  }
})

test.run()
