import { test } from "uvu"
import * as assert from "uvu/assert"
import type { VelozError } from "veloz"
import { Sequence } from "../../support/storm/ledger.js"
import { inStorm, type Storm, sleep } from "../../support/storm/storm.js"
import { inEachTopology } from "../../support/topologies.js"

// The cut where it is hard, on real threads: rings that are full, roles that are slow, orders on their way.

/** Longer than a cut waits for its marker. */
const STALL_US = 80_000
const MARKET = { rate: 100_000, order_every: 300, window: 0 }

async function failure(act: Promise<unknown>): Promise<VelozError | undefined> {
  return act.then(
    () => undefined,
    (error: VelozError) => error,
  )
}

/** Lets the strategy take so long over each record that the ring to it fills, and what it is told conflates. */
async function fillUp(storm: Storm): Promise<void> {
  storm.ledger.slow("strategy", 2000)
  const before = storm.counter("strategy_ring_full")
  while (storm.counter("strategy_ring_full") === before) await sleep(5)
}

test("a generation is cut while the ring to the strategy is full and drains", async () => {
  await inStorm("split", async (storm) => {
    await storm.reload({ storm: MARKET })
    for (let round = 0; round < 3; round += 1) {
      await fillUp(storm)
      storm.ledger.slow("strategy", 0)
      await storm.reload({ "market-data": { order_book_depth: 1 + round } })
    }
    await storm.settle()
    storm.assertExact()
  })
})

test("a strategy that is behind by far too much has the change refused, and the next one taken", async () => {
  await inStorm("split", async (storm) => {
    await storm.reload({ storm: { ...MARKET, rate: 200_000 } })
    await fillUp(storm)
    const error = await failure(storm.commit({ "market-data": { conflate_updates: true } }))
    assert.is(error?.code, "VELOZ_CUT_LATE")
    assert.match(error!.message, "strategy-worker had no time for it")
    const handled = storm.ledger.last(Sequence.Trade, 2)
    while (storm.ledger.last(Sequence.Trade, 2) === handled) await sleep(1)
    storm.ledger.slow("strategy", 0)
    await storm.reload({ "market-data": { conflate_updates: true } })
    await storm.settle()
    storm.assertExact()
  })
})

for (const role of ["network", "engine", "strategy"] as const) {
  test(`a cut waits for the ${role} while that takes 80 ms over one record, and comes about`, async () => {
    await inStorm("split", async (storm) => {
      const { ledger } = storm
      // Few enough on their way that they are through soon, also on a machine with much else to do.
      await storm.reload({ storm: { ...MARKET, window: 1000 } })
      for (let round = 0; round < 3; round += 1) {
        let stalledMs = 0
        await storm.commit({ storm: { remade: round } }, async () => {
          ledger.stall(role, STALL_US)
          while (!ledger.isStalling(role)) await sleep(0)
          stalledMs = performance.now()
        })
        assert.ok(performance.now() - stalledMs > 50, "no marker passes a role that is busy")
      }
      await storm.settle()
      storm.assertExact()
    })
  })
}

inEachTopology("orders that wait in a batch leave in the generation that they were placed in", async (topology) => {
  await inStorm(topology, async (storm) => {
    const batch = { batch_size: 1000, batch_wait_us: 1_000_000 }
    await storm.reload({ storm: { rate: 20_000, order_every: 10 }, "order-processing": batch })
    for (let round = 0; round < 10; round += 1) {
      const placed = storm.ledger.last(Sequence.Order, 0)
      while (storm.ledger.last(Sequence.Order, 0) === placed) await sleep(1)
      await storm.reload({ storm: { remade: round } })
    }
    // No order comes any more that could take along what an older one left behind.
    await storm.reload({ storm: { order_every: 0 } })
    await storm.settle()
    storm.assertExact()
  })
})

inEachTopology("a generation is cut while idle threads spin for a while before they sleep", async (topology) => {
  const run = async (storm: Storm): Promise<void> => {
    await storm.reload({ storm: MARKET })
    for (let round = 0; round < 50; round += 1) {
      await storm.reload({ storm: { remade: round } })
      // Long enough, now and then, for everybody to fall asleep.
      await storm.reload({ storm: { rate: round % 10 === 0 ? 0 : MARKET.rate } })
      await sleep(round % 10 === 0 ? 5 : 1)
    }
    await storm.settle()
    storm.assertExact()
  }
  await inStorm(topology, run, "backoff")
})

test.run()
