import { test } from "uvu"
import * as assert from "uvu/assert"
import { ENGINE_CHECKS } from "../../../core/doctor/engine-checks.js"
import type { EngineView } from "../../../core/doctor/engine-view.js"
import { findAll } from "../../../core/doctor/finding.js"
import { MACHINE_CHECKS } from "../../../core/doctor/machine-checks.js"
import { type MachineView, readMachineView } from "../../../core/doctor/machine-view.js"
import type { ThreadReading } from "../../../core/kernel/contract.js"
import type { TunableReading } from "../../../core/tuning/tunable.js"

/** A machine that leaves nothing to wish for. */
const MACHINE: MachineView = {
  platform: "linux",
  cpus: {
    online: [0, 1],
    usable: [0, 1],
    permitted: [0, 1],
    cores: [],
    caches: [],
    nodes: [],
    isolated: [],
    quota: undefined,
  },
  privileges: ["CAP_SYS_NICE", "CAP_NET_ADMIN", "CAP_IPC_LOCK"],
  bootArguments: [],
  isVirtual: false,
  hasFrequencyControl: true,
  load: 0.5,
  memory: { totalMb: 16_000, availableMb: 12_000, swapUsedMb: 0 },
  noise: { seconds: 1, lostPct: 0.1, longestGapUs: 30, stolenPct: 0 },
}

const THREAD: ThreadReading = {
  name: "veloz-hot",
  tid: 7,
  roles: ["network", "engine", "strategy"],
  cpu_affinity: [0, 1],
  cpu_time_ms: 1000,
  run_queue_wait_ms: 10,
  policy: "other",
  priority: 0,
  nice: 0,
  context_switches: { voluntary: 1, involuntary: 1 },
  collections: collected(3, 400),
}

function collected(count: number, longest_us: number): ThreadReading["collections"] {
  return { count, sum_ms: 1, longest_us, total: { count, sum_ms: 1, longest_us } }
}

/** An engine that trades at a venue elsewhere, and has nothing to complain of. */
const ENGINE: EngineView = {
  config: { venue: { kind: "binance" }, plugins: { "order-processing": { batch_size: 1 } } },
  threads: [THREAD],
  tunables: [],
  latency: { order_to_ack: { count: 100, p50_us: 400, p95_us: 500, p99_us: 600, max_us: 900 } },
  ordersPerSecond: 50,
  memory: {
    pools: { order_pool: { heap_fallbacks: 0, capacity: 16_384 } },
    process: { major_faults: 0 },
    isolates: [],
  },
  sockets: [{ connection: "binance/api", peer: "203.0.113.7:443" }],
}

const tunable = (more: Partial<TunableReading>): TunableReading =>
  ({ id: "x", plugin: "net-tuning", state: "found", wanted: null, found: null, note: null, ...more }) as TunableReading

const machine = (more: Partial<MachineView>): string[] =>
  findAll(MACHINE_CHECKS, { ...MACHINE, ...more }).map(({ id, kind }) => `${kind} ${id}`)
const engine = (more: Partial<EngineView>): string[] =>
  findAll(ENGINE_CHECKS, { ...ENGINE, ...more }).map(({ id, kind }) => `${kind} ${id}`)

test("a machine and an engine that are as they should be have no finding", () => {
  assert.equal(machine({}), [])
  assert.equal(engine({}), [])
})

test("noise, stolen time, load and a quota are problems that tuning cannot mend", () => {
  assert.equal(machine({ noise: { ...MACHINE.noise, lostPct: 4 } }), ["problem noise-floor"])
  assert.equal(machine({ noise: { ...MACHINE.noise, stolenPct: 3 } }), ["problem stolen-time"])
  assert.equal(machine({ noise: { ...MACHINE.noise, stolenPct: null } }), [])
  assert.equal(machine({ load: 2.5 }), ["problem overloaded"])
  assert.equal(machine({ cpus: { ...MACHINE.cpus, quota: 1.5 } }), ["problem cpu-quota"])
})

test("cpusets, isolated cores and their absence are told", () => {
  assert.equal(machine({ cpus: { ...MACHINE.cpus, permitted: [1] } }), ["note cpuset"])
  assert.equal(machine({ cpus: { ...MACHINE.cpus, isolated: [1] } }), ["note isolated-cores"])
  const eight = [0, 1, 2, 3, 4, 5, 6, 7]
  const large = { ...MACHINE.cpus, online: eight, usable: eight, permitted: eight }
  assert.equal(machine({ cpus: large }), ["note no-isolated-cores"])
})

test("missing capabilities, memory pressure and what a virtual machine hides are told", () => {
  assert.equal(machine({ privileges: ["CAP_SYS_NICE"] }), ["note capabilities"])
  assert.equal(machine({ memory: { ...MACHINE.memory, availableMb: 500 } }), ["problem memory-pressure"])
  assert.equal(machine({ memory: { ...MACHINE.memory, swapUsedMb: 3 } }), ["problem memory-pressure"])
  assert.equal(machine({ hasFrequencyControl: false, isVirtual: true }), ["note no-frequency-control"])
  assert.equal(machine({ platform: "darwin", privileges: [], hasFrequencyControl: false }), ["note platform"])
})

