import { test } from "uvu"
import * as assert from "uvu/assert"
import type { Tunable } from "veloz"
import { planTuning, showState, type TuningStep } from "../../../core/tuning/plan.js"
import { CATALOGUE } from "../../../plugins/kernel-tuning/catalogue.js"
import { FakeMachine } from "../../support/fake-machine.js"

const find = (id: string): Tunable => CATALOGUE.find((tunable) => tunable.id === id)!

/** A value of the catalogue as a machine with these files has it, or would get it. */
function planned(id: string, files: Readonly<Record<string, string>>, wish?: string | number, readOnly: string[] = []) {
  const machine = new FakeMachine(files)
  for (const file of readOnly) machine.readOnly.add(file)
  const offer = { wishes: [{ tunable: find(id), wish }] }
  const [step] = planTuning(new Map([["kernel-tuning", offer]]), machine).steps
  return { ...step, value: showState(step.tunable, step.found, machine), goal: goalsOf(step) }
}

const goalsOf = ({ goals }: TuningStep): string[] => goals.map(({ text }) => text)

const GOVERNOR = (cpu: number): string => `/sys/devices/system/cpu/cpu${cpu}/cpufreq/scaling_governor`

test("one number is a number, and several are text with single spaces", () => {
  assert.is(planned("net.ipv4.tcp_fin_timeout", { "/proc/sys/net/ipv4/tcp_fin_timeout": "60" }).value, 60)
  const rmem = planned("net.ipv4.tcp_rmem", { "/proc/sys/net/ipv4/tcp_rmem": "4096\t131072\t6291456" })
  assert.equal([rmem.value, rmem.state], ["4096 131072 6291456", "found"])
  assert.is(rmem.tunable.presets?.["low-latency"]?.value, ">=4096 131072 16777216")
})

test("of a choice the value is the one in force, and another must be offered", () => {
  const file = "/sys/kernel/mm/transparent_hugepage/defrag"
  const files = { [file]: "always defer [defer+madvise] madvise" }
  assert.is(planned("transparent_hugepage.defrag", files).value, "defer+madvise")
  assert.equal(planned("transparent_hugepage.defrag", files, "madvise").goal, ["madvise"])
  assert.match(
    planned("transparent_hugepage.defrag", files, "never").failure!,
    "one of always, defer, defer+madvise, madvise",
  )
})

test("the governor is one word where the CPUs agree, and told by CPUs where they differ", () => {
  const same = { [GOVERNOR(0)]: "powersave", [GOVERNOR(1)]: "powersave" }
  assert.is(planned("cpu.scaling_governor", same).value, "powersave")
  const { value, goal } = planned("cpu.scaling_governor", { ...same, [GOVERNOR(10)]: "performance" }, "performance")
  assert.is(value, "powersave (CPU 0-1), performance (CPU 10)")
  assert.equal(goal, ["performance", "performance", "performance"])
})

test("a governor that this machine does not offer is refused with those that it does", () => {
  const files = {
    [GOVERNOR(0)]: "powersave",
    "/sys/devices/system/cpu/cpu0/cpufreq/scaling_available_governors": "performance powersave",
  }
  assert.match(planned("cpu.scaling_governor", files, "ondemand").failure!, "one of performance, powersave")
})

test("a machine of which no CPU has a governor says so", () => {
  const { value, state, note } = planned("cpu.scaling_governor", { "/sys/devices/system/cpu/cpu1/online": "0" })
  assert.equal([value, state], [null, "unavailable"])
  assert.match(note!, "scaling_governor is not there")
})

test("sleep states that take longer to wake from than wished are switched off, and only these", () => {
  const state = (cpu: number, number: number): string => `/sys/devices/system/cpu/cpu${cpu}/cpuidle/state${number}`
  const files: Record<string, string> = {}
  for (const cpu of [0, 1]) {
    for (const [number, latency] of ["0", "2", "60"].entries()) {
      files[`${state(cpu, number)}/latency`] = latency
      files[`${state(cpu, number)}/disable`] = "0"
    }
  }
  const { value, goal } = planned("cpu.idle_exit_latency", files, 2)
  assert.is(value, 60)
  assert.equal(goal, ["0", "0", "1", "0", "0", "1"])
  assert.match(planned("cpu.idle_exit_latency", files, "deep").failure!, "whole number of microseconds")
})

