import { test } from "uvu"
import * as assert from "uvu/assert"
import { AssetTable } from "../../../core/pipeline/assets.js"
import { symbolSpecs } from "../../../core/testing/test-symbols.js"

test("assets are numbered in the order of the symbols, base before quote, each once", () => {
  const assets = new AssetTable(symbolSpecs(["BTCUSDT", "ETHUSDT", "ETHBTC", "SOLUSDC"]))
  assert.equal(assets.names, ["BTC", "USDT", "ETH", "SOL", "USDC"])
  assert.equal(
    assets.names.map((name) => assets.indexOf(name)),
    [0, 1, 2, 3, 4],
  )
})

test("an asset of no symbol has no number, however it is called", () => {
  const assets = new AssetTable(symbolSpecs(["BTCUSDT"]))
  for (const name of ["DOGE", "", "btc", "__proto__", "constructor"]) assert.is(assets.indexOf(name), -1, name)
})

test.run()
