import * as assert from "uvu/assert"
import { Sequence } from "../../support/storm/ledger.js"
import { inStorm, type Storm, type StormChange, sleep } from "../../support/storm/storm.js"
import type { Topology } from "../../support/topologies.js"

const RELOADS = 1000
const MARKET = {
  /** Numbered records a second, on an intended schedule. */
  rate: 100_000,
  /** What a venue's socket would hold back when the machine is busy with other things. */
  window: 3000,
  order_every: 300,
}

/** Options in place, stages, parts made anew, other code, a plugin that comes and goes. */
const GOOD: readonly ((round: number) => StormChange)[] = [
  () => ({}),
  (round) => ({ "market-data": { conflate_updates: round % 2 === 0 } }),
  (round) => ({ storm: { remade: round } }),
  (round) => ({ "order-processing": { batch_size: 1 + (round % 40), batch_wait_us: 5000 } }),
  (round) => ({ "market-data": { update_throttle_us: (round % 3) * 200, order_book_depth: 1 + (round % 20) } }),
  () => ({ code: "new" }),
  (round) => ({ "order-processing": { max_open_orders: 10_000 + round } }),
  (round) => ({ "market-data": round % 2 === 0 ? false : {} }),
]

const BAD: readonly (readonly [StormChange, RegExp])[] = [
  [{ storm: { fail_in: "network" }, "market-data": { conflate_updates: true } }, /the network part does not want/],
  [{ storm: { fail_in: "engine" }, "order-processing": { batch_size: 7 } }, /the engine part does not want/],
  [{ storm: { fail_in: "strategy" } }, /the strategy part does not want/],
  [{ storm: { conflate: true }, "market-data": { conflate_updates: true } }, /conflate/],
  [{ code: "broken" }, /broken code/],
]

/**
 * Numbered market records, and orders that they cause, on the threads of a real engine, which is reloaded 1,000 times
 * meanwhile, every third time in vain. Each number passes every station of its way once and in order, in one
 * generation; and a reload that is refused leaves no trace.
 */
export async function reloadThousandTimes(topology: Topology): Promise<void> {
  await inStorm(topology, async (storm) => {
    await storm.reload({ storm: MARKET })
    for (let number = 1; number <= RELOADS && storm.ledger.flaws === 0; number += 1) {
      if (number % 3 === 0) await reloadInVain(storm, number / 3)
      else await storm.reload(GOOD[number % GOOD.length](Math.floor(number / GOOD.length)))
      await sleep(number % 4)
    }
    await storm.settle()
    storm.assertExact()
    assert.ok(storm.ledger.last(Sequence.Trade, 0) > 10 * RELOADS, "the market was there all the while")
    assert.ok(storm.ledger.last(Sequence.Order, 0) > 100, "and so were orders")
  })
}

/** Refused while it is prepared; and one in six is ready everywhere before it is given up. */
async function reloadInVain(storm: Storm, number: number): Promise<void> {
  const kind = number % (BAD.length + 1)
  if (kind === BAD.length) return storm.giveUp({ storm: { remade: -number }, "market-data": { order_book_depth: 50 } })
  const [change, message] = BAD[kind]
  assert.match(await storm.refuse(change), message)
}
