import { test } from "uvu"
import * as assert from "uvu/assert"
import type { CpuTopology } from "../../../core/os/cpus.js"
import { decideShape, type PinWish, type TopologyWish } from "../../../core/threads/topology.js"

const NONE: readonly PinWish[] = []
const SAME: readonly PinWish[] = [
  { role: "network", cores: [0, 1] },
  { role: "engine", cores: [1, 0] },
]
const DIFFERING: readonly PinWish[] = [
  { role: "network", cores: [0] },
  { role: "engine", cores: [1] },
]
const CONTROL_ELSEWHERE: readonly PinWish[] = [
  { role: "control", cores: [3] },
  { role: "engine", cores: [1] },
]

const SHAPES: readonly [cpus: number, wish: string, pins: readonly PinWish[], shape: string, because: string][] = [
  [1, "auto auto", NONE, "fused park", "1 CPUs"],
  [2, "auto auto", NONE, "fused park", "2 CPUs"],
  [4, "auto auto", NONE, "fused park", "4 CPUs"],
  [5, "auto auto", NONE, "split backoff", "5 CPUs"],
  [64, "auto auto", NONE, "split backoff", "64 CPUs"],
  [2, "auto auto", SAME, "fused park", "2 CPUs"],
  [2, "auto auto", CONTROL_ELSEWHERE, "fused park", "2 CPUs"],
  [2, "auto auto", DIFFERING, "split park", "differing cores"],
  [64, "auto auto", DIFFERING, "split backoff", "differing cores"],
  [2, "split auto", NONE, "split park", "as configured"],
  [2, "split auto", DIFFERING, "split park", "as configured"],
  [4, "split auto", NONE, "split park", "as configured"],
  [5, "split auto", NONE, "split backoff", "as configured"],
  [64, "fused auto", NONE, "fused park", "as configured"],
  [64, "fused auto", SAME, "fused park", "as configured"],
  [3, "fused spin", NONE, "fused spin", "as configured"],
  [5, "split spin", NONE, "split spin", "as configured"],
  [5, "auto spin", NONE, "split spin", "5 CPUs"],
  [3, "auto spin", NONE, "fused spin", "3 CPUs"],
  [1, "fused backoff", NONE, "fused backoff", "as configured"],
  [2, "split backoff", NONE, "split backoff", "as configured"],
  [64, "split park", NONE, "split park", "as configured"],
]

for (const [cpus, wish, pins, shape, because] of SHAPES) {
  test(`${cpus} CPUs, ${wish}, pins ${textOf(pins)}: ${shape}`, () => {
    const { topology, idleStrategy, reason } = decideShape(wishOf(wish), pins, machine({ usable: cpus }))
    assert.is(`${topology} ${idleStrategy}`, shape)
    assert.match(reason, because)
  })
}

const REFUSALS: readonly [cpus: number, wish: string, pins: readonly PinWish[], code: string][] = [
  [64, "fused auto", DIFFERING, "VELOZ_PINS_DIFFER"],
  [2, "fused spin", NONE, "VELOZ_SPIN_REFUSED"],
  [2, "auto spin", NONE, "VELOZ_SPIN_REFUSED"],
  [4, "split spin", NONE, "VELOZ_SPIN_REFUSED"],
  [4, "auto spin", DIFFERING, "VELOZ_SPIN_REFUSED"],
]

for (const [cpus, wish, pins, code] of REFUSALS) {
  test(`${cpus} CPUs, ${wish}, pins ${textOf(pins)}: ${code}`, () => {
    assert.throws(() => decideShape(wishOf(wish), pins, machine({ usable: cpus })), isCoded(code))
  })
}

test("a quota counts as so many whole CPUs, and never as none", () => {
  const shapes: [quota: number, topology: string, reason: RegExp][] = [
    [0.5, "fused", /^1 CPUs/],
    [1.9, "fused", /^1 CPUs/],
    [4.9, "fused", /^4 CPUs/],
    [5, "split", /^5 CPUs/],
    [100, "split", /^8 CPUs/],
  ]
  for (const [quota, topology, reason] of shapes) {
    const shape = decideShape(wishOf("auto auto"), NONE, machine({ usable: 8, quota }))
    assert.is(shape.topology, topology, `${quota}`)
    assert.match(shape.reason, reason)
  }
})

test("CPUs that the process may not use do not count", () => {
  const cpus = { ...machine({ usable: 2 }), online: [0, 1, 2, 3, 4, 5, 6, 7], permitted: [0, 1, 2, 3, 4, 5] }
  assert.is(decideShape(wishOf("auto auto"), NONE, cpus).topology, "fused")
})

test("a refusal names both roles, their cores and what to do, or how many CPUs spinning takes", () => {
  const pinned = /network is to run on CPU 0 and the engine on CPU 1.*same cores.*"split"/
  assert.throws(() => decideShape(wishOf("fused auto"), DIFFERING, machine({ usable: 8 })), pinned)
  const spinning = /3 thread\(s\).*need 5 usable CPUs, and there are 4.*"backoff"/
  assert.throws(() => decideShape(wishOf("split spin"), NONE, machine({ usable: 4 })), spinning)
})

test("roles that share a thread are refused cores that differ, whichever of them differs", () => {
  const third: PinWish[] = [...SAME, { role: "strategy", cores: [0] }]
  for (const pins of [DIFFERING, third]) {
    assert.throws(() => decideShape(wishOf("fused auto"), pins, machine({ usable: 8 })), isCoded("VELOZ_PINS_DIFFER"))
    assert.is(decideShape(wishOf("split auto"), pins, machine({ usable: 8 })).topology, "split")
  }
})

test("roles that share a thread may have the same cores in any order, and control has its own", () => {
  const accepted = [NONE, SAME, CONTROL_ELSEWHERE, [...CONTROL_ELSEWHERE].reverse(), DIFFERING.slice(1)]
  for (const pins of accepted) {
    assert.is(decideShape(wishOf("fused auto"), pins, machine({ usable: 2 })).topology, "fused")
  }
})

function wishOf(text: string): TopologyWish {
  const [topology, idle_strategy] = text.split(" ")
  return { topology, idle_strategy } as TopologyWish
}

function machine({ usable: count, quota }: { usable: number; quota?: number }): CpuTopology {
  const usable = Array.from({ length: count }, (_, cpu) => cpu)
  return { online: usable, usable, permitted: usable, cores: [], caches: [], nodes: [], isolated: [], quota }
}

function textOf(pins: readonly PinWish[]): string {
  return pins.map(({ role, cores }) => `${role} ${cores.join(",")}`).join(" and ") || "none"
}

const isCoded =
  (code: string) =>
  (error: Error & { code?: string }): boolean =>
    error.code === code

test("with a real-time priority no thread spins, whatever is wished and however many CPUs there are", () => {
  for (const wish of ["auto auto", "split spin", "fused backoff"]) {
    const { idleStrategy, reason } = decideShape(wishOf(wish), NONE, machine({ usable: 64 }), "fifo")
    assert.is(idleStrategy, "park", wish)
    assert.match(reason, "no thread spins with fifo")
  }
})

test.run()
