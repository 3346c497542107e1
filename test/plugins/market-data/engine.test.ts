import { test } from "uvu"
import * as assert from "uvu/assert"
import type { MarketDataOptions } from "veloz"
import { engine } from "../../../plugins/market-data/engine.js"
import { BTCUSDT, defaultOptions, EngineProbe, ETHUSDT } from "../../support/part-contexts.js"

function running(changes: Partial<MarketDataOptions> = {}) {
  const probe = new EngineProbe(defaultOptions<MarketDataOptions>("market-data", changes), [BTCUSDT, ETHUSDT])
  return { probe, part: engine(probe.context) }
}

test("no stage exists that the options do not ask for", () => {
  assert.equal([...running().probe.stages.keys()], [])
})

test("each stage exists when its option asks for it, and counts what it held back", () => {
  const { probe } = running({ conflate_updates: true, update_throttle_us: 1000 })
  assert.equal([...probe.stages.keys()], ["conflate", "throttle"])
  const { stage } = probe.stages.get("conflate")!
  stage.offer(0)
  stage.offer(0)
  assert.is(probe.context.counters.get("conflated")!.value, 1)
})

test("the published depth follows the live option", () => {
  const { probe, part } = running({ order_book_depth: 5 })
  assert.is(probe.publishedDepth, 5)
  probe.options.order_book_depth = 20
  part.retune!()
  assert.is(probe.publishedDepth, 20)
})

test.run()
