import { test } from "uvu"
import * as assert from "uvu/assert"
import { KeptState } from "../../../core/kernel/kept-state.js"

class Counting {
  constructor(readonly value = 0) {}
}

const COUNTING = { save: ({ value }: Counting) => value, load: (saved: unknown) => new Counting(saved as number) }
const all = (): boolean => true

/** State as it arrives on another thread. */
function moved(state: KeptState): KeptState {
  const other = new KeptState()
  other.receive(structuredClone(state.save(all)))
  return other
}

test("what is made while a generation is prepared counts when that is committed, and not when it is given up", () => {
  const state = new KeptState()
  state.keep("a/engine", "x", 1, false, () => "given up")
  state.abort()
  assert.is(
    state.keep("a/engine", "x", 1, false, () => "committed"),
    "committed",
  )
  state.commit()
  assert.is(
    state.keep("a/engine", "x", 1, false, () => "again"),
    "committed",
  )
  assert.is(
    state.keep("a/engine", "x", 2, false, () => "another version"),
    "another version",
  )
})

test("what a plugin kept that is not in use any more is forgotten, and that of the others is not", () => {
  const state = new KeptState()
  for (const owner of ["a/engine", "a/strategy", "a/engine/engine"]) state.keep(owner, "x", 1, true, () => owner)
  state.forget("a/engine")
  assert.equal(
    state.save(all).map(({ owner }) => owner),
    ["a/strategy", "a/engine/engine"],
  )
  assert.is(
    state.keep("a/engine", "x", 1, false, () => "anew"),
    "anew",
  )
})

test("plain data goes to another thread as it is, and a class by what it saves", () => {
  const state = new KeptState()
  state.keep("a/strategy", "plain", 1, true, () => ({ times: Float64Array.of(1, 2), names: new Set(["x"]) }))
  state.keep("a/strategy", "count", 1, true, () => new Counting(7), COUNTING)
  assert.equal(state.stuck(all), [])
  const other = moved(state)
  const plain = other.keep("a/strategy", "plain", 1, false, () => assert.unreachable() as never)
  assert.equal(plain, { times: Float64Array.of(1, 2), names: new Set(["x"]) })
  const count = other.keep("a/strategy", "count", 1, false, () => new Counting(), COUNTING)
  assert.instance(count, Counting)
  assert.is(count.value, 7)
})

test("how a class is saved is said by the part that is in force, not by the one that made it", () => {
  const state = new KeptState()
  const make = () => new Counting(3)
  const saves = (text: string) => ({ ...COUNTING, save: () => text })
  state.keep("a/engine", "x", 1, true, make, saves("first"))
  const kept = state.keep("a/engine", "x", 1, false, make, saves("second"))
  assert.is(state.save(all)[0].saved, "first")
  state.commit()
  assert.is(state.save(all)[0].saved, "second")
  assert.is(kept.value, 3)
})

test("what came from another thread takes the place of what a part had made before, and another version begins anew", () => {
  const state = new KeptState()
  state.keep("a/engine", "x", 1, true, () => "moved")
  const other = new KeptState()
  other.keep("a/engine", "x", 1, true, () => "made on trial")
  other.receive(state.save(all))
  assert.is(
    other.keep("a/engine", "x", 1, false, () => "made"),
    "moved",
  )
  other.receive(state.save(all))
  assert.is(
    other.keep("a/engine", "x", 2, false, () => "made"),
    "made",
  )
})

test("instances, functions and what holds one cannot go along, and only those who are asked for are named", () => {
  const state = new KeptState()
  const values = {
    class: new Counting(),
    within: { list: [new Counting()] },
    function: () => 1,
    buffer: Buffer.from("x"),
  }
  for (const [key, value] of Object.entries(values)) state.keep("a/engine", key, 1, true, () => value)
  state.keep("a/network", "connection", 1, true, () => new Counting())
  const circle: { self?: unknown } = {}
  circle.self = circle
  state.keep("a/engine", "circle", 1, true, () => circle)
  const stuck = state.stuck((owner) => owner.endsWith("/engine"))
  assert.equal(
    stuck.map(({ key }) => key),
    Object.keys(values),
  )
})

test.run()
