import { test } from "uvu"
import * as assert from "uvu/assert"
import { type MemoryPoolsOptions, VelozError } from "veloz"
import { check } from "../../../plugins/memory-pools/check.js"
import { defaultOptions } from "../../support/part-contexts.js"

const REFUSED: Partial<MemoryPoolsOptions>[] = [
  { order_pool_size: 1024 },
  { market_event_pool_size: 1024 },
  { string_pool_size_mb: 1 },
  { preallocate: true },
]

test("the defaults are taken", () => {
  assert.not.throws(() => check(defaultOptions<MemoryPoolsOptions>("memory-pools")))
})

test("what a later release fills is refused by the option's name, with what to leave it at", () => {
  for (const change of REFUSED) {
    const [name] = Object.keys(change)
    try {
      check(defaultOptions<MemoryPoolsOptions>("memory-pools", change))
      assert.unreachable(`${name} was taken`)
    } catch (error) {
      assert.instance(error, VelozError)
      const { code, status, httpCode, field, message } = error as VelozError
      assert.equal([code, status, httpCode, field], ["VELOZ_NOT_AVAILABLE", 409, "not_available", name])
      assert.match(message, `memory-pools.${name}`)
      assert.match(message, "leave")
    }
  }
})

test.run()
