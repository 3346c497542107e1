import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { ConfigError } from "../../../core/config/diagnostic.js"
import { startEngine } from "../../../core/kernel/engine.js"

// The whole HTTP API over the wire, against an engine that trades with the embedded exchange.

interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into whatever came
  body: any
}

const lines: string[] = []
const write = (message: string): void => void lines.push(message)
const log = { debug: write, info: write, warn: write, error: write }
const cwd = mkdtempSync(join(tmpdir(), "veloz-http-"))
const plugins = { "metrics-api": { port: 0 }, quoter: { orders_per_second: 20 } }
writeFileSync(join(cwd, "veloz.config.json"), JSON.stringify({ presets: ["low-latency"], plugins }))
const env = { PATH: process.env.PATH }
const engine = await startEngine({ cwd, env, log, version: "1.2.3", watch: false })
const url = `http://127.0.0.1:${engine.address!.port}`

test.after(async () => {
  await engine.stop()
  rmSync(cwd, { recursive: true })
})

async function get(path: string): Promise<Answer> {
  const answer = await fetch(url + path)
  return { status: answer.status, body: await answer.json() }
}

async function post(path: string, body: object | string): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  const answer = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: text,
  })
  return { status: answer.status, body: await answer.json() }
}

async function until<T>(what: string, read: () => Promise<T | undefined | false>): Promise<T> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const value = await read()
    if (value !== undefined && value !== false) return value
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`it did not come true in ten seconds: ${what}\n${lines.join("\n")}`)
}

/** The market is up: both sides have a price, and orders may be sent. */
async function market(): Promise<{ bid: number; ask: number }> {
  return until("a market", async () => {
    const { body } = await get("/api/market")
    const { body: book } = await get("/api/book?symbol=BTCUSDT")
    const isOpen = (await engine.facade.ping()).ok && book.bids.length > 0
    return isOpen && body.bid !== null && body.ask !== null && { bid: Number(body.bid), ask: Number(body.ask) }
  })
}

const priceFrom = (price: number, factor: number): string => (price * factor).toFixed(2)

test("GET /api/health", async () => {
  const { status, body } = await get("/api/health")
  assert.is(status, 200)
  assert.is(body.status, "healthy")
  assert.is(body.engine, "running")
  assert.is(body.version, "1.2.3")
  assert.ok(body.uptime_seconds > 0)
})

test("GET /api/market and GET /api/book agree on an ordered market", async () => {
  await market()
  const top = (await get("/api/market?symbol=BTCUSDT")).body
  assert.is(top.symbol, "BTCUSDT")
  assert.ok(Number(top.bid) < Number(top.ask), JSON.stringify(top))
  assert.ok(Math.abs(top.timestamp - Date.now()) < 60_000)
  const book = (await get("/api/book?symbol=BTCUSDT&depth=3")).body
  assert.is(book.symbol, "BTCUSDT")
  assert.ok(book.last_update_id > 0)
  assert.is(book.bids.length, 3)
  assert.ok(Number(book.bids[0][0]) > Number(book.bids[1][0]))
  assert.ok(Number(book.asks[0][0]) < Number(book.asks[1][0]))
  assert.type(book.asks[0][1], "string")
})

test("an order is acknowledged, readable at once, and gone after its cancel", async () => {
  const { bid } = await market()
  const order = { side: "BUY", symbol: "BTCUSDT", qty: 0.001, price: priceFrom(bid, 0.9), client_order_id: "rest-1" }
  const placed = await post("/api/order", order)
  assert.is(placed.status, 200, JSON.stringify(placed.body))
  assert.is(placed.body.client_order_id, "rest-1")
  assert.match(placed.body.venue_order_id, /^\d+$/)

  const { body: state } = await get("/api/order_state?client_order_id=rest-1")
  const { created_at, updated_at, ...rest } = state
  assert.ok(created_at <= updated_at)
  assert.equal(rest, {
    client_order_id: "rest-1",
    venue_order_id: placed.body.venue_order_id,
    symbol: "BTCUSDT",
    side: "BUY",
    type: "LIMIT",
    price: order.price,
    qty: "0.00100",
    filled_qty: "0.00000",
    avg_price: null,
    status: "NEW",
  })
  const again = await post("/api/order", order)
  assert.is(again.status, 409)
  assert.is(again.body.error, "duplicate_client_order_id")

  const cancelled = await post("/api/cancel", { client_order_id: "rest-1" })
  assert.equal(cancelled, { status: 200, body: { ok: true, client_order_id: "rest-1", status: "CANCELED" } })
  assert.is((await get("/api/order_state?client_order_id=rest-1")).body.status, "CANCELED")
  assert.is((await post("/api/cancel", { client_order_id: "rest-1" })).status, 404)
})

