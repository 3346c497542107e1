import { test } from "uvu"
import * as assert from "uvu/assert"
import { ThreadPins } from "../../../core/threads/thread-pins.js"

/** One thread on a machine with CPUs 0 to 3. */
function machine() {
  let cpus: readonly number[] = [0, 1, 2, 3]
  const pins = new ThreadPins({
    readAffinity: () => [...cpus],
    pinThread: (_tid, wanted) => {
      if (wanted.every((cpu) => cpu > 3)) return { cpus, reason: "none is present" }
      cpus = wanted.filter((cpu) => cpu <= 3)
      return cpus.length === wanted.length ? { cpus } : { cpus, reason: "one is absent" }
    },
  })
  return { pins, cpus: () => cpus }
}

test("a pin holds until it is undone, and then the thread is where it was", () => {
  const { pins, cpus } = machine()
  const pin = pins.pin(7, [1])
  assert.equal([pin.cpus, pin.reason, cpus()], [[1], undefined, [1]])
  pin.undo()
  assert.equal(cpus(), [0, 1, 2, 3])
})

test("a reload pins anew before the old generation lets go, and the new pin stays", () => {
  const { pins, cpus } = machine()
  const old = pins.pin(7, [1])
  const fresh = pins.pin(7, [2])
  old.undo()
  assert.equal(cpus(), [2])
  fresh.undo()
  assert.equal(cpus(), [0, 1, 2, 3])
})

test("a generation that is given up leaves the old pin in force", () => {
  const { pins, cpus } = machine()
  pins.pin(7, [1])
  pins.pin(7, [2]).undo()
  assert.equal(cpus(), [1])
})

test("a list that is refused, in whole or in part, changes nothing", () => {
  const { pins, cpus } = machine()
  const pin = pins.pin(7, [1])
  for (const list of [[9], [2, 9]]) {
    const refused = pins.pin(7, list)
    assert.ok(refused.reason)
    refused.undo()
    assert.equal(cpus(), [1], `${list}`)
  }
  pin.undo()
  assert.equal(cpus(), [0, 1, 2, 3])
})

test("undoing twice is harmless", () => {
  const { pins, cpus } = machine()
  const old = pins.pin(7, [1])
  pins.pin(7, [2])
  old.undo()
  old.undo()
  assert.equal(cpus(), [2])
})

test.run()
