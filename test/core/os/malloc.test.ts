import { test } from "uvu"
import * as assert from "uvu/assert"
import { MallocReader } from "../../../core/os/malloc.js"
import { testUnless } from "../../support/skip.js"

const READING = { arenaBytes: 4, usedBytes: 3, freeBytes: 1, mappedBytes: 2 }
const whereTold = testUnless(
  new MallocReader().read() === undefined ? "this C library has no mallinfo2 (glibc 2.33 and newer)" : undefined,
)

test("the allocator is asked at most every ten seconds, and the answer says how old it is", () => {
  let [asked, nowMs] = [0, 1000]
  const ask = () => ({ ...READING, usedBytes: (asked += 1) })
  const reader = new MallocReader(ask, () => nowMs)
  assert.equal(reader.read(), { ...READING, usedBytes: 1, ageMs: 0 })
  nowMs += 9_999
  assert.equal(reader.read(), { ...READING, usedBytes: 1, ageMs: 9_999 })
  nowMs += 1
  assert.equal(reader.read(), { ...READING, usedBytes: 2, ageMs: 0 })
})

whereTold("what is used and what is free make up the arenas", () => {
  const { arenaBytes, usedBytes, freeBytes } = new MallocReader().read()!
  assert.ok(usedBytes > 0)
  assert.ok(Math.abs(arenaBytes - usedBytes - freeBytes) < arenaBytes / 10, `${arenaBytes} ${usedBytes} ${freeBytes}`)
})

test.run()
