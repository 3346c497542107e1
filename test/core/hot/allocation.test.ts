import { test } from "uvu"
import * as assert from "uvu/assert"
import { Book } from "../../../core/hot/book.js"
import { asciiBytes } from "../../../core/hot/bytes.js"
import { type Clock, ManualClock, SystemClock } from "../../../core/hot/clock.js"
import { Counters } from "../../../core/hot/counters.js"
import { unitOf } from "../../../core/hot/decimal.js"
import { classifyDiff } from "../../../core/hot/depth-sequence.js"
import { HISTOGRAM_WORDS, HistogramRecorder } from "../../../core/hot/histogram.js"
import { IdIndex } from "../../../core/hot/id-index.js"
import { NO_SLOT, SlotPool } from "../../../core/hot/pool.js"
import { RecordQueue } from "../../../core/hot/record-queue.js"
import { Side } from "../../../core/hot/records.js"
import { NO_CAPACITY, RingBuffer } from "../../../core/hot/ring.js"
import { Scanner } from "../../../core/hot/scan.js"
import { StringPool } from "../../../core/hot/string-pool.js"
import { bytesPerCall, NO_ALLOCATION } from "../../support/allocation.js"
import { below, seededRandom } from "../../support/random.js"

const TICK = 1_000_000

test("the ring claims, publishes and polls without allocating", () => {
  const memory = new SharedArrayBuffer(RingBuffer.bytesFor(4096))
  const producer = new RingBuffer(memory)
  const consumer = new RingBuffer(memory)
  const sum = new Float64Array(1)
  const handler = (_type: number, offset: number) => {
    sum[0] += consumer.f64[offset >> 3]
  }
  assertAllocatesNothing((i) => {
    const offset = producer.claim(1, 24 + (i & 63))
    if (offset !== NO_CAPACITY) producer.f64[offset >> 3] = i * 1e9
    if ((i & 7) === 7) producer.publish()
    if ((i & 15) === 15) consumer.poll(handler)
  })
  assert.ok(sum[0] > 0)
})

test("the book applies updates near the touch and deep in it without allocating", () => {
  const book = new Book()
  const random = seededRandom(1)
  const updates = new Float64Array(2 * 4096)
  for (let i = 0; i < updates.length; i += 2) {
    updates[i] = 6_000_000 * TICK + below(random, random() < 0.8 ? 20 : 900) * TICK
    updates[i + 1] = random() < 0.4 ? 0 : below(random, 1e9) + 2 ** 31
  }
  const top = new Float64Array(20)
  assertAllocatesNothing((i) => {
    const at = 2 * (i & 4095)
    const side = (i >> 2) & 1
    book.applyAt(side, updates, at)
    top[0] = book.bestBidTicks + book.bestAskLots
    if ((i & 15) === 0) book.copyLevels(Side.Buy, 5, top, 0)
  })
  assert.ok(book.bidCount > 100)
})

test("the book takes numbers from a loop of updates without allocating", () => {
  const book = new Book()
  assertAllocatesNothing((i) => {
    book.apply(i & 1, (6_000_000 + (i & 31)) * TICK, (i % 7) * 1e9)
  })
  assert.ok(book.bidCount > 0)
})

