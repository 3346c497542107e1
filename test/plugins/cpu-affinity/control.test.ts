import { test } from "uvu"
import * as assert from "uvu/assert"
import type { Claims, CpuAffinityOptions } from "veloz"
import { claims } from "../../../plugins/cpu-affinity/claims.js"
import { control } from "../../../plugins/cpu-affinity/control.js"
import { tuning } from "../../../plugins/cpu-affinity/tuning.js"
import { ControlProbe, defaultOptions, FOUR_CPUS, surroundings } from "../../support/part-contexts.js"

type Probe = ControlProbe<CpuAffinityOptions>

function started(changes: Partial<CpuAffinityOptions>, machine: Partial<Probe["topology"]> = {}): Probe {
  const options = defaultOptions<CpuAffinityOptions>("cpu-affinity", changes)
  const probe = new ControlProbe("cpu-affinity", options)
  probe.topology = { ...probe.topology, ...machine }
  control(probe.context)
  return probe
}

/** What it claims on that machine. */
function claimed(changes: Partial<CpuAffinityOptions>, machine: Partial<Probe["topology"]> = {}): Required<Claims> {
  const cpus = { ...FOUR_CPUS, ...machine }
  const options = defaultOptions<CpuAffinityOptions>("cpu-affinity", changes)
  return claims(options, { ...surroundings(), cpus }) as Required<Claims>
}

const NOTHING = { pins: [], housekeeping: undefined, realtime: undefined }

function warnings({ context }: Probe): string[] {
  return context.lines.filter(({ level }) => level === "warn").map(({ message }) => message)
}

test("nothing is claimed by default, and nothing is said of it", () => {
  assert.equal(claimed({}), NOTHING)
  assert.equal(started({}).context.lines, [])
})

test("lists without the switch, and the switch without a list, pin nothing and say so", () => {
  for (const changes of [{ engine_thread_cores: [1] }, { enabled: true }]) {
    const probe = started(changes)
    assert.equal(claimed(changes), NOTHING)
    assert.is(warnings(probe).length, 1)
    assert.match(warnings(probe)[0], "no thread is pinned")
  }
})

test("each role with a list is pinned to it, and all other threads are kept off those physical cores", () => {
  const { pins, housekeeping } = claimed({ enabled: true, engine_thread_cores: [1], network_thread_cores: [1] })
  assert.equal(pins, [
    { role: "network", cores: [1], option: "network_thread_cores" },
    { role: "engine", cores: [1], option: "engine_thread_cores" },
  ])
  assert.equal(housekeeping, [2, 3])
})

test("the other thread of a pinned core is used for the others when nothing else is left", () => {
  assert.equal(claimed({ enabled: true, engine_thread_cores: [0, 2] }).housekeeping, [1, 3])
})

test("the others stay among the CPUs that the process was started on", () => {
  assert.equal(claimed({ enabled: true, engine_thread_cores: [3] }, { usable: [0, 1] }).housekeeping, [0, 1])
})

test("when no core is left for the others they are left alone, and it is said", () => {
  const all = { enabled: true, engine_thread_cores: [0, 1, 2, 3] }
  assert.is(claimed(all).housekeeping, undefined)
  assert.match(warnings(started(all)).join(), "no core is left for the other threads")
})

test("with fit the cores that are there are used, and what was fitted is said", () => {
  const fitted = { enabled: true, fit: true, engine_thread_cores: [3, 4, 5] }
  assert.equal(claimed(fitted).pins, [{ role: "engine", cores: [3], option: "engine_thread_cores" }])
  assert.match(
    warnings(started(fitted)).join(),
    "engine_thread_cores 3-5 is more than this machine has: it is fitted to 3",
  )
})

test("with fit a list of which nothing is there leaves its thread to the scheduler", () => {
  const fitted = { enabled: true, fit: true, network_thread_cores: [0], engine_thread_cores: [8] }
  assert.equal(claimed(fitted).pins, [{ role: "network", cores: [0], option: "network_thread_cores" }])
  assert.match(
    warnings(started(fitted)).join(),
    "engine_thread_cores 8 is more than this machine has: its thread stays",
  )
  const none = { enabled: true, fit: true, engine_thread_cores: [8, 9] }
  assert.equal(claimed(none), NOTHING)
  assert.match(warnings(started(none)).join(), "no thread is pinned")
})

test("a real-time policy is wished for the roles with cores, with the guards' numbers", () => {
  const raised = { scheduler: "rr", priority: 60, run_limit_ms: 90 } as const
  const { realtime } = claimed({ enabled: true, engine_thread_cores: [1], ...raised })
  const numbers = { policy: "rr", priority: 60, helperPriority: 40, limitMs: 90 }
  assert.equal(realtime, { ...numbers, roles: ["engine"], option: "scheduler" })
  assert.is(claimed({ enabled: true, engine_thread_cores: [1] }).realtime, undefined)
})

test("without cores it is wished for all roles, so that the kernel can say what is missing", () => {
  assert.equal(claimed({ scheduler: "fifo" }).realtime?.roles, ["network", "engine", "strategy"])
})

test("the cores of all lists are kept awake, each by one warmer, and without a list that is said", () => {
  const lists = { network_thread_cores: [3], engine_thread_cores: [1, 3] }
  assert.equal(started({ enabled: true, warm_cores: true, ...lists }).warmed, [1, 3])
  const none = started({ warm_cores: true })
  assert.is(none.warmed, undefined)
  assert.match(warnings(none).join(), "no core is kept awake")
})

test("settings of the hot threads are held whether or not cores are given, and what stands for no wish is none", () => {
  assert.equal(
    [...started({}).held],
    [
      ["thread.nice", undefined],
      ["thread.timer_slack_ns", undefined],
      ["thread.io_class", undefined],
      ["cpu_dma_latency_us", undefined],
    ],
  )
  const wishes = { nice: -3, timer_slack_ns: 1, io_class: "idle", dma_latency_us: 0 } as const
  assert.equal([...started(wishes).held.values()], [-3, 1, "idle", 0])
  const raised = started({ ...wishes, enabled: true, engine_thread_cores: [1], scheduler: "fifo" })
  assert.is(raised.held.get("thread.timer_slack_ns"), undefined, "a real-time thread has none")
})

test("what is wished of each tunable is told with its option, and what is not wished is shown all the same", () => {
  const options = defaultOptions<CpuAffinityOptions>("cpu-affinity", {
    enabled: true,
    engine_thread_cores: [2, 1],
    scheduler: "fifo",
    warm_cores: true,
  })
  const { wishes } = tuning(options)
  assert.equal(
    wishes.map(({ tunable, wish, origin }) => [tunable.id, wish, origin]),
    [
      ["thread.affinity", "engine 1-2", "plugins.cpu-affinity.enabled"],
      ["thread.scheduler", "fifo 50", "plugins.cpu-affinity.scheduler"],
      ["thread.warmer", "on", "plugins.cpu-affinity.warm_cores"],
      ["thread.nice", undefined, undefined],
      ["thread.timer_slack_ns", undefined, undefined],
      ["thread.io_class", undefined, undefined],
      ["cpu_dma_latency_us", undefined, undefined],
    ],
  )
})

test.run()
