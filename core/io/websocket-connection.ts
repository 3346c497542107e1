import { randomBytes, randomFillSync } from "node:crypto"
import net from "node:net"
import tls from "node:tls"
import type { Clock } from "../hot/clock.js"
import { NO_CAPACITY } from "../hot/ring.js"
import { CloseCode, FrameReader, type FrameSink, FrameWriter, MaskPool, Opcode } from "../hot/websocket.js"
import {
  type SocketCalls,
  type SocketOptionName,
  type SocketOptionValue,
  socketCalls,
  type TcpInfo,
} from "../os/socket.js"
import type { ConnectionSocket } from "./sockets.js"
import type { Connection, ConnectionOptions } from "./transport.js"
import { HandshakeResponse, handshakeRequest } from "./websocket-handshake.js"

/** What connections get from the thread that they live on. A test hands in its own. */
export interface ConnectionEnvironment {
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly timers: ConnectionTimers
  /** A connection without a byte for this long is pinged, and dropped after the same time again. */
  readonly livenessMs: number
  /** An attempt to connect that takes longer is given up. */
  readonly connectTimeoutMs: number
  /** A socket of a connection is open: the place for socket options. */
  readonly onSocket: (connection: WebSocketConnection) => void
  /** Everything that one read of a socket brought has been handled. */
  readonly afterRead: () => void
}

export interface ConnectionTimers {
  after(delayMs: number, callback: () => void): number
  cancel(timer: number): void
}

/**
 * One WebSocket connection that opens itself again whenever it is lost. It reads into one buffer that is used over and
 * over, and writes all appended frames in one system call.
 */
export class WebSocketConnection implements Connection, ConnectionSocket, FrameSink {
  readonly owner: string
  readonly key: string
  readonly url: string
  bytesIn = 0
  bytesOut = 0
  /** How often the connection has been opened. */
  opened = 0
  #options: ConnectionOptions
  readonly #environment: ConnectionEnvironment
  readonly #calls: SocketCalls | undefined
  readonly #readBuffer = new Uint8Array(READ_BYTES)
  readonly #masks = new MaskPool(new Int32Array(MASK_COUNT))
  readonly #writer = new FrameWriter(this.#masks)
  readonly #reader = new FrameReader(this)
  #state: State = State.Idle
  #socket: net.Socket | undefined
  /** Where frames are sent past Node, or NO_DESCRIPTOR. */
  #fd: number = NO_DESCRIPTOR
  #handshake = new HandshakeResponse()
  #handshakeKey = ""
  #receivedNs = 0
  #failures = 0
  #openedNs = 0
  #timer = 0
  #bytesInAtCheck = 0
  #isPinged = false
  #isReading = true

  constructor(owner: string, options: ConnectionOptions, environment: ConnectionEnvironment) {
    this.owner = owner
    this.key = options.key
    this.url = options.url
    this.#options = options
    this.#environment = environment
    this.#calls = socketCalls()
  }

  get isOpen(): boolean {
    return this.#state === State.Open
  }

  get isClosed(): boolean {
    return this.#state === State.Closed
  }

