import { test } from "uvu"
import * as assert from "uvu/assert"
import { FIRST_PLUGIN_REASON } from "../../../core/hot/deny.js"
import { DenyReasons } from "../../../core/pipeline/deny-reasons.js"

test("a reason keeps its number, and has the words that its plugin gave last", () => {
  const reasons = new DenyReasons()
  const number = reasons.number("max-open", "too many")
  assert.is(number, FIRST_PLUGIN_REASON)
  assert.is(reasons.number("other"), FIRST_PLUGIN_REASON + 1)
  assert.is(reasons.number("max-open", "far too many"), number, "new code of the plugin asks again")
  assert.equal(reasons.added(), [
    ["max-open", number, { code: "risk_max_open", status: 422, message: "far too many" }],
    ["other", number + 1, { code: "risk_other", status: 422, message: "denied by other" }],
  ])
})

test("a number that nobody knows has words all the same", () => {
  assert.is(new DenyReasons().text(99).message, "denied with reason 99")
})

test.run()