test("an order that crosses the market is filled, and its average price is no worse than its limit", async () => {
  const { ask } = await market()
  const limit = priceFrom(ask, 1.01)
  const placed = await post("/api/order", { side: "BUY", symbol: "BTCUSDT", qty: "0.00200", price: limit })
  assert.is(placed.status, 200, JSON.stringify(placed.body))
  const state = await until("the fill", async () => {
    const { body } = await get(`/api/order_state?client_order_id=${placed.body.client_order_id}`)
    return body.status === "FILLED" && body
  })
  assert.is(state.filled_qty, "0.00200")
  assert.ok(Number(state.avg_price) > 0 && Number(state.avg_price) <= Number(limit), JSON.stringify(state))
})

test("a market order needs no price, and refuses one", async () => {
  await market()
  const order = { side: "SELL", symbol: "BTCUSDT", qty: "0.001", type: "MARKET" }
  assert.is((await post("/api/order", order)).status, 200)
  const { status, body } = await post("/api/order", { ...order, price: "1.00" })
  assert.is(status, 400)
  assert.is(body.field, "price")
})

test("each refusal has its status and code", async () => {
  const { bid } = await market()
  const order = { side: "BUY", symbol: "BTCUSDT", qty: "0.001", price: priceFrom(bid, 0.9) }
  const refusals: [change: object, status: number, error: string][] = [
    [{ price: "60000.001" }, 400, "bad_params"],
    [{ price: "-1" }, 400, "bad_params"],
    [{ price: "1,5" }, 400, "bad_params"],
    [{ price: undefined }, 400, "bad_params"],
    [{ qty: "0.0000001" }, 400, "bad_params"],
    [{ qty: "0" }, 400, "bad_params"],
    [{ symbol: "DOGEUSDT" }, 400, "bad_params"],
    [{ quantity: 1 }, 400, "bad_params"],
    [{ price: "1.00" }, 422, "risk_min_notional"],
    [{ price: priceFrom(bid, 2) }, 422, "risk_price_band"],
    [{ qty: "100" }, 422, "risk_max_order_notional"],
  ]
  for (const [change, status, error] of refusals) {
    const answer = await post("/api/order", { ...order, ...change })
    assert.is(answer.status, status, `${JSON.stringify(change)} ${JSON.stringify(answer.body)}`)
    assert.is(answer.body.error, error, JSON.stringify(change))
    assert.is(answer.body.ok, false)
  }
  assert.is((await post("/api/order", '{"side":')).body.error, "bad_json")
  assert.is((await get("/api/order_state?client_order_id=nobody")).status, 404)
})

test("an order that takes more than the account has is refused as such", async () => {
  const { bid } = await market()
  await post("/api/config/order_processing", { max_order_notional: "0", max_order_qty: "0" })
  const order = { side: "SELL", symbol: "BTCUSDT", qty: "5000", price: priceFrom(bid, 1.1) }
  const { status, body } = await post("/api/order", order)
  await post("/api/config/order_processing", { max_order_notional: "1000000" })
  assert.is(status, 422, JSON.stringify(body))
  assert.is(body.error, "insufficient_balance")
})

test("GET /api/orders_state lists orders, GET /api/orders their events, newest first", async () => {
  const { orders } = (await get("/api/orders_state")).body
  assert.ok(orders.length > 0)
  assert.ok(orders.some(({ client_order_id }: { client_order_id: string }) => client_order_id === "rest-1"))
  const { items } = (await get("/api/orders")).body
  assert.ok(items[0].sequence > items.at(-1).sequence)
  assert.type(items[0].event, "string")
  assert.type(items[0].order.client_order_id, "string")
})

