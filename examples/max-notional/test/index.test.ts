import assert from "node:assert/strict"
import test from "node:test"
import { harness, pluginContract } from "veloz/testing"
import plugin from "../src/index.js"

pluginContract(test, plugin, { readme: new URL("../../README.md", import.meta.url) })

test("an order that is worth more than the limit is denied, and the limit follows the configuration", async () => {
  const engine = await harness(plugin({ max: "1000" }))
  assert.equal(engine.buy("BTCUSDT", "0.02", "60000.00").denied, "max-notional")
  assert.equal(engine.buy("BTCUSDT", "0.01", "60000.00").state, "open")
  engine.retune({ max: "2000" })
  assert.equal(engine.buy("BTCUSDT", "0.02", "60000.00").state, "open")
  await engine.close()
})

test("what was denied is counted", async () => {
  const engine = await harness(plugin({ max: "10" }))
  engine.sell("BTCUSDT", "1", "60000.00")
  engine.sell("BTCUSDT", "1", "60000.00")
  assert.equal(engine.metrics.counter("max-notional.denied"), 2)
  await engine.close()
})

test("a limit that is no number is refused before anything is changed", async () => {
  await assert.rejects(harness(plugin({ max: "much" })), /plugins.max-notional.max/)
})
