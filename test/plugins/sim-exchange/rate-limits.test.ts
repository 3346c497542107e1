import { test } from "uvu"
import * as assert from "uvu/assert"
import { openAccount } from "../../../plugins/sim-exchange/account.js"
import { RateLimits } from "../../../plugins/sim-exchange/rate-limits.js"
import { refusalOf } from "./support.js"

const MINUTE_US = 60e6
// The middle of a minute, and of ten seconds.
const NOW_US = 1_000 * MINUTE_US + 35e6

test("weight is refused beyond the limit, and counts anew with the wall clock's minute", () => {
  const limits = new RateLimits(true)
  limits.spendWeight("here", 5_990, NOW_US)
  assert.is(refusalOf(() => limits.spendWeight("here", 11, NOW_US)).code, -1003)
  assert.is(refusalOf(() => limits.spendWeight("here", 10, NOW_US)).code, 0)
  assert.is(refusalOf(() => limits.spendWeight("elsewhere", 11, NOW_US)).code, 0)
  assert.is(limits.weightUsed("here", NOW_US), 6_000)
  assert.is(limits.weightUsed("here", NOW_US + 25e6 - 1), 6_000)
  assert.is(limits.weightUsed("here", NOW_US + 25e6), 0)
})

test("orders are refused by the shorter interval first, with the time that it has left", () => {
  const limits = new RateLimits(true)
  const account = openAccount(1, { api_key: "k", api_secret: "s" })
  for (let i = 0; i < 100; i++) limits.countOrder(account, NOW_US)
  const refusal = refusalOf(() => limits.checkOrder(account, NOW_US))
  assert.equal(refusal, { code: -1015, message: "Too many new orders; current limit is 100 orders per 10 SECOND." })
  try {
    limits.checkOrder(account, NOW_US)
    assert.unreachable()
  } catch (error) {
    assert.is((error as { retryAfterSeconds: number }).retryAfterSeconds, 5)
  }
  assert.is(refusalOf(() => limits.checkOrder(account, NOW_US + 5e6)).code, 0)
  assert.equal(
    limits.ordersUsed(account, NOW_US + 5e6).map(({ count }) => count),
    [0, 100],
  )
})

test("limits that are off count and let everything pass", () => {
  const limits = new RateLimits(false)
  limits.spendWeight("here", 7_000, NOW_US)
  assert.is(refusalOf(() => limits.spendWeight("here", 1, NOW_US)).code, 0)
  assert.is(limits.weightUsed("here", NOW_US), 7_001)
})

test.run()
