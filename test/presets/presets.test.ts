import { test } from "uvu"
import * as assert from "uvu/assert"
import type { EffectiveConfig } from "../../core/config/effective.js"
import { shippedPresetNames } from "../../core/config/presets.js"
import { highThroughput, lowLatency } from "../../presets/index.js"
import { problemsOf, project } from "../core/config/project.js"

async function withPreset(...presets: string[]): Promise<EffectiveConfig> {
  return project({ "veloz.config.json": { presets } }).configuration().load()
}

function pick(config: EffectiveConfig, plugin: string, ...names: string[]): unknown[] {
  const options = config.plugins.find(({ name }) => name === plugin)?.options ?? {}
  return names.map((name) => options[name])
}

const MARKET = ["update_throttle_us", "order_book_depth", "conflate_updates", "use_incremental_updates"]

test("low-latency hears of everything at once and sends orders one by one", async () => {
  const config = await withPreset("low-latency")
  assert.equal(pick(config, "market-data", ...MARKET), [0, 5, false, true])
  assert.equal(pick(config, "order-processing", "batch_size", "async_risk_check"), [1, false])
})

test("high-throughput conflates, throttles and batches", async () => {
  const config = await withPreset("high-throughput")
  assert.equal(pick(config, "market-data", ...MARKET), [1000, 20, true, true])
  assert.equal(pick(config, "order-processing", "batch_size", "async_risk_check"), [10, true])
})

test("the two contradict each other, so that both at once are refused", async () => {
  const problems = await problemsOf(withPreset("low-latency", "high-throughput"))
  assert.ok(problems.some(({ path }) => path === "plugins.market-data.order_book_depth"))
  assert.ok(problems.every(({ code }) => code === "VELOZ_CONFIG_PRESET_CONFLICT"))
})

test("the door has each preset that is shipped", async () => {
  assert.equal((await shippedPresetNames()).sort(), [highThroughput.name, lowLatency.name].sort())
})

test.run()
