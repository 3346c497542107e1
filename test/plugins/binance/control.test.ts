import { test } from "uvu"
import * as assert from "uvu/assert"
import { startControl } from "../../../plugins/binance/control.js"
import type { ExchangeEndpoint } from "../../../plugins/binance/services.js"
import { startExchange } from "../../../plugins/sim-exchange/io/exchange.js"

test("with the embedded exchange, its address and account go to the network part, again when they change", async () => {
  const exchange = await startExchange()
  let changed = (): void => {}
  const endpoint = {
    restUrl: `http://${exchange.host}:${exchange.port}`,
    streamUrl: "ws://one",
    apiUrl: "ws://one/ws-api/v3",
    apiKey: "k",
    secret: "s",
    onChange: (listener: () => void) => {
      changed = listener
      return () => undefined
    },
  }
  const { context, provided, posted } = controlContext("sim", endpoint)
  await startControl(context)
  assert.is((provided.get("venue") as { symbols: { name: string }[] }).symbols[0].name, "BTCUSDT")
  endpoint.streamUrl = "ws://two"
  changed()
  const account = { apiUrl: "ws://one/ws-api/v3", apiKey: "k", secret: "s" }
  assert.equal(posted, [
    { type: "endpoint", endpoint: { streamUrl: "ws://one", ...account } },
    { type: "endpoint", endpoint: { streamUrl: "ws://two", ...account } },
  ])
  await exchange.close()
})

test("with the real venue, addresses come from the options, and without credentials that is said", async () => {
  const exchange = await startExchange()
  const { context, posted, warnings } = controlContext("binance", undefined, {
    rest_url: `http://${exchange.host}:${exchange.port}`,
    stream_url: "wss://streams",
    api_url: "wss://api",
  })
  const { VELOZ_API_KEY, VELOZ_API_SECRET } = process.env
  delete process.env.VELOZ_API_KEY
  delete process.env.VELOZ_API_SECRET
  await startControl(context)
  Object.assign(process.env, VELOZ_API_KEY && { VELOZ_API_KEY }, VELOZ_API_SECRET && { VELOZ_API_SECRET })
  assert.equal(posted, [{ type: "endpoint", endpoint: { streamUrl: "wss://streams", apiUrl: "wss://api" } }])
  assert.match(warnings[0], /no credentials/)
  await exchange.close()
})

test("without the embedded exchange that the configuration asks for, nothing is started", async () => {
  const { context, posted } = controlContext("sim", undefined)
  let message = ""
  await startControl(context).catch((error: Error) => {
    message = error.message
  })
  assert.match(message, /no plugin provides "exchange-endpoint"/)
  assert.is(posted.length, 0)
})

test.run()

function controlContext(kind: string, endpoint: ExchangeEndpoint | undefined, options: object = {}) {
  const provided = new Map<string, unknown>()
  const posted: unknown[] = []
  const warnings: string[] = []
  const context = {
    config: { symbols: ["BTCUSDT"], venue: { kind } },
    options,
    log: { info() {}, warn: (text: string) => warnings.push(text) },
    channel: { post: (message: unknown) => posted.push(message) },
    find: () => endpoint,
    provide: (name: string, service: unknown) => provided.set(name, service),
  } as unknown as Parameters<typeof startControl>[0]
  return { context, provided, posted, warnings }
}
