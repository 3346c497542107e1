import { test } from "uvu"
import * as assert from "uvu/assert"
import { type EngineFacade, type MarketDataOptions, VelozError } from "veloz"
import { control } from "../../../plugins/market-data/control.js"
import { FakeConfiguration } from "../../support/fake-configuration.js"
import { HttpProbe } from "../../support/http-probe.js"
import { BTCUSDT, ControlProbe, defaultOptions, ETHUSDT } from "../../support/part-contexts.js"

const configuration = new FakeConfiguration({ "market-data": { ...defaultOptions<MarketDataOptions>("market-data") } })
const asked: { symbol: string; depth?: number }[] = []
const market: EngineFacade["market"] = {
  top: (symbol) => ({ symbol, price: "60000.00", bid: "59999.99", ask: "60000.01", timestamp: 1_700_000_000_000 }),
  book: (symbol, depth) => {
    asked.push({ symbol, ...(depth === undefined ? {} : { depth }) })
    return { symbol, last_update_id: 7, bids: [["59999.99", "0.5"]], asks: [["60000.01", "0.25"]] }
  },
}
const probe = new ControlProbe(
  "market-data",
  defaultOptions<MarketDataOptions>("market-data"),
  { market, configuration },
  [BTCUSDT, ETHUSDT],
)
control(probe.context)
const http = await HttpProbe.serving(probe.routes)
test.after(() => http.close())

test("GET /api/market answers for the first symbol unless told", async () => {
  const { status, body } = await http.get("/api/market")
  assert.is(status, 200)
  assert.equal(body, {
    symbol: "BTCUSDT",
    price: "60000.00",
    bid: "59999.99",
    ask: "60000.01",
    timestamp: 1_700_000_000_000,
  })
  assert.is((await http.get("/api/market?symbol=ETHUSDT")).body.symbol, "ETHUSDT")
})

test("a symbol that is not traded is refused with the ones that are", async () => {
  for (const path of ["/api/market?symbol=DOGE", "/api/book?symbol=DOGE"]) {
    const { status, body } = await http.get(path)
    assert.is(status, 400)
    assert.is(body.error, "bad_params")
    assert.is(body.field, "symbol")
    assert.match(body.message, "BTCUSDT, ETHUSDT")
  }
})

test("GET /api/book answers with the published depth unless told", async () => {
  asked.length = 0
  const { body } = await http.get("/api/book?symbol=BTCUSDT")
  assert.equal(Object.keys(body), ["symbol", "last_update_id", "bids", "asks"])
  await http.get("/api/book?symbol=BTCUSDT&depth=3")
  assert.equal(asked, [
    { symbol: "BTCUSDT", depth: 10 },
    { symbol: "BTCUSDT", depth: 3 },
  ])
  assert.is((await http.get("/api/book?symbol=BTCUSDT&depth=0")).body.field, "depth")
})

test("POST /api/config/market_data changes any subset and answers with all values", async () => {
  const { status, body } = await http.post("/api/config/market_data", { order_book_depth: 20, conflate_updates: true })
  assert.is(status, 200)
  assert.equal(body, {
    ok: true,
    market_data_config: {
      update_throttle_us: 0,
      order_book_depth: 20,
      conflate_updates: true,
      use_incremental_updates: true,
    },
  })
  assert.equal(configuration.changes.at(-1), {
    changes: { "plugins.market-data.order_book_depth": 20, "plugins.market-data.conflate_updates": true },
    author: "POST /api/config/market_data",
  })
})

test("an option that is unknown or ill-typed changes nothing", async () => {
  const before = configuration.changes.length
  const unknown = await http.post("/api/config/market_data", { order_book_dept: 5 })
  assert.is(unknown.body.field, "order_book_dept")
  assert.match(unknown.body.message, 'Did you mean "order_book_depth"?')
  assert.is((await http.post("/api/config/market_data", { order_book_depth: "5" })).body.field, "order_book_depth")
  assert.is((await http.post("/api/config/market_data", { order_book_depth: 0 })).status, 400)
  assert.is(configuration.changes.length, before)
})

test("what the configuration refuses is answered in its words", async () => {
  configuration.refusal = new VelozError("VELOZ_PLAN", "not now", { status: 409, httpCode: "conflict" })
  const { status, body } = await http.post("/api/config/market_data", { order_book_depth: 5 })
  configuration.refusal = undefined
  assert.is(status, 409)
  assert.equal(body, { ok: false, error: "conflict", message: "not now" })
})

test.run()
