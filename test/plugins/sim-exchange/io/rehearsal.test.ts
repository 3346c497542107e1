import { test } from "uvu"
import * as assert from "uvu/assert"
import { type RunningExchange, startExchange } from "../../../../plugins/sim-exchange/io/exchange.js"
import { type Rehearsal, rehearseOrders } from "../../../../plugins/sim-exchange/io/rehearsal.js"
import { until } from "../../../support/until.js"

test("orders are placed and cancelled after events, none is refused, and clients' exchange sees none of them", async () => {
  const exchange = await startExchange({ events_per_second: 500 })
  const rehearsal = await rehearseOrders(exchange)
  await until(() => rehearsal.stats().ordersCanceled >= 20)
  assert.is(rehearsal.stats().ordersRejected, 0)
  assert.ok(rehearsal.stats().ordersPlaced - rehearsal.stats().ordersCanceled <= 1)
  assert.equal([exchange.stats().ordersPlaced, exchange.stats().requests, exchange.stats().connections], [0, 0, 0])
  await rehearsal.close()
  await exchange.close()
})

test("the generated market is the same with and without rehearsals", async () => {
  const withRehearsal = await startExchange({ events_per_second: 0, seed: 7 })
  const without = await startExchange({ events_per_second: 0, seed: 7 })
  const rehearsal = await rehearseOrders(withRehearsal)
  const market = (exchange: RunningExchange) => {
    for (let event = 0; event < 1000; event += 1) exchange.venue.step([...exchange.venue.markets.values()][0], event)
    return exchange.venue.counts
  }
  assert.equal(market(withRehearsal), market(without))
  await Promise.all([rehearsal.close(), withRehearsal.close(), without.close()])
})

test("without events nothing is rehearsed, and a burst of events is one rehearsal", async () => {
  let tell = (): void => undefined
  const rehearsal = await rehearseOrders({ onEvents: (listener) => (tell = listener) })
  await settled(rehearsal)
  const before = rehearsal.stats().requests
  for (let event = 0; event < 100; event += 1) tell()
  await until(() => rehearsal.stats().requests > before)
  await settled(rehearsal)
  assert.is(rehearsal.stats().requests, before + 1)
  await rehearsal.close()
  tell()
})

/** Nothing that was sent is still on its way. */
async function settled(rehearsal: Rehearsal): Promise<void> {
  await until(() => rehearsal.stats().requests >= 1)
  await new Promise((resolve) => setTimeout(resolve, 20))
}

test.run()
