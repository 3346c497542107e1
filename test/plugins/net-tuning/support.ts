import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { release } from "node:os"
import type {
  ConnectionSocket,
  NetTuningOptions,
  NetworkContext,
  Part,
  SocketOptionName,
  SocketOptionValue,
} from "veloz"
import { type WebSocket, WebSocketServer } from "ws"
import { SystemClock } from "../../../core/hot/clock.js"
import { WebSocketTransport } from "../../../core/io/websocket-transport.js"
import { isAnswer } from "../../../plugins/net-tuning/messages.js"
import { network } from "../../../plugins/net-tuning/network.js"
import type { SocketReading } from "../../../plugins/net-tuning/socket.js"
import { defaultOptions } from "../../support/part-contexts.js"

/** net.core.rmem_max; undefined where this network namespace does not show it. */
export function receiveLimit(): number | undefined {
  const file = "/proc/sys/net/core/rmem_max"
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : undefined
}

const [major, minor] = release().split(".").map(Number)

/** Whether this kernel takes a buffer back that was set: it has SO_BUF_LOCK. */
export const TAKES_BACK = major > 5 || (major === 5 && minor >= 15)

type Listener = (socket: ConnectionSocket) => void

/** The network part of net-tuning, with what it logged and what it answers. */
export class TunedSockets {
  readonly options: NetTuningOptions
  readonly logged: string[] = []
  readonly part: Part
  #onOpen: Listener = () => undefined
  #onMessage: (message: unknown) => void = () => undefined
  #posted: unknown

  /** `kept` is what one part hands to the next. */
  constructor(
    readonly all: () => readonly ConnectionSocket[],
    options: Partial<NetTuningOptions>,
    kept = new Map<string, unknown>(),
  ) {
    this.options = defaultOptions<NetTuningOptions>("net-tuning", options)
    this.part = network({
      options: this.options,
      sockets: {
        all,
        onOpen: (listener: Listener) => {
          this.#onOpen = listener
        },
      },
      channel: {
        post: (message: unknown) => {
          this.#posted = structuredClone(message)
        },
        onMessage: (listener: (message: unknown) => void) => {
          this.#onMessage = listener
        },
      },
      keep: (key: string, _version: number, make: () => unknown) => {
        if (!kept.has(key)) kept.set(key, make())
        return kept.get(key)
      },
      log: { warn: (message: string) => void this.logged.push(message) },
    } as unknown as NetworkContext<NetTuningOptions>)
  }

  /** The commit: the part hears of what is open. */
  activate(): this {
    for (const socket of this.all()) this.#onOpen(socket)
    return this
  }

  open(socket: ConnectionSocket): void {
    this.#onOpen(socket)
  }

  retune(changes: Partial<NetTuningOptions>): void {
    Object.assign(this.options, changes)
    this.part.retune!()
  }

  /** What control is told when it asks. */
  read(): SocketReading[] {
    this.#onMessage({ question: 7 })
    if (!isAnswer(this.#posted) || this.#posted.question !== 7) throw new Error("it did not answer")
    return [...this.#posted.sockets]
  }

  message(message: unknown): unknown {
    this.#posted = undefined
    this.#onMessage(message)
    return this.#posted
  }
}

/** Real sockets on loopback: `count` connections to a server, and what tunes them. */
export class LoopbackVenue {
  readonly transport = new WebSocketTransport({ clock: new SystemClock(), random: () => 0 })
  readonly peers: WebSocket[] = []
  readonly #server = new WebSocketServer({ host: "127.0.0.1", port: 0 })
  readonly #venue = this.transport.prepare("venue")
  readonly sockets = this.#venue.sockets

  static async with(count: number, body: (venue: LoopbackVenue) => Promise<void>): Promise<void> {
    const venue = new LoopbackVenue()
    venue.#server.on("connection", (peer) => venue.peers.push(peer))
    await once(venue.#server, "listening")
    venue.#venue.activate()
    try {
      for (let number = 0; number < count; number += 1) venue.connect(`connection-${number}`)
      await venue.until(() => venue.sockets.all().length === count && venue.peers.length === count)
      await body(venue)
    } finally {
      venue.transport.close()
      for (const peer of venue.peers) peer.terminate()
      venue.#server.close()
    }
  }

  connect(key: string): void {
    const { port } = this.#server.address() as { port: number }
    this.#venue.open({ key, url: `ws://127.0.0.1:${port}/`, backoff: { minMs: 2, maxMs: 10 }, onFrame() {} })
  }

  async until(isSo: () => boolean): Promise<void> {
    for (let attempt = 0; attempt < 500 && !isSo(); attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    if (!isSo()) throw new Error("it did not come true in five seconds")
  }
}

/** A socket as another kernel has it: what is set is there, but for buffers, which a kernel doubles and bounds. */
export class FakeSocket implements ConnectionSocket {
  readonly owner = "venue"
  readonly key = "api"
  readonly peer = "192.0.2.1:443"
  readonly reconnects: string[] = []
  readonly held = new Map<SocketOptionName, number | string>([
    ["SO_RCVBUF", 131_072],
    ["SO_SNDBUF", 87_040],
  ])

  constructor(
    readonly local: string,
    /** Options that the kernel does not know. */
    private readonly unknown: readonly SocketOptionName[] = [],
    /** Options that it refuses, with the name of its error. */
    private readonly refused: Partial<Record<SocketOptionName, string>> = {},
  ) {}

  setOption<N extends SocketOptionName>(name: N, value: SocketOptionValue<N>): string | undefined {
    const refusal = this.unknown.includes(name) ? "ENOPROTOOPT" : this.refused[name]
    if (refusal !== undefined) return refusal
    this.held.set(name, name.endsWith("BUF") ? 2 * Math.min(value as number, 4_194_304) : value)
    return undefined
  }

  getOption<N extends SocketOptionName>(name: N): SocketOptionValue<N> | undefined {
    return this.unknown.includes(name) ? undefined : ((this.held.get(name) ?? 0) as SocketOptionValue<N>)
  }

  reconnect(reason: string): void {
    this.reconnects.push(reason)
  }

  tcpInfo(): undefined {
    return undefined
  }
}