test("the scanner reads a depth update without allocating", () => {
  const messages = [
    '{"E":1723161255208123,"s":"BTCUSDT","U":50093239189,"b":[["61737.63000000","0.00000000"],["61730.17","1.5"]],"a":[],"x":{"y":[1,"]"]}}',
    '{"E":1723161255308456,"s":"BTCUSDT","U":50093239203,"b":[["61837.64000000","1.54698000"]],"a":[["9.99000000","12.00000000"]],"x":-1}',
  ].map(asciiBytes)
  const bytes = new Uint8Array(1024)
  const starts = [0, messages[0].length]
  for (const [i, message] of messages.entries()) bytes.set(message, starts[i])
  const keys = ['{"E":', ',"s":', ',"U":', ',"b":[', ',"a":[', ',"x":'].map(asciiBytes)
  const price = unitOf("0.01")
  const quantity = unitOf("0.00000001")
  const scanner = new Scanner()
  const out = new Float64Array(32)
  assertAllocatesNothing((i) => {
    scanner.start(bytes, starts[i & 1], messages[i & 1].length)
    scanner.expectBytes(keys[0])
    scanner.readUnsigned(out, 0)
    scanner.expectBytes(keys[1])
    scanner.readString()
    out[1] = scanner.textHash()
    scanner.expectBytes(keys[2])
    scanner.readUnsigned(out, 2)
    scanner.expectBytes(keys[3])
    scanner.readLevels(price, quantity, out, 4, 8)
    scanner.expectBytes(keys[4])
    scanner.readLevels(price, quantity, out, 20, 4)
    scanner.expectBytes(keys[5])
    scanner.skipValue()
    if (classifyDiff(out[2], out[2] + 1, out[2] + 9) !== 1) out[3]++
  })
  assert.is(scanner.failure, 0)
  assert.is(out[3], 0)
})

test("both clocks tell the time without allocating", () => {
  const out = new Float64Array(2)
  const manual = new ManualClock(1e12)
  for (const clock of [new SystemClock(), manual] satisfies Clock[]) {
    assertAllocatesNothing(() => {
      out[0] = clock.nowNs()
      out[1] = clock.wallUs()
    })
  }
  assert.is(out[0], 1e12)
})

test("pools and the index of ids lend, find and take back without allocating", () => {
  const pool = new SlotPool(2_048)
  const strings = new StringPool(2_048)
  const index = new IdIndex(2_048)
  const slots = new Int32Array(256).fill(NO_SLOT)
  const cells = new Int32Array(256)
  const id = asciiBytes("veloz-1-00000000")
  assertAllocatesNothing((i) => {
    const at = (i * 7) & 255
    id[14] = 0x30 + (at >> 4)
    id[15] = 0x30 + (at & 15)
    if (slots[at] === NO_SLOT) {
      slots[at] = pool.acquire()
      cells[at] = strings.add(id, 0, id.length)
      index.insert(id, 0, id.length, slots[at])
      return
    }
    if (index.find(id, 0, id.length) !== slots[at] || !strings.equals(cells[at], id, 0, id.length)) throw new Error()
    index.remove(id, 0, id.length)
    strings.release(cells[at])
    pool.release(slots[at])
    slots[at] = NO_SLOT
  })
  assert.is(pool.fallbacks + strings.slots.fallbacks, 0)
})

test("histograms and counters record without allocating", () => {
  const recorder = new HistogramRecorder(new Int32Array(new SharedArrayBuffer(HISTOGRAM_WORDS * 4)))
  const counters = new Counters(new SharedArrayBuffer(64))
  const slot = counters.slot("events")
  const times = Float64Array.from({ length: 1024 }, (_, i) => 1e13 + i * i * 2_500 * (i % 17 === 0 ? 1000 : 1))
  assertAllocatesNothing((i) => {
    recorder.record(times[(i + 1) & 1023] - times[i & 1023])
    counters.increment(slot)
    counters.add(slot, 2 ** 33)
  })
  assert.ok(counters.get(slot) > 2 ** 33)
})

test("the record queue pushes and drains without allocating", () => {
  const queue = new RecordQueue(4096)
  const record = new Uint8Array(128)
  const seen = new Float64Array(1)
  const handler = (type: number) => {
    seen[0] += type
  }
  assertAllocatesNothing((i) => {
    queue.push(3, record, i & 31, 40)
    if ((i & 15) === 15) queue.drain(handler)
  })
  assert.ok(seen[0] > 0)
  assert.is(queue.overflows, 0)
})

function assertAllocatesNothing(call: (iteration: number) => void): void {
  const bytes = bytesPerCall(call)
  assert.ok(bytes < NO_ALLOCATION, `${bytes} bytes a call`)
}

test.run()
