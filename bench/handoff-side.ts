import { type MessagePort, parentPort, workerData } from "node:worker_threads"
import { SystemClock } from "../core/hot/clock.js"
import { RecordType } from "../core/hot/records.js"
import { RingBuffer } from "../core/hot/ring.js"
import { currentTid, pinThread } from "../core/os/threads.js"
import { Doorbell } from "../core/threads/doorbell.js"
import { RingLink } from "../core/threads/ring-link.js"
import { type IdleStrategy, run } from "../core/threads/runner.js"

/** How the receiver waits: as the engine's threads do, or in ways that they could and do not. */
export type Waiting = IdleStrategy | "bare loop" | "Atomics.wait" | "postMessage"

/** Records from the sender to the receiver. */
export interface Series {
  readonly waiting: Waiting
  readonly records: number
  /** From the time that one record is due to the next. At 0 all are due at once, and go as fast as they can. */
  readonly periodNs: number
  /** So many records are handed on together. */
  readonly batch: number
  /** How late records were, in nanoseconds: all of them, or as many as there is room for, the last one among them. */
  readonly samples: Float64Array
}

export interface SideData {
  readonly side: "sender" | "receiver"
  readonly cpu: number
  readonly baseSeconds: number
  readonly memory: SharedArrayBuffer
  /** The receiver's bell. */
  readonly words: Int32Array
  /** Between the sides, for the way that needs no ring. */
  readonly port: MessagePort
}

/** With its header a record fills a cache line. */
const PAYLOAD_BYTES = 56
const PAYLOAD_NUMBERS = PAYLOAD_BYTES / 8
/** Until the first record the receiver has fallen asleep. */
const SETTLE_NS = 2e6

const { side, cpu, baseSeconds, memory, words, port } = workerData as SideData
const clock = new SystemClock(baseSeconds)
const bell = new Doorbell(words, 0)
const tid = currentTid()
const reason = tid === undefined ? undefined : pinThread(tid, [cpu]).reason
if (reason !== undefined) console.error(`the ${side} is not pinned: ${reason}`)
parentPort!.on("message", side === "sender" ? createSender() : createReceiver())
parentPort!.postMessage("started")

function createSender(): (series: Series) => void {
  const link = new RingLink(new RingBuffer(memory), bell)
  const dueNs = new Float64Array(1)

  const put = (): void => {
    const at = link.claim(RecordType.Trade, PAYLOAD_BYTES) >> 3
    link.f64[at] = dueNs[0]
    for (let number = 1; number < PAYLOAD_NUMBERS; number += 1) link.f64[at + number] = number
    link.publish()
  }
  const handOn = (): void => {
    // Nobody waits for room in the engine; here the sender has nothing else to do.
    do link.flush()
    while (link.isBehind)
  }
  const postObject = (): void => port.postMessage({ dueNs: dueNs[0], a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 })

  return ({ waiting, records, periodNs, batch }) => {
    const isPosted = waiting === "postMessage"
    const startNs = clock.nowNs() + SETTLE_NS
    while (clock.nowNs() < startNs);
    for (let sent = 0; sent < records; ) {
      dueNs[0] = startNs + sent * periodNs
      while (periodNs > 0 && clock.nowNs() < dueNs[0]);
      for (let count = 0; count < batch && sent < records; count += 1, sent += 1) isPosted ? postObject() : put()
      if (!isPosted) handOn()
    }
  }
}

function createReceiver(): (series: Series) => void {
  const ring = new RingBuffer(memory)
  return async ({ waiting, records, samples }) => {
    const recorder = new Recorder(samples, records)
    const work = (): number => ring.poll((_type, offset, _length, { f64 }) => recorder.note(f64, offset >> 3))
    parentPort!.postMessage("ready")
    await WAYS[waiting](work, recorder)
    parentPort!.postMessage("done")
  }
}

class Recorder {
  isFull = false
  whenFull = (): void => undefined
  readonly #every: number
  #untilNext: number
  #taken = 0

  constructor(
    private readonly samples: Float64Array,
    records: number,
  ) {
    this.#every = this.#untilNext = records / samples.length
  }

  /** A record has come, that was due at `values[index]`. */
  note(values: Float64Array, index: number): void {
    this.#untilNext -= 1
    if (this.#untilNext > 0) return
    this.#untilNext = this.#every
    this.samples[this.#taken] = clock.nowNs() - values[index]
    this.#taken += 1
    if (this.#taken < this.samples.length) return
    this.isFull = true
    this.whenFull()
  }
}

type Way = (work: () => number, recorder: Recorder) => void | Promise<void>

const WAYS: Readonly<Record<Waiting, Way>> = {
  spin: running("spin"),
  backoff: running("backoff"),
  park: running("park"),

  "bare loop"(work, recorder) {
    while (!recorder.isFull) work()
  },

  "Atomics.wait"(work, recorder) {
    while (!recorder.isFull) bell.wait(work, 1_000)
  },

  postMessage(_work, recorder) {
    const dueNs = new Float64Array(1)
    const take = (record: { dueNs: number }): void => {
      dueNs[0] = record.dueNs
      recorder.note(dueNs, 0)
    }
    return new Promise((resolve) => {
      recorder.whenFull = () => {
        port.off("message", take)
        resolve()
      }
      port.on("message", take)
    })
  },
}

function running(strategy: IdleStrategy): Way {
  return (work, recorder) =>
    new Promise((resolve) => {
      const end = run(work, new Doorbell(words, 0), strategy)
      recorder.whenFull = () => {
        end()
        resolve()
      }
    })
}
