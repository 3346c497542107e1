import { test } from "uvu"
import * as assert from "uvu/assert"
import { findBottlenecks } from "../../../core/measure/bottlenecks.js"

const profile = {
  orders: 10,
  order_path: { validation_us: 5, risk_check_us: 4.9, serialization_us: 60, total_us: 100 },
  updates: 10,
  market_data_path: { strategy_notify_us: 3, total_us: 30 },
  exchange_method: "kernel_min_rtt",
}

test("a stage needs 5 % of its own path and an option that changes it; the largest comes first", () => {
  const advice = { order_path: { validation: "a", risk_check: "b" }, market_data_path: { strategy_notify: "c" } }
  assert.equal(findBottlenecks(profile, advice), [
    { component: "strategy_notify", pct_of_total: 10, recommendation: "c" },
    { component: "validation", pct_of_total: 5, recommendation: "a" },
  ])
})

test("a path without samples has none", () => {
  const advice = { order_path: { validation: "a" }, market_data_path: {} }
  const unknown = { ...profile, order_path: { validation_us: null, total_us: null } }
  assert.equal(findBottlenecks(unknown, advice), [])
})

test.run()
