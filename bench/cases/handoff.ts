import { floorInC } from "../floor.js"
import { type Handoff, startHandoff } from "../handoff.js"
import type { Waiting } from "../handoff-side.js"
import { type BenchCase, rowsFromBlocks } from "../measure.js"

/** Measures once. Returns nanoseconds a record. */
type Way = (threads: Handoff) => Promise<number[]>

interface Contest {
  readonly ways: Readonly<Record<string, Way>>
  /** What the program in C does while it waits. */
  readonly floors: Readonly<Record<string, "spin" | "sleep">>
}

const BLOCKS = 12
const QUICK_BLOCKS = 3
const SECONDS_A_BLOCK = 0.25
const STREAMS_A_BLOCK = 8
const ROUNDS_A_BLOCK = 2_000

/**
 * A record from one thread to another, by the link that the engine's roles have between them. The sender keeps to a
 * schedule, and what counts is how late a record is; two readings of the clock are part of that. The floor is one cache
 * line that goes from core to core and back, halved.
 */
export const handoff = createCase("handoff", "1 of 10,000/s, awake", {
  ways: {
    "veloz, spin": paced({ waiting: "spin", perSecond: 10_000 }),
    "veloz, backoff": paced({ waiting: "backoff", perSecond: 10_000 }),
    "a loop without events": paced({ waiting: "bare loop", perSecond: 10_000 }),
  },
  floors: { "C, cache line": "spin" },
})

/** The same to a thread that is asleep by then. */
export const handoffParked = createCase("handoff-parked", "1 of 1,000/s, asleep", {
  ways: {
    "veloz, park": paced({ waiting: "park", perSecond: 1_000 }),
    "veloz, backoff": paced({ waiting: "backoff", perSecond: 1_000 }),
    "Atomics.wait": paced({ waiting: "Atomics.wait", perSecond: 1_000 }),
    postMessage: paced({ waiting: "postMessage", perSecond: 1_000 }),
  },
  floors: { "C, futex": "sleep" },
})

/** As many as go through: what each of them takes when so many are handed on together. */
export const handoffBatched = createCase("handoff-batched", "1 of a stream", {
  ways: {
    "veloz, 64 together": unpaced({ waiting: "spin", batch: 64, records: 100_000 }),
    "veloz, 8 together": unpaced({ waiting: "spin", batch: 8, records: 100_000 }),
    "veloz, 1 by 1": unpaced({ waiting: "spin", batch: 1, records: 50_000 }),
    "postMessage, 1 by 1": unpaced({ waiting: "postMessage", batch: 1, records: 2_000 }),
  },
  floors: { "C, cache line": "spin" },
})

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

function createCase(name: string, operation: string, { ways, floors }: Contest): BenchCase {
  return {
    name,
    async run({ quick }) {
      const threads = await startHandoff()
      if (threads === undefined) return []
      const all = { ...ways, ...floorsOf(floors) }
      // What the first block measures the compilers are not done with yet.
      for (const way of Object.values(ways)) await way(threads)
      const blocks = new Map(Object.keys(all).map((key) => [key, [] as number[][]]))
      for (let block = 0; block < (quick ? QUICK_BLOCKS : BLOCKS); block += 1) {
        for (const [key, way] of Object.entries(all)) blocks.get(key)!.push(await way(threads))
      }
      await threads.close()
      return rowsFromBlocks(name, operation, new Map([...blocks].filter(([, [first]]) => first.length > 0)))
    },
  }
}

function floorsOf(floors: Contest["floors"]): Record<string, Way> {
  const floor = floorInC("handoff-floor")
  const ways = Object.entries(floors).map(([key, waiting]): [string, Way] => [
    key,
    async ({ cpus }) => floor(ROUNDS_A_BLOCK, cpus[0], cpus[1], waiting) ?? [],
  ])
  return Object.fromEntries(ways)
}
