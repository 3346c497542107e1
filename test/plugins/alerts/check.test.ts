import { test } from "uvu"
import * as assert from "uvu/assert"
import type { AlertRuleOptions, AlertsOptions } from "veloz"
import { check } from "../../../plugins/alerts/check.js"
import { defaultOptions, objectionsOf } from "../../support/part-contexts.js"

const rule = (name: string): AlertRuleOptions => {
  return { name, metric: "fills", threshold: 1, duration_seconds: 0, action: "log" }
}

test("the defaults are taken, and rules of different names", () => {
  assert.equal(objectionsOf(check, defaultOptions<AlertsOptions>("alerts")), [])
  assert.equal(objectionsOf(check, { rules: [rule("a"), rule("b")] }), [])
})

test("of rules with one name each but the first is refused, by its path and that of the first", () => {
  const rules = [rule("a"), rule("b"), rule("a"), rule("b")]
  const objections = objectionsOf(check, { rules })
  assert.equal(
    objections.map(({ code, field, clashes }) => [code, field, clashes]),
    [
      ["VELOZ_ALERT_TWICE", "plugins.alerts.rules[2].name", ["plugins.alerts.rules[0].name"]],
      ["VELOZ_ALERT_TWICE", "plugins.alerts.rules[3].name", ["plugins.alerts.rules[1].name"]],
    ],
  )
})

test.run()
