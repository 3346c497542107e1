import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { RingBuffer } from "../../../core/hot/ring.js"
import type { Manner, SideOptions, SideReport, Wakes } from "./ring-link-side.js"

const STEADY: Manner = {
  ringBytes: 1 << 16,
  records: 1_000_000,
  turn: 64,
  restEvery: 0,
  idleStrategy: "park",
  awayEvery: 0,
}

const MANNERS: Readonly<Record<string, Manner>> = {
  "short turns to a receiver that parks": STEADY,
  "single records to a receiver that spins": { ...STEADY, turn: 1, idleStrategy: "spin" },
  "a receiver that is away now and then": { ...STEADY, idleStrategy: "backoff", awayEvery: 20_000 },
  "a ring that is much too small": { ...STEADY, ringBytes: 1 << 12, turn: 500, idleStrategy: "backoff" },
  "bursts, and a rest after each": { ...STEADY, ringBytes: 1 << 20, turn: 10_000, restEvery: 1 },
  "bursts that outgrow the ring and the sender's own memory": { ...STEADY, turn: 200_000, restEvery: 1 },
}

for (const [name, manner] of Object.entries(MANNERS)) {
  test(`a million records from thread to thread, each once, in order and whole: ${name}`, async () => {
    const { sent, received } = await handOver(manner)
    assert.equal([sent.fault, received.fault], ["", ""])
    assert.equal([sent.records, received.records], [manner.records, manner.records])
  })
}

/** What may become of a record that comes when the receiver is about to sleep, or sleeps. */
const OUTCOMES: readonly [outcome: keyof Wakes, verdict: "expected" | "acceptable" | "forbidden", because: string][] = [
  ["rungTaken", "expected", "who sleeps is woken"],
  ["silentTaken", "acceptable", "who looks once more before it sleeps finds the record by itself"],
  ["rungLost", "forbidden", "a ring reaches whoever is asleep by then"],
  ["silentLost", "forbidden", "one of the two sees the other: the flag, or the record"],
]

test("who sleeps is woken, whenever it lay down", async () => {
  for (const idleStrategy of ["park", "backoff"] as const) {
    const records = idleStrategy === "park" ? 20_000 : 2_000
    const { sent, received } = await handOver({ ...STEADY, records, turn: 1, restEvery: 1, idleStrategy })
    for (const [outcome, verdict, because] of OUTCOMES) {
      const count = sent.wakes[outcome]
      if (verdict === "forbidden") assert.is(count, 0, `${idleStrategy}: ${because}`)
      if (verdict === "expected") assert.ok(count > 0, `${idleStrategy}: ${because}, but nobody ever slept`)
    }
    assert.equal([sent.fault, received.fault, received.records], ["", "", records])
  }
})

let seed = 1

async function handOver(manner: Manner): Promise<{ sent: SideReport; received: SideReport }> {
  const memory = new SharedArrayBuffer(RingBuffer.bytesFor(manner.ringBytes))
  const words = new Int32Array(new SharedArrayBuffer(8))
  const start = (side: SideOptions["side"]): Worker => {
    const workerData: SideOptions = { ...manner, side, memory, words, seed: seed++ }
    return new Worker(new URL("./ring-link-side.js", import.meta.url), { workerData })
  }
  const [receiver, sender] = [start("receiver"), start("sender")]
  try {
    const sent = await reportOf(sender)
    receiver.postMessage("report")
    return { sent, received: await reportOf(receiver) }
  } finally {
    await Promise.all([receiver.terminate(), sender.terminate()])
  }
}

async function reportOf(side: Worker): Promise<SideReport> {
  const [report] = (await once(side, "message")) as [SideReport]
  return report
}

test.run()
