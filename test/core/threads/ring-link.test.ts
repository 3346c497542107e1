import { test } from "uvu"
import * as assert from "uvu/assert"
import { RecordType } from "../../../core/hot/records.js"
import { NO_CAPACITY, RingBuffer } from "../../../core/hot/ring.js"
import { Doorbell } from "../../../core/threads/doorbell.js"
import { RingLink } from "../../../core/threads/ring-link.js"
import { below, seededRandom } from "../../support/random.js"

const HEADER_BYTES = 8
const MARKET = RecordType.Depth
const REPORT = RecordType.Report

test("nothing is seen before the flush, and then everything at once, in order", () => {
  const { link, take } = sides()
  for (let value = 1; value <= 3; value += 1) send(link, value)
  assert.equal(take(), [])
  assert.is(link.flush(), 3)
  assert.equal(take(), [1, 2, 3])
})

test("the records of a turn cost one publish and one ring of the bell", () => {
  const { link, words, publishes } = sides()
  for (let value = 0; value < 64; value += 1) send(link, value)
  lieDown(words)
  link.flush()
  assert.is(publishes(), 1)
  assert.is(words[RINGS], 1)
})

test("a turn that has said nothing publishes nothing and wakes nobody", () => {
  const { link, words, publishes } = sides()
  lieDown(words)
  assert.is(link.flush(), 0)
  link.claim(REPORT, 8)
  assert.is(link.flush(), 0)
  assert.equal([publishes(), words[RINGS]], [0, 0])
})

test("what a full ring has no room for stays with the sender, in order, and goes when there is room", () => {
  const { link, ring, take } = sides({ ringBytes: 128 })
  for (let value = 0; value < 40; value += 1) send(link, value)
  const seen: number[] = []
  assert.is(link.flush(), 8)
  for (let round = 0; link.isBehind; round += 1) {
    assert.ok(round < 40, "the records do not go")
    assert.is(link.flush(), 0, "a full ring takes nothing")
    seen.push(...take(3))
    link.flush()
  }
  seen.push(...take())
  assert.equal(seen, range(40))
  assert.ok(link.isEmpty)
  assert.ok(ring.isEmpty)
})

test("a sender that found the ring full rings nobody", () => {
  const { link, words } = sides({ ringBytes: 128 })
  for (let value = 0; value < 10; value += 1) send(link, value)
  link.flush()
  lieDown(words)
  link.flush()
  assert.is(words[RINGS], 0)
})

test("market records are refused before reports are", () => {
  const { link, take } = sides({ ringBytes: 128, scratchBytes: 1024, unreservedBytes: 512 })
  let value = 0
  while (send(link, value, MARKET)) value += 1
  const marketRecords = value
  assert.is(send(link, value, MARKET), false)
  while (send(link, value, REPORT, true)) value += 1
  assert.is(marketRecords, (512 + 128) / 16, "the ring and the half that is not reserved")
  assert.is(value - marketRecords, 512 / 16, "the reserved half")
  const seen: number[] = []
  for (let count = 0; count !== seen.length || link.isBehind; ) {
    count = seen.length
    seen.push(...take())
    link.flush()
  }
  assert.equal(seen, range(value))
  assert.ok(send(link, 0, MARKET), "and then everybody has room again")
})

test("a claim that does not fit hands on what was published first", () => {
  const { link, take } = sides({ scratchBytes: 128, unreservedBytes: 64 })
  for (let value = 0; value < 4; value += 1) send(link, value)
  assert.equal(take(), [])
  assert.ok(send(link, 4))
  assert.equal(take(), [0, 1, 2, 3])
  assert.is(link.flush(), 1)
  assert.equal(take(), [4])
})

test("what was not published is given up, and what was is not", () => {
  const { link, take } = sides()
  send(link, 1)
  link.claim(REPORT, 8)
  link.claim(MARKET, 24)
  link.abort()
  send(link, 2)
  link.flush()
  assert.equal(take(), [1, 2])
})