test("behind spikes stand full pools, pages that were read back, or threads that waited", () => {
  const spiky = { order_to_ack: { ...ENGINE.latency.order_to_ack, max_us: 40_000 } }
  assert.equal(engine({ latency: spiky }), ["problem spikes"])
  const { memory } = ENGINE
  const full = { ...memory!, pools: { order_pool: { heap_fallbacks: 3, capacity: 1024 } } }
  assert.equal(engine({ memory: full }), ["problem pools-overflow"])
  assert.match(findAll(ENGINE_CHECKS, { ...ENGINE, memory: full })[0].mend!, "plugins.memory-pools.order_pool_size")
  assert.equal(engine({ memory: { ...memory!, process: { major_faults: 2 } } }), ["problem pages-read-back"])
  assert.equal(engine({ threads: [{ ...THREAD, run_queue_wait_ms: 400 }] }), ["problem waits-for-cpu"])
  assert.equal(engine({ threads: [{ ...THREAD, roles: ["runtime"], run_queue_wait_ms: 400 }] }), [])
})

test("a spike is put down to the collector when it stopped a thread for most of that time, and only then", () => {
  const latency = { order_to_ack: { ...ENGINE.latency.order_to_ack, max_us: 40_000 } }
  const control = { ...THREAD, name: "veloz_engine", tid: 8, roles: ["control"], collections: collected(2, 900) }
  const paused = [control, { ...THREAD, collections: collected(12, 31_000) }]
  const [found] = findAll(ENGINE_CHECKS, { ...ENGINE, latency, threads: paused })
  assert.is(found.id, "spikes-collections")
  assert.match(found.seen, /40000 us at worst .* stopped thread veloz-hot for 31000 us/)
  assert.match(found.mend!, "plugins.memory-pools.semi_space_mb")
  const [other] = findAll(ENGINE_CHECKS, { ...ENGINE, latency, threads: [control, THREAD] })
  assert.is(other.id, "spikes")
  assert.match(other.means, "the longest stopped veloz_engine for 900 us")
  const [none] = findAll(ENGINE_CHECKS, { ...ENGINE, latency, threads: [{ ...THREAD, collections: null }] })
  assert.match(none.means, "No heap was collected")
})

test("affinity: in force with a word on taskset, without effect, or switched off", () => {
  const affinity = { id: "thread.affinity", plugin: "cpu-affinity", wanted: "engine 1" }
  assert.equal(engine({ tunables: [tunable({ ...affinity, state: "verified" })] }), ["note taskset-shows-main"])
  assert.equal(engine({ tunables: [tunable({ ...affinity, state: "wanted" })] }), ["problem affinity-without-effect"])
  const plugins = { "cpu-affinity": { enabled: false, engine_thread_cores: [1], strategy_thread_cores: [] } }
  assert.equal(engine({ config: { venue: { kind: "binance" }, plugins } }), ["problem affinity-off"])
})

test("network latency that does not change: loopback, and placebos that were wished for", () => {
  assert.equal(engine({ sockets: [{ connection: "binance/api", peer: "127.0.0.1:9000" }] }), ["note loopback"])
  assert.equal(engine({ sockets: [] }), [])
  const placebo = tunable({ id: "net.ipv4.tcp_low_latency", state: "placebo", wanted: 1 })
  assert.equal(engine({ tunables: [placebo] }), ["note placebos"])
})

test("throughput that is lost to batch_size 1 is told where the rate is high", () => {
  assert.equal(engine({ ordersPerSecond: 8_000 }), ["problem batch-size-1"])
})

test("wishes that are not in force, and a kernel that is only planned, are told", () => {
  assert.equal(engine({ tunables: [tunable({ id: "vm.swappiness", state: "foreign", wanted: 10 })] }), [
    "problem wishes-not-in-force",
  ])
  const config = { venue: { kind: "binance" }, plugins: { "kernel-tuning": { mode: "plan" } } }
  const planned = tunable({ id: "vm.swappiness", plugin: "kernel-tuning", state: "wanted", wanted: 10 })
  assert.equal(engine({ config, tunables: [planned] }), ["note planned-only"])
})

test("every finding says what it means, and each problem how to mend it", () => {
  const worst = { ...MACHINE, load: 9, noise: { ...MACHINE.noise, lostPct: 9, stolenPct: 9 }, privileges: [] }
  const findings = findAll(MACHINE_CHECKS, worst)
  assert.is(findings.length, 4)
  for (const { kind, seen, means, mend } of findings) {
    assert.ok(seen.length > 0 && means.length > 0)
    assert.ok(kind === "note" || mend !== null)
  }
})

test("this machine is looked at for as long as asked", () => {
  const { noise, cpus, memory } = readMachineView(20)
  assert.is(noise.seconds, 0.02)
  assert.ok(noise.longestGapUs > 0 && noise.lostPct >= 0)
  assert.ok(cpus.usable.length > 0)
  if (process.platform === "linux") assert.ok(memory.totalMb > 0)
})

test.run()
