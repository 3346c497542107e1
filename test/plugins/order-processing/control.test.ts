import { test } from "uvu"
import * as assert from "uvu/assert"
import { type EngineFacade, type OrderProcessingOptions, type OrderState, type OrderWish, VelozError } from "veloz"
import { check } from "../../../plugins/order-processing/check.js"
import { control } from "../../../plugins/order-processing/control.js"
import { FakeConfiguration } from "../../support/fake-configuration.js"
import { HttpProbe } from "../../support/http-probe.js"
import { ControlProbe, defaultOptions, objectionsOf } from "../../support/part-contexts.js"

const state: OrderState = {
  client_order_id: "mine-1",
  venue_order_id: "42",
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  price: "60000.00",
  qty: "0.00100",
  filled_qty: "0.00000",
  avg_price: null,
  status: "NEW",
  created_at: 1,
  updated_at: 2,
}
const wishes: OrderWish[] = []
const swept: (string | undefined)[] = []
let refusal: VelozError | undefined
const orders: EngineFacade["orders"] = {
  place: async (wish) => {
    if (refusal !== undefined) throw refusal
    wishes.push(wish)
    return state
  },
  cancel: async (client_order_id) => ({ ...state, client_order_id, status: "CANCELED" }),
  cancelAll: async (symbol) => {
    swept.push(symbol)
    return { ok: true, canceled: 2, ended_otherwise: 1, unconfirmed: 0 }
  },
  get: (id) => (id === state.client_order_id ? state : undefined),
  list: () => [state],
  events: () => [{ sequence: 1, event: "ack", order: state, timestamp: 2 }],
}
const position = {
  symbol: "BTCUSDT",
  size: "-0.00100",
  entry_price: "60000.00",
  current_price: null,
  unrealized_pnl: null,
  realized_pnl: "0.00",
}
const positions: EngineFacade["positions"] = { list: () => [position] }
const balance = { asset: "USDT", free: "1.00000000", locked: null }
const account: EngineFacade["account"] = { balances: () => [balance] }
const options = defaultOptions<OrderProcessingOptions>("order-processing")
const configuration = new FakeConfiguration({ "order-processing": { ...options } })
const probe = new ControlProbe("order-processing", options, { orders, positions, account, configuration })
control(probe.context)
const http = await HttpProbe.serving(probe.routes)
test.after(() => http.close())

test("POST /api/order hands the wish on with the time of its receipt and answers with both ids", async () => {
  const order = { side: "BUY", symbol: "BTCUSDT", qty: 0.001, price: "60000.00" }
  const { status, body } = await http.post("/api/order", order)
  assert.is(status, 200)
  assert.equal(body, { ok: true, client_order_id: "mine-1", venue_order_id: "42" })
  assert.equal(wishes.at(-1), { ...order, enteredNs: 5_000 })
})

test("an order may say all that it can, and its side in small letters", async () => {
  const order = {
    symbol: "BTCUSDT",
    qty: "0.001",
    price: 60000,
    type: "LIMIT_MAKER",
    tif: "GTC",
    client_order_id: "a_B-1",
  }
  assert.is((await http.post("/api/order", { ...order, side: "sell" })).status, 200)
  assert.equal(wishes.at(-1), { ...order, side: "SELL", enteredNs: 5_000 })
})

test("a price keeps the digits that were sent", async () => {
  await http.post("/api/order", '{"side":"BUY","symbol":"BTCUSDT","qty":0.001,"price":60000.000000000000000001}')
  assert.is(wishes.at(-1)!.price, "60000.000000000000000001")
})

test("an order that does not fit names the field and reaches nobody", async () => {
  const order = { side: "BUY", symbol: "BTCUSDT", qty: "0.001", price: "60000.00" }
  const before = wishes.length
  for (const [change, field] of [
    [{ side: "LONG" }, "side"],
    [{ symbol: "" }, "symbol"],
    [{ qty: true }, "qty"],
    [{ type: "STOP" }, "type"],
    [{ tif: "GTX" }, "tif"],
    [{ client_order_id: "with space" }, "client_order_id"],
    [{ quantity: 1 }, "quantity"],
  ] as const) {
    const { status, body } = await http.post("/api/order", { ...order, ...change })
    assert.is(status, 400)
    assert.is(body.error, "bad_params")
    assert.is(body.field, field)
  }
  assert.is(wishes.length, before)
})

