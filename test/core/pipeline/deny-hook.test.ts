import { test } from "uvu"
import * as assert from "uvu/assert"
import { DenyHook } from "../../../core/pipeline/deny-hook.js"

function hookOf(...answers: readonly number[]): { hook: DenyHook<[number]>; asked: number[] } {
  const asked: number[] = []
  const hook = new DenyHook<[number]>(["value"], "test")
  answers.forEach((answer, index) => {
    hook.tap(`tap ${index}`, () => {
      asked.push(index)
      return answer
    })
  })
  return { hook, asked }
}

test("without taps nothing objects", () => {
  assert.is(new DenyHook<[number]>(["value"], "test").call(1), 0)
})

test("0 passes on to the next tap", () => {
  const { hook, asked } = hookOf(0, 0, 0)
  assert.equal([hook.call(1), asked], [0, [0, 1, 2]])
})

test("the first answer other than 0 ends the call and is its result", () => {
  const { hook, asked } = hookOf(0, 7, 8)
  assert.equal([hook.call(1), asked], [7, [0, 1]])
})

test("a single tap that objects is heard", () => {
  assert.is(hookOf(5).hook.call(1), 5)
})

test("taps are given the arguments of the call", () => {
  const hook = new DenyHook<[number]>(["value"], "test")
  hook.tap("odd", (value) => value % 2)
  assert.equal([hook.call(2), hook.call(3)], [0, 1])
})

test("what a tap throws is not swallowed", () => {
  const hook = new DenyHook<[number]>(["value"], "test")
  hook.tap("broken", () => {
    throw new Error("broken")
  })
  assert.throws(() => hook.call(1), "broken")
})

test.run()
