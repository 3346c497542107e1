import { test } from "uvu"
import * as assert from "uvu/assert"
import { definePlugin } from "veloz"
import { harness } from "veloz/testing"
import quoter from "../../../plugins/quoter/index.js"

const maxNotional = definePlugin({
  name: "max-notional",
  version: "1.0.0",
  veloz: "^1.0.0",
  schema: { type: "object", properties: { max: { type: "integer", default: 50_000, minimum: 1 } } },
  requires: ["order-processing"],
  engine({ options, order, symbols }) {
    const tooLarge = order.reason("max-notional")
    const limit = symbols.notional("BTCUSDT", options.max)
    order.risk.tap("max-notional", ({ notional }) => (notional > limit ? tooLarge : 0))
  },
})

test("a risk check denies above its limit, and follows a new limit", async () => {
  const engine = await harness(maxNotional({ max: 1_000 }))
  assert.is(engine.buy("BTCUSDT", "0.02", "60000.00").denied, "max-notional")
  engine.retune({ max: 2_000 })
  assert.is(engine.buy("BTCUSDT", "0.02", "60000.00").state, "open")
  await engine.close()
})

test("options are checked as the configuration checks them", async () => {
  let message = ""
  await harness(maxNotional({ max: 0 })).catch((error: Error) => {
    message = error.message
  })
  assert.match(message, "plugins.max-notional.max")
})

test("a strategy quotes when its timer says so, and time passes only when the test says so", async () => {
  const engine = await harness(quoter({ orders_per_second: 10, offset_ticks: 100 }))
  engine.book("BTCUSDT", { bids: [["59999.00", "1"]], asks: [["60001.00", "1"]] })
  engine.clock.advance("300ms")
  const sides = engine.orders.open.map(({ side, price }) => `${side} ${price}`)
  assert.ok(sides.includes("buy 59998.00") && sides.includes("sell 60002.00"), sides.join())
  const { length } = engine.orders.all
  engine.settle()
  assert.is(engine.orders.all.length, length)
  await engine.close()
})

test("an order follows the venue: acknowledged, filled in part, filled", async () => {
  const engine = await harness([])
  const order = engine.sell("BTCUSDT", "1.00000", "60000.00")
  assert.is(order.state, "open")
  engine.fill(order, "0.40000")
  assert.equal([order.state, order.filled], ["partially-filled", "0.40000"])
  engine.fill(order, "0.60000", "61000.00")
  assert.equal([order.state, order.averagePrice], ["filled", "60600.00000000"])
  assert.equal(order.events, ["sent", "ack", "fill", "fill"])
  await engine.close()
})

test("the venue answers as it was told to", async () => {
  const engine = await harness([])
  engine.venue.next("place", "reject", "silence", "lost")
  const [rejected, pending, lost] = ["r", "p", "l"].map((id) => engine.buy("BTCUSDT", "1", "10.00", { id }))
  assert.equal([rejected.state, pending.state, lost.state], ["rejected", "pending", "open"])
  assert.equal(lost.events, ["sent", "unknown", "ack"])
  engine.cancel(lost)
  assert.is(lost.state, "canceled")
  await engine.close()
})

test("a plugin of this repository is loaded by its name", async () => {
  const engine = await harness("order-processing")
  engine.book("BTCUSDT", { bids: [["99.00", "1"]], asks: [["101.00", "1"]] })
  engine.retune({ max_order_qty: "0.5" })
  assert.is(engine.buy("BTCUSDT", "0.6", "100.00").denied, "max-order-qty")
  assert.is(engine.buy("BTCUSDT", "0.5", "100.00").state, "open")
  await engine.close()
})

test("closing fails on a timer that a plugin has left running", async () => {
  let leak: NodeJS.Timeout | undefined
  const leaky = definePlugin<object>({
    name: "leaky",
    version: "1.0.0",
    veloz: "^1.0.0",
    engine() {
      leak = setInterval(() => undefined, 1000)
    },
  })
  const engine = await harness(leaky)
  let message = ""
  await engine.close().catch((error: Error) => {
    message = error.message
  })
  clearInterval(leak)
  assert.match(message, "1 timer(s) of plugins still run")
})

test("closing fails when a plugin has failed and nobody asked", async () => {
  const failing = definePlugin<object>({
    name: "failing",
    version: "1.0.0",
    veloz: "^1.0.0",
    strategy({ market }) {
      market.onTrade(() => {
        throw new Error("no trades, please")
      })
    },
  })
  const engine = await harness(failing)
  engine.trade("BTCUSDT", { price: "100.00", qty: "1" })
  let message = ""
  await engine.close().catch((error: Error) => {
    message = error.message
  })
  assert.match(message, 'failing in strategy, market.onTrade "onTrade": no trades, please')
})

test.run()
