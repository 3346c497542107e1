import { test } from "uvu"
import * as assert from "uvu/assert"
import { ClientFrames, FrameKind, LONGEST_PAYLOAD } from "../../../../plugins/sim-exchange/hot/client-frames.js"
import { below, seededRandom } from "../../../support/random.js"
import { maskedFrame } from "../support.js"

test("a whole masked ASCII text is unmasked in place, behind whatever stands before it", () => {
  for (const length of [0, 1, 3, 4, 5, 125, 126, 127, 1000, LONGEST_PAYLOAD]) {
    const text = "order".repeat(LONGEST_PAYLOAD).slice(0, length)
    const bytes = Buffer.concat([Buffer.from("xyz"), maskedFrame(0x81, text), maskedFrame(0x81, "next")])
    const frames = new ClientFrames()
    assert.is(frames.read(bytes, 3, bytes.length), FrameKind.Text)
    assert.is(bytes.toString("latin1", frames.textStart, frames.end), text)
    assert.is(frames.read(bytes, frames.end, bytes.length), FrameKind.Text)
    assert.is(bytes.toString("latin1", frames.textStart, frames.end), "next")
    assert.is(frames.end, bytes.length)
  }
})

test("a frame that has not come whole is partial, and untouched", () => {
  for (const length of [2, 300]) {
    const whole = maskedFrame(0x81, "z".repeat(length))
    for (let limit = 0; limit < whole.length; limit++) {
      const bytes = Buffer.from(whole)
      assert.is(new ClientFrames().read(bytes, 0, limit), FrameKind.Partial)
      assert.equal(bytes, whole)
    }
  }
})

test("control frames are found, and stay masked", () => {
  for (const first of [0x88, 0x89, 0x8a]) {
    const bytes = maskedFrame(first, "payload")
    const before = Buffer.from(bytes)
    const frames = new ClientFrames()
    assert.is(frames.read(bytes, 0, bytes.length), FrameKind.Control)
    assert.is(frames.end, bytes.length)
    assert.equal(bytes, before)
  }
})

test("whatever is not a short ASCII message is left as it came", () => {
  const unmasked = Buffer.from([0x81, 2, 0x7b, 0x7d, 0, 0, 0, 0])
  const others: [string, Buffer][] = [
    ["a fragment", maskedFrame(0x01, "{}")],
    ["a continuation", maskedFrame(0x80, "{}")],
    ["binary data", maskedFrame(0x82, "{}")],
    ["a reserved bit", maskedFrame(0xc1, "{}")],
    ["an unknown opcode", maskedFrame(0x8b, "{}")],
    ["a fragmented ping", maskedFrame(0x09, "{}")],
    ["a ping that is too long", maskedFrame(0x89, "p".repeat(126))],
    ["other characters", maskedFrame(0x81, "größer")],
    ["a long message", maskedFrame(0x81, "l".repeat(LONGEST_PAYLOAD + 1))],
    ["a very long message", maskedFrame(0x81, "l".repeat(70_000))],
    ["no mask", unmasked],
  ]
  for (const [name, bytes] of others) {
    const before = Buffer.from(bytes)
    assert.is(new ClientFrames().read(bytes, 0, bytes.length), FrameKind.Other, name)
    assert.equal(bytes, before, name)
  }
})

test("hostile bytes never move it outside of what it was given", () => {
  const random = seededRandom(11)
  const frames = new ClientFrames()
  for (let i = 0; i < 20_000; i++) {
    const bytes = Buffer.from(Array.from({ length: below(random, 40) }, () => below(random, 256)))
    if (bytes.length > 1 && below(random, 2) === 0) bytes[0] = 0x81
    const start = below(random, bytes.length + 1)
    const kind = frames.read(bytes, start, bytes.length)
    if (kind !== FrameKind.Text && kind !== FrameKind.Control) continue
    assert.ok(frames.textStart > start && frames.textStart <= frames.end && frames.end <= bytes.length)
  }
})

test.run()
