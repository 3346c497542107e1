import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { RingBuffer } from "../../../core/hot/ring.js"
import { Doorbell } from "../../../core/threads/doorbell.js"

const RINGS = 100_000

/** A thread that listens to bell 0, takes what is in the ring, and rings bell 1 when it has seen the last. */
const LISTENER = `
  import { workerData, parentPort } from "node:worker_threads"
  const { Doorbell } = await import(workerData.doorbell)
  const { RingBuffer } = await import(workerData.ringBuffer)
  const ring = new RingBuffer(workerData.memory)
  const bell = new Doorbell(workerData.words, 0)
  const answer = new Doorbell(workerData.words, 1)
  let next = 0
  let wakes = 0
  bell.listen(() => {
    wakes++
    ring.poll((type, offset, length, { f64 }) => {
      if (f64[offset >> 3] !== next++) throw new Error("out of order at " + next)
    })
    Atomics.store(workerData.words, 2, next)
    answer.ring()
    if (next === workerData.count) {
      bell.close()
      parentPort.postMessage({ next, wakes })
    }
  })
  // A bell alone does not keep a thread alive.
  parentPort.on("message", () => undefined)
  parentPort.postMessage("listening")
`

test("no signal between two threads is lost, and none is heard in vain for long", async () => {
  const words = new Int32Array(new SharedArrayBuffer(16))
  const memory = new SharedArrayBuffer(RingBuffer.bytesFor(1 << 16))
  const ring = new RingBuffer(memory)
  const bell = new Doorbell(words, 0)
  const module = (name: string): string => new URL(`../../../core/${name}.js`, import.meta.url).href
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(LISTENER)}`), {
    workerData: { words, memory, count: RINGS, doorbell: module("threads/doorbell"), ringBuffer: module("hot/ring") },
  })
  await once(worker, "message")
  for (let sent = 0; sent < RINGS; ) {
    const at = ring.claim(1, 8)
    if (at < 0) {
      // Full: the listener must come by itself. A lost signal would leave both waiting.
      if (Atomics.wait(words, 1, Atomics.load(words, 1), 5_000) === "timed-out" && ring.claim(1, 8) < 0) break
      continue
    }
    ring.f64[at >> 3] = sent++
    ring.publish()
    bell.ring()
  }
  const [{ next, wakes }] = (await once(worker, "message", { signal: AbortSignal.timeout(20_000) })) as [
    { next: number; wakes: number },
  ]
  await worker.terminate()
  assert.is(next, RINGS)
  assert.ok(wakes <= RINGS, `${wakes} wakes`)
})

test("a bell that was rung between two listens of the event loop is heard once", async () => {
  const words = new Int32Array(new SharedArrayBuffer(8))
  const bell = new Doorbell(words, 0)
  let heard = 0
  const done = new Promise<void>((resolve) => {
    bell.listen(() => {
      heard += 1
      resolve()
    })
  })
  const keepAlive = setTimeout(() => undefined, 5_000)
  for (let count = 0; count < 10; count += 1) bell.ring()
  await done
  assert.is(heard, 1)
  bell.close()
  clearTimeout(keepAlive)
})

test("a closed bell is silent", async () => {
  const words = new Int32Array(new SharedArrayBuffer(8))
  const bell = new Doorbell(words, 0)
  let heard = 0
  bell.listen(() => void heard++)
  bell.close()
  bell.ring()
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.is(heard, 0)
})

test.run()