test("a live change of the published depth is seen by the next read, and by GET /api/config", async () => {
  await market()
  const { generation } = (await get("/api/config")).body
  const { status, body } = await post("/api/config/market_data", { order_book_depth: 2 })
  assert.is(status, 200)
  assert.equal(body, {
    ok: true,
    market_data_config: {
      update_throttle_us: 0,
      order_book_depth: 2,
      conflate_updates: false,
      use_incremental_updates: true,
    },
  })
  const config = (await get("/api/config")).body
  assert.is(config.generation, generation + 1)
  assert.is(config.config.plugins["market-data"].order_book_depth, 2)
  await until("two levels", async () => (await get("/api/book?symbol=BTCUSDT&depth=20")).body.bids.length === 2)
})

test("stages come and go with their options, and GET /api/plugins shows them", async () => {
  const stagesOf = async (plugin: string): Promise<string> => {
    const { plugins } = (await get("/api/plugins")).body
    return plugins.find(({ name }: { name: string }) => name === plugin).stages.join()
  }
  assert.not.match(await stagesOf("market-data"), "conflate")
  await post("/api/config/market_data", { conflate_updates: true, update_throttle_us: 500 })
  assert.match(await stagesOf("market-data"), "conflate")
  assert.match(await stagesOf("market-data"), "throttle")
  await post("/api/config/order_processing", { batch_size: 4 })
  assert.match(await stagesOf("order-processing"), "batch")
  const { bid } = await market()
  const order = { side: "BUY", symbol: "BTCUSDT", qty: 0.001, price: priceFrom(bid, 0.9), client_order_id: "batched" }
  assert.is((await post("/api/order", order)).status, 200)
  await post("/api/cancel", { client_order_id: "batched" })
  await post("/api/config/market_data", { conflate_updates: false, update_throttle_us: 0 })
  await post("/api/config/order_processing", { batch_size: 1 })
  assert.not.match((await stagesOf("market-data")) + (await stagesOf("order-processing")), /conflate|throttle|batch/)
})

test("a limit that is changed over HTTP holds for the next order", async () => {
  const { bid } = await market()
  const order = { side: "BUY", symbol: "BTCUSDT", qty: "0.02", price: priceFrom(bid, 0.9) }
  await post("/api/config/order_processing", { max_order_qty: "0.01" })
  assert.is((await post("/api/order", order)).body.error, "risk_max_order_qty")
  await post("/api/config/order_processing", { max_order_qty: "0" })
  const { status, body } = await post("/api/order", order)
  assert.is(status, 200)
  await post("/api/cancel", { client_order_id: body.client_order_id })
})

test("what is not available yet answers so and changes nothing", async () => {
  const inForce = async (): Promise<unknown[]> => {
    const { generation, config } = (await get("/api/config")).body
    return [generation, config]
  }
  const before = await inForce()
  for (const [path, body] of [
    ["/api/config/order_processing", { use_binary_protocol: true, batch_size: 7 }],
  ] as const) {
    const answer = await post(path, body)
    assert.is(answer.status, 409, path)
    assert.is(answer.body.error, "not_available", path)
  }
  assert.equal(await inForce(), before)
})

test("orders that are placed while the configuration changes are all acknowledged", async () => {
  const { bid } = await market()
  let isDone = false
  let placed = 0
  const trade = async (client: number): Promise<void> => {
    for (let n = 0; !isDone; n += 1) {
      const id = `reload-${client}-${n}`
      const order = { side: "BUY", symbol: "BTCUSDT", qty: 0.001, price: priceFrom(bid, 0.9), client_order_id: id }
      const answer = await post("/api/order", order)
      assert.is(answer.status, 200, JSON.stringify(answer.body))
      assert.is((await post("/api/cancel", { client_order_id: id })).status, 200)
      placed += 1
    }
  }
  const clients = [trade(0), trade(1)]
  for (let change = 0; change < 12; change += 1) {
    const { status } = await post("/api/config/order_processing", { batch_size: 1 + (change % 3) })
    assert.is(status, 200)
    await post("/api/config/market_data", { order_book_depth: 5 + (change % 2) })
  }
  isDone = true
  await Promise.all(clients)
  assert.ok(placed >= 10, `${placed}`)
  await post("/api/config/order_processing", { batch_size: 1 })
})

