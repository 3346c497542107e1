import { once } from "node:events"
import https from "node:https"
import { createServer, type Server, type Socket } from "node:net"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { type WebSocket, WebSocketServer } from "ws"
import { SystemClock } from "../../../core/hot/clock.js"
import type { ConnectionOptions } from "../../../core/io/transport.js"
import type { ConnectionTimers } from "../../../core/io/websocket-connection.js"
import { WebSocketTransport } from "../../../core/io/websocket-transport.js"
import { bytesPerCall, NO_ALLOCATION } from "../../support/allocation.js"
import { selfSigned } from "../../support/certificate.js"
import { below, seededRandom } from "../../support/random.js"
import { until } from "../../support/until.js"

test("a connection opens, and messages of any size come and go", async () => {
  await withPeer(async (peer) => {
    peer.server.on("connection", (socket) => socket.on("message", (data) => socket.send(data.toString())))
    const random = seededRandom(7)
    const sent = Array.from({ length: 200 }, () => "x".repeat(below(random, 10) === 0 ? 90_000 : below(random, 400)))
    const received: string[] = []
    const client = await peer.open("a")
    client.onText = (text) => received.push(text)
    for (const text of sent) assert.ok(client.connection.sendText(text))
    await until(() => received.length === sent.length)
    assert.equal(received, sent)
  })
})

test("many appended messages leave in one flush, in order", async () => {
  await withPeer(async (peer) => {
    const received: string[] = []
    peer.server.on("connection", (socket) => socket.on("message", (data) => received.push(data.toString())))
    const { connection } = await peer.open("a")
    for (let i = 0; i < 500; i++) {
      const text = Buffer.from(`message ${i}`)
      const at = connection.claim(200)
      connection.out.set(text, at)
      connection.commit(text.length)
    }
    assert.ok(connection.flush())
    await until(() => received.length === 500)
    assert.equal(
      received,
      Array.from({ length: 500 }, (_, i) => `message ${i}`),
    )
  })
})

test("nothing is lost or mixed when the peer reads slowly", async () => {
  await withPeer(async (peer) => {
    const received: string[] = []
    peer.server.on("connection", (socket) => {
      socket.on("message", (data) => received.push(data.toString()))
      socket.pause()
      setTimeout(() => socket.resume(), 100)
    })
    const { connection } = await peer.open("a")
    // More than the socket buffers of the kernel hold, and less than what the transport queues.
    const sent = Array.from({ length: 120 }, (_, i) => `${i}:`.padEnd(60_000, "."))
    for (const text of sent) connection.sendText(text)
    await until(() => received.length === sent.length)
    assert.equal(received, sent)
  })
})

test("what takes long with each message does not keep the other events of the thread out", async () => {
  await withPeer(async (peer) => {
    const client = await peer.open("a")
    let messages = 0
    client.onText = () => {
      messages += 1
      for (const endMs = performance.now() + 0.5; performance.now() < endMs; );
    }
    // Many times what one read takes: seconds of work that lie ready.
    for (let i = 0; i < 10_000; i++) peer.sockets[0].send("x".repeat(100))
    await until(() => messages > 0)
    const startedMs = performance.now()
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    const tookMs = performance.now() - startedMs
    assert.ok(messages < 10_000, "there is more to read")
    assert.ok(tookMs < 2_000, `the next events came after ${Math.round(tookMs)} ms`)
  })
})

test("a ping is answered with the same payload", async () => {
  await withPeer(async (peer) => {
    const pongs: string[] = []
    peer.server.on("connection", (socket) => {
      socket.on("pong", (data) => pongs.push(data.toString()))
      socket.ping("1723161255208")
    })
    await peer.open("a")
    await until(() => pongs.length === 1)
    assert.equal(pongs, ["1723161255208"])
  })
})

test("a lost connection is opened again, and its handlers hear of both", async () => {
  await withPeer(async (peer) => {
    const client = await peer.open("a")
    peer.sockets[0].terminate()
    await until(() => client.opens === 2)
    assert.is(client.closes.length, 1)
    assert.ok(client.connection.isOpen)
  })
})

