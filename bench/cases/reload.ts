import { Storm, type StormChange, sleep } from "../../test/support/storm/storm.js"
import type { Topology } from "../../test/support/topologies.js"
import { type BenchCase, type BenchRow, rowsFromBlocks } from "../measure.js"

const RECORDS_A_SECOND = 100_000
const ORDER_EVERY = 300
const WARM_UP_MS = 1500
/** How long after a reload its traces are looked for. */
const AFTER_MS = 5
const ROUNDS = 100
const QUICK_ROUNDS = 15

/** What a generation changes, a kind a row: options in place, stages, parts made anew, and parts of other code. */
type Kind = readonly [name: string, change: (round: number) => StormChange]
const KINDS: readonly Kind[] = [
  ["cut, options", () => ({})],
  ["cut, stages", (round) => ({ "market-data": { conflate_updates: round % 2 === 0 } })],
  ["cut, parts", (round) => ({ storm: { remade: round + 1 } })],
]
/** After the others: what runs for the first time is slow, and would be so in whichever kind comes next. */
const OTHER_CODE: Kind = ["cut, other code", () => ({ code: "new" })]

/**
 * A generation that takes over from the one before it, under numbered market records on an intended schedule and the
 * orders that they cause. The cut is the time in which no input is taken. The gap is the longest between two records
 * that the strategy handles, from the beginning of the preparation until 5 ms after the cut; beside it the same of as
 * much time without a reload. A ledger tells whether anything was lost, doubled or handled by two generations.
 */
export const reloadFused = createCase("reload-fused", "fused")
export const reloadSplit = createCase("reload-split", "split")

function createCase(name: string, topology: Topology): BenchCase {
  return {
    name,
    async run({ quick }) {
      const storm = await Storm.start(topology)
      try {
        await storm.reload({ storm: { rate: RECORDS_A_SECOND, order_every: ORDER_EVERY } })
        await sleep(WARM_UP_MS)
        const watched = new Watched(storm)
        const rounds = quick ? QUICK_ROUNDS : ROUNDS
        const pausesNs = [...(await inTurns(KINDS, rounds, watched)), ...(await inTurns([OTHER_CODE], rounds, watched))]
        const { pace } = watched
        await storm.settle()
        storm.assertExact()
        return rows(name, `at ${pace} records/s`, new Map([...pausesNs, ...watched.gapsNs]))
      } finally {
        await storm.stop()
      }
    },
  }
}

async function inTurns(kinds: readonly Kind[], rounds: number, watched: Watched): Promise<Map<string, number[]>> {
  const pausesNs = new Map<string, number[]>(kinds.map(([name]) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, change] of kinds) pausesNs.get(name)!.push((await watched.reload(change(round))) * 1000)
  }
  return pausesNs
}

function rows(name: string, operation: string, samplesNs: ReadonlyMap<string, readonly number[]>): BenchRow[] {
  const blocks = new Map([...samplesNs].map(([subject, samples]) => [subject, [samples]] as const))
  return rowsFromBlocks(name, operation, blocks).map((row) => {
    return { ...row, maxNs: Math.max(...samplesNs.get(row.subject)!) }
  })
}

/** Reloads, and as much time without one after each, in windows of their own. */
class Watched {
  readonly #startedMs = performance.now()
  readonly #before: number
  #windows = 0

  constructor(private readonly storm: Storm) {
    this.#before = storm.counter("market_updates")
  }

  /** Returns how long no input was taken, in us. */
  async reload(change: StormChange): Promise<number> {
    const startedMs = performance.now()
    this.#begin()
    const pauseUs = await this.storm.reload(change)
    await sleep(AFTER_MS)
    const tookMs = performance.now() - startedMs
    this.#begin()
    await sleep(tookMs)
    return pauseUs
  }

  /** Records a second that were handled, to three digits. */
  get pace(): string {
    const handled = this.storm.counter("market_updates") - this.#before
    const perSecond = (handled * 1000) / (performance.now() - this.#startedMs)
    return Number(perSecond.toPrecision(3)).toLocaleString("en-US")
  }

  /** The longest gap of each window. */
  get gapsNs(): ReadonlyMap<string, number[]> {
    const windows = this.storm.ledger.readGapsNs().slice(1)
    return new Map([
      ["gap, with a reload", windows.filter((_, index) => index % 2 === 0)],
      ["gap, without", windows.filter((_, index) => index % 2 === 1)],
    ])
  }

  #begin(): void {
    this.#windows += 1
    this.storm.ledger.probe(this.#windows)
  }
}
