import { test } from "uvu"
import * as assert from "uvu/assert"
import { type CpuAffinityOptions, VelozError } from "veloz"
import { control } from "../../../plugins/cpu-affinity/control.js"
import { tuning } from "../../../plugins/cpu-affinity/tuning.js"
import { ControlProbe, defaultOptions } from "../../support/part-contexts.js"

type Probe = ControlProbe<CpuAffinityOptions>

function started(changes: Partial<CpuAffinityOptions>, machine: Partial<Probe["topology"]> = {}): Probe {
  const options = defaultOptions<CpuAffinityOptions>("cpu-affinity", changes)
  const probe = new ControlProbe("cpu-affinity", options)
  probe.topology = { ...probe.topology, ...machine }
  control(probe.context)
  return probe
}

function warnings({ context }: Probe): string[] {
  return context.lines.filter(({ level }) => level === "warn").map(({ message }) => message)
}

test("nothing is pinned by default, and nothing is said of it", () => {
  const probe = started({})
  assert.equal([probe.pins, probe.kept, probe.context.lines], [[], undefined, []])
})

test("lists without the switch, and the switch without a list, pin nothing and say so", () => {
  for (const changes of [{ engine_thread_cores: [1] }, { enabled: true }]) {
    const probe = started(changes)
    assert.equal([probe.pins, probe.kept], [[], undefined])
    assert.is(warnings(probe).length, 1)
    assert.match(warnings(probe)[0], "no thread is pinned")
  }
})

test("each role with a list is pinned to it, and all other threads are kept off those physical cores", () => {
  const probe = started({ enabled: true, engine_thread_cores: [1], network_thread_cores: [1] })
  assert.equal(probe.pins, [
    { role: "network", cores: [1] },
    { role: "engine", cores: [1] },
  ])
  assert.equal(probe.kept, [2, 3])
})

test("the other thread of a pinned core is used for the others when nothing else is left", () => {
  assert.equal(started({ enabled: true, engine_thread_cores: [0, 2] }).kept, [1, 3])
})

test("the others stay among the CPUs that the process was started on", () => {
  assert.equal(started({ enabled: true, engine_thread_cores: [3] }, { usable: [0, 1] }).kept, [0, 1])
})

test("when no core is left for the others they are left alone, and it is said", () => {
  const probe = started({ enabled: true, engine_thread_cores: [0, 1, 2, 3] })
  assert.is(probe.kept, undefined)
  assert.match(warnings(probe).join(), "no core is left for the other threads")
})

test("a core that is not there is refused with the option and the machine", () => {
  try {
    started({ enabled: true, engine_thread_cores: [1, 900] })
    assert.unreachable("it was taken")
  } catch (error) {
    assert.instance(error, VelozError)
    const { code, status, httpCode, field, message } = error as VelozError
    assert.equal([code, status, httpCode, field], ["VELOZ_CORES_MISSING", 422, "cores_missing", "engine_thread_cores"])
    assert.match(message, "cpu-affinity.engine_thread_cores names CPU 900")
    assert.match(message, /online +0-3/)
    assert.match(message, /cores +0-1 \| 2-3/)
    assert.match(message, "cpu-affinity.fit")
  }
})

test("with fit the cores that are there are used, and what was fitted is said", () => {
  const probe = started({ enabled: true, fit: true, engine_thread_cores: [3, 4, 5] })
  assert.equal(probe.pins, [{ role: "engine", cores: [3] }])
  assert.match(warnings(probe).join(), "engine_thread_cores 3-5 is more than this machine has: it is fitted to 3")
})

test("with fit a list of which nothing is there leaves its thread to the scheduler", () => {
  const lists = { network_thread_cores: [0], engine_thread_cores: [8] }
  const probe = started({ enabled: true, fit: true, ...lists })
  assert.equal(probe.pins, [{ role: "network", cores: [0] }])
  assert.match(warnings(probe).join(), "engine_thread_cores 8 is more than this machine has: its thread stays")
  const none = started({ enabled: true, fit: true, engine_thread_cores: [8, 9] })
  assert.equal([none.pins, none.kept], [[], undefined])
  assert.match(warnings(none).join(), "no thread is pinned")
})

test("a cpuset counts as what is there", () => {
  assert.throws(() => started({ enabled: true, engine_thread_cores: [2] }, { permitted: [0, 1] }), /permitted +0-1/)
})

test("a real-time policy is wished for the roles with cores, with the guards' numbers", () => {
  const probe = started({ enabled: true, engine_thread_cores: [1], scheduler: "rr", priority: 60, run_limit_ms: 90 })
  const wish = { policy: "rr", priority: 60, helperPriority: 40, limitMs: 90, roles: ["engine"] }
  assert.equal(probe.raised, [wish])
  assert.equal(started({ enabled: true, engine_thread_cores: [1] }).raised, [])
})

test("without cores it is wished for all roles, so that the kernel can say what is missing", () => {
  assert.equal(started({ scheduler: "fifo" }).raised[0].roles, ["network", "engine", "strategy"])
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
