import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { startExchange } from "../../../../plugins/sim-exchange/io/exchange.js"
import { maskedFrame } from "../support.js"

/** A client that speaks in bytes, and keeps what it hears. */
interface RawClient {
  readonly socket: Socket
  heard(text: string): Promise<void>
  text(): string
}

async function withClient(run: (client: RawClient) => Promise<void>): Promise<void> {
  const exchange = await startExchange({ events_per_second: 0 })
  const socket = connect(exchange.port, exchange.host)
  try {
    await run(await upgraded(socket))
  } finally {
    socket.destroy()
    await exchange.close()
  }
}

async function upgraded(socket: Socket): Promise<RawClient> {
  let text = ""
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1")
  })
  const heard = async (part: string) => {
    while (!text.includes(part)) await once(socket, "data")
  }
  socket.setNoDelay(true)
  socket.write(
    "GET /ws-api/v3?returnRateLimits=false HTTP/1.1\r\nHost: exchange\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  )
  await heard("\r\n\r\n")
  return { socket, heard, text: () => text }
}

const ping = (id: string) => `{"id":"${id}","method":"ping"}`
const pong = (id: string) => `{"id":"${id}","status":200,"result":{}}`

test("requests that come in one read are answered in their order, in one piece", async () => {
  await withClient(async ({ socket, heard, text }) => {
    socket.write(Buffer.concat(["a", "b", "c"].map((id) => maskedFrame(0x81, ping(id)))))
    await heard(pong("c"))
    assert.ok(text().indexOf(pong("a")) < text().indexOf(pong("b")))
    assert.ok(text().indexOf(pong("b")) < text().indexOf(pong("c")))
  })
})

test("a request that comes byte by byte is answered, and so is the one behind it", async () => {
  await withClient(async ({ socket, heard }) => {
    for (const byte of maskedFrame(0x81, ping("slow"))) {
      socket.write(Buffer.of(byte))
      await new Promise(setImmediate)
    }
    await heard(pong("slow"))
    socket.write(maskedFrame(0x81, ping("next")))
    await heard(pong("next"))
  })
})

test("pings, fragments, other characters and long requests are served between short requests", async () => {
  await withClient(async ({ socket, heard }) => {
    const frames = [
      maskedFrame(0x81, ping("1")),
      maskedFrame(0x89, "are you there"),
      maskedFrame(0x81, ping("2")),
      maskedFrame(0x81, ping("größe")),
      maskedFrame(0x01, ping("3").slice(0, 10)),
      maskedFrame(0x80, ping("3").slice(10)),
      maskedFrame(0x81, ping("4".repeat(6000))),
      maskedFrame(0x81, ping("5")),
    ]
    socket.write(Buffer.concat(frames))
    await heard("\x8a\x0dare you there")
    await heard(pong("1"))
    await heard(pong("2"))
    await heard(Buffer.from(pong("größe")).toString("latin1"))
    await heard(pong("3"))
    await heard(pong("4".repeat(6000)))
    await heard(pong("5"))
  })
})

test("what came before a close frame or a breach of the protocol is answered first, what is behind never", async () => {
  const normalClosure = "\x88\x02\x03\xe8"
  const protocolError = "\x88\x02\x03\xea"
  const ends: [Buffer, string][] = [
    [maskedFrame(0x88, "\x03\xe8"), normalClosure],
    [maskedFrame(0x83, ""), protocolError],
    [Buffer.from([0x81, 2, 0x7b, 0x7d]), protocolError],
  ]
  for (const before of [ping("before"), ping("größer")]) {
    for (const [end, goodbye] of ends) {
      await withClient(async ({ socket, heard, text }) => {
        socket.write(Buffer.concat([maskedFrame(0x81, before), end, maskedFrame(0x81, ping("behind"))]))
        await heard(goodbye)
        await new Promise(setImmediate)
        assert.ok(text().indexOf('"status":200') < text().indexOf(goodbye))
        assert.ok(text().includes('"status":200'))
        assert.ok(text().endsWith(goodbye))
      })
    }
  }
})

test.run()
