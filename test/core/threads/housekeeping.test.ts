import { test } from "uvu"
import * as assert from "uvu/assert"
import { Housekeeping } from "../../../core/threads/housekeeping.js"

const ALL = [0, 1, 2, 3]
const HOT = 7

/** A process with a hot thread (7) and others, on a machine with CPUs 0 to 3. */
function process(...others: number[]) {
  const cpus = new Map<number, readonly number[]>([HOT, ...others].map((tid) => [tid, tid === HOT ? [1] : ALL]))
  const moves: number[] = []
  const immovable = new Set<number>()
  const keeping = new Housekeeping((tid) => tid === HOT, ALL, {
    listTids: () => [...cpus.keys()],
    pinThread: (tid, wanted) => {
      if (immovable.has(tid)) return { reason: `thread ${tid} cannot be moved` }
      moves.push(tid)
      cpus.set(tid, wanted)
      return {}
    },
  })
  return { keeping, cpus, moves, immovable }
}

test("every thread but the hot ones is moved, once", () => {
  const { keeping, cpus, moves } = process(1, 2)
  assert.equal(keeping.keep([0, 2]).refusals, [])
  assert.equal(Object.fromEntries(cpus), { 1: [0, 2], 2: [0, 2], 7: [1] })
  keeping.sweep()
  assert.equal(moves, [1, 2])
})

test("a thread that appears later is moved by the next sweep, and goes back with the others", () => {
  const { keeping, cpus } = process(1)
  const kept = keeping.keep([0])
  cpus.set(9, [1])
  keeping.sweep()
  assert.equal(cpus.get(9), [0])
  cpus.set(10, [1])
  kept.undo()
  assert.equal([cpus.get(1), cpus.get(9), cpus.get(10), cpus.get(HOT)], [ALL, ALL, ALL, [1]])
})

test("a thread that somebody else moved afterwards is left alone", () => {
  const { keeping, cpus } = process(1)
  keeping.keep([0])
  cpus.set(1, [3])
  keeping.sweep()
  assert.equal(cpus.get(1), [3])
})

test("a thread with the number of one that has ended is a new thread", () => {
  const { keeping, cpus } = process(1, 2)
  keeping.keep([0])
  cpus.delete(2)
  keeping.sweep()
  cpus.set(2, [1])
  keeping.sweep()
  assert.equal(cpus.get(2), [0])
})

test("a reload wishes anew before the old generation lets go, and the new wish stays", () => {
  const { keeping, cpus } = process(1)
  const old = keeping.keep([0])
  const fresh = keeping.keep([2, 3])
  old.undo()
  assert.equal(cpus.get(1), [2, 3])
  fresh.undo()
  assert.equal(cpus.get(1), ALL)
  old.undo()
  assert.equal(cpus.get(1), ALL)
})

test("threads that cannot be moved are told, unless they have ended", () => {
  const { keeping, immovable, cpus } = process(1, 2)
  immovable.add(2)
  assert.equal(keeping.keep([0]).refusals, ["thread 2 cannot be moved"])
  cpus.delete(2)
  assert.equal(keeping.sweep(), [])
})

test("after the last wish nothing is moved any more", () => {
  const { keeping, cpus, moves } = process(1)
  keeping.keep([0]).undo()
  cpus.set(9, [1])
  const before = moves.length
  keeping.sweep()
  assert.is(moves.length, before)
})

test.run()
