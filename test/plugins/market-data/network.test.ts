import { test } from "uvu"
import * as assert from "uvu/assert"
import type { MarketDataOptions } from "veloz"
import { check } from "../../../plugins/market-data/check.js"
import { network } from "../../../plugins/market-data/network.js"
import { defaultOptions, NetworkProbe, objectionsOf } from "../../support/part-contexts.js"

function running(changes: Partial<MarketDataOptions>) {
  const probe = new NetworkProbe(defaultOptions<MarketDataOptions>("market-data", changes))
  return { probe, part: network(probe.context) }
}

test("incremental updates are differences, whatever the depth", () => {
  assert.equal(running({ use_incremental_updates: true, order_book_depth: 20 }).probe.wishes, [0])
})

test("snapshots are asked for with the fewest levels that cover the published depth", () => {
  for (const [depth, levels] of [
    [1, 5],
    [5, 5],
    [6, 10],
    [20, 20],
  ]) {
    assert.equal(running({ use_incremental_updates: false, order_book_depth: depth }).probe.wishes, [levels])
  }
})

test("a depth that no snapshot covers is refused, with both options, and differences cover any", () => {
  const refused = (changes: Partial<MarketDataOptions>) =>
    objectionsOf(check, defaultOptions<MarketDataOptions>("market-data", changes))
  const [objection, ...more] = refused({ use_incremental_updates: false, order_book_depth: 21 })
  assert.equal(more, [])
  assert.equal([objection.code, objection.field], ["VELOZ_SNAPSHOT_LEVELS", "order_book_depth"])
  assert.equal(objection.clashes, ["use_incremental_updates"])
  assert.equal(refused({ use_incremental_updates: false, order_book_depth: 20 }), [])
  assert.equal(refused({ use_incremental_updates: true, order_book_depth: 5000 }), [])
})

test("the wish follows the live depth", () => {
  const { probe, part } = running({ use_incremental_updates: false, order_book_depth: 5 })
  probe.options.order_book_depth = 10
  part.retune!()
  assert.equal(probe.wishes, [5, 10])
})

test.run()
