import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { CATALOGUE } from "../../../plugins/kernel-tuning/catalogue.js"
import { type KernelValue, readKernelValue } from "../../../plugins/kernel-tuning/read.js"

const GOVERNOR = (cpu: number): string => `sys/devices/system/cpu/cpu${cpu}/cpufreq/scaling_governor`

/** Reads a value of the catalogue from files that stand for a machine. */
function read(id: string, files: Readonly<Record<string, string>>): KernelValue {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "veloz-kernel-"))
  try {
    for (const [file, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
      fs.writeFileSync(path.join(root, file), `${text}\n`)
    }
    return readKernelValue(CATALOGUE.find((tunable) => tunable.id === id)!, root)
  } finally {
    fs.rmSync(root, { recursive: true })
  }
}

const given = (id: string, commandLine: string): KernelValue["value"] => read(id, { "proc/cmdline": commandLine }).value

test("one number is a number, and several are text with single spaces", () => {
  assert.is(read("net.ipv4.tcp_fin_timeout", { "proc/sys/net/ipv4/tcp_fin_timeout": "60" }).value, 60)
  const rmem = read("net.ipv4.tcp_rmem", { "proc/sys/net/ipv4/tcp_rmem": "4096\t131072\t6291456" })
  assert.equal([rmem.value, rmem.unit, rmem.scope], ["4096 131072 6291456", "bytes", "network namespace"])
  assert.is(rmem.low_latency?.value, ">=4096 131072 16777216")
  assert.not("note" in rmem)
})

test("of a choice the value is the one in force", () => {
  const file = "sys/kernel/mm/transparent_hugepage/defrag"
  assert.is(
    read("transparent_hugepage.defrag", { [file]: "always defer [defer+madvise] madvise" }).value,
    "defer+madvise",
  )
})

test("the governor is one word where the CPUs agree, and told by CPUs where they differ", () => {
  const same = { [GOVERNOR(0)]: "powersave", [GOVERNOR(1)]: "powersave" }
  assert.is(read("cpu.scaling_governor", same).value, "powersave")
  const { value } = read("cpu.scaling_governor", { ...same, [GOVERNOR(10)]: "performance" })
  assert.is(value, "powersave (CPU 0-1), performance (CPU 10)")
})

test("a CPU that is offline has no governor, and a machine of which none has one says so", () => {
  const offline = { "sys/devices/system/cpu/cpu1/online": "0", "sys/devices/system/cpu/cpufreq/policy0": "" }
  assert.is(read("cpu.scaling_governor", { [GOVERNOR(0)]: "performance", ...offline }).value, "performance")
  const { value, note } = read("cpu.scaling_governor", offline)
  assert.is(value, null)
  assert.match(note!, /^unavailable: .*scaling_governor is not there/)
})

test("an argument is told as it was given, each time, and only if it was given to the kernel", () => {
  assert.is(given("isolcpus", "quiet isolcpus=domain,2-3 panic=1"), "isolcpus=domain,2-3")
  assert.is(given("rcu_nocbs", "rcu-nocbs=2 rcu_nocbs"), "rcu-nocbs=2 rcu_nocbs")
  assert.is(given("isolcpus", "isolcpus"), "isolcpus")
  for (const line of [
    "myisolcpus=1",
    "isolcpusx=1",
    'init="a isolcpus=3"',
    "quiet -- isolcpus=3",
    "-- isolcpus=3",
    "",
  ]) {
    const { value, note } = read("isolcpus", { "proc/cmdline": line })
    assert.equal([value, note], [null, "not given when this machine was started"], line)
  }
})

test("what is not there or cannot be read is null, with the reason", () => {
  const missing = read("net.core.busy_poll", {})
  assert.is(missing.value, null)
  assert.match(missing.note!, /^unavailable: \/proc\/sys\/net\/core\/busy_poll is not there/)
  assert.is(missing.low_latency?.value, 50, "what it would be for is told all the same")
  const folder = read("net.core.busy_poll", { "proc/sys/net/core/busy_poll/x": "" })
  assert.match(folder.note!, /^unavailable: .*cannot be read: EISDIR/)
})

test("a placebo is called one, unless it is not even there", () => {
  const file = "proc/sys/net/ipv4/tcp_low_latency"
  const { value, note } = read("net.ipv4.tcp_low_latency", { [file]: "0" })
  assert.is(value, 0)
  assert.match(note!, /^placebo: /)
  assert.match(read("net.ipv4.tcp_low_latency", {}).note!, /^unavailable: /)
})

test("every entry of the catalogue has a name of its own, a meaning, and reasons", () => {
  assert.is(new Set(CATALOGUE.map(({ id }) => id)).size, CATALOGUE.length)
  for (const { id, meaning, lowLatency, note } of CATALOGUE) {
    for (const sentence of [meaning, lowLatency?.reason]) {
      if (sentence !== undefined) assert.match(sentence, /^\S.*\.$/, id)
    }
    if (note !== undefined) assert.match(note, /^placebo: /, id)
  }
})

test.run()
