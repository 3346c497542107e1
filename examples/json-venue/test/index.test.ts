import assert from "node:assert/strict"
import test from "node:test"
import { type Harness, harness, pluginContract } from "veloz/testing"
import plugin from "../src/index.js"

pluginContract(test, plugin, { readme: new URL("../../README.md", import.meta.url) })

/** There is no fake venue: the test is the other end of the adapter's connection. */
async function connected(): Promise<Harness> {
  const engine = await harness(plugin, { adapter: true })
  engine.connection("json-venue").open()
  return engine
}

/** The requests that have come to the venue. */
const requests = (engine: Harness): Record<string, unknown>[] =>
  engine.connection("json-venue").sent.map((text) => JSON.parse(text))

function say(engine: Harness, client: string, status: string, more: object = {}): void {
  const report = { type: "report", symbol: "BTCUSDT", client, order: "17", status, ...more }
  engine.connection("json-venue").receive(JSON.stringify(report))
}

test("it makes books of what the venue says", async () => {
  const engine = await connected()
  const book = { type: "book", symbol: "BTCUSDT", id: 7, bids: [["59999.00", "1"]], asks: [["60001.00", "2"]] }
  engine.connection("json-venue").receive(JSON.stringify(book))
  assert.deepEqual(engine.published("BTCUSDT"), { bids: [["59999.00", "1.00000"]], asks: [["60001.00", "2.00000"]] })
  await engine.close()
})

test("an order is sent, acknowledged and filled", async () => {
  const engine = await connected()
  const order = engine.buy("BTCUSDT", "0.50000", "60000.00", { id: "mine" })
  const [{ id, ...request }] = requests(engine)
  assert.deepEqual(request, {
    do: "place",
    symbol: "BTCUSDT",
    side: "buy",
    price: "60000.00",
    qty: "0.50000",
    client: "mine",
  })
  say(engine, "mine", "open", { id })
  assert.equal(order.state, "open")
  say(engine, "mine", "partly", { fill: { trade: 1, price: "60000.00", qty: "0.20000", total: "0.20000" } })
  say(engine, "mine", "filled", { fill: { trade: 2, price: "59000.00", qty: "0.30000", total: "0.50000" } })
  assert.deepEqual([order.state, order.averagePrice], ["filled", "59400.00000000"])
  await engine.close()
})

test("an answer that is lost with the connection is asked for when that is back", async () => {
  const engine = await connected()
  const order = engine.sell("BTCUSDT", "1.00000", "60000.00", { id: "lost" })
  engine.connection("json-venue").drop()
  assert.equal(order.state, "unknown")
  engine.connection("json-venue").open()
  engine.clock.advance("10s")
  const query = requests(engine).find((request) => request.do === "query")
  assert.equal(query?.client, "lost")
  say(engine, "lost", "unknown", { id: query?.id, order: "" })
  assert.notEqual(order.state, "open")
  await engine.close()
})

test("a reload takes the connection over as it stands, and says that it is up", async () => {
  const engine = await connected()
  await engine.remake()
  assert.ok(engine.connection("json-venue").isOpen)
  assert.equal(engine.buy("BTCUSDT", "0.1", "60000.00").state, "pending")
  await engine.close()
})
