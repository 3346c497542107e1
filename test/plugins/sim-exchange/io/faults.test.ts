import { test } from "uvu"
import * as assert from "uvu/assert"
import { type RunningExchange, startExchange } from "../../../../plugins/sim-exchange/io/exchange.js"
import type { ExchangeOptions } from "../../../../plugins/sim-exchange/options.js"
import { API_KEY, API_SECRET, Client, signed } from "../support.js"

const LIMIT_BUY = {
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  price: "50000.00",
  quantity: "0.00100",
}

async function withExchange(
  options: Partial<ExchangeOptions>,
  run: (exchange: RunningExchange, url: string) => Promise<void>,
): Promise<void> {
  const exchange = await startExchange({ api_key: API_KEY, api_secret: API_SECRET, ...options })
  try {
    await run(exchange, `ws://${exchange.host}:${exchange.port}`)
  } finally {
    await exchange.close()
  }
}

test("a dropped depth update leaves a gap, and the stream goes on behind it", async () => {
  await withExchange({}, async (exchange, url) => {
    const client = await Client.open(`${url}/ws/btcusdt@depth@100ms`)
    const first = await client.next((message) => message.e === "depthUpdate")
    exchange.faults.dropDepthUpdates(1)
    const second = await client.next((message) => message.u > first.u)
    assert.ok(second.U > first.u + 1, "no gap")
    const third = await client.next((message) => message.u > second.u)
    assert.is(third.U, second.u + 1)
    await client.close()
  })
})

test("dropped connections end without a goodbye, and new ones are welcome", async () => {
  await withExchange({}, async (exchange, url) => {
    const client = await Client.open(`${url}/ws/btcusdt@trade`)
    const code = new Promise((resolve) => client.socket.once("close", resolve))
    exchange.faults.dropConnections()
    assert.is(await code, 1006)
    const again = await Client.open(`${url}/ws/btcusdt@trade`)
    await again.next((message) => message.e === "trade")
    await again.close()
  })
})

test("connections are refused while a test wants it so", async () => {
  await withExchange({}, async (exchange, url) => {
    exchange.faults.refuseConnections = true
    const opened = await Client.open(`${url}/ws`).then(
      () => true,
      () => false,
    )
    assert.not.ok(opened)
    exchange.faults.refuseConnections = false
    await (await Client.open(`${url}/ws`)).close()
  })
})

test("a swallowed answer hides an order that is placed, until somebody asks", async () => {
  await withExchange({ events_per_second: 0 }, async (exchange, url) => {
    const api = await Client.open(`${url}/ws-api/v3`)
    await api.ask("userDataStream.subscribe.signature", signed())
    exchange.faults.swallowOrderAnswers(1)
    api.send({ id: "lost", method: "order.place", params: signed({ ...LIMIT_BUY, newClientOrderId: "hidden" }) })
    await api.ask("ping")
    assert.not.ok(
      api.texts.some((text) => text.includes("lost") || text.includes("hidden")),
      "something was told",
    )
    const { result } = await api.ask("order.status", signed({ symbol: "BTCUSDT", origClientOrderId: "hidden" }))
    assert.is(result.status, "NEW")
    await api.ask("order.cancel", signed({ symbol: "BTCUSDT", origClientOrderId: "hidden" }))
    await api.next((message) => message.event?.C === "hidden")
    await api.close()
  })
})

test("a delay holds requests and events back, and keeps their order", async () => {
  await withExchange({ events_per_second: 0, latency_ms: 20 }, async (exchange, url) => {
    const api = await Client.open(`${url}/ws-api/v3`)
    await api.ask("userDataStream.subscribe.signature", signed())
    const sentMs = performance.now()
    const placed = await api.ask("order.place", signed(LIMIT_BUY))
    // Two ways of 20 ms, less what a timer may be early by.
    assert.ok(performance.now() - sentMs > 38)
    const report = await api.next((message) => message.event?.x === "NEW")
    assert.ok(api.messages.indexOf(placed) < api.messages.indexOf(report))
    exchange.faults.delayMs = 0
    assert.is((await api.ask("ping")).status, 200)
    await api.close()
  })
})

test.run()
