import { floorInC } from "../floor.js"
import { type Handoff, startHandoff } from "../handoff.js"
import type { Waiting } from "../handoff-side.js"
import { type BenchCase, rowsFromBlocks } from "../measure.js"

/** Measures once. Returns nanoseconds a record. */
type Way = (threads: Handoff) => Promise<number[]>

const BLOCKS = 12
const QUICK_BLOCKS = 3
const SECONDS_A_BLOCK = 0.25
const STREAMS_A_BLOCK = 8

/**
 * A record from one thread to another, by the link that the engine's roles have between them. The sender keeps to a
 * schedule, and what counts is how late a record is; two readings of the clock are part of that. The floor is one cache
 * line that goes from core to core and back, halved.
 */
export const handoff = createCase("handoff", "1 of 10,000/s, awake", () => ({
  "veloz, spin": paced({ waiting: "spin", perSecond: 10_000 }),
  "veloz, backoff": paced({ waiting: "backoff", perSecond: 10_000 }),
  "a loop without events": paced({ waiting: "bare loop", perSecond: 10_000 }),
  "C, cache line": inC({ handoffs: 2_000, periodNs: 0 }),
}))

/** The same to a thread that is asleep by then. */
export const handoffParked = createCase("handoff-parked", "1 of 1,000/s, asleep", () => ({
  "veloz, park": paced({ waiting: "park", perSecond: 1_000 }),
  "veloz, backoff": paced({ waiting: "backoff", perSecond: 1_000 }),
  "Atomics.wait": paced({ waiting: "Atomics.wait", perSecond: 1_000 }),
  postMessage: paced({ waiting: "postMessage", perSecond: 1_000 }),
  "C, futex": inC({ handoffs: 250, periodNs: 1e6 }),
}))

/** As many as go through: what each of them takes when so many are handed on together. */
export const handoffBatched = createCase("handoff-batched", "1 of a stream", () => ({
  "veloz, 64 together": unpaced({ waiting: "spin", batch: 64, records: 100_000 }),
  "veloz, 8 together": unpaced({ waiting: "spin", batch: 8, records: 100_000 }),
  "veloz, 1 by 1": unpaced({ waiting: "spin", batch: 1, records: 50_000 }),
  "postMessage, 1 by 1": unpaced({ waiting: "postMessage", batch: 1, records: 2_000 }),
  "C, cache line": inC({ handoffs: 2_000, periodNs: 0 }),
}))

/** How late each record is, of a quarter of a second. */
function paced({ waiting, perSecond }: { waiting: Waiting; perSecond: number }): Way {
  const records = perSecond * SECONDS_A_BLOCK
  return (threads) => threads.measure({ waiting, records, periodNs: 1e9 / perSecond, batch: 1 }, records)
}

/** How long a stream takes to its last record, shared among all of them. */
function unpaced({ waiting, batch, records }: { waiting: Waiting; batch: number; records: number }): Way {
  return async (threads) => {
    const samples: number[] = []
    while (samples.length < STREAMS_A_BLOCK) {
      const [tookNs] = await threads.measure({ waiting, records, periodNs: 0, batch }, 1)
      samples.push(tookNs / records)
    }
    return samples
  }
}

function inC({ handoffs, periodNs }: { handoffs: number; periodNs: number }): Way {
  const floor = floorInC("handoff-floor")
  return async ({ cpus: [one, other] }) => floor(handoffs, one, other, periodNs) ?? []
}

function createCase(name: string, operation: string, createWays: () => Readonly<Record<string, Way>>): BenchCase {
  return {
    name,
    async run({ quick }) {
      const threads = await startHandoff()
      if (threads === undefined) return []
      const ways = Object.entries(createWays())
      // The compilers are not done yet with what a first block measures.
      for (const [, measure] of ways) await measure(threads)
      const blocks = ways.map((): number[][] => [])
      for (let block = 0; block < (quick ? QUICK_BLOCKS : BLOCKS); block += 1) {
        for (const [index, [, measure]] of ways.entries()) blocks[index].push(await measure(threads))
      }
      await threads.close()
      const measured = ways
        .map(([way], index) => [way, blocks[index]] as const)
        .filter(([, own]) => own.every(({ length }) => length > 0))
      return rowsFromBlocks(name, operation, new Map(measured))
    },
  }
}
