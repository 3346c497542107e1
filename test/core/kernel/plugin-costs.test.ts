import { test } from "uvu"
import * as assert from "uvu/assert"
import { ManualClock } from "../../../core/hot/clock.js"
import { PluginCosts } from "../../../core/kernel/plugin-costs.js"
import { CallMeters, METER_BYTES } from "../../../core/pipeline/call-meters.js"

test("a step costs what it took last, and the shares of several threads add up", () => {
  const costs = new PluginCosts()
  costs.took("quoter", "prepare_hot_ms", 5)
  costs.took("quoter", "prepare_hot_ms", 2.00049)
  costs.took("quoter", "dispose_hot_ms", 0)
  costs.took("quoter", "dispose_hot_ms", 1.5, true)
  costs.took("quoter", "dispose_hot_ms", 2, true)
  assert.equal(costs.steps("quoter"), { prepare_hot_ms: 2, dispose_hot_ms: 3.5 })
  assert.equal(costs.steps("other"), {})
})

test("calls of a plugin are read from the meters of every thread", () => {
  const clock = new ManualClock()
  const threads = ["engine", "strategy"].map((role) => {
    const meters = new CallMeters(clock, new SharedArrayBuffer(METER_BYTES), 1, () => undefined)
    meters.make("quoter", `${role}, a timer`).time(() => clock.advanceMs(1))
    return meters
  })
  const costs = new PluginCosts()
  costs.learn(threads)
  const cost = { timed_calls: 1, mean_us: 1000, max_us: 1000 }
  assert.equal(costs.calls("quoter"), { "engine, a timer": cost, "strategy, a timer": cost })
  assert.equal(costs.calls("other"), {})
})

test.run()
