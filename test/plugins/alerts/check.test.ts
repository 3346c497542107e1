import { test } from "uvu"
import * as assert from "uvu/assert"
import { type AlertRuleOptions, type AlertsOptions, VelozError } from "veloz"
import { check } from "../../../plugins/alerts/check.js"
import { defaultOptions } from "../../support/part-contexts.js"

const rule = (name: string): AlertRuleOptions => {
  return { name, metric: "fills", threshold: 1, duration_seconds: 0, action: "log" }
}

test("the defaults are taken, and rules of different names", () => {
  assert.not.throws(() => check(defaultOptions<AlertsOptions>("alerts")))
  assert.not.throws(() => check({ rules: [rule("a"), rule("b")] }))
})

test("of two rules with one name the second is refused, by its path", () => {
  try {
    check({ rules: [rule("a"), rule("b"), rule("a")] })
    assert.unreachable("it was taken")
  } catch (error) {
    assert.instance(error, VelozError)
    assert.is((error as VelozError).code, "VELOZ_ALERT_TWICE")
    assert.match((error as VelozError).message, "plugins.alerts.rules[2].name")
  }
})

test.run()
