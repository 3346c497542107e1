import { test } from "uvu"
import * as assert from "uvu/assert"
import { BucketSummary } from "../../../core/measure/bucket-summary.js"
import { inStorm, type Storm, sleep } from "../../support/storm/storm.js"
import { inEachTopology } from "../../support/topologies.js"

// How much a change of options adds to the latency of market data, in the second around its commit.

/** Seconds with a commit in their middle, and as many without, in turn: a busy machine is as busy for both. */
const PAIRS = 7
/**
 * What others do disturbs some of the seconds, of either kind: then more are taken, and all of them count. A jolt of ours
 * is in each of them and stays in their median; one good round among bad ones does not acquit it.
 */
const MOST_ROUNDS = 3
const HALF_MS = 500
const MARKET = { rate: 20_000, window: 3000 }

inEachTopology("a change of options leaves the p99 of processing below twice the steady one", (topology) =>
  inStorm(topology, async (storm) => {
    await storm.reload({ storm: MARKET })
    await sleep(2 * HALF_MS)
    const [steady, around]: number[][] = [[], []]
    const ratio = (): number => median(around) / median(steady)
    for (let round = 0; round < MOST_ROUNDS && !(ratio() < 2); round += 1) {
      const more = await measure(storm)
      steady.push(...more.steady)
      around.push(...more.around)
    }
    await storm.settle()
    storm.assertExact()
    assert.ok(ratio() < 2, `${ratio().toFixed(2)} times: ${around.join()} us beside ${steady.join()} us`)
  }),
)

let depth = 5

async function measure(storm: Storm): Promise<{ steady: number[]; around: number[] }> {
  const [steady, around]: number[][] = [[], []]
  for (let pair = 0; pair < PAIRS; pair += 1) {
    steady.push(await p99Of(storm, async () => sleep(2 * HALF_MS)))
    around.push(
      await p99Of(storm, async () => {
        await sleep(HALF_MS)
        depth = depth === 5 ? 6 : 5
        await storm.reload({ "market-data": { order_book_depth: depth } })
        await sleep(HALF_MS)
      }),
    )
  }
  return { steady, around }
}

/** Of what was processed meanwhile, in us. */
async function p99Of(storm: Storm, act: () => Promise<void>): Promise<number> {
  const before = bucketsOf(storm)
  await act()
  const meanwhile = new BucketSummary()
  for (const [lowestNs, count] of bucketsOf(storm)) {
    const more = count - (before.get(lowestNs) ?? 0)
    if (more > 0) meanwhile.add(lowestNs, more)
  }
  return meanwhile.take(Number.MAX_SAFE_INTEGER).p99_us!
}

function bucketsOf({ hot }: Storm): Map<number, number> {
  const { lowest_ns, counts } = hot.engine!.metrics.totals().histograms.processing
  return new Map(lowest_ns.map((lowestNs, index) => [lowestNs, counts[index]]))
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]

test.run()
