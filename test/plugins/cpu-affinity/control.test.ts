import { test } from "uvu"
import * as assert from "uvu/assert"
import type { CpuAffinityOptions } from "veloz"
import { control } from "../../../plugins/cpu-affinity/control.js"
import { ControlProbe, defaultOptions } from "../../support/part-contexts.js"

function pinned(changes: Partial<CpuAffinityOptions>): ControlProbe<CpuAffinityOptions>["pins"] {
  const probe = new ControlProbe("cpu-affinity", defaultOptions<CpuAffinityOptions>("cpu-affinity", changes))
  control(probe.context)
  return probe.pins
}

test("nothing is pinned unless it is asked for", () => {
  assert.equal(pinned({ engine_thread_cores: [1] }), [])
  assert.equal(pinned({ enabled: true }), [])
})

test("each role with a list is pinned to it", () => {
  assert.equal(pinned({ enabled: true, engine_thread_cores: [1], network_thread_cores: [1] }), [
    { role: "network", cores: [1] },
    { role: "engine", cores: [1] },
  ])
})

test.run()
