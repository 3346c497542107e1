import { test } from "uvu"
import * as assert from "uvu/assert"
import { kernelFiles, sysctl } from "../../../core/tuning/kernel-files.js"
import { planTuning, type TuningPlan } from "../../../core/tuning/plan.js"
import type { Tunable, TunableWish, TuningOffer } from "../../../core/tuning/tunable.js"
import { FakeMachine } from "../../support/fake-machine.js"

const RMEM = sysctl("net.ipv4.tcp_rmem", {
  scope: "network namespace",
  needs: "CAP_NET_ADMIN",
  meaning: "Buffers.",
  fields: 3,
  range: [1, 2 ** 31 - 1],
  note: { kind: "downgrade", text: "smaller than now" },
})
const RATIO = sysctl("vm.dirty_ratio", { scope: "host", needs: "root", meaning: "R.", companions: ["vm.dirty_bytes"] })
const BYTES = sysctl("vm.dirty_bytes", { scope: "host", needs: "root", meaning: "B.", companions: ["vm.dirty_ratio"] })
const FOUND = { "/proc/sys/net/ipv4/tcp_rmem": "4096\t131072\t33554432" }
const DIRTY = { "/proc/sys/vm/dirty_ratio": "20", "/proc/sys/vm/dirty_bytes": "0" }

const plan = (machine: FakeMachine, wishes: TunableWish[], more: Partial<TuningOffer> = {}): TuningPlan =>
  planTuning(new Map([["p", { wishes, ...more }]]), machine)
const step = (machine: FakeMachine, tunable: Tunable, wish?: string | number, more: Partial<TuningOffer> = {}) =>
  plan(machine, [{ tunable, wish }], more).steps[0]

test("a wish that is met already changes nothing", () => {
  const { action, state } = step(new FakeMachine(FOUND), RMEM, "4096 131072 33554432")
  assert.equal([action, state], ["stay", "verified"])
})

test("raise-only fields keep what is larger, each for itself or all of them", () => {
  for (const wish of [">=4096 131072 16777216", "4096 131072 >=16777216"]) {
    const { action, state, note } = step(new FakeMachine(FOUND), RMEM, wish)
    assert.equal([action, state, note], ["stay", "verified", "raise-only: 33554432 is more, and stays"], wish)
  }
  const { action, goals } = step(new FakeMachine(FOUND), RMEM, ">=8192 131072 16777216")
  assert.equal([action, goals[0].text], ["set", "8192 131072 33554432"])
})

test("a plain wish below what is found is done, and called a downgrade", () => {
  const { action, state, note } = step(new FakeMachine(FOUND), RMEM, "4096 131072 16777216")
  assert.equal([action, state, note], ["set", "downgrade", "smaller than now"])
})

test("no wish and keep change nothing", () => {
  for (const wish of [undefined, "keep"]) assert.is(step(new FakeMachine(FOUND), RMEM, wish).action, "show")
})

test("what this machine lacks is unavailable, and a failure only to who is strict", () => {
  const missing = step(new FakeMachine(), RMEM, "1 2 3")
  assert.equal([missing.state, missing.failure], ["unavailable", undefined])
  assert.match(step(new FakeMachine(), RMEM, "1 2 3", { strict: true }).failure!, "tcp_rmem is not there")
  const machine = new FakeMachine(FOUND)
  machine.kernel = "4.9.1"
  assert.is(step(machine, { ...RMEM, kernel: "4.14" }, "1 2 3").note, "needs Linux 4.14, this is 4.9.1")
})

test("what may not be written is a failure that names what it needs, or where it can be set", () => {
  const machine = new FakeMachine(FOUND)
  machine.readOnly.add("/proc/sys/net/ipv4/tcp_rmem")
  assert.match(step(machine, RMEM, "1 2 3").failure!, "is read-only here, as in a container")
  machine.privileges.delete("CAP_NET_ADMIN")
  assert.match(step(machine, RMEM, "1 2 3").failure!, "tcp_rmem needs CAP_NET_ADMIN: start as root, or give node")
  machine.files.set("/proc/sys/net/core/rmem_max", "212992")
  machine.readOnly.add("/proc/sys/net/core/rmem_max")
  machine.privileges.add("CAP_NET_ADMIN")
  const rmemMax = sysctl("net.core.rmem_max", { scope: "host", needs: "CAP_NET_ADMIN", meaning: "M." })
  assert.match(step(machine, rmemMax, 1).failure!, "read-only in this network namespace; set it on the host")
  assert.is(step(machine, rmemMax, 212992).failure, undefined, "a value that is there needs no privilege")
})

test("an optional wish that may not be written is left out, unless its user is strict", () => {
  const machine = new FakeMachine(FOUND)
  machine.readOnly.add("/proc/sys/net/ipv4/tcp_rmem")
  const wish = { tunable: RMEM, wish: "1 2 3", optional: true }
  const [left] = plan(machine, [wish]).steps
  assert.equal([left.action, left.state, left.failure], ["show", "needs_privilege", undefined])
  assert.is(plan(machine, [wish], { strict: true }).failures.length, 1)
  assert.is(plan(machine, [{ ...wish, wish: "1 2" }]).failures.length, 1, "what cannot be anywhere is a failure")
})

test("a value out of range is a failure, and none of the others", () => {
  const { failures } = plan(new FakeMachine({ ...FOUND, ...DIRTY }), [
    { tunable: RMEM, wish: "1 2" },
    { tunable: RATIO, wish: 30 },
  ])
  assert.equal(
    failures.map(({ tunable, state }) => [tunable.id, state]),
    [["net.ipv4.tcp_rmem", "refused"]],
  )
})

test("two wishes that move the same value are refused, whoever has them", () => {
  const offers = new Map([
    ["one", { wishes: [{ tunable: RATIO, wish: 30 }] }],
    ["two", { wishes: [{ tunable: BYTES, wish: 1_000_000 }] }],
  ])
  const { failures } = planTuning(offers, new FakeMachine(DIRTY))
  assert.is(
    failures[0].failure,
    "vm.dirty_ratio (one) and vm.dirty_bytes (two) change the same value: wish for one of them",
  )
})

test("a goal that reads back and does not hold yet is not verified", () => {
  const tunable: Tunable = {
    id: "irq",
    scope: "host",
    undo: "journal",
    meaning: "I.",
    state: kernelFiles("/proc/irq/5/smp_affinity_list", "cpu list", { verify: () => "with the next interrupt" }),
  }
  const { state, note } = step(new FakeMachine({ "/proc/irq/5/smp_affinity_list": "0,1" }), tunable, "0-1")
  assert.equal([state, note], ["wanted", "with the next interrupt"])
})

test("what lives with the process is the plugin's to set, and shown as wished", () => {
  const held: Tunable = { id: "TCP_NODELAY", scope: "socket", undo: "at close", meaning: "N." }
  assert.equal([step(new FakeMachine(), held, 1).state, step(new FakeMachine(), held).state], ["wanted", "found"])
})

test.run()
