import { test } from "uvu"
import * as assert from "uvu/assert"
import { type CpuAffinityOptions, VelozError } from "veloz"
import { check } from "../../../plugins/cpu-affinity/check.js"
import { defaultOptions } from "../../support/part-contexts.js"

const REFUSED: Partial<CpuAffinityOptions>[] = [{ fit: true }]

test("the defaults are taken", () => {
  assert.not.throws(() => check(defaultOptions<CpuAffinityOptions>("cpu-affinity")))
})

test("what a later release fills is refused by the option's name, with what to leave it at", () => {
  for (const change of REFUSED) {
    const [name] = Object.keys(change)
    try {
      check(defaultOptions<CpuAffinityOptions>("cpu-affinity", change))
      assert.unreachable(`${name} was taken`)
    } catch (error) {
      assert.instance(error, VelozError)
      const { code, status, httpCode, field, message } = error as VelozError
      assert.equal([code, status, httpCode, field], ["VELOZ_NOT_AVAILABLE", 409, "not_available", name])
      assert.match(message, `cpu-affinity.${name}`)
      assert.match(message, "leave")
    }
  }
})

test("lists that differ are refused, since one thread runs all roles; lists that agree are taken", () => {
  const lists = (network: number[], engine: number[]): CpuAffinityOptions =>
    defaultOptions<CpuAffinityOptions>("cpu-affinity", {
      enabled: true,
      network_thread_cores: network,
      engine_thread_cores: engine,
    })
  assert.throws(() => check(lists([0], [1])), /engine_thread_cores cannot be \[1\] while network_thread_cores is \[0\]/)
  assert.not.throws(() => check(lists([0, 1], [1, 0])))
  assert.not.throws(() => check(lists([], [1])))
  assert.not.throws(() => check({ ...lists([0], [1]), enabled: false }))
})

test.run()
