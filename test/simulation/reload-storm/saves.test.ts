import { test } from "uvu"
import * as assert from "uvu/assert"
import { assertExact } from "../../support/storm/exact.js"
import { MARKET, Saves } from "../../support/storm/saves.js"
import { NO_LIMITS, sleep } from "../../support/storm/storm.js"
import { inEachTopology } from "../../support/topologies.js"

// The same storm through the whole engine: a configuration file that is saved while the market runs.

const SAVES = 60

type Save = (saves: Saves, mark: number, round: number) => void

const GOOD: readonly Save[] = [
  (saves, mark) => saves.config({ ...MARKET, mark }),
  (saves, mark, round) => saves.config({ ...MARKET, mark }, { "market-data": { conflate_updates: round % 2 === 0 } }),
  (saves, mark, round) => saves.config({ ...MARKET, mark, remade: round + 1 }),
  (saves, mark, round) => {
    saves.code(round)
    saves.config({ ...MARKET, mark })
  },
  (saves, mark, round) => {
    const batch = { ...NO_LIMITS, batch_size: 2 + round, batch_wait_us: 5000 }
    saves.config({ ...MARKET, mark }, { "order-processing": batch, "market-data": false })
  },
]

/** What is saved, and what the engine says of it. A mark below every other would be noticed at once. */
const BAD: readonly (readonly [Save, RegExp])[] = [
  [(saves) => saves.text(`{ "plugins": `), /veloz\.config\.json/],
  [(saves) => saves.config({ ...MARKET, mark: "none" }), /mark/],
  [(saves) => saves.config({ ...MARKET, mark: -1, fail_in: "network" }), /the network part does not want/],
  [(saves) => saves.config({ ...MARKET, mark: -1, fail_in: "strategy" }), /the strategy part does not want/],
  [(saves) => saves.config({ mark: -1 }, { "market-data": { order_book_depht: 9 } }), /order_book_depth/],
  [(saves, _mark, round) => saves.code(-round, "throw new Error('broken code')"), /broken code/],
]

inEachTopology(
  `${SAVES} saves under 100,000 records a second, every third bad, lose, double and mix nothing`,
  async (topology) => {
    const saves = new Saves(topology)
    try {
      await saves.start()
      for (let number = 1; number <= SAVES; number += 1) {
        const mark = number + 1
        if (number % 3 === 0) await saveBad(saves, mark, number / 3)
        else await saveGood(saves, mark, number)
        await sleep(number % 4)
      }
      await saves.settle(SAVES + 2)
      assertExact(await saves.ledger())
    } finally {
      await saves.end()
    }
  },
)

async function saveGood(saves: Saves, mark: number, number: number): Promise<void> {
  GOOD[number % GOOD.length](saves, mark, number)
  // A cut that comes too late on a busy machine is for the user to try again.
  while (!(await saves.reload())) assert.match(saves.refusal, /too busy/)
}

async function saveBad(saves: Saves, mark: number, round: number): Promise<void> {
  const [save, refusal] = BAD[round % BAD.length]
  save(saves, mark, round)
  assert.not(await saves.reload(), `save ${round} was taken`)
  assert.match(saves.refusal, refusal)
  saves.code(0)
}

test.run()