test("a denial is answered with its code", async () => {
  refusal = new VelozError("VELOZ_DENIED", "too much", { status: 422, httpCode: "risk_max_order_qty" })
  const { status, body } = await http.post("/api/order", { side: "BUY", symbol: "BTCUSDT", qty: "9", price: "1" })
  refusal = undefined
  assert.is(status, 422)
  assert.is(body.error, "risk_max_order_qty")
})

test("POST /api/cancel answers with the status", async () => {
  const { body } = await http.post("/api/cancel", { client_order_id: "mine-1" })
  assert.equal(body, { ok: true, client_order_id: "mine-1", status: "CANCELED" })
  assert.is((await http.post("/api/cancel", {})).body.field, "client_order_id")
})

test("POST /api/cancel_all takes a symbol or nothing at all, and answers with what became of the orders", async () => {
  const { status, body } = await http.post("/api/cancel_all", { symbol: "BTCUSDT" })
  assert.is(status, 200)
  assert.equal(body, { ok: true, canceled: 2, ended_otherwise: 1, unconfirmed: 0 })
  for (const nothing of ["{}", "", "null", undefined]) {
    assert.is((await http.post("/api/cancel_all", nothing)).status, 200, String(nothing))
  }
  assert.equal(swept, ["BTCUSDT", undefined, undefined, undefined, undefined])
})

test("POST /api/cancel_all cancels nothing when its body does not fit", async () => {
  const before = swept.length
  for (const text of [
    "[]",
    "7",
    '"BTCUSDT"',
    '{"symbol":7}',
    '{"symbol":""}',
    '{"symbol":null}',
    '{"symbols":["BTCUSDT"]}',
    "{",
  ]) {
    assert.is((await http.post("/api/cancel_all", text)).status, 400, text)
  }
  assert.is(swept.length, before)
})

test("GET /api/order_state answers with the order, or 404", async () => {
  assert.equal((await http.get("/api/order_state?client_order_id=mine-1")).body, state)
  const { status, body } = await http.get("/api/order_state?client_order_id=other")
  assert.is(status, 404)
  assert.is(body.error, "not_found")
  assert.is((await http.get("/api/order_state")).body.field, "client_order_id")
})

test("GET /api/orders_state lists orders, GET /api/orders their events", async () => {
  assert.equal((await http.get("/api/orders_state")).body, { orders: [state] })
  assert.equal((await http.get("/api/orders")).body.items[0].event, "ack")
})

test("GET /api/positions and GET /api/account answer with what the engine knows", async () => {
  assert.equal((await http.get("/api/positions")).body, { positions: [position] })
  assert.equal((await http.get("/api/account")).body, { balances: [balance] })
  assert.is((await http.get("/api/positions?symbol=BTCUSDT")).body.field, "symbol")
})

test("POST /api/config/order_processing changes any subset and answers with all values", async () => {
  const { status, body } = await http.post("/api/config/order_processing", { batch_size: 10, async_risk_check: true })
  assert.is(status, 200)
  assert.ok(body.ok)
  assert.equal(body.order_processing, { ...options, batch_size: 10, async_risk_check: true })
  assert.is(configuration.changes.at(-1)!.author, "POST /api/config/order_processing")
})

test("the binary protocol is not available", () => {
  const refused = (use_binary_protocol: boolean) =>
    objectionsOf(check, defaultOptions<OrderProcessingOptions>("order-processing", { use_binary_protocol }))
  const [{ status, httpCode, field }] = refused(true)
  assert.equal([status, httpCode, field], [409, "not_available", "use_binary_protocol"])
  assert.equal(refused(false), [])
})

test.run()
