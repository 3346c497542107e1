import { test } from "uvu"
import * as assert from "uvu/assert"
import { RecordQueue } from "../../../core/hot/record-queue.js"

test("drain hands records out in the order they were pushed, with their bytes", () => {
  const queue = new RecordQueue(1024)
  for (let i = 1; i <= 4; i++) assert.ok(queue.push(i, Uint8Array.of(9, i, i + 1), 1, 2))
  assert.is(queue.count, 4)
  const seen: number[][] = []
  assert.is(
    queue.drain((type, offset, length, views) => {
      seen.push([type, ...views.u8.subarray(offset, offset + length)])
    }),
    4,
  )
  assert.equal(seen, [
    [1, 1, 2],
    [2, 2, 3],
    [3, 3, 4],
    [4, 4, 5],
  ])
  assert.is(queue.count, 0)
})

test("push refuses and counts what does not fit, and takes records again after a drain", () => {
  const queue = new RecordQueue(100)
  assert.is(queue.capacityBytes, 128)
  const bytes = new Uint8Array(1000)
  for (let i = 0; i < 4; i++) assert.ok(queue.push(1, bytes, 0, 24))
  assert.not(queue.push(1, bytes, 0, 24))
  assert.not(queue.push(1, bytes, 0, 1000))
  assert.is(queue.overflows, 2)
  assert.is(queue.count, 4)
  queue.clear()
  assert.is(queue.count, 0)
  for (let i = 0; i < 4; i++) assert.ok(queue.push(1, bytes, 0, 24))
})

test("drain stops at a record that the handler leaves", () => {
  const queue = new RecordQueue(256)
  for (let i = 1; i <= 3; i++) queue.push(i, new Uint8Array(8), 0, 8)
  assert.is(
    queue.drain((type) => type < 2),
    1,
  )
  assert.is(queue.count, 2)
})

test("records that are pushed while draining wait for the next drain", () => {
  const queue = new RecordQueue(256)
  queue.push(1, new Uint8Array(8), 0, 8)
  const again = (type: number, offset: number, length: number, views: { u8: Uint8Array }) => {
    queue.push(type + 1, views.u8, offset, length)
  }
  assert.is(queue.drain(again), 1)
  assert.is(queue.count, 1)
  assert.is(
    queue.drain((type) => {
      assert.is(type, 2)
    }),
    1,
  )
})

test("a handler that throws leaves the count of what still waits right", () => {
  const queue = new RecordQueue(256)
  for (let i = 1; i <= 3; i++) queue.push(i, new Uint8Array(8), 0, 8)
  assert.throws(() =>
    queue.drain((type) => {
      if (type === 2) throw new Error("bad record")
    }),
  )
  assert.is(queue.count, 1)
  assert.is(
    queue.drain((type) => {
      assert.is(type, 3)
    }),
    1,
  )
})

test.run()
