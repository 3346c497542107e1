import { once } from "node:events"
import net from "node:net"
import { Worker } from "node:worker_threads"
import { socketCalls } from "../../core/os/socket.js"
import { compare, type Subject } from "../measure.js"

/**
 * A frame of an order leaves by a socket on loopback, whose other end takes everything and keeps nothing. Most of it is
 * the kernel's work, which both ways pay; the rest is what the way there costs.
 */
export const send = compare({
  name: "send",
  operation: "480-byte frame to the kernel",
  batch: 16,
  async prepare() {
    const sink = new Worker(SINK, { eval: true })
    const [port] = await once(sink, "message")
    return [directSubject(await connect(port), sink), writeSubject(await connect(port))]
  },
})

const FRAME_BYTES = 480
const SINK = `
  const { parentPort } = require("node:worker_threads")
  const server = require("node:net").createServer((socket) => socket.resume())
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port))
`

async function connect(port: number): Promise<net.Socket> {
  const socket = net.connect({ port, host: "127.0.0.1", noDelay: true })
  await once(socket, "connect")
  return socket
}

function directSubject(socket: net.Socket, sink: Worker): Subject {
  const frame = new Uint8Array(FRAME_BYTES)
  const calls = socketCalls()
  if (calls === undefined) throw new Error("this system has no direct send; leave the case out")
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle
  return {
    name: "veloz send",
    run(operation) {
      frame[operation % FRAME_BYTES] = operation
      // The kernel may be full: the other end is given the time to read.
      while (calls.send(fd, frame, FRAME_BYTES) !== FRAME_BYTES);
    },
    async dispose() {
      socket.destroy()
      await sink.terminate()
    },
  }
}

function writeSubject(socket: net.Socket): Subject {
  const frame = new Uint8Array(FRAME_BYTES)
  return {
    name: "socket.write of a copy",
    run(operation) {
      frame[operation % FRAME_BYTES] = operation
      // What is handed over must stay as it is until it has left.
      socket.write(Buffer.from(frame))
    },
    dispose: () => socket.destroy(),
  }
}
