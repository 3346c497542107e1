import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { socketCalls } from "../../../core/os/socket.js"
import { testUnless } from "../../support/skip.js"

const onLinux = testUnless(process.platform === "linux" ? undefined : "these system calls are Linux's")

onLinux("what is sent past Node arrives, and a full socket takes no more without waiting", async () => {
  await withSockets(async (client, server) => {
    const calls = socketCalls()!
    const received = once(server, "data")
    assert.is(calls.send(descriptorOf(client), Buffer.from("hello, world"), 5), 5)
    assert.is(String((await received)[0]), "hello")
    server.pause()
    const block = new Uint8Array(1024 * 1024)
    let answer = 0
    for (let i = 0; i < 200 && answer >= 0; i++) answer = calls.send(descriptorOf(client), block, block.length)
    assert.is(answer, -1)
  })
})

onLinux("a socket that the peer has reset answers minus one, and ends no process", async () => {
  await withSockets(async (client, server) => {
    client.on("error", () => {})
    const fd = descriptorOf(client)
    server.resetAndDestroy()
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.is(socketCalls()!.send(fd, Buffer.from("x"), 1), -1)
  })
})

onLinux("options are set on live sockets and read back as the kernel holds them", async () => {
  await withSockets(async (client) => {
    const calls = socketCalls()!
    const fd = descriptorOf(client)
    assert.is(calls.setOption(fd, "TCP_NODELAY", 1), undefined)
    assert.is(calls.getOption(fd, "TCP_NODELAY"), 1)
    assert.is(calls.setOption(fd, "TCP_KEEPIDLE", 17), undefined)
    assert.is(calls.getOption(fd, "TCP_KEEPIDLE"), 17)
    // The kernel takes twice what is asked for, for its own bookkeeping.
    assert.is(calls.setOption(fd, "SO_RCVBUF", 20_000), undefined)
    assert.is(calls.getOption(fd, "SO_RCVBUF"), 40_000)
    assert.ok(calls.tcpInfo(fd)!.rttUs > 0)
  })
})

onLinux("names are set and read back as text, and a name that the kernel lacks is an error of its own", async () => {
  await withSockets(async (client) => {
    const calls = socketCalls()!
    const fd = descriptorOf(client)
    assert.is(calls.setOption(fd, "TCP_CONGESTION", "reno"), undefined)
    assert.is(calls.getOption(fd, "TCP_CONGESTION"), "reno")
    assert.is(calls.setOption(fd, "TCP_CONGESTION", "none-such"), "ENOENT")
    assert.is(calls.setOption(fd, "TCP_KEEPCNT", 128), "EINVAL")
    assert.is(calls.getOption(fd, "IPV6_TCLASS"), undefined)
  })
})

onLinux("a descriptor that is no socket is answered, not thrown", () => {
  const calls = socketCalls()!
  assert.is(calls.send(-1, new Uint8Array(1), 1), -1)
  assert.is(calls.setOption(-1, "TCP_NODELAY", 1), "EBADF")
  assert.is(calls.getOption(-1, "TCP_NODELAY"), undefined)
  assert.is(calls.tcpInfo(-1), undefined)
})

test.run()

async function withSockets(body: (client: Socket, server: Socket) => Promise<void>): Promise<void> {
  const listener = createServer().listen(0, "127.0.0.1")
  await once(listener, "listening")
  const accepted = once(listener, "connection")
  const client = connect((listener.address() as { port: number }).port, "127.0.0.1")
  await once(client, "connect")
  const [server] = (await accepted) as [Socket]
  server.on("error", () => {})
  try {
    await body(client, server)
  } finally {
    client.destroy()
    server.destroy()
    listener.close()
  }
}

function descriptorOf(socket: Socket): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd
}
