import { test } from "uvu"
import * as assert from "uvu/assert"
import { openAccount } from "../../../plugins/sim-exchange/account.js"
import { accountOfKey, checkTimestamp } from "../../../plugins/sim-exchange/authentication.js"
import { Params } from "../../../plugins/sim-exchange/params.js"
import { refusalOf } from "./support.js"

const NOW_US = 1_723_161_255_342_500

function check(params: Record<string, unknown>): number {
  return refusalOf(() => checkTimestamp(Params.ofObject(params), NOW_US)).code
}

test("a timestamp is good for its window, and up to a second ahead", () => {
  const nowMs = Math.floor(NOW_US / 1000)
  assert.is(check({ timestamp: nowMs }), 0)
  assert.is(check({ timestamp: nowMs - 4_999 }), 0)
  assert.is(check({ timestamp: nowMs - 5_000 }), -1021)
  assert.is(check({ timestamp: nowMs - 5_000, recvWindow: 5_001 }), 0)
  assert.is(check({ timestamp: nowMs + 1_000 }), 0)
  assert.is(check({ timestamp: nowMs + 1_001 }), -1021)
})

test("a timestamp may be in microseconds, and the window may have decimals", () => {
  assert.is(check({ timestamp: NOW_US }), 0)
  assert.is(check({ timestamp: NOW_US - 700, recvWindow: "0.7" }), 0)
  assert.is(check({ timestamp: NOW_US - 701, recvWindow: "0.7" }), -1021)
  assert.is(check({ timestamp: NOW_US + 1_000_000 }), -1021)
})

test("a missing timestamp or a window that is too long is named", () => {
  assert.is(check({}), -1102)
  assert.is(check({ timestamp: "soon" }), -1102)
  assert.is(check({ timestamp: NOW_US, recvWindow: 60_001 }), -1102)
  assert.is(check({ timestamp: NOW_US, recvWindow: -1 }), -1102)
})

test("a key is refused by its form, then by being unknown", () => {
  const account = openAccount(1, { api_key: "known", api_secret: "secret" })
  const accounts = new Map([[account.apiKey, account]])
  assert.is(accountOfKey(accounts, "known"), account)
  assert.is(refusalOf(() => accountOfKey(accounts, undefined)).code, -2014)
  assert.is(refusalOf(() => accountOfKey(accounts, "no spaces")).code, -2014)
  assert.is(refusalOf(() => accountOfKey(accounts, "unknown")).code, -2015)
})

test.run()
