import { randomFillSync } from "node:crypto"
import { test } from "uvu"
import * as assert from "uvu/assert"
import * as ws from "ws"
import {
  CloseCode,
  FrameReader,
  type FrameSink,
  FrameWriter,
  MaskPool,
  mask,
  Opcode,
} from "../../../core/hot/websocket.js"
import { bytesPerCall, NO_ALLOCATION } from "../../support/allocation.js"
import { below, seededRandom } from "../../support/random.js"

// The package `ws` is the peer: what it understands and writes is what servers understand and write.
const { Receiver, Sender } = ws as unknown as { Receiver: PeerReceiver; Sender: PeerSender }

test("FrameWriter writes text frames of every length class that a server reads back", async () => {
  const random = seededRandom(1)
  const writer = newWriter()
  const texts: string[] = []
  for (const length of [0, 1, 2, 3, 124, 125, 126, 127, 1000, 65_535, 65_536, 200_000]) texts.push(text(random, length))
  for (let i = 0; i < 200; i++) texts.push(text(random, below(random, 400)))
  for (const message of texts) {
    // The claim is often larger than the message, as an encoder's is.
    append(writer, message, below(random, 3) * below(random, 200))
  }
  assert.equal(await receivedByServer(writer.bytes.slice(0, writer.length)), texts)
})

test("FrameWriter masks every frame with a key of the pool, and no two neighbours with the same", () => {
  const writer = new FrameWriter(new MaskPool(Int32Array.of(0x01020304, 0x11121314)))
  append(writer, "a")
  append(writer, "a")
  const frame = [...writer.bytes.slice(0, writer.length)]
  assert.equal(frame, [0x81, 0x81, 0x14, 0x13, 0x12, 0x11, 0x61 ^ 0x14, 0x81, 0x81, 4, 3, 2, 1, 0x61 ^ 4])
})

test("FrameWriter refuses what would make its buffer too large, and works on", async () => {
  const writer = newWriter()
  assert.is(writer.claim(64 * 1024 * 1024), -1)
  append(writer, "still here")
  assert.equal(await receivedByServer(writer.bytes.slice(0, writer.length)), ["still here"])
})

test("mask equals the byte by byte definition at every offset and length", () => {
  const random = seededRandom(2)
  for (let round = 0; round < 300; round++) {
    const bytes = new Uint8Array(64)
    for (let i = 0; i < bytes.length; i++) bytes[i] = below(random, 256)
    const offset = below(random, 20)
    const length = below(random, 40)
    const key = below(random, 2 ** 32) | 0
    const expected = bytes.slice()
    for (let i = 0; i < length; i++) expected[offset + i] ^= (key >>> (8 * (i & 3))) & 0xff
    mask(bytes, new Int32Array(bytes.buffer), offset, length, key)
    assert.equal(bytes, expected)
  }
})

test("FrameReader hands over what a server sends, however reads cut it", () => {
  const random = seededRandom(3)
  for (let round = 0; round < 30; round++) {
    const messages: string[] = []
    const stream = serverStream(random, messages)
    const collector = new Collector()
    const reader = new FrameReader(collector)
    const longestRead = 1 + below(random, round % 3 === 0 ? 5 : 3000)
    for (let start = 0; start < stream.length; ) {
      const end = Math.min(stream.length, start + 1 + below(random, longestRead))
      assert.is(reader.push(stream, start, end), 0)
      start = end
    }
    assert.equal(collector.messages, messages)
    assert.is(collector.pings, collector.expectedPings(messages.length))
  }
})

test("FrameReader hands a whole message over without copying it", () => {
  const collector = new Collector()
  const stream = Buffer.concat([serverFrame("one"), serverFrame("two")])
  new FrameReader(collector).push(stream, 0, stream.length)
  assert.ok(collector.buffers.every((buffer) => buffer === stream))
})

test("FrameReader answers each breach of the protocol with its close code", () => {
  const breaches: [string, number[], number][] = [
    ["reserved bit", [0xc1, 0], CloseCode.ProtocolError],
    ["masked", [0x81, 0x80, 0, 0, 0, 0], CloseCode.ProtocolError],
    ["unknown data opcode", [0x83, 0], CloseCode.ProtocolError],
    ["unknown control opcode", [0x8b, 0], CloseCode.ProtocolError],
    ["fragmented ping", [0x09, 0], CloseCode.ProtocolError],
    ["long ping", [0x89, 126, 0, 126], CloseCode.ProtocolError],
    ["continuation of nothing", [0x80, 0], CloseCode.ProtocolError],
    ["text within fragments", [0x01, 0, 0x81, 0], CloseCode.ProtocolError],
    ["close with half a code", [0x88, 1, 3], CloseCode.ProtocolError],
    ["endless message", [0x82, 127, 1, 0, 0, 0, 0, 0, 0, 0], CloseCode.MessageTooBig],
  ]
  for (const [name, bytes, code] of breaches) {
    assert.is(new FrameReader(new Collector()).push(Uint8Array.from(bytes), 0, bytes.length), code, name)
    const byteByByte = new FrameReader(new Collector())
    let failure = 0
    for (let i = 0; i < bytes.length && failure === 0; i++) failure = byteByByte.push(Uint8Array.from(bytes), i, i + 1)
    assert.is(failure, code, `${name}, byte by byte`)
  }
})

