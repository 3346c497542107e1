import assert from "node:assert/strict"
import test from "node:test"
import { type Harness, harness, pluginContract } from "veloz/testing"
import plugin from "../src/index.js"

pluginContract(test, plugin, { readme: new URL("../../README.md", import.meta.url) })

const quotesOf = (engine: Harness): string[] =>
  engine.orders.open.map(({ side, qty, price }) => `${side} ${qty} @ ${price}`)

async function quoting(options: object = {}): Promise<Harness> {
  const engine = await harness(plugin({ spread_bps: 5, ...options }))
  engine.book("BTCUSDT", { bids: [["59999.00", "1"]], asks: [["60001.00", "1"]] })
  engine.clock.advance("1s")
  return engine
}

test("it quotes around the middle of the market, once a second", async () => {
  const engine = await quoting()
  assert.deepEqual(quotesOf(engine), ["buy 0.01000 @ 59970.00", "sell 0.01000 @ 60030.00"])
  engine.book("BTCUSDT", { bids: [["60999.00", "1"]], asks: [["61001.00", "1"]] })
  engine.clock.advance("999ms")
  assert.equal(engine.orders.all.length, 2, "a second has not passed")
  engine.clock.advance("1ms")
  assert.deepEqual(quotesOf(engine), ["buy 0.01000 @ 60969.50", "sell 0.01000 @ 61030.50"])
  assert.equal(engine.metrics.counter("mid-quoter.placed"), 4)
  await engine.close()
})

test("a new distance and a new quantity count from the next quotes on", async () => {
  const engine = await quoting()
  engine.retune({ spread_bps: 10, qty: "0.02" })
  engine.clock.advance("1s")
  assert.deepEqual(quotesOf(engine), ["buy 0.02000 @ 59940.00", "sell 0.02000 @ 60060.00"])
  await engine.close()
})

test("a quantity that is not in whole lots is refused, and the quotes go on", async () => {
  const engine = await quoting()
  assert.throws(() => engine.retune({ qty: "0.000001" }), /lot size/)
  engine.clock.advance("1s")
  assert.equal(quotesOf(engine).length, 2)
  await engine.close()
})

test("a quote that is filled is not cancelled", async () => {
  const engine = await quoting()
  const [bought] = engine.orders.open
  engine.fill(bought)
  engine.clock.advance("1s")
  assert.equal(bought.state, "filled")
  assert.equal(engine.venue.requests.filter(({ kind }) => kind === "cancel").length, 1)
  await engine.close()
})

test("new code goes on with the quotes that are open", async () => {
  const engine = await quoting()
  await engine.remake()
  engine.clock.advance("1s")
  assert.equal(engine.orders.open.length, 2, "the old quotes were cancelled")
  await engine.close()
})

test("without a live book there is nothing to quote", async () => {
  const engine = await harness(plugin())
  engine.clock.advance("5s")
  assert.equal(engine.orders.all.length, 0)
  await engine.close()
})
