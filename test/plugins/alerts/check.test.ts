import { test } from "uvu"
import * as assert from "uvu/assert"
import { type AlertsOptions, VelozError } from "veloz"
import { check } from "../../../plugins/alerts/check.js"
import { defaultOptions } from "../../support/part-contexts.js"

const REFUSED: Partial<AlertsOptions>[] = [
  {
    rules: [
      { name: "slow", metric: "latency.order_to_ack.p99_us", threshold: 500, duration_seconds: 0, action: "log" },
    ],
  },
]

test("the defaults are taken", () => {
  assert.not.throws(() => check(defaultOptions<AlertsOptions>("alerts")))
})

test("what a later release fills is refused by the option's name, with what to leave it at", () => {
  for (const change of REFUSED) {
    const [name] = Object.keys(change)
    try {
      check(defaultOptions<AlertsOptions>("alerts", change))
      assert.unreachable(`${name} was taken`)
    } catch (error) {
      assert.instance(error, VelozError)
      const { code, status, httpCode, field, message } = error as VelozError
      assert.equal([code, status, httpCode, field], ["VELOZ_NOT_AVAILABLE", 409, "not_available", name])
      assert.match(message, `alerts.${name}`)
      assert.match(message, "leave")
    }
  }
})

test.run()