test("the metrics have samples, and the stages of a path add up to its total", async () => {
  const latency = await until("samples of both kinds", async () => {
    const { body } = await get("/api/metrics/latency")
    return body.latency.order_to_ack.p50_us !== null && body.latency.market_data.processing_p50_us !== null && body
  })
  const { order_to_ack, market_data } = latency.latency
  assert.ok(order_to_ack.p50_us > 0 && order_to_ack.p50_us <= order_to_ack.p99_us, JSON.stringify(order_to_ack))
  assert.ok(order_to_ack.p99_us <= order_to_ack.max_us)
  assert.ok(market_data.processing_p50_us <= market_data.processing_p99_us)
  assert.ok(latency.throughput.orders_per_second > 0)
  assert.ok(latency.throughput.market_updates_per_second > latency.throughput.orders_per_second)
  const { order_path, market_data_path, bottlenecks } = (await get("/api/metrics/profile")).body
  for (const path of [order_path, market_data_path]) {
    const { total_us, ...stages } = path
    const sum = Object.values(stages as Record<string, number>).reduce((total, us) => total + us, 0)
    assert.ok(Math.abs(sum - total_us) < 0.1, JSON.stringify(path))
  }
  for (const { pct_of_total, recommendation } of bottlenecks) {
    assert.ok(pct_of_total >= 5 && pct_of_total <= 100)
    assert.match(recommendation, "plugins.")
  }
})

test("GET /api/metrics/threads has the engine's thread with its three roles, and control", async () => {
  const { threads } = (await get("/api/metrics/threads")).body
  const roles = threads.map((thread: { roles: string[] }) => thread.roles.join())
  assert.ok(roles.includes("network,engine,strategy"), JSON.stringify(roles))
  assert.ok(roles.includes("control"))
  assert.ok(threads.every((thread: { cpu_affinity: number[] }) => thread.cpu_affinity.length > 0))
})

test("what is wrong with a body of options is told at once, each with its path, as it is of a file", async () => {
  const { status, body } = await post("/api/config/market_data", { order_book_dept: 5, update_throttle_us: -1 })
  assert.is(status, 400)
  assert.match(body.message, "update_throttle_us must be an integer from 0 to 10000000 (us), was -1")
  const told = body.diagnostics.map(({ code, path, hint }: Record<string, string>) => [code, path, hint])
  assert.equal(told, [
    ["VELOZ_CONFIG_UNKNOWN_OPTION", "order_book_dept", 'Did you mean "order_book_depth"?'],
    ["VELOZ_CONFIG_WRONG_VALUE", "update_throttle_us", undefined],
  ])
})

test("an option that a plugin objects to is answered with its diagnostics and the plugin's own code", async () => {
  const { status, body } = await post("/api/config/order_processing", { use_binary_protocol: true })
  assert.equal([status, body.error], [409, "not_available"])
  const [{ code, path, source }] = body.diagnostics
  assert.equal([code, path], ["VELOZ_NOT_AVAILABLE", "plugins.order-processing.use_binary_protocol"])
  assert.is(source, "POST /api/config/order_processing")
})

test("GET /api/config/explain tells of one option, of all, and of none with the nearest name", async () => {
  const { options } = (await get("/api/config/explain?path=plugins.market-data.update_throttle_us")).body
  assert.equal([options.length, options[0].unit, options[0].set_by.layer], [1, "us", "api"])
  assert.ok((await get("/api/config/explain")).body.options.length > 50)
  const { status, body } = await get("/api/config/explain?path=plugins.market-data.update_throttle")
  assert.is(status, 404)
  assert.match(body.message, "did you mean plugins.market-data.update_throttle_us?")
})

test("a second engine on the same port refuses to start and names the port", async () => {
  const other = { ...env, VELOZ_PORT: String(engine.address!.port) }
  try {
    const second = await startEngine({ cwd, env: other, log, version: "1.2.3", watch: false })
    await second.stop()
    assert.unreachable("it has started")
  } catch (error) {
    const [problem] = (error as ConfigError).diagnostics
    assert.is(problem.code, "VELOZ_PORT_TAKEN")
    assert.match(problem.message, String(engine.address!.port))
    assert.equal([problem.path, problem.source], ["plugins.metrics-api.port", "VELOZ_PORT"])
  }
  assert.is((await get("/api/health")).status, 200)
})

test.run()
