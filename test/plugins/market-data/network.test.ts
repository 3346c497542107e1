import { test } from "uvu"
import * as assert from "uvu/assert"
import type { MarketDataOptions } from "veloz"
import { network } from "../../../plugins/market-data/network.js"
import { defaultOptions, NetworkProbe } from "../../support/part-contexts.js"

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

test("a depth that no snapshot covers gets the largest one, and a warning", () => {
  const { probe } = running({ use_incremental_updates: false, order_book_depth: 50 })
  assert.equal(probe.wishes, [20])
  assert.is(probe.context.lines.length, 1)
  assert.match(probe.context.lines[0].message, "order_book_depth")
})

test("the wish follows the live depth", () => {
  const { probe, part } = running({ use_incremental_updates: false, order_book_depth: 5 })
  probe.options.order_book_depth = 10
  part.retune!()
  assert.equal(probe.wishes, [5, 10])
})

test.run()
