import { test } from "uvu"
import * as assert from "uvu/assert"
import type { CpuAffinityOptions, CpuTopology } from "veloz"
import { check } from "../../../plugins/cpu-affinity/check.js"
import { defaultOptions, FOUR_CPUS, objectionsOf } from "../../support/part-contexts.js"

function refused(changes: Partial<CpuAffinityOptions>, cpus: Partial<CpuTopology> = {}) {
  const options = defaultOptions<CpuAffinityOptions>("cpu-affinity", { enabled: true, ...changes })
  const found = objectionsOf(check, options, {}, { cpus: { ...FOUR_CPUS, ...cpus } })
  return found.map(({ code, field, clashes }) => [code, field, ...clashes])
}

const lists = (network: number[], engine: number[], strategy: number[] = []) => ({
  network_thread_cores: network,
  engine_thread_cores: engine,
  strategy_thread_cores: strategy,
})

test("cores of its own for each role, or the same list in any order, are taken", () => {
  assert.equal(refused({}), [])
  assert.equal(refused(lists([0], [1], [2])), [])
  assert.equal(refused(lists([0, 1], [1, 0, 1])), [])
  assert.equal(refused(lists([0, 1], [0, 1], [2])), [])
})

test("a core that two roles claim is told with both lists, each pair for itself", () => {
  assert.equal(refused(lists([0], [0, 1])), [["VELOZ_CORES_CLAIMED", "engine_thread_cores", "network_thread_cores"]])
  assert.is(refused(lists([0, 1], [1, 2], [2, 0])).length, 3)
})

test("a core that is not there is refused with the option and the machine, each list for itself", () => {
  const options = defaultOptions<CpuAffinityOptions>("cpu-affinity", { enabled: true, ...lists([900], [1, 901]) })
  const [network, engine] = objectionsOf(check, options)
  assert.equal([network.field, engine.field], ["network_thread_cores", "engine_thread_cores"])
  const { code, status, httpCode, message } = engine
  assert.equal([code, status, httpCode], ["VELOZ_CORES_MISSING", 422, "cores_missing"])
  assert.match(message, "cpu-affinity.engine_thread_cores names CPU 901")
  assert.match(message, /online +0-3/)
  assert.match(message, /cores +0-1 \| 2-3/)
  assert.match(message, "cpu-affinity.fit")
})

test("a cpuset counts as what is there", () => {
  assert.equal(refused(lists([0], [2]), { permitted: [0, 1] }), [["VELOZ_CORES_MISSING", "engine_thread_cores"]])
})

test("lists that are fitted to the machine, or not in use, are not judged", () => {
  assert.equal(refused({ ...lists([0], [0, 1, 900]), fit: true }), [])
  assert.equal(refused({ ...lists([0], [0, 900]), enabled: false }), [])
})

test.run()