test("FrameReader reports the code of a close frame and takes nothing behind it", () => {
  const collector = new Collector()
  const stream = Buffer.concat([Buffer.from([0x88, 2, 0x03, 0xe9]), serverFrame("late")])
  assert.is(new FrameReader(collector).push(stream, 0, stream.length), 0)
  assert.equal(collector.closes, [CloseCode.GoingAway])
  assert.equal(collector.messages, [])
})

test("FrameReader stops within a read when its owner says so", () => {
  const collector = new Collector()
  const reader = new FrameReader(collector)
  collector.afterMessage = () => reader.stop()
  const stream = Buffer.concat([serverFrame("one"), serverFrame("two")])
  reader.push(stream, 0, stream.length)
  assert.equal(collector.messages, ["one"])
})

test("FrameReader never throws and never reads outside of what it was given, whatever the bytes", () => {
  const random = seededRandom(4)
  for (let round = 0; round < 3000; round++) {
    const noise = new Uint8Array(1 + below(random, 60))
    for (let i = 0; i < noise.length; i++) noise[i] = below(random, 4) === 0 ? 0x81 : below(random, 256)
    const collector = new Collector()
    const reader = new FrameReader(collector)
    const cut = below(random, noise.length)
    const failure = reader.push(noise, 0, cut) || reader.push(noise, cut, noise.length)
    assert.ok(failure === 0 || failure === CloseCode.ProtocolError || failure === CloseCode.MessageTooBig)
    assert.ok(collector.farthest <= noise.length || collector.buffers.some((buffer) => buffer !== noise))
  }
})

test("reading whole frames and writing frames allocates nothing", () => {
  const stream = Buffer.concat([serverFrame("x".repeat(225)), serverFrame("y".repeat(60))])
  let received = 0
  const reader = new FrameReader({
    onMessage: (_bytes, _offset, length) => {
      received += length
    },
    onPing() {},
    onPong() {},
    onClose() {},
  })
  const readBytes = bytesPerCall(() => reader.push(stream, 0, stream.length))
  assert.ok(received > 1_000_000)
  assert.ok(readBytes < NO_ALLOCATION, `${readBytes} bytes a read`)

  const writer = newWriter()
  const writeBytes = bytesPerCall(() => {
    writer.claim(2048)
    writer.commit(350)
    writer.clear()
  })
  assert.ok(writeBytes < NO_ALLOCATION, `${writeBytes} bytes a frame`)
})

test.run()

interface PeerReceiver {
  new (options: { isServer: boolean }): NodeJS.WritableStream
}
interface PeerSender {
  frame(data: Buffer, options: object): Buffer[]
}

class Collector implements FrameSink {
  messages: string[] = []
  buffers: Uint8Array[] = []
  closes: number[] = []
  pings = 0
  farthest = 0
  afterMessage: () => void = () => {}
  onMessage(bytes: Uint8Array, offset: number, length: number): void {
    this.messages.push(Buffer.from(bytes.subarray(offset, offset + length)).toString())
    this.buffers.push(bytes)
    this.farthest = Math.max(this.farthest, offset + length)
    this.afterMessage()
  }
  onPing(bytes: Uint8Array, offset: number, length: number): void {
    if (Buffer.from(bytes.subarray(offset, offset + length)).toString() === PING) this.pings++
  }
  onPong(): void {}
  onClose(code: number): void {
    this.closes.push(code)
  }
  expectedPings(messages: number): number {
    return messages
  }
}

const PING = "are you there"

function newWriter(): FrameWriter {
  return new FrameWriter(new MaskPool(randomFillSync(new Int32Array(64))))
}

function append(writer: FrameWriter, message: string, spare = 0): void {
  const bytes = Buffer.from(message)
  const at = writer.claim(bytes.length + spare)
  writer.bytes.set(bytes, at)
  writer.commit(bytes.length, Opcode.Text)
}

function text(random: () => number, length: number): string {
  let result = ""
  for (let i = 0; i < length; i++) result += String.fromCharCode(0x20 + below(random, 0x5e))
  return result
}

/** One ping and one message, whole or in fragments, each time. */
function serverStream(random: () => number, messages: string[]): Uint8Array {
  const parts: Buffer[] = []
  for (let i = 0; i < 40; i++) {
    const message = text(random, below(random, 10) === 0 ? 60_000 + below(random, 100_000) : below(random, 500))
    messages.push(message)
    const cuts = below(random, 3)
    let rest = Buffer.from(message)
    for (let cut = 0; cut < cuts; cut++) {
      const length = below(random, rest.length + 1)
      parts.push(...frame(rest.subarray(0, length), cut === 0 ? Opcode.Text : Opcode.Continuation, false))
      rest = rest.subarray(length)
      if (cut === 0) parts.push(...frame(Buffer.from(PING), Opcode.Ping, true))
    }
    parts.push(...frame(rest, cuts === 0 ? Opcode.Text : Opcode.Continuation, true))
    if (cuts === 0) parts.push(...frame(Buffer.from(PING), Opcode.Ping, true))
  }
  return Buffer.concat(parts)
}

function serverFrame(message: string): Buffer {
  return Buffer.concat(frame(Buffer.from(message), Opcode.Text, true))
}

function frame(data: Buffer, opcode: number, fin: boolean): Buffer[] {
  return Sender.frame(data, { opcode, fin, mask: false, rsv1: false, readOnly: true })
}

function receivedByServer(bytes: Uint8Array): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const received: string[] = []
    const receiver = new Receiver({ isServer: true })
    receiver.on("message", (data: Buffer) => received.push(data.toString()))
    receiver.on("error", reject)
    receiver.on("finish", () => resolve(received))
    receiver.end(Buffer.from(bytes))
  })
}
