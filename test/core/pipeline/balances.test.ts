import { test } from "uvu"
import * as assert from "uvu/assert"
import { Harness } from "../../../core/testing/harness.js"

test("nothing is known of the account before the venue has spoken of it", async () => {
  const engine = await new Harness({}).start([])
  assert.equal(engine.control.account.balances(), [])
  await engine.close()
})

test("each asset shows the venue's last word, and an asset that it is silent about does not show", async () => {
  const engine = await new Harness({ symbols: ["BTCUSDT", "ETHUSDT"] }).start([])
  engine.balance("ETH", "3")
  engine.balance("USDT", "1000.5", "20")
  engine.balance("USDT", "0", "0.00000001")
  assert.equal(engine.control.account.balances(), [
    { asset: "USDT", free: "0.00000000", locked: "0.00000001" },
    { asset: "ETH", free: "3.00000000", locked: "0.00000000" },
  ])
  await engine.close()
})

test("an order on its way takes nothing off what the venue says is free", async () => {
  const engine = await new Harness({ venue: { place: "silence" } }).start([])
  engine.balance("USDT", "1000")
  engine.buy("BTCUSDT", "1", "100.00")
  assert.is(engine.control.account.balances()[0].free, "1000.00000000")
  await engine.close()
})

test("an amount that cannot be counted exactly is null, not a wrong number", async () => {
  const engine = await new Harness({}).start([])
  engine.balance("BTC", "90071992.54740991", "90071992.54740990")
  assert.equal(engine.control.account.balances(), [{ asset: "BTC", free: null, locked: "90071992.54740990" }])
  await engine.close()
})

test("when control was too slow for the events, the newest balance of each asset arrives in the end", async () => {
  const engine = await new Harness({}).start([])
  const { takeEvents } = engine.control
  engine.control.takeEvents = () => 0
  for (let amount = 1; amount <= 70_000; amount += 1) engine.balance("USDT", String(amount), "7")
  engine.balance("BTC", "5")
  engine.control.takeEvents = takeEvents
  takeEvents()
  const [{ free }] = engine.control.account.balances()
  assert.ok(Number(free) < 70_000, `the ring was never full: ${free}`)
  engine.clock.advance("100ms")
  assert.equal(engine.control.account.balances(), [
    { asset: "BTC", free: "5.00000000", locked: "0.00000000" },
    { asset: "USDT", free: "70000.00000000", locked: "7.00000000" },
  ])
  await engine.close()
})

test.run()
