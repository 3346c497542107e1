import { parentPort, workerData } from "node:worker_threads"
import { NO_CAPACITY, RingBuffer } from "../../../core/hot/ring.js"

/** One side of the two-thread test of the ring: run as a worker, reports what it sent or received. */
export interface RingReport {
  records: number
  checksum: number
  firstFault: string
}

const BATCH = 32

function produce(memory: SharedArrayBuffer, records: number): RingReport {
  const ring = new RingBuffer(memory)
  let checksum = 0
  for (let sequence = 0; sequence < records; sequence++) {
    const length = lengthOf(sequence)
    let offset = ring.claim(typeOf(sequence), length)
    while (offset === NO_CAPACITY) {
      ring.publish()
      offset = ring.claim(typeOf(sequence), length)
    }
    ring.f64[offset >> 3] = sequence
    for (let word = 2; word < length >> 2; word++) ring.i32[(offset >> 2) + word] = Math.imul(sequence, word)
    checksum = mix(checksum, sequence, length)
    if (sequence % BATCH === BATCH - 1) ring.publish()
  }
  ring.publish()
  return { records, checksum, firstFault: "" }
}

function consume(memory: SharedArrayBuffer, records: number): RingReport {
  const ring = new RingBuffer(memory)
  const report: RingReport = { records: 0, checksum: 0, firstFault: "" }
  while (report.records < records && report.firstFault === "") {
    ring.poll((type, offset, length) => {
      const sequence = report.records++
      report.firstFault ||= faultOf(ring, sequence, type, offset, length)
      report.checksum = mix(report.checksum, ring.f64[offset >> 3], length)
    })
  }
  return report
}

function faultOf(ring: RingBuffer, sequence: number, type: number, offset: number, length: number): string {
  if (ring.f64[offset >> 3] !== sequence) return `record ${ring.f64[offset >> 3]} came where ${sequence} was due`
  if (type !== typeOf(sequence) || length !== lengthOf(sequence)) return `record ${sequence} has a wrong header`
  for (let word = 2; word < length >> 2; word++) {
    if (ring.i32[(offset >> 2) + word] !== Math.imul(sequence, word))
      return `record ${sequence} is torn at word ${word}`
  }
  return ""
}

function typeOf(sequence: number): number {
  return 1 + (sequence % 16)
}

function lengthOf(sequence: number): number {
  return 8 + 4 * ((Math.imul(sequence, 7919) % 23) & 31)
}

function mix(checksum: number, sequence: number, length: number): number {
  return (Math.imul(checksum, 31) + sequence + length) | 0
}

const run = workerData.side === "producer" ? produce : consume
parentPort!.postMessage(run(workerData.memory, workerData.records))
