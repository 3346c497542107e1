import * as assert from "uvu/assert"
import { type LedgerReading, Sequence, STATIONS } from "./ledger.js"

/** Everything that was sent has arrived, and every order was answered. */
export function isSettled({ last }: LedgerReading): boolean {
  const [orders] = last[Sequence.Order]
  const isAnswered = last[Sequence.Ack][0] === orders && last[Sequence.Fill][0] === orders
  return isAnswered && last.every((stations) => stations.every((number) => number === stations[0]))
}

/** Nothing was lost, doubled or handled by two generations, and nothing is left of generations that are over. */
export function assertExact({ flaws, first, counts, last, parts }: LedgerReading): void {
  assert.is(first, undefined, `${first}, the first of ${flaws} flaws`)
  for (const [kind, stations] of STATIONS.entries()) {
    for (const [station, name] of stations.entries()) {
      const what = `${Object.keys(Sequence)[kind]} at ${name}`
      assert.is(last[kind][station], last[kind][0], what)
      if (!name.endsWith("newest")) assert.is(counts[kind][station], counts[kind][0], what)
    }
  }
  assert.equal(parts, { network: 1, engine: 1, strategy: 1 })
}