test("a close frame of the peer is answered, told, and followed by a new connection", async () => {
  await withPeer(async (peer) => {
    const codes: number[] = []
    peer.server.on("connection", (socket) => socket.on("close", (code) => codes.push(code)))
    const client = await peer.open("a")
    peer.sockets[0].close(1001, "shutting down")
    await until(() => client.opens === 2 && codes.length > 0)
    assert.match(client.closes[0], /1001/)
    assert.equal(codes, [1001])
  })
})

test("while a connection is away nothing can be claimed or flushed", async () => {
  await withPeer(async (peer) => {
    const client = await peer.open("a", { backoff: { minMs: 60_000, maxMs: 60_000 } })
    client.connection.reconnect("on purpose")
    assert.is(client.connection.claim(10), -1)
    assert.not(client.connection.flush())
    assert.not(client.connection.sendText("lost"))
    assert.equal(client.closes, ["on purpose"])
  })
})

test("waits between attempts double up to their limit, and half of each is left to chance", () => {
  const timers = new ManualTimers()
  const transport = new WebSocketTransport({ clock: new SystemClock(), random: () => 0.5, timers })
  // Nobody listens on port 1; each attempt is ended by the connect timeout that the test fires.
  openOn(transport, { url: "ws://127.0.0.1:1/", backoff: { minMs: 100, maxMs: 1000 } })
  const waits: number[] = []
  for (let attempt = 0; attempt < 6; attempt++) {
    timers.fireLast()
    waits.push(timers.lastDelayMs())
    timers.fireLast()
  }
  transport.close()
  assert.equal(waits, [75, 150, 300, 600, 750, 750])
})

test("a silent connection is pinged once, and dropped when that brings nothing", async () => {
  const silent = createServer((socket) => upgradeByHand(socket))
  const port = await listening(silent)
  const timers = new ManualTimers()
  const transport = new WebSocketTransport({ clock: new SystemClock(), timers, livenessMs: 1000 })
  const client = openOn(transport, { url: `ws://127.0.0.1:${port}/` })
  await until(() => client.opens === 1)
  timers.fireLast()
  assert.ok(client.connection.isOpen)
  timers.fireLast()
  assert.not(client.connection.isOpen)
  assert.match(client.closes[0], /nothing was received for 2000 ms/)
  transport.close()
  silent.close()
})

test("a server that is no WebSocket server, or proves nothing, is refused", async () => {
  const answers = [
    "HTTP/1.1 403 Forbidden\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
    "x".repeat(20_000),
  ]
  for (const answer of answers) {
    const server = createServer((socket) => {
      socket.on("error", () => {})
      socket.on("data", () => socket.write(answer))
    })
    const port = await listening(server)
    const timers = new ManualTimers()
    const transport = new WebSocketTransport({ clock: new SystemClock(), timers })
    const client = openOn(transport, { url: `ws://127.0.0.1:${port}/`, backoff: { minMs: 5, maxMs: 5 } })
    // The connect timeout is replaced by a wait as soon as the answer is refused.
    await until(() => timers.lastDelayMs() <= 5)
    assert.is(client.opens, 0)
    assert.equal([client.failures.length, client.closes.length], [1, 0])
    transport.close()
    server.close()
  }
})

test("the next generation takes an open connection over, and its handlers are called from the cut on", async () => {
  await withPeer(async (peer) => {
    const old = await peer.open("a")
    const next = peer.transport.prepare("venue")
    const client = new Client()
    client.connection = next.open({ key: "a", url: peer.url, ...client.handlers() })
    assert.ok(client.connection.isOpen)
    peer.sockets[0].send("before")
    await until(() => old.texts.length === 1)
    next.activate()
    peer.sockets[0].send("after")
    await until(() => client.texts.length === 1)
    assert.equal([old.texts, client.texts, client.opens], [["before"], ["after"], 0])
    assert.is(peer.sockets.length, 1)
  })
})

