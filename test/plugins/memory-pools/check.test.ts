import { test } from "uvu"
import * as assert from "uvu/assert"
import { type MemoryPoolsOptions, VelozError } from "veloz"
import { check } from "../../../plugins/memory-pools/check.js"
import { defaultOptions } from "../../support/part-contexts.js"

const MIB = 2 ** 20
const SMALL_MACHINE = { totalBytes: 2048 * MIB, usableBytes: 1024 * MIB }

const options = (changes: Partial<MemoryPoolsOptions>): MemoryPoolsOptions => defaultOptions("memory-pools", changes)

test("the defaults are taken, here and on a small machine", () => {
  assert.not.throws(() => check(options({})))
  assert.not.throws(() => check(options({ preallocate: true }), SMALL_MACHINE))
})

for (const [name, change, isTaken] of [
  ["what fits into the machine, and not into what is free", { string_pool_size_mb: 1500 }, true],
  ["the same, touched", { string_pool_size_mb: 1500, preallocate: true }, false],
  ["what fits into what is free, touched", { string_pool_size_mb: 800, preallocate: true }, true],
  ["more than the machine will ever have", { string_pool_size_mb: 4096 }, false],
  ["that for market records", { market_event_pool_size: 2 ** 23, preallocate: true }, false],
  ["that for orders, in all", { order_pool_size: 2 ** 20, string_pool_size_mb: 400, preallocate: true }, false],
] satisfies [string, Partial<MemoryPoolsOptions>, boolean][]) {
  test(`${isTaken ? "takes" : "refuses, by the largest,"} ${name}`, () => {
    const verdict = (): void => check(options(change), SMALL_MACHINE)
    if (isTaken) return assert.not.throws(verdict)
    assert.throws(verdict, (error: unknown) => {
      assert.instance(error, VelozError)
      const { code, status, httpCode, field, message } = error as VelozError
      assert.equal([code, status, httpCode], ["VELOZ_POOLS_TOO_LARGE", 422, "not_enough_memory"])
      assert.is(field, Object.keys(change)[0])
      assert.match(message, `memory-pools.${field}`)
      return true
    })
  })
}

test.run()
