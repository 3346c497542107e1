import { test } from "uvu"
import * as assert from "uvu/assert"
import { bytesPerCall, NO_ALLOCATION } from "./allocation.js"

let kept: unknown

test("an object a call is seen with its size", () => {
  const bytes = bytesPerCall((i) => {
    kept = { i }
  })
  assert.ok(bytes > 20 && bytes < 200, `${bytes}`)
})

test("a boxed double a call is seen", () => {
  const bytes = bytesPerCall((i) => {
    kept = i + 0.5
  })
  assert.ok(bytes >= 10 && bytes < 40, `${bytes}`)
})

test("an allocation in one call of ten is seen", () => {
  const bytes = bytesPerCall((i) => {
    if (i % 10 === 0) kept = new Float64Array(4)
  })
  assert.ok(bytes > NO_ALLOCATION * 4, `${bytes}`)
})

test("large buffers, which live outside the young generation, are seen", () => {
  const bytes = bytesPerCall(
    (i) => {
      kept = new Array(500).fill(i)
    },
    { blockCalls: 50 },
  )
  assert.ok(bytes > 3_000, `${bytes}`)
})

test("work on typed arrays is seen to allocate nothing", () => {
  const values = new Float64Array(64)
  const bytes = bytesPerCall((i) => {
    values[i & 63] = values[(i + 1) & 63] + i * 1e9
  })
  assert.ok(bytes < NO_ALLOCATION, `${bytes}`)
})

test.after(() => assert.is.not(kept, undefined))

test.run()