test("what was claimed and not published yet keeps its bytes when the records before it go", () => {
  const { link, take } = sides({ ringBytes: 128 })
  for (let value = 0; value < 10; value += 1) send(link, value)
  const at = link.claim(REPORT, 8)
  link.f64[at >> 3] = 10
  assert.is(link.flush(), 8)
  assert.equal(take(), range(8))
  assert.is(link.flush(), 2)
  assert.not.ok(link.isBehind)
  assert.equal(take(), [8, 9])
  assert.not.ok(link.isEmpty)
  link.publish()
  assert.is(link.flush(), 1)
  assert.equal(take(), [10])
})

test("a record that was given up after a part had gone leaves no gap", () => {
  const { link, take } = sides({ ringBytes: 64 })
  for (let value = 0; value < 6; value += 1) send(link, value)
  link.claim(REPORT, 16)
  link.flush()
  link.abort()
  send(link, 6)
  const seen = take()
  link.flush()
  seen.push(...take())
  assert.equal(seen, range(7))
})

test("records of every length arrive with their bytes", () => {
  const { link, ring } = sides({ ringBytes: 1 << 12 })
  for (let length = 0; length <= 200; length += 1) {
    const at = link.claim(REPORT, length)
    assert.is(at % 8, 0)
    fill(link.u8, at, length, length)
    link.publish()
    link.flush()
    const taken = ring.poll((type, offset, polled, { u8 }) => {
      assert.equal([type, polled, faultOf(u8, offset, length, length)], [REPORT, length, ""])
    })
    assert.is(taken, 1)
  }
})

test("bits that are no number to a double arrive as they were", () => {
  const { link, ring } = sides()
  // Not-a-numbers that a copy as doubles may make quiet.
  const bits = [0x7ff00001, 0xfff7ffff, 0x7ff7dead, 0xffffffff]
  const at = link.claim(REPORT, bits.length * 8)
  for (const [index, high] of bits.entries()) {
    link.i32[(at >> 2) + 2 * index] = 1
    link.i32[(at >> 2) + 2 * index + 1] = high
  }
  link.publish()
  link.flush()
  ring.poll((_type, offset, _length, { i32 }) => {
    const highs = bits.map((_, index) => i32[(offset >> 2) + 2 * index + 1] >>> 0)
    assert.equal(highs, bits)
  })
})

test("each market record takes a place of the pool until it is in the ring, or given up", () => {
  const { link, take } = sides({ ringBytes: 128 })
  for (let value = 0; value < 10; value += 1) send(link, value, MARKET)
  for (let value = 0; value < 5; value += 1) send(link, value, REPORT)
  link.claim(MARKET, 8)
  assert.is(link.events.inUse, 11)
  link.flush()
  assert.is(link.events.inUse, 3)
  link.abort()
  assert.is(link.events.inUse, 2)
  take()
  link.flush()
  assert.is(link.events.inUse, 0)
})

test("a pool of another size takes over when no record waits, and everything arrives", () => {
  const { link, take } = sides({ ringBytes: 128 })
  for (let value = 0; value < 10; value += 1) send(link, value, MARKET)
  link.events.resize(4)
  link.flush()
  link.events.settle()
  assert.not.ok(link.events.isSettled, "records wait in the old memory")
  const seen = take()
  link.flush()
  link.events.settle()
  assert.ok(link.events.isSettled)
  for (let value = 10; value < 16; value += 1) send(link, value, MARKET)
  assert.equal([link.events.inUse, link.events.onHeap], [4, 2])
  for (let round = 0; round < 3; round += 1) {
    link.flush()
    seen.push(...take())
  }
  assert.equal(seen, range(16))
})

test("any mix of claims, publishes, aborts, flushes, polls and other memory behaves like a queue", () => {
  for (let seed = 1; seed <= 40; seed += 1) compareWithQueue(seed)
})

