import { test } from "uvu"
import * as assert from "uvu/assert"
import type { MemoryPoolsOptions } from "veloz"
import { STRING_CELL_BYTES } from "veloz/hot"
import { engine } from "../../../plugins/memory-pools/engine.js"
import { network } from "../../../plugins/memory-pools/network.js"
import { defaultOptions, EngineProbe, NetworkProbe } from "../../support/part-contexts.js"

test("the engine part wishes for orders and ids, when it is made and when the options change", () => {
  const probe = new EngineProbe(defaultOptions<MemoryPoolsOptions>("memory-pools"))
  const part = engine(probe.context)
  assert.equal(probe.pools, {
    orders: [16_384, false],
    strings: [Math.floor((16 * 2 ** 20) / STRING_CELL_BYTES), false],
  })
  Object.assign(probe.options, { order_pool_size: 1, string_pool_size_mb: 2, preallocate: true })
  part.retune!()
  assert.equal(probe.pools, { orders: [1, true], strings: [Math.floor((2 * 2 ** 20) / STRING_CELL_BYTES), true] })
})

test("the network part wishes for market records in the same way", () => {
  const probe = new NetworkProbe(defaultOptions<MemoryPoolsOptions>("memory-pools"))
  const part = network(probe.context)
  assert.equal(probe.marketEvents, [65_536, false])
  Object.assign(probe.options, { market_event_pool_size: 10, preallocate: true })
  part.retune!()
  assert.equal(probe.marketEvents, [10, true])
})

const ASKED: readonly [changes: Partial<MemoryPoolsOptions>, pages: object, isTouched: boolean][] = [
  [{ lock_memory: true }, { lock: true, huge: false }, true],
  [{ huge_pages: "pools" }, { lock: false, huge: true }, true],
  [{ huge_pages: "never" }, { lock: false, huge: false }, false],
]

test("pages that are locked or huge are touched ahead, whatever preallocate says", () => {
  for (const [changes, pages, isTouched] of ASKED) {
    const options = defaultOptions<MemoryPoolsOptions>("memory-pools", changes)
    const [engineProbe, networkProbe] = [new EngineProbe(options), new NetworkProbe(options)]
    engine(engineProbe.context)
    network(networkProbe.context)
    assert.equal([engineProbe.pages, networkProbe.pages], [pages, pages])
    assert.equal([engineProbe.pools.orders[1], networkProbe.marketEvents?.[1]], [isTouched, isTouched])
  }
})

test.run()
