import assert from "node:assert/strict"
import test from "node:test"
import { harness, pluginContract } from "veloz/testing"
import plugin from "../src/index.js"

pluginContract(test, plugin, { readme: new URL("../../README.md", import.meta.url) })

test("trades are counted by symbol, and served", async () => {
  const engine = await harness(plugin, { symbols: ["BTCUSDT", "ETHUSDT"] })
  engine.trade("BTCUSDT", { price: "60000.00", qty: "0.5" })
  engine.trade("BTCUSDT", { price: "60001.00", qty: "0.25" })
  engine.trade("ETHUSDT", { price: "3000.00", qty: "0.1" })
  assert.deepEqual(await engine.request("GET", "/api/trade_stats"), {
    status: 200,
    body: {
      symbols: [
        { symbol: "BTCUSDT", trades: 2, volume: "0.75000" },
        { symbol: "ETHUSDT", trades: 1, volume: "0.10000" },
      ],
    },
  })
  await engine.close()
})

test("a large trade is an event, and what is large follows the configuration", async () => {
  const engine = await harness(plugin({ large_qty: "2" }))
  engine.trade("BTCUSDT", { price: "60000.00", qty: "1.5" })
  await engine.change({ large_qty: "1" })
  engine.trade("BTCUSDT", { price: "60001.00", qty: "1.5" })
  const large = (await engine.events("market")).filter(({ type }) => type === "large_trade")
  assert.deepEqual(
    large.map(({ data }) => data),
    [{ symbol: "BTCUSDT", price: "60001.00", qty: "1.50000" }],
  )
  await engine.close()
})
