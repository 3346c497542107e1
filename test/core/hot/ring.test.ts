import { Worker } from "node:worker_threads"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { NO_CAPACITY, RingBuffer } from "../../../core/hot/ring.js"
import { below, seededRandom } from "../../support/random.js"
import type { RingReport } from "./ring-side.js"

test("claim gives 8-byte aligned room whose bytes the consumer sees after publish", () => {
  const { producer, consumer } = sidesOf(1024)
  const offset = producer.claim(7, 20)
  assert.is(offset % 8, 0)
  producer.f64[offset >> 3] = 61737.63
  producer.i32[(offset + 16) >> 2] = -5
  assert.is(consumer.poll(never), 0)
  producer.publish()
  let seen = 0
  const taken = consumer.poll((type, at, length, views) => {
    assert.equal([type, length, views.f64[at >> 3], views.i32[(at + 16) >> 2]], [7, 20, 61737.63, -5])
    seen++
  })
  assert.is(taken, 1)
  assert.is(seen, 1)
  assert.ok(consumer.isEmpty)
})

test("publish makes all claimed records visible at once, in order", () => {
  const { producer, consumer } = sidesOf(1024)
  for (let type = 1; type <= 5; type++) producer.claim(type, 8)
  producer.publish()
  const types: number[] = []
  assert.is(
    consumer.poll((type) => {
      types.push(type)
    }),
    5,
  )
  assert.equal(types, [1, 2, 3, 4, 5])
})

test("abort forgets what was claimed since the last publish, padding included", () => {
  const { producer, consumer } = sidesOf(128)
  for (let round = 0; round < 50; round++) {
    producer.claim(1, 24)
    producer.abort()
    const kept = producer.claim(2, 40)
    producer.u8[kept] = round
    producer.publish()
    assert.is(
      consumer.poll((type, offset, _length, views) => {
        assert.equal([type, views.u8[offset]], [2, round])
      }),
      1,
    )
  }
})

test("claim answers NO_CAPACITY when the ring is full, and has room again once the consumer has taken", () => {
  const { producer, consumer } = sidesOf(128)
  for (let i = 0; i < 4; i++) assert.ok(producer.claim(1, 24) > 0)
  producer.publish()
  assert.is(producer.claim(1, 0), NO_CAPACITY)
  assert.is(
    consumer.poll(() => {}, 1),
    1,
  )
  assert.ok(producer.claim(1, 24) > 0)
  assert.is(producer.claim(1, 0), NO_CAPACITY)
})

test("the reserve is room that only claims which ask for it may use", () => {
  const memory = new SharedArrayBuffer(RingBuffer.bytesFor(256))
  const producer = new RingBuffer(memory, 64)
  for (let i = 0; i < 6; i++) assert.ok(producer.claim(1, 24) > 0)
  assert.is(producer.claim(1, 24), NO_CAPACITY)
  assert.ok(producer.claim(2, 24, true) > 0)
  assert.ok(producer.claim(2, 24, true) > 0)
  assert.is(producer.claim(2, 24, true), NO_CAPACITY)
})

test("a handler that returns false leaves the record and ends the poll", () => {
  const { producer, consumer } = sidesOf(1024)
  for (let type = 1; type <= 3; type++) producer.claim(type, 8)
  producer.publish()
  const offered: number[] = []
  const handler = (type: number) => {
    offered.push(type)
    return type !== 2 || offered.length > 2
  }
  assert.is(consumer.poll(handler), 1)
  assert.is(consumer.poll(handler), 2)
  assert.equal(offered, [1, 2, 2, 3])
})

test("a record during which the handler throws counts as taken, those behind it stay", () => {
  const { producer, consumer } = sidesOf(1024)
  for (let type = 1; type <= 3; type++) producer.claim(type, 8)
  producer.publish()
  assert.throws(() =>
    consumer.poll((type) => {
      if (type === 2) throw new Error("bad record")
    }),
  )
  assert.is(
    consumer.poll((type) => {
      assert.is(type, 3)
    }),
    1,
  )
})

test("a side that is built later goes on where the memory stands", () => {
  const { memory, producer, consumer } = sidesOf(256)
  for (let i = 0; i < 100; i++) {
    producer.claim(1, 16)
    producer.publish()
    consumer.poll(() => {})
  }
  producer.claim(9, 16)
  producer.publish()
  assert.is(
    new RingBuffer(memory).poll((type) => {
      assert.is(type, 9)
    }),
    1,
  )
})

