import { test } from "uvu"
import * as assert from "uvu/assert"
import { readArguments, readEnvironment } from "../../../core/config/environment.js"
import { shippedSchemas } from "../../../core/config/schemas.js"

const schema = await shippedSchemas()

function read(env: Record<string, string>): Record<string, unknown> {
  const reading = readEnvironment(env, schema)
  return Object.fromEntries([...reading.leaves].map(([path, { value }]) => [path, value]))
}

test("texts become what the schema says", () => {
  assert.equal(
    read({ VELOZ_PORT: "0", VELOZ_HOST: "0.0.0.0", VELOZ_CONFLATE_UPDATES: "yes", VELOZ_PRICE_BAND_PCT: "2.5" }),
    {
      "plugins.metrics-api.port": 0,
      "plugins.metrics-api.host": "0.0.0.0",
      "plugins.market-data.conflate_updates": true,
      "plugins.order-processing.price_band_pct": 2.5,
    },
  )
})

test("a list is separated by commas, or JSON", () => {
  assert.equal(read({ VELOZ_NETWORK_THREAD_CORES: "0, 1", VELOZ_SYMBOLS: '["BTCUSDT","ETHUSDT"]' }), {
    "plugins.cpu-affinity.network_thread_cores": [0, 1],
    symbols: ["BTCUSDT", "ETHUSDT"],
  })
})

test("a list of cores may have ranges, as taskset writes them", () => {
  const cores = (text: string) =>
    read({ VELOZ_NETWORK_THREAD_CORES: text })["plugins.cpu-affinity.network_thread_cores"]
  assert.equal(cores("0-2,8"), [0, 1, 2, 8])
  assert.equal(cores("3 , 5-5"), [3, 5])
  for (const text of ["3-1", "1-", "-", "0-2-4", "0-99999999"]) assert.is(cores(text), undefined, text)
})

test("a range is a range among numbers only", () => {
  assert.equal(read({ VELOZ_SYMBOLS: "1-3" }), { symbols: ["1-3"] })
})

test("a decimal keeps its text", () => {
  assert.equal(read({ VELOZ_MAX_ORDER_NOTIONAL: "0.10000000000000000001" }), {
    "plugins.order-processing.max_order_notional": "0.10000000000000000001",
  })
})

test("an empty variable is unset", () => {
  assert.equal(read({ VELOZ_PORT: "" }), {})
})

test("texts of the wrong type are refused with the variable's name", () => {
  for (const [name, text] of [
    ["VELOZ_PORT", "80x"],
    ["VELOZ_PORT", "1.5"],
    ["VELOZ_TCP_NODELAY", "maybe"],
    ["VELOZ_NETWORK_THREAD_CORES", "0,one"],
    ["VELOZ_PRICE_BAND_PCT", "1,5"],
  ]) {
    const { problems } = readEnvironment({ [name]: text }, schema)
    assert.is(problems.length, 1, name)
    assert.equal([problems[0].layer, problems[0].source], ["environment", name])
  }
})

test("the command line sets options by path, from text or value, and switches plugins", () => {
  const { leaves, problems } = readArguments(
    {
      "plugins.metrics-api.port": "9090",
      "plugins.market-data.order_book_depth": 3,
      "plugins.alerts": "off",
      "no path!": 1,
    },
    schema,
  )
  assert.equal(
    [...leaves.values()].map(({ keys, value }) => [keys.join("/"), value]),
    [
      ["plugins/metrics-api/port", 9090],
      ["plugins/market-data/order_book_depth", 3],
      ["plugins/alerts", false],
    ],
  )
  assert.equal(
    problems.map(({ code }) => code),
    ["VELOZ_CONFIG_BAD_PATH"],
  )
})

test.run()
