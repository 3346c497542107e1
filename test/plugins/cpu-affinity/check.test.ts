import { test } from "uvu"
import * as assert from "uvu/assert"
import type { CheckContext, CpuAffinityOptions } from "veloz"
import { check } from "../../../plugins/cpu-affinity/check.js"
import { defaultOptions, objectionsOf } from "../../support/part-contexts.js"

function refused(changes: Partial<CpuAffinityOptions>, topology: CheckContext["config"]["topology"] = "auto") {
  const options = defaultOptions<CpuAffinityOptions>("cpu-affinity", { enabled: true, ...changes })
  return objectionsOf(check, options, { topology }).map(({ code, field, clashes }) => [code, field, ...clashes])
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
  assert.equal(refused(lists([0, 1], [0, 1], [2]), "split"), [])
})

test("a core that two roles claim is told with both lists, each pair for itself", () => {
  assert.equal(refused(lists([0], [0, 1])), [["VELOZ_CORES_CLAIMED", "engine_thread_cores", "network_thread_cores"]])
  assert.is(refused(lists([0, 1], [1, 2], [2, 0])).length, 3)
})

test("lists that differ are refused in fused, with the topology", () => {
  const clash = ["VELOZ_PINS_DIFFER", "engine_thread_cores", "network_thread_cores", "topology"]
  assert.equal(refused(lists([0], [1]), "fused"), [clash])
})

test("lists that are fitted to the machine, or not in use, are not judged", () => {
  assert.equal(refused({ ...lists([0], [0, 1]), fit: true }), [])
  assert.equal(refused({ ...lists([0], [0, 1]), enabled: false }, "fused"), [])
})

test.run()