  get peer(): string | undefined {
    return addressOf(this.#socket?.remoteAddress, this.#socket?.remotePort)
  }

  get local(): string | undefined {
    return addressOf(this.#socket?.localAddress, this.#socket?.localPort)
  }

  get out(): Uint8Array {
    return this.#writer.bytes
  }

  /** Connects. A connection that was closed may be started again. */
  start(): void {
    if (this.#state !== State.Idle && this.#state !== State.Closed) return
    this.#failures = 0
    this.#connect()
  }

  /** From now on these handlers are called; the socket stays as it is. */
  adopt(options: ConnectionOptions): void {
    this.#options = options
  }

  claim(length: number): number {
    return this.#state === State.Open ? this.#writer.claim(length) : NO_CAPACITY
  }

  commit(length: number): void {
    this.#writer.commit(length)
  }

  flush(): boolean {
    if (this.#state !== State.Open) return false
    const length = this.#writer.length
    if (length === 0) return true
    const socket = this.#socket!
    let sent = 0
    // What Node still has queued must leave first.
    if (this.#fd >= 0 && socket.writableLength === 0) sent = this.#calls!.send(this.#fd, this.#writer.bytes, length)
    if (sent < length) {
      // The kernel has no room, or an error that Node will report: a copy waits in Node's queue.
      socket.write(Buffer.from(this.#writer.bytes.subarray(Math.max(0, sent), length)))
    }
    this.bytesOut += length
    this.#writer.clear()
    // What was appended has left by then: its fate is that of any frame whose connection is lost.
    if (socket.writableLength > MAX_QUEUED_BYTES) this.reconnect("the peer has stopped reading")
    return true
  }

  sendText(text: string): boolean {
    const bytes = Buffer.from(text)
    const at = this.claim(bytes.length)
    if (at === NO_CAPACITY) return false
    this.out.set(bytes, at)
    this.commit(bytes.length)
    return this.flush()
  }

  reconnect(reason: string): void {
    if (this.#state === State.Connecting || this.#state === State.Open) this.#lose(reason)
  }

  close(): void {
    if (this.#state === State.Closed) return
    if (this.#state === State.Open) this.#sendClose(CloseCode.Normal)
    this.#release()
    this.#state = State.Closed
  }

  setOption<N extends SocketOptionName>(name: N, value: SocketOptionValue<N>): string | undefined {
    return this.#calls === undefined ? "EBADF" : this.#calls.setOption(this.#descriptor(), name, value)
  }

  getOption<N extends SocketOptionName>(name: N): SocketOptionValue<N> | undefined {
    return this.#calls?.getOption(this.#descriptor(), name)
  }

  tcpInfo(): TcpInfo | undefined {
    return this.#calls?.tcpInfo(this.#descriptor())
  }

  // Asked each time: a descriptor that Node has closed may belong to another socket by now.
  #descriptor(): number {
    return this.#state === State.Open ? descriptorOf(this.#socket!) : NO_DESCRIPTOR
  }

  /** False leaves what the peer sends in the kernel, until true. A new socket is read. */
  setReading(isReading: boolean): void {
    this.#isReading = isReading
    if (isReading) this.#socket?.resume()
    else this.#socket?.pause()
  }

  // ---- FrameSink

  onMessage(bytes: Uint8Array, offset: number, length: number): void {
    this.#options.onFrame(bytes, offset, length, this.#receivedNs)
  }

  onPing(bytes: Uint8Array, offset: number, length: number): void {
    this.#sendControl(Opcode.Pong, bytes, offset, length)
  }

  onPong(): void {
    // Its bytes have been counted, which is all that liveness looks at.
  }

  onClose(code: number): void {
    this.#sendClose(code === CloseCode.NoCode ? CloseCode.Normal : code)
    this.#lose(`the peer closed with code ${code}`)
  }

  // ---- the life of a socket

  #connect(): void {
    const url = new URL(this.url)
    const secure = url.protocol === "wss:"
    const host = url.hostname.replace(/^\[|\]$/g, "")
    const port = Number(url.port || (secure ? 443 : 80))
    const onread = { buffer: this.#readBuffer, callback: (count: number) => this.#onRead(socket, count) }
    const socket: net.Socket = secure
      ? // The types do not know it, but tls hands `onread` on to its socket.
        tls.connect({ host, port, servername: net.isIP(host) ? undefined : host, onread } as tls.ConnectionOptions)
      : net.connect({ host, port, onread })
    this.#socket = socket
    this.#isReading = true
    this.#state = State.Connecting
    this.#reader.reset()
    this.#writer.clear()
    randomFillSync(this.#masks.keys)
    this.#handshake = new HandshakeResponse()
    this.#handshakeKey = randomBytes(16).toString("base64")
    socket.setNoDelay(true)
    socket.once(secure ? "secureConnect" : "connect", () => {
      socket.write(handshakeRequest(url, this.#handshakeKey, this.#options.headers))
    })
    socket.on("error", (error) => this.#onSocketGone(socket, error.message))
    socket.on("close", () => this.#onSocketGone(socket, "the peer closed the socket"))
    socket.on("end", () => this.#onSocketGone(socket, "the peer ended the stream"))
    this.#timer = this.#environment.timers.after(this.#environment.connectTimeoutMs, () =>
      this.#lose(`no connection within ${this.#environment.connectTimeoutMs} ms`),
    )
  }

  #onRead(socket: net.Socket, count: number): boolean {
    if (socket !== this.#socket) return false
    this.#receivedNs = this.#environment.clock.nowNs()
    this.bytesIn += count
    if (this.#state === State.Open) this.#take(0, count)
    else this.#takeHandshake(count)
    this.#environment.afterRead()
    if (socket === this.#socket && this.#environment.clock.nowNs() - this.#receivedNs > LONG_READ_NS) this.#rest(socket)
    return true
  }

  // Node reads on as long as there is something: what took long must not keep messages and timers of the thread out.
  #rest(socket: net.Socket): void {
    socket.pause()
    setImmediate(() => this.#isReading && socket.resume())
  }

  #take(start: number, end: number): void {
    const failure = this.#reader.push(this.#readBuffer, start, end)
    if (failure === 0 || this.#state !== State.Open) return
    this.#sendClose(failure)
    this.#lose(`the peer broke the protocol (close code ${failure})`)
  }

  #takeHandshake(count: number): void {
    const framesStart = this.#handshake.push(this.#readBuffer, 0, count)
    if (framesStart < 0) {
      if (this.#handshake.isTooLong) this.#lose("the handshake has no end")
      return
    }
    const refusal = this.#handshake.refusal(this.#handshakeKey)
    if (refusal !== undefined) {
      this.#lose(refusal)
      return
    }
    this.#open()
    if (framesStart < count && this.#state === State.Open) this.#take(framesStart, count)
  }

  #open(): void {
    const { timers, livenessMs, onSocket, clock } = this.#environment
    timers.cancel(this.#timer)
    this.#state = State.Open
    this.opened++
    this.#openedNs = clock.nowNs()
    // Bytes written past TLS would be plain text in the middle of its records.
    const isPlain = !(this.#socket instanceof tls.TLSSocket) && this.#calls !== undefined
    this.#fd = isPlain ? descriptorOf(this.#socket!) : NO_DESCRIPTOR
    this.#bytesInAtCheck = this.bytesIn
    this.#isPinged = false
    this.#timer = timers.after(livenessMs, () => this.#checkLiveness())
    onSocket(this)
    this.#options.onOpen?.()
  }

  #checkLiveness(): void {
    const { timers, livenessMs } = this.#environment
    if (this.bytesIn === this.#bytesInAtCheck) {
      if (this.#isPinged) {
        this.#lose(`nothing was received for ${2 * livenessMs} ms`)
        return
      }
      this.#isPinged = true
      this.#sendControl(Opcode.Ping, NOTHING, 0, 0)
    } else {
      this.#isPinged = false
    }
    this.#bytesInAtCheck = this.bytesIn
    if (this.#state === State.Open) this.#timer = timers.after(livenessMs, () => this.#checkLiveness())
  }

  #onSocketGone(socket: net.Socket, reason: string): void {
    if (socket === this.#socket) this.#lose(reason)
  }

  /** The socket is gone, or is given up: tell, and try again later. */
  #lose(reason: string): void {
    const wasOpen = this.#state === State.Open
    const openMs = (this.#environment.clock.nowNs() - this.#openedNs) / 1e6
    this.#release()
    this.#state = State.Waiting
    // A server that accepts and drops at once must not be asked again at once.
    if (wasOpen && openMs >= STABLE_MS) this.#failures = 0
    const waitMs = this.#backoffMs()
    this.#timer = this.#environment.timers.after(waitMs, () => this.#connect())
    this.#failures++
    if (wasOpen) this.#options.onClose?.(reason)
    else this.#options.onFailure?.(reason, waitMs)
  }

  #backoffMs(): number {
    const { minMs, maxMs } = this.#options.backoff ?? DEFAULT_BACKOFF
    const waitMs = Math.min(maxMs, minMs * 2 ** Math.min(this.#failures, 30))
    // Half of the wait is left to chance, so that many clients do not return all at once.
    return Math.round(waitMs * (0.5 + 0.5 * this.#environment.random()))
  }

  #release(): void {
    this.#environment.timers.cancel(this.#timer)
    this.#reader.stop()
    this.#writer.clear()
    this.#fd = NO_DESCRIPTOR
    const socket = this.#socket
    this.#socket = undefined
    // `end` lets a close frame leave; a peer that does not answer is cut off.
    if (socket === undefined) return
    if (this.#state === State.Open) {
      socket.end()
      socket.setTimeout(LINGER_MS, () => socket.destroy())
      socket.resume()
      socket.unref()
    } else {
      socket.destroy()
    }
  }

  #sendClose(code: number): void {
    const payload = Uint8Array.of(code >> 8, code & 0xff)
    this.#sendControl(Opcode.Close, payload, 0, 2)
  }

  #sendControl(opcode: number, bytes: Uint8Array, offset: number, length: number): void {
    if (this.#state !== State.Open) return
    const at = this.#writer.claim(length)
    if (at === NO_CAPACITY) return
    const out = this.#writer.bytes
    for (let i = 0; i < length; i++) out[at + i] = bytes[offset + i]
    this.#writer.commit(length, opcode)
    this.flush()
  }
}

const State = { Idle: 0, Connecting: 1, Open: 2, Waiting: 3, Closed: 4 } as const
type State = (typeof State)[keyof typeof State]

const NO_DESCRIPTOR = -1
const READ_BYTES = 64 * 1024
const LONG_READ_NS = 5e6
const MASK_COUNT = 1024
const MAX_QUEUED_BYTES = 8 * 1024 * 1024
const STABLE_MS = 5000
const LINGER_MS = 500
const DEFAULT_BACKOFF = { minMs: 100, maxMs: 30_000 }
const NOTHING = new Uint8Array(0)

function descriptorOf(socket: net.Socket): number {
  const handle = (socket as unknown as { _handle?: { fd?: number } })._handle
  return handle?.fd ?? NO_DESCRIPTOR
}

function addressOf(host: string | undefined, port: number | undefined): string | undefined {
  if (host === undefined) return undefined
  return net.isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}
