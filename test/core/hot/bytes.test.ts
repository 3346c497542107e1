import { test } from "uvu"
import * as assert from "uvu/assert"
import { asciiBytes, copyBytes, equalBytes, hashBytes, readAscii, writeAscii } from "../../../core/hot/bytes.js"

test("writeAscii and readAscii give back the text", () => {
  const bytes = new Uint8Array(16)
  assert.is(writeAscii("veloz-1", bytes, 3), 7)
  assert.is(readAscii(bytes, 3, 7), "veloz-1")
  assert.is(readAscii(bytes, 3, 0), "")
})

test("writeAscii refuses text that is not ASCII", () => {
  assert.is(writeAscii("é", new Uint8Array(8), 0), -1)
})

test("equalBytes compares ranges, copyBytes copies one", () => {
  const from = asciiBytes("..order-1..")
  const to = new Uint8Array(20)
  copyBytes(from, 2, to, 5, 7)
  assert.ok(equalBytes(from, 2, to, 5, 7))
  assert.not(equalBytes(from, 1, to, 5, 7))
  assert.equal([to[4], to[12]], [0, 0])
})

test("hashBytes spreads ids that differ only in their last digits over all low bits", () => {
  const buckets = new Map<number, number>()
  for (let i = 0; i < 4096; i++) {
    const id = asciiBytes(`veloz-1-${String(i).padStart(8, "0")}`)
    const bucket = hashBytes(id, 0, id.length) & 1023
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1)
  }
  // 4 a bucket in the mean; by chance one of 1,024 has more than 16 once in many thousand such sets.
  assert.ok(Math.max(...buckets.values()) <= 16)
  assert.ok(buckets.size > 900)
})

test("hashBytes depends on the range alone, not on where it lies", () => {
  const bytes = asciiBytes("abcabc")
  assert.is(hashBytes(bytes, 0, 3), hashBytes(bytes, 3, 3))
  assert.is.not(hashBytes(bytes, 0, 3), hashBytes(bytes, 1, 3))
})

test.run()
