import { test } from "uvu"
import * as assert from "uvu/assert"
import { type Bottleneck, findBottlenecks, type ProfileReading } from "veloz"
import { adviseOn } from "../../../plugins/metrics-api/advice.js"

function advised(profile: ProfileReading, config: Record<string, unknown>): Bottleneck[] {
  return findBottlenecks(profile, adviseOn(config))
}

function profileOf(
  order_path: Record<string, number | null>,
  market_data_path: Record<string, number | null> = {},
): ProfileReading {
  return { orders: 10, order_path, updates: 10, market_data_path, exchange_method: "rest" }
}

const latency = {
  plugins: {
    "order-processing": { batch_size: 1, skip_redundant_validation: false, async_risk_check: false },
    "market-data": {
      use_incremental_updates: true,
      order_book_depth: 5,
      conflate_updates: false,
      update_throttle_us: 0,
    },
    "cpu-affinity": { enabled: false },
  },
}

test("a stage that takes 5 % or more and that an option changes is named with the option, the largest first", () => {
  const found = advised(
    profileOf({ validation_us: 5, risk_check_us: 20, network_send_us: 4.9, total_us: 100 }),
    latency,
  )
  assert.equal(
    found.map(({ component, pct_of_total }) => [component, pct_of_total]),
    [
      ["risk_check", 20],
      ["validation", 5],
    ],
  )
  assert.match(found[0].recommendation, "plugins.order-processing.async_risk_check")
})

test("what nobody can change is no bottleneck, however long it takes", () => {
  assert.equal(advised(profileOf({ exchange_processing_us: 90, api_receive_us: 8, total_us: 100 }), latency), [])
})

test("an option that is set already is not recommended again", () => {
  const path = { validation_us: 50, risk_check_us: 50, total_us: 100 }
  const config = { plugins: { "order-processing": { skip_redundant_validation: true, async_risk_check: true } } }
  assert.equal(advised(profileOf(path), config), [])
})

test("a send that waits for its batch is told to wait less, one without a batch to batch", () => {
  const path = { network_send_us: 60, total_us: 100 }
  const recommended = (batch_size: number): string =>
    advised(profileOf(path), { plugins: { "order-processing": { batch_size, batch_wait_us: 100 } } })[0].recommendation
  assert.match(recommended(10), "Lower plugins.order-processing.batch_size (10)")
  assert.match(recommended(1), "raise plugins.order-processing.batch_size")
})

test("the market path has its own total and its own advice", () => {
  const found = advised(
    profileOf(
      {},
      { websocket_receive_us: 1, strategy_notify_us: 2, deserialization_us: 6, order_book_update_us: 1, total_us: 10 },
    ),
    latency,
  )
  assert.equal(
    found.map(({ component, pct_of_total }) => [component, pct_of_total]),
    [
      ["strategy_notify", 20],
      ["websocket_receive", 10],
      ["order_book_update", 10],
    ],
  )
})

test("a path without samples has no bottlenecks", () => {
  assert.equal(advised(profileOf({ validation_us: null, total_us: null }), latency), [])
  assert.equal(advised(profileOf({ validation_us: 0, total_us: 0 }), {}), [])
})

test.run()