test("a generation that is discarded leaves no trace, one that is activated closes what it did not ask for", async () => {
  await withPeer(async (peer) => {
    const old = await peer.open("a")
    const failed = peer.transport.prepare("venue")
    failed.open({ key: "b", url: peer.url, onFrame() {} })
    failed.discard()
    assert.ok(old.connection.isOpen)
    assert.is([...peer.transport.connections()].length, 1)

    const next = peer.transport.prepare("venue")
    const client = new Client()
    client.connection = next.open({ key: "b", url: peer.url, ...client.handlers() })
    next.activate()
    await until(() => client.opens === 1)
    assert.not(old.connection.isOpen)
    assert.equal(
      [...peer.transport.connections()].map((connection) => connection.key),
      ["b"],
    )
  })
})

test("appending and flushing a message allocates nothing", async () => {
  if (process.platform !== "linux") return
  await withPeer(async (peer) => {
    let received = 0
    peer.server.on("connection", (socket) => socket.on("message", () => received++))
    const { connection } = await peer.open("a")
    let sent = 0
    const send = (): void => {
      const at = connection.claim(200)
      connection.out.fill(0x78, at, at + 40)
      connection.commit(40)
      connection.flush()
      sent++
    }
    // A full socket would make copies wait, so the peer, which is on this thread too, gets its turns to read.
    for (let round = 0; round < 60; round++) {
      for (let i = 0; i < 200; i++) send()
      await until(() => received === sent)
    }
    const bytes = bytesPerCall(send, { warmUpCalls: 100, blockCalls: 100, blocks: 8 })
    assert.ok(bytes < NO_ALLOCATION, `${bytes} bytes a message`)
  })
})

test("each socket is told once it is open, also after a reconnect, and takes options", async () => {
  if (process.platform !== "linux") return
  await withPeer(async (peer) => {
    const told: string[] = []
    const { sockets } = peer.transport.prepare("a tuner")
    const end = sockets.listen(({ owner, key, peer }) => told.push(`${owner}/${key} ${peer}`))
    assert.equal(sockets.all(), [])
    const client = await peer.open("a")
    client.connection.sendText("hello")
    const [socket] = sockets.all()
    assert.is(socket.setOption("TCP_KEEPIDLE", 77), undefined)
    assert.is(socket.getOption("TCP_KEEPIDLE"), 77)
    assert.ok(socket.tcpInfo()!.rttUs > 0 && socket.tcpInfo()!.segmentBytes > 500)
    const [connection] = peer.transport.connections()
    assert.ok(connection.bytesIn > 0 && connection.bytesOut > 0)
    assert.match(socket.local!, /^127\.0\.0\.1:\d+$/)

    peer.sockets[0].terminate()
    await until(() => client.opens === 2)
    assert.is(told.length, 2)
    assert.is(told[0], `venue/a 127.0.0.1:${new URL(peer.url).port}`)
    assert.is(told[1], told[0])
    assert.is.not(sockets.all()[0].getOption("TCP_KEEPIDLE"), 77)

    end()
    await peer.open("b")
    assert.is(told.length, 2)
  })
})

test("the socket below TLS takes options as well, and frames go by way of Node", async () => {
  if (process.platform !== "linux") return
  const server = https.createServer(selfSigned())
  const received: string[] = []
  new WebSocketServer({ server }).on("connection", (socket) =>
    socket.on("message", (data) => received.push(data.toString())),
  )
  const port = await listening(server)
  const transport = new WebSocketTransport({ clock: new SystemClock(), random: () => 0 })
  // Read at each connection; the certificate is nobody's.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"
  try {
    const client = openOn(transport, { url: `wss://127.0.0.1:${port}/` })
    await until(() => client.opens === 1)
    const [socket] = transport.prepare().sockets.all()
    assert.is(socket.setOption("TCP_KEEPIDLE", 77), undefined)
    assert.is(socket.getOption("TCP_KEEPIDLE"), 77)
    assert.is(socket.peer, `127.0.0.1:${port}`)
    assert.ok(socket.tcpInfo()!.rttUs > 0)
    client.connection.sendText("hello")
    await until(() => received.length === 1)
  } finally {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    transport.close()
    server.close()
  }
})

