import { test } from "uvu"
import * as assert from "uvu/assert"
import { writeHeaderBefore } from "../../../../plugins/sim-exchange/hot/frame-header.js"

const bytes = new Uint8Array(64)

test("a short payload takes two bytes before it", () => {
  assert.equal(header(125), [0x81, 125])
})

test("from 126 on the length takes two bytes of its own", () => {
  assert.equal(header(126), [0x81, 126, 0, 126])
  assert.equal(header(65_535), [0x81, 126, 0xff, 0xff])
})

test("from 65536 on the length takes eight, whatever was there before", () => {
  assert.equal(header(65_536), [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0])
  assert.equal(header(16_909_060), [0x81, 127, 0, 0, 0, 0, 1, 2, 3, 4])
})

function header(length: number): number[] {
  bytes.fill(0xaa)
  return [...bytes.subarray(writeHeaderBefore(bytes, 32, length), 32)]
}

test.run()
