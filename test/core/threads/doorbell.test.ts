import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { RingBuffer } from "../../../core/hot/ring.js"
import { Doorbell, WORK_BETWEEN_EVENTS } from "../../../core/threads/doorbell.js"

const RINGS = 100_000

/** A thread that listens to bell 0, takes what is in the ring, and rings bell 2 each time that it has taken some. */
const LISTENER = `
  import { workerData, parentPort } from "node:worker_threads"
  const { Doorbell } = await import(workerData.doorbell)
  const { RingBuffer } = await import(workerData.ringBuffer)
  const ring = new RingBuffer(workerData.memory)
  const bell = new Doorbell(workerData.words, 0)
  const answer = new Doorbell(workerData.words, 2)
  let next = 0
  let turns = 0
  // A bell alone does not keep a thread alive.
  parentPort.on("message", () => undefined)
  parentPort.postMessage("listening")
  bell.listen(() => {
    turns++
    const taken = ring.poll((type, offset, length, { f64 }) => {
      if (f64[offset >> 3] !== next++) throw new Error("out of order at " + next)
    })
    if (taken > 0) answer.ring()
    if (next === workerData.count) {
      bell.close()
      parentPort.postMessage({ next, turns })
    }
    return taken
  })
`

test("no signal between two threads is lost, whichever of them sleeps", async () => {
  const words = new Int32Array(new SharedArrayBuffer(16))
  const memory = new SharedArrayBuffer(RingBuffer.bytesFor(1 << 12))
  const ring = new RingBuffer(memory)
  const bell = new Doorbell(words, 0)
  const answer = new Doorbell(words, 2)
  const module = (name: string): string => new URL(`../../../core/${name}.js`, import.meta.url).href
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(LISTENER)}`), {
    workerData: { words, memory, count: RINGS, doorbell: module("threads/doorbell"), ringBuffer: module("hot/ring") },
  })
  await once(worker, "message")
  let longestMs = 0
  for (let sent = 0; sent < RINGS; ) {
    const at = ring.claim(1, 8)
    if (at < 0) {
      // Full: the listener must come by itself. A lost signal would leave both waiting until the time is up.
      const startedMs = performance.now()
      answer.wait(() => (ring.usedBytes < ring.capacity / 2 ? 1 : 0), 5_000)
      longestMs = Math.max(longestMs, performance.now() - startedMs)
      continue
    }
    ring.f64[at >> 3] = sent++
    ring.publish()
    bell.ring()
  }
  const [{ next }] = (await once(worker, "message", { signal: AbortSignal.timeout(20_000) })) as [{ next: number }]
  await worker.terminate()
  assert.is(next, RINGS)
  assert.ok(longestMs < 5_000, "a thread slept until its time was up")
})

test("who listens works first, and again after each ring until there is nothing left", async () => {
  const words = new Int32Array(new SharedArrayBuffer(8))
  const bell = new Doorbell(words, 0)
  const left = [0, 2, 1, 0]
  let done = (): void => undefined
  const heard: number[] = []
  bell.listen(() => {
    const work = left.shift() ?? 0
    heard.push(work)
    if (left.length === 0) done()
    return work
  })
  assert.equal(heard, [0])
  const finished = new Promise<void>((resolve) => {
    done = resolve
  })
  const keepAlive = setTimeout(() => undefined, 5_000)
  bell.ring()
  await finished
  assert.equal(heard, [0, 2, 1, 0])
  bell.close()
  clearTimeout(keepAlive)
})

test("a thread that finds ever more work gets its other events all the same", async () => {
  const bell = new Doorbell(new Int32Array(new SharedArrayBuffer(8)), 0)
  const pieces = WORK_BETWEEN_EVENTS / 4
  let done = 0
  const doneAtEvent = new Promise<number>((resolve) => void setImmediate(() => resolve(done)))
  bell.listen(() => {
    done += pieces
    return pieces
  })
  assert.is(await doneAtEvent, WORK_BETWEEN_EVENTS)
  bell.close()
})

/** A bell that somebody listens to who never finds work, and the turns that he has taken. */
function listening(): { bell: Doorbell; turns: () => number } {
  const bell = new Doorbell(new Int32Array(new SharedArrayBuffer(8)), 0)
  let turns = 0
  bell.listen(() => {
    turns += 1
    return 0
  })
  return { bell, turns: () => turns }
}

test("many rings before a thread wakes wake it once", async () => {
  const { bell, turns } = listening()
  for (let count = 0; count < 10; count += 1) bell.ring()
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.is(turns(), 2)
  bell.close()
})

test("ringing for somebody who is awake changes nothing", () => {
  const words = new Int32Array(new SharedArrayBuffer(8))
  new Doorbell(words, 0).ring()
  assert.equal([...words], [0, 0])
})

test("a thread that blocks while it listens goes on listening afterwards", async () => {
  const { bell, turns } = listening()
  bell.wait(() => 1, 5_000)
  bell.ring()
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.is(turns(), 2)
  bell.close()
})

test("a closed bell is silent", async () => {
  const { bell, turns } = listening()
  bell.close()
  bell.ring()
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.is(turns(), 1)
})

test.run()