test("the socket of a connection that is away takes nothing and says nothing", async () => {
  await withPeer(async (peer) => {
    const { connection } = await peer.open("a", { backoff: { minMs: 60_000, maxMs: 60_000 } })
    connection.reconnect("on purpose")
    const [socket] = peer.transport.connections()
    assert.is(socket.setOption("TCP_NODELAY", 1), "EBADF")
    assert.equal([socket.getOption("TCP_NODELAY"), socket.tcpInfo(), socket.peer], [undefined, undefined, undefined])
    assert.equal(peer.transport.prepare().sockets.all(), [])
  })
})

test.run()

class Client {
  connection!: ReturnType<ReturnType<WebSocketTransport["prepare"]>["open"]>
  opens = 0
  closes: string[] = []
  failures: string[] = []
  texts: string[] = []
  onText: (text: string) => void = (text) => this.texts.push(text)
  handlers(): Pick<ConnectionOptions, "onOpen" | "onFrame" | "onClose" | "onFailure"> {
    return {
      onOpen: () => this.opens++,
      onFrame: (bytes, offset, length) => this.onText(Buffer.from(bytes.subarray(offset, offset + length)).toString()),
      onClose: (reason) => this.closes.push(reason),
      onFailure: (reason) => this.failures.push(reason),
    }
  }
}

class Peer {
  readonly server = new WebSocketServer({ host: "127.0.0.1", port: 0 })
  readonly transport = new WebSocketTransport({ clock: new SystemClock(), random: () => 0 })
  readonly #generation = this.transport.prepare("venue")
  readonly sockets: WebSocket[] = []

  constructor() {
    this.server.on("connection", (socket) => this.sockets.push(socket))
    this.#generation.activate()
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as { port: number }).port}/stream?x=1`
  }

  async open(key: string, options: Partial<ConnectionOptions> = {}): Promise<Client> {
    const client = new Client()
    const backoff = { minMs: 2, maxMs: 10 }
    client.connection = this.#generation.open({ key, url: this.url, backoff, ...client.handlers(), ...options })
    await until(() => client.opens === 1)
    return client
  }
}

/** Timers that fire when the test says so. */
class ManualTimers implements ConnectionTimers {
  readonly #pending = new Map<number, { delayMs: number; callback: () => void }>()
  #last = 0

  after(delayMs: number, callback: () => void): number {
    this.#pending.set(++this.#last, { delayMs, callback })
    return this.#last
  }

  cancel(timer: number): void {
    this.#pending.delete(timer)
  }

  lastDelayMs(): number {
    return this.#pending.get(this.#last)?.delayMs ?? Number.POSITIVE_INFINITY
  }

  fireLast(): void {
    const timer = this.#pending.get(this.#last)
    this.#pending.delete(this.#last)
    timer?.callback()
  }
}

async function withPeer(body: (peer: Peer) => Promise<void>): Promise<void> {
  const peer = new Peer()
  await once(peer.server, "listening")
  try {
    await body(peer)
  } finally {
    peer.transport.close()
    for (const socket of peer.server.clients) socket.terminate()
    peer.server.close()
  }
}

function openOn(transport: WebSocketTransport, options: Partial<ConnectionOptions>): Client {
  const client = new Client()
  const generation = transport.prepare()
  generation.activate()
  client.connection = generation.open({ key: "a", url: "", ...client.handlers(), ...options })
  return client
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return (server.address() as { port: number }).port
}

/** Says yes to the handshake and then nothing ever again. */
function upgradeByHand(socket: Socket): void {
  socket.on("error", () => {})
  socket.once("data", async (data) => {
    const { createHash } = await import("node:crypto")
    const key = /sec-websocket-key: (.*)\r\n/i.exec(data.toString())![1]
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64")
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
  })
}