function compareWithQueue(seed: number): void {
  const random = seededRandom(seed)
  const scratchBytes = 8 * (64 + below(random, 512))
  const unreservedBytes = 8 * below(random, scratchBytes / 8)
  const { link, ring } = sides({ ringBytes: 2 ** (8 + below(random, 6)), scratchBytes, unreservedBytes })
  const queue = new Queue(link, ring, `seed ${seed}`)
  const actions: [share: number, act: () => void][] = [
    [0.5, () => queue.claim(below(random, random() < 0.1 ? link.ring.maxLength + 1 : 40), random() < 0.5)],
    [0.65, () => queue.publish()],
    [0.7, () => queue.abort()],
    [0.8, () => link.flush()],
    [0.805, () => link.isEmpty && link.use(new ArrayBuffer(scratchBytes), unreservedBytes)],
    [1, () => queue.poll(below(random, 8))],
  ]
  for (let step = 0; step < 3_000; step += 1) {
    const chance = random()
    actions.find(([share]) => chance < share)![1]()
    if (link.isEmpty) assert.equal([link.events.inUse, link.events.onHeap], [0, 0], `seed ${seed}`)
  }
  queue.publish()
  queue.takeAll()
  assert.ok(queue.count > 500 && link.isEmpty && ring.isEmpty, `seed ${seed}`)
}

/** The link beside a model of it: what was published and not seen yet, and what may still be given up. */
class Queue {
  count = 0
  readonly #published: [value: number, length: number][] = []
  #claimed: [value: number, length: number][] = []

  constructor(
    private readonly link: RingLink,
    private readonly ring: RingBuffer,
    private readonly name: string,
  ) {}

  claim(length: number, isReport: boolean): void {
    const at = this.link.claim(isReport ? REPORT : MARKET, length, isReport)
    if (at === NO_CAPACITY) return
    fill(this.link.u8, at, length, this.count)
    this.#claimed.push([this.count++, length])
  }

  publish(): void {
    this.link.publish()
    this.#published.push(...this.#claimed)
    this.#claimed = []
  }

  abort(): void {
    this.link.abort()
    this.#claimed = []
  }

  poll(limit: number): number {
    return this.ring.poll((_type, offset, length, { u8 }) => {
      const [value, expected] = this.#published.shift() ?? [-1, -1]
      assert.is(length, expected, this.name)
      assert.is(faultOf(u8, offset, length, value), "", this.name)
    }, limit)
  }

  takeAll(): void {
    while (this.#published.length > 0) {
      this.link.flush()
      assert.ok(this.poll(this.#published.length) > 0, `${this.name}: ${this.#published.length} records do not come`)
    }
  }
}

const RINGS = 0
const ASLEEP = 1

interface Sizes {
  readonly ringBytes?: number
  readonly scratchBytes?: number
  readonly unreservedBytes?: number
}

/** A link, and the receiver's end of its ring. */
function sides({ ringBytes = 1 << 14, scratchBytes, unreservedBytes = scratchBytes }: Sizes = {}) {
  const memory = new SharedArrayBuffer(RingBuffer.bytesFor(ringBytes))
  const words = new Int32Array(new SharedArrayBuffer(8))
  const outlet = new CountedRing(memory)
  const link = new RingLink(outlet, new Doorbell(words, RINGS))
  if (scratchBytes !== undefined) link.use(new ArrayBuffer(scratchBytes), unreservedBytes ?? scratchBytes)
  const ring = new RingBuffer(memory)
  const take = (limit?: number): number[] => {
    const values: number[] = []
    ring.poll((_type, offset, _length, { f64 }) => void values.push(f64[offset >> 3]), limit)
    return values
  }
  return { link, ring, words, take, publishes: () => outlet.publishes }
}

class CountedRing extends RingBuffer {
  publishes = 0

  override publish(): void {
    this.publishes += 1
    super.publish()
  }
}

/** What a receiver does before it sleeps. */
function lieDown(words: Int32Array): void {
  words[ASLEEP] = 1
}

/** A record of 16 bytes with its header. False when there was no room. */
function send(link: RingLink, value: number, type: number = REPORT, reserved = false): boolean {
  const at = link.claim(type, 16 - HEADER_BYTES, reserved)
  if (at === NO_CAPACITY) return false
  link.f64[at >> 3] = value
  link.publish()
  return true
}

function fill(u8: Uint8Array, at: number, length: number, value: number): void {
  for (let index = 0; index < length; index += 1) u8[at + index] = byteOf(value, index)
}

function faultOf(u8: Uint8Array, at: number, length: number, value: number): string {
  for (let index = 0; index < length; index += 1) {
    if (u8[at + index] !== byteOf(value, index)) return `byte ${index} of record ${value} is another`
  }
  return ""
}

const byteOf = (value: number, index: number): number => (Math.imul(value + 1, 31) + index) & 0xff

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

test.run()
