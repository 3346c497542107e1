import { parentPort, workerData } from "node:worker_threads"
import { RecordType } from "../../../core/hot/records.js"
import { NO_CAPACITY, RingBuffer, type RingHandler } from "../../../core/hot/ring.js"
import { Doorbell } from "../../../core/threads/doorbell.js"
import { RingLink } from "../../../core/threads/ring-link.js"
import { type IdleStrategy, run } from "../../../core/threads/runner.js"
import { below, seededRandom } from "../../support/random.js"

/** How one thread sends to another, and how the other one takes it. */
export interface Manner {
  readonly ringBytes: number
  readonly records: number
  /** The sender's turns have up to so many records. */
  readonly turn: number
  /** After so many turns it waits until all is taken, half of the times for the receiver to sleep before. 0 is never. */
  readonly restEvery: number
  readonly idleStrategy: IdleStrategy
  /** The receiver is away for a millisecond after so many records. 0 is never. */
  readonly awayEvery: number
}

export interface SideOptions extends Manner {
  readonly side: "sender" | "receiver"
  readonly memory: SharedArrayBuffer
  /** The receiver's bell. */
  readonly words: Int32Array
  readonly seed: number
}

/** How records were found that came after a rest, one count for each outcome. */
export interface Wakes {
  /** The bell was rung, and the record was taken. */
  rungTaken: number
  /** Nobody was asleep, and the record was taken. */
  silentTaken: number
  /** The bell was rung, and nobody came. */
  rungLost: number
  /** The sender saw nobody asleep, and nobody came. */
  silentLost: number
}

export interface SideReport {
  records: number
  /** What was wrong first, or nothing. */
  fault: string
  wakes: Wakes
}

/** Longer than any machine is busy with something else: who has not come by then sleeps for good. */
const FOR_GOOD_MS = 15_000

class Sender {
  readonly report = newReport()
  readonly #link: RingLink
  readonly #ring: RingBuffer
  readonly #random: () => number
  readonly #nap = new Int32Array(new SharedArrayBuffer(4))

  constructor(private readonly options: SideOptions) {
    this.#ring = new RingBuffer(options.memory)
    this.#link = new RingLink(this.#ring, new Doorbell(options.words, 0))
    this.#random = seededRandom(options.seed)
  }

  sendAll(): SideReport {
    const { records, turn, restEvery } = this.options
    for (let turns = 1; this.report.records < records && this.report.fault === ""; turns += 1) {
      const end = Math.min(records, this.report.records + 1 + below(this.#random, turn))
      while (this.report.records < end && this.#send(this.report.records)) this.report.records += 1
      if (restEvery > 0 && turns % restEvery === 0) this.#rest()
      else this.#link.flush()
    }
    this.#await("the last records were not taken", () => this.#isTaken())
    return this.report
  }

  #send(sequence: number): boolean {
    const link = this.#link
    if (this.#random() < 0.05) this.#giveUpOne()
    const length = lengthOf(sequence)
    const type = typeOf(sequence)
    let at = link.claim(type, length, type === RecordType.Report)
    if (at === NO_CAPACITY) {
      const claim = (): boolean => (at = link.claim(type, length, type === RecordType.Report)) !== NO_CAPACITY
      if (!this.#await(`there was no room for record ${sequence}`, claim)) return false
    }
    fill(link.u8, at, length, sequence)
    link.publish()
    return true
  }

  #giveUpOne(): void {
    const at = this.#link.claim(RecordType.Report, 16, true)
    if (at !== NO_CAPACITY) this.#link.u8.fill(0xee, at, at + 16)
    this.#link.abort()
  }

  /** Sends what there is while the receiver lies down, or when it sleeps, and tells how that was noticed. */
  #rest(): void {
    const { words } = this.options
    const { wakes } = this.report
    const isAsleep = (): boolean => Atomics.load(words, 1) === 1
    if (this.#random() < 0.5 && !this.#await("the receiver never lay down", isAsleep)) return
    for (let spins = below(this.#random, 2_000); spins > 0; spins -= 1) Atomics.load(words, 1)
    const ringsBefore = Atomics.load(words, 0)
    this.#link.flush()
    const isRung = Atomics.load(words, 0) !== ringsBefore
    const isTaken = this.#await("nobody came for the records after a rest", () => this.#isTaken())
    if (isTaken) wakes[isRung ? "rungTaken" : "silentTaken"] += 1
    else wakes[isRung ? "rungLost" : "silentLost"] += 1
  }

  #isTaken(): boolean {
    if (this.#link.isBehind) this.#link.flush()
    return !this.#link.isBehind && this.#ring.isEmpty
  }

  /** Looks again and again, and lets others have the processor. False, and a fault, when that goes on for ever. */
  #await(fault: string, condition: () => boolean): boolean {
    const startedMs = performance.now()
    for (let look = 0; !condition(); look += 1) {
      if (look > 1_000) Atomics.wait(this.#nap, 0, 0, 0.05)
      if (performance.now() - startedMs < FOR_GOOD_MS) continue
      this.report.fault ||= fault
      return false
    }
    return true
  }
}

/** Takes records for as long as the thread lives. Returns what it has seen so far. */
function receive({ memory, words, idleStrategy, awayEvery }: SideOptions): SideReport {
  const ring = new RingBuffer(memory)
  const away = new Int32Array(new SharedArrayBuffer(4))
  const report = newReport()
  const take: RingHandler = (type, offset, length, { u8 }) => {
    report.fault ||= faultOf(u8, report.records++, type, offset, length)
    if (awayEvery > 0 && report.records % awayEvery === 0) Atomics.wait(away, 0, 0, 1)
  }
  run(() => ring.poll(take, 256), new Doorbell(words, 0), idleStrategy)
  return report
}

function faultOf(u8: Uint8Array, sequence: number, type: number, offset: number, length: number): string {
  if (length !== lengthOf(sequence) || type !== typeOf(sequence)) return `record ${sequence} has another header`
  for (let index = 0; index < length; index += 1) {
    if (u8[offset + index] !== byteOf(sequence, index)) return `byte ${index} of record ${sequence} is another`
  }
  return ""
}

function fill(u8: Uint8Array, at: number, length: number, sequence: number): void {
  for (let index = 0; index < length; index += 1) u8[at + index] = byteOf(sequence, index)
}

const mixed = (sequence: number): number => Math.imul(sequence ^ (sequence >>> 15), 0x2c1b3c6d) >>> 0

const lengthOf = (sequence: number): number => (mixed(sequence) >>> 8) % 97

const typeOf = (sequence: number): number => ((mixed(sequence) & 64) === 0 ? RecordType.Depth : RecordType.Report)

const byteOf = (sequence: number, index: number): number => (mixed(sequence) + index) & 0xff

const newReport = (): SideReport => ({
  records: 0,
  fault: "",
  wakes: { rungTaken: 0, silentTaken: 0, rungLost: 0, silentLost: 0 },
})

const options = workerData as SideOptions
const post = (report: SideReport): void => parentPort!.postMessage(report)
if (options.side === "sender") post(new Sender(options).sendAll())
else {
  const report = receive(options)
  parentPort!.on("message", () => post(report))
}
