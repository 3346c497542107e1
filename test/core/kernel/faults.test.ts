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

test("another failure at the same place is told, however often the first one came", () => {
  const faults = new Faults()
  for (let count = 0; count < 5; count += 1) faults.add("mine", "control, a timer", "late")
  assert.is(faults.add("mine", "control, a timer", "odd"), 1)
  assert.is(faults.get("mine"), "control, a timer: odd")
})

test("failures that are always others are forgotten in time", () => {
  const faults = new Faults()
  const word = (count: number): string => String.fromCharCode(0x4e00 + count)
  for (let count = 0; count < 100; count += 1) faults.add("mine", "control, a timer", word(count))
  assert.is(faults.add("mine", "control, a timer", word(99)), undefined)
  assert.is(faults.add("mine", "control, a timer", word(0)), 1, "it counts as a new one")
})

test("a plugin that is made anew has not failed, and is told of from the start", () => {
  const faults = new Faults()
  faults.add("mine", "control, a timer", "late")
  faults.delete("mine")
  assert.is(faults.get("mine"), undefined)
  assert.is(faults.add("mine", "control, a timer", "late"), 1)
})

test.run()