test("an argument is told as it was given, each time, and only if it was given to the kernel", () => {
  const given = (id: string, line: string) => planned(id, { "/proc/cmdline": line })
  assert.is(given("isolcpus", "quiet isolcpus=domain,2-3 panic=1").value, "isolcpus=domain,2-3")
  assert.is(given("rcu_nocbs", "rcu-nocbs=2 rcu_nocbs").value, "rcu-nocbs=2 rcu_nocbs")
  assert.is(given("isolcpus", "isolcpus").value, "isolcpus")
  const others = ["myisolcpus=1", "isolcpusx=1", 'init="a isolcpus=3"', "quiet -- isolcpus=3", "-- isolcpus=3", ""]
  for (const line of others) {
    const { value, note } = given("isolcpus", line)
    assert.equal([value, note], [null, "not given when this machine was started"], line)
  }
})

test("an argument is never set, whatever is wished", () => {
  const { action, goals } = planned("isolcpus", { "/proc/cmdline": "isolcpus=2" }, "isolcpus=3")
  assert.equal([action, goals.length], ["show", 0])
})

test("a congestion control that the kernel has not loaded is refused with those that it has", () => {
  const files = {
    "/proc/sys/net/ipv4/tcp_congestion_control": "cubic",
    "/proc/sys/net/ipv4/tcp_available_congestion_control": "reno cubic",
  }
  assert.match(
    planned("net.ipv4.tcp_congestion_control", files, "bbr").failure!,
    "one of reno, cubic; others need their module loaded (modprobe tcp_bbr)",
  )
})

test("a network namespace may only use a congestion control that the host allows to all", () => {
  const files = {
    "/proc/sys/net/ipv4/tcp_congestion_control": "cubic",
    "/proc/sys/net/ipv4/tcp_available_congestion_control": "reno cubic bbr",
    "/proc/sys/net/ipv4/tcp_allowed_congestion_control": "reno cubic",
  }
  assert.is(planned("net.ipv4.tcp_congestion_control", files, "bbr").failure, undefined)
  const readOnly = ["/proc/sys/net/ipv4/tcp_allowed_congestion_control"]
  const { failure } = planned("net.ipv4.tcp_congestion_control", files, "bbr", readOnly)
  assert.match(failure!, "one of reno, cubic, unless the host allows another")
})

test("buffers are three numbers that ascend, within what the kernel takes", () => {
  const files = { "/proc/sys/net/ipv4/tcp_rmem": "4096 131072 6291456" }
  for (const wish of ["4096 131072", "4096 131072 lots", "0 131072 16777216", 16777216, "4096 131072 4294967296"]) {
    assert.match(planned("net.ipv4.tcp_rmem", files, wish).failure!, "3 whole numbers", String(wish))
  }
  assert.match(planned("net.ipv4.tcp_rmem", files, ">=16777216 131072 4096").failure!, "in this order")
})

test("a placebo is called one, unless it is not even there", () => {
  const { value, state, note } = planned("net.ipv4.tcp_low_latency", { "/proc/sys/net/ipv4/tcp_low_latency": "0" })
  assert.equal([value, state], [0, "placebo"])
  assert.match(note!, "ignored it since 4.14")
  assert.is(planned("net.ipv4.tcp_low_latency", {}).state, "unavailable")
})

test("every entry has a name of its own, a meaning, and reasons; each value of a preset can be had", () => {
  assert.is(new Set(CATALOGUE.map(({ id }) => id)).size, CATALOGUE.length)
  for (const { id, meaning, presets = {}, state, undo } of CATALOGUE) {
    for (const sentence of [meaning, ...Object.values(presets).map(({ reason }) => reason)]) {
      assert.match(sentence, /^\S.*\.$/, id)
    }
    if (undo === "none" || id.startsWith("transparent") || id.startsWith("cpu.")) continue
    for (const { value } of Object.values(presets)) assert.is(state?.check?.(value, new FakeMachine()), undefined, id)
  }
})

test.run()
