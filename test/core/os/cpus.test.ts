import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { formatCpuList, parseCpuList, readCpuTopology } from "../../../core/os/cpus.js"

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

test("usable CPUs are those that are online and allowed, grouped by their cores", () => {
  withMachine(
    {
      "proc/self/status": "Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t0-3,6\n",
      "sys/devices/system/cpu/online": "0-5\n",
      "sys/devices/system/cpu/cpu0/topology/thread_siblings_list": "0,2\n",
      "sys/devices/system/cpu/cpu1/topology/thread_siblings_list": "1,3\n",
      "sys/devices/system/cpu/cpu2/topology/thread_siblings_list": "0,2\n",
      "sys/devices/system/cpu/cpu3/topology/thread_siblings_list": "1,3\n",
    },
    (topology) => {
      assert.equal(topology.online, [0, 1, 2, 3, 4, 5])
      assert.equal(topology.usable, [0, 1, 2, 3])
      assert.equal(topology.cores, [
        [0, 2],
        [1, 3],
      ])
      assert.is(topology.quota, undefined)
      assert.is(topology.reason, undefined)
    },
  )
})

test("a container's quota is read from cgroup v2, and from v1", () => {
  const status = "Cpus_allowed_list:\t0-7\n"
  const read = (files: Record<string, string>) => withMachine({ "proc/self/status": status, ...files }, (t) => t.quota)
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
