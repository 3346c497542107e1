import { test } from "uvu"
import * as assert from "uvu/assert"
import { Faults } from "../../../core/kernel/faults.js"

test("what fails again and again is worth telling the first time, and with each tenfold", () => {
  const faults = new Faults()
  const told: number[] = []
  for (let count = 1; count <= 1500; count += 1) {
    const worth = faults.add("mine", "control, a message", `message ${count}`)
    if (worth !== undefined) told.push(worth)
  }
  assert.equal(told, [1, 10, 100, 1000])
  assert.is(faults.get("mine"), "control, a message: message 1500 (1500 times)")
})

test("each place and each plugin is counted for itself, and the newest is shown", () => {
  const faults = new Faults()
  assert.is(faults.add("mine", "control, a timer", "late"), 1)
  assert.is(faults.add("mine", "control, a message", "odd"), 1)
  assert.is(faults.add("other", "control, a timer", "late"), 1)
  assert.is(faults.get("mine"), "control, a message: odd")
  assert.is(faults.add("mine", "control, a timer", "late"), undefined)
  assert.is(faults.get("mine"), "control, a timer: late (2 times)")
})

test("a plugin that is made anew has not failed, and is told of from the start", () => {
  const faults = new Faults()
  faults.add("mine", "control, a timer", "late")
  faults.delete("mine")
  assert.is(faults.get("mine"), undefined)
  assert.is(faults.add("mine", "control, a timer", "late"), 1)
})

test.run()
