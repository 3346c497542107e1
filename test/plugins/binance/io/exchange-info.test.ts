import { once } from "node:events"
import { createServer, type ServerResponse } from "node:http"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { fetchSymbols } from "../../../../plugins/binance/io/exchange-info.js"
import { startExchange } from "../../../../plugins/sim-exchange/io/exchange.js"

test("the trading rules of the embedded exchange are read, in the order that was asked for", async () => {
  const exchange = await startExchange({ symbols: ["BTCUSDT", "ETHUSDT"] })
  const specs = await fetchSymbols(`http://${exchange.host}:${exchange.port}`, ["ETHUSDT", "BTCUSDT"])
  assert.equal(
    specs.map(({ index, name, baseAsset, quoteAsset }) => ({ index, name, baseAsset, quoteAsset })),
    [
      { index: 0, name: "ETHUSDT", baseAsset: "ETH", quoteAsset: "USDT" },
      { index: 1, name: "BTCUSDT", baseAsset: "BTC", quoteAsset: "USDT" },
    ],
  )
  const url = `http://${exchange.host}:${exchange.port}`
  await rejects(fetchSymbols(url, ["NOPE"]), /VELOZ_BINANCE_SYMBOL|cannot trade symbol "NOPE"/)
  await exchange.close()
})

test("a server in trouble is asked again, one that refuses is not", async () => {
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    if (request.url?.includes("FORBIDDEN")) answer(response, 403, { code: -2015, msg: "Invalid API-key" })
    else if (requests < 3) answer(response, 503, {})
    else answer(response, 200, { symbols: [{ symbol: "A", baseAsset: "B", quoteAsset: "C", filters: [] }] })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`
  assert.is((await fetchSymbols(url, ["A"]))[0].name, "A")
  assert.is(requests, 3)
  await rejects(fetchSymbols(url, ["FORBIDDEN"]), /the venue answered 403, -2015 Invalid API-key/)
  assert.is(requests, 4)
  server.closeAllConnections()
  server.close()
})

test.run()

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}

async function rejects(promise: Promise<unknown>, reason: RegExp): Promise<void> {
  let message = ""
  await promise.catch((error: Error) => {
    message = error.message
  })
  assert.match(message, reason)
}
