import { test } from "uvu"
import * as assert from "uvu/assert"
import { missingGuards, type RealtimeSurroundings, type RealtimeWish } from "../../../core/threads/realtime-guards.js"

const WISH: RealtimeWish = { policy: "fifo", priority: 50, helperPriority: 40, limitMs: 200, roles: ["engine"] }
const GUARDED: RealtimeSurroundings = {
  pins: [{ role: "engine", cores: [1] }],
  housekeeping: [0],
  topology: "split",
  idleStrategy: "park",
}

test("with every guard in place nothing is missing", () => {
  assert.equal(missingGuards(WISH, GUARDED), [])
})

const CASES: readonly [
  what: string,
  wish: Partial<RealtimeWish>,
  around: Partial<RealtimeSurroundings>,
  said: RegExp,
][] = [
  ["a role without cores in split", { roles: ["engine", "network"] }, {}, /no cores of its own for network/],
  ["no cores at all", {}, { pins: [] }, /no cores of its own for engine/],
  ["cores of control alone", {}, { pins: [{ role: "control", cores: [0] }] }, /no cores of its own for engine/],
  ["nobody keeps the others away", {}, { housekeeping: undefined }, /no core for control and everything else:/],
  ["no core is left", {}, { housekeeping: [] }, /no core for control and everything else:/],
  ["a core is shared with control", {}, { housekeeping: [0, 1] }, /\(CPU 1 is shared\)/],
  ["a thread that spins", {}, { idleStrategy: "spin" }, /idle_strategy is "spin", set it to "park"/],
  ["a thread that spins for a while", {}, { idleStrategy: "backoff" }, /idle_strategy is "backoff"/],
  ["helpers that go first", { helperPriority: 50 }, {}, /helper_priority \(50\) below the priority \(50\)/],
]

for (const [what, wish, around, said] of CASES) {
  test(`${what} is the guard that is missing`, () => {
    const missing = missingGuards({ ...WISH, ...wish }, { ...GUARDED, ...around })
    assert.is(missing.length, 1, missing.join("; "))
    assert.match(missing[0], said)
  })
}

test("in fused the list of one role binds the thread of all", () => {
  const roles = ["network", "engine", "strategy"] as const
  assert.equal(missingGuards({ ...WISH, roles }, { ...GUARDED, topology: "fused" }), [])
})

test("everything that is missing is said at once", () => {
  const nothing = { pins: [], housekeeping: undefined, idleStrategy: "spin" } as const
  assert.is(missingGuards({ ...WISH, helperPriority: 60 }, { ...GUARDED, ...nothing }).length, 4)
})

test.run()