test("positions pass 2^31 and 2^32 without a trace", () => {
  for (const start of [2 ** 31 - 128, -128]) {
    const memory = new SharedArrayBuffer(RingBuffer.bytesFor(256))
    const words = new Int32Array(memory)
    words[0] = words[32] = start | 0
    const producer = new RingBuffer(memory)
    const consumer = new RingBuffer(memory)
    for (let i = 0; i < 100; i++) {
      const offset = producer.claim(1, 8)
      assert.is.not(offset, NO_CAPACITY)
      producer.f64[offset >> 3] = i
      producer.publish()
      assert.ok(consumer.usedBytes > 0)
      consumer.poll((_type, at, _length, views) => {
        assert.is(views.f64[at >> 3], i)
      })
    }
  }
})

test("a ring refuses a capacity that is no power of two, and a record that can never fit", () => {
  for (const capacity of [0, 63, 32, 3000, 2 ** 31, Number.NaN]) {
    assert.throws(() => RingBuffer.bytesFor(capacity), /VELOZ_RING_CAPACITY.*power of two/)
  }
  assert.throws(() => new RingBuffer(new SharedArrayBuffer(1000)), /VELOZ_RING_CAPACITY/)
  assert.throws(() => new RingBuffer(new SharedArrayBuffer(RingBuffer.bytesFor(128)), 65), /VELOZ_RING_RESERVE/)
  const { producer } = sidesOf(128)
  assert.ok(producer.claim(1, producer.maxLength) > 0)
  assert.throws(() => producer.claim(1, producer.maxLength + 1), /VELOZ_RECORD_LENGTH/)
})

test("the largest record always fits an empty ring, wherever its positions stand", () => {
  const memory = new SharedArrayBuffer(RingBuffer.bytesFor(256))
  const ring = new RingBuffer(memory, 32)
  for (let step = 0; step < 64; step++) {
    assert.is.not(ring.claim(1, ring.maxLength), NO_CAPACITY, `${step}`)
    ring.publish()
    ring.poll(() => {})
    ring.claim(1, 0)
    ring.publish()
    ring.poll(() => {})
  }
})

test("any mix of claims, publishes, aborts and polls behaves like a queue", () => {
  for (let seed = 1; seed <= 60; seed++) compareWithQueue(seed)
})

test("two threads pass millions of records in order, whole and once each", async () => {
  const records = 2_000_000
  const memory = new SharedArrayBuffer(RingBuffer.bytesFor(1 << 14))
  const [sent, received] = await Promise.all([
    runSide({ side: "producer", memory, records }),
    runSide({ side: "consumer", memory, records }),
  ])
  assert.is(received.records, records)
  assert.is(received.checksum, sent.checksum)
  assert.is(received.firstFault, "")
})

function compareWithQueue(seed: number): void {
  const random = seededRandom(seed)
  const { producer, consumer } = sidesOf(2 ** (6 + below(random, 5)))
  const published: number[] = []
  let claimed: number[] = []
  let next = 1
  for (let step = 0; step < 3_000; step++) {
    const action = random()
    if (action < 0.5) {
      const length = below(random, producer.maxLength + 1)
      const offset = producer.claim(next, length)
      if (offset === NO_CAPACITY) continue
      producer.u8.fill(next & 0xff, offset, offset + length)
      claimed.push(next, length)
      next++
    } else if (action < 0.7) {
      producer.publish()
      published.push(...claimed)
      claimed = []
    } else if (action < 0.75) {
      producer.abort()
      claimed = []
    } else {
      const refuse = random() < 0.3
      const limit = below(random, 5)
      let offered = 0
      consumer.poll((type, offset, length, views) => {
        assert.equal([type, length], published.slice(0, 2))
        for (let i = 0; i < length; i++) assert.is(views.u8[offset + i], type & 0xff)
        if (refuse && ++offered === 2) return false
        published.splice(0, 2)
        return true
      }, limit)
    }
  }
  producer.publish()
  published.push(...claimed)
  const rest = consumer.poll(() => {})
  assert.is(rest, published.length / 2, `seed ${seed}`)
}

function sidesOf(capacity: number) {
  const memory = new SharedArrayBuffer(RingBuffer.bytesFor(capacity))
  return { memory, producer: new RingBuffer(memory), consumer: new RingBuffer(memory) }
}

function never(): void {
  assert.unreachable("nothing was published")
}

function runSide(workerData: object): Promise<RingReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./ring-side.js", import.meta.url), { workerData })
    worker.once("message", resolve)
    worker.once("error", reject)
  })
}

test.run()
