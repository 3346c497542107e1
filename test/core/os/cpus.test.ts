import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { formatCpuList, parseCpuList, readCpuTopology } from "../../../core/os/cpus.js"

const STATUS = { "proc/self/status": "Cpus_allowed_list:\t0-7\n" }

test("a CPU list reads single CPUs and ranges, once each and in order", () => {
  assert.equal(parseCpuList("8,0-2,1\n"), [0, 1, 2, 8])
  assert.equal(parseCpuList(""), [])
  assert.equal(parseCpuList("none"), [])
})

test("formatCpuList joins neighbours to ranges, and parseCpuList reads it back", () => {
  assert.is(formatCpuList([3, 0, 1, 2, 8, 8]), "0-3,8")
  assert.is(formatCpuList([]), "")
  for (const cpus of [[5], [0, 2, 4], [0, 1, 63, 64, 65]]) assert.equal(parseCpuList(formatCpuList(cpus)), cpus)
})

const BIG_MACHINE = {
  "proc/self/status": "Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t0-3,6\n",
  ...sys("online", "0-5"),
  ...sys("isolated", "4-5"),
  ...each([0, 2, 4], (cpu) => ({ "topology/thread_siblings_list": `${cpu},${cpu + 1}` })),
  ...each([1, 3, 5], (cpu) => ({ "topology/thread_siblings_list": `${cpu - 1},${cpu}` })),
  ...each([0, 1, 2, 3, 4, 5], (cpu) => ({
    "cache/index0/level": "1",
    "cache/index0/shared_cpu_list": String(cpu),
    "cache/index3/level": "3",
    "cache/index3/shared_cpu_list": cpu < 4 ? "0-3" : "4-5",
    "cache/uevent": "",
  })),
  "sys/devices/system/node/node0/cpulist": "0-3\n",
  "sys/devices/system/node/node10/cpulist": "4-5\n",
  "sys/devices/system/node/possible": "0,10\n",
}

test("usable CPUs are those that are online and that the process was started on", () => {
  withMachine(BIG_MACHINE, (topology) => {
    assert.equal(topology.online, [0, 1, 2, 3, 4, 5])
    assert.equal(topology.usable, [0, 1, 2, 3])
    assert.is(topology.quota, undefined)
    assert.is(topology.reason, undefined)
  })
})

test("CPUs are grouped by their cores, their last cache and their memory; isolated ones are told", () => {
  withMachine(BIG_MACHINE, ({ cores, caches, nodes, isolated }) => {
    const pairs = [
      [0, 1],
      [2, 3],
      [4, 5],
    ]
    assert.equal(cores, pairs)
    assert.equal(caches, [
      [0, 1, 2, 3],
      [4, 5],
    ])
    assert.equal(nodes, [
      { node: 0, cpus: [0, 1, 2, 3] },
      { node: 10, cpus: [4, 5] },
    ])
    assert.equal(isolated, [4, 5])
  })
})

test("what the system does not tell is empty, and no CPU is isolated by an empty file", () => {
  withMachine({ ...STATUS, ...sys("online", "0-7"), ...sys("isolated", "") }, (topology) => {
    const { cores, caches, nodes, isolated } = topology
    assert.equal([cores, caches, nodes, isolated], [[], [], [], []])
    assert.equal(topology.permitted, topology.online)
  })
})

test("a cpuset permits what its group says, or the nearest group above it, of cgroup v2 and v1", () => {
  const machine = { ...STATUS, ...sys("online", "0-7") }
  const permitted = (files: Record<string, string>) => withMachine({ ...machine, ...files }, (t) => t.permitted)
  const v2 = { "proc/self/cgroup": "0::/pods/one\n" }
  assert.equal(permitted({ ...v2, "sys/fs/cgroup/pods/one/cpuset.cpus.effective": "2-3\n" }), [2, 3])
  assert.equal(permitted({ ...v2, "sys/fs/cgroup/pods/cpuset.cpus.effective": "4,9\n" }), [4])
  assert.equal(permitted({ "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpuset.cpus.effective": "1\n" }), [1])
  const v1 = { "proc/self/cgroup": "0::/\n5:cpu,cpuset:/jobs\n" }
  assert.equal(permitted({ ...v1, "sys/fs/cgroup/cpuset/jobs/cpuset.effective_cpus": "6-7\n" }), [6, 7])
  assert.equal(permitted(v2), [0, 1, 2, 3, 4, 5, 6, 7])
})

test("a container's quota is read from cgroup v2, and from v1", () => {
  const read = (files: Record<string, string>) => withMachine({ ...STATUS, ...files }, (t) => t.quota)
  assert.is(read({ "sys/fs/cgroup/cpu.max": "150000 100000\n" }), 1.5)
  assert.is(read({ "sys/fs/cgroup/cpu.max": "max 100000\n" }), undefined)
  const v1 = (quota: string) => ({
    "sys/fs/cgroup/cpu/cpu.cfs_quota_us": quota,
    "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
  })
  assert.is(read(v1("400000\n")), 4)
  assert.is(read(v1("-1\n")), undefined)
})

test("a system that does not tell gives a guess and the reason", () => {
  const elsewhere = readCpuTopology({ platform: "darwin", root: "/nowhere" })
  assert.is(elsewhere.usable.length, os.availableParallelism())
  assert.match(elsewhere.reason ?? "", "darwin")
  const withoutProc = readCpuTopology({ platform: "linux", root: "/nowhere" })
  assert.match(withoutProc.reason ?? "", "/proc/self/status")
})

test("this machine has at least one usable CPU, and every usable one is online", () => {
  const { online, usable } = readCpuTopology()
  assert.ok(usable.length > 0)
  assert.ok(usable.every((cpu) => online.includes(cpu)))
})

test.run()

/** A file about all CPUs. */
function sys(name: string, text: string): Record<string, string> {
  return { [`sys/devices/system/cpu/${name}`]: `${text}\n` }
}

/** Files of each of these CPUs. */
function each(cpus: readonly number[], files: (cpu: number) => Record<string, string>): Record<string, string> {
  return Object.assign(
    {},
    ...cpus.flatMap((cpu) => Object.entries(files(cpu)).map(([name, text]) => sys(`cpu${cpu}/${name}`, text))),
  )
}

function withMachine<T>(files: Record<string, string>, body: (topology: ReturnType<typeof readCpuTopology>) => T): T {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "veloz-machine-"))
  try {
    for (const [name, text] of Object.entries(files)) {
      fs.mkdirSync(path.join(root, path.dirname(name)), { recursive: true })
      fs.writeFileSync(path.join(root, name), text)
    }
    return body(readCpuTopology({ platform: "linux", root }))
  } finally {
    fs.rmSync(root, { recursive: true })
  }
}
