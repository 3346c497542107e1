import type { ConnectionSocket } from "./sockets.js"
import type { Connection, ConnectionOptions } from "./transport.js"
import type { OpenSockets, PreparedTransport } from "./transport-host.js"
import { type ConnectionEnvironment, type ConnectionTimers, WebSocketConnection } from "./websocket-connection.js"

export interface WebSocketTransportOptions extends Pick<ConnectionEnvironment, "clock"> {
  random?: () => number
  timers?: ConnectionTimers
  /** Everything that one read of a socket brought has been handled. */
  afterRead?: () => void
  livenessMs?: number
  connectTimeoutMs?: number
}

/**
 * The connections of the network role, by plugin and key. They outlive generations: a part that is started anew opens
 * what it wants through a GenerationTransport of its own, and what it had open already is handed over, at the cut.
 */
export class WebSocketTransport {
  readonly #environment: ConnectionEnvironment
  readonly #connections = new Map<string, Map<string, WebSocketConnection>>()
  readonly #socketListeners = new Set<(socket: ConnectionSocket) => void>()
  readonly #sockets: OpenSockets = {
    all: () => [...this.connections()].filter(({ isOpen }) => isOpen),
    listen: (listener) => {
      this.#socketListeners.add(listener)
      return () => this.#socketListeners.delete(listener)
    },
  }

  constructor(options: WebSocketTransportOptions) {
    this.#environment = {
      clock: options.clock,
      random: options.random ?? Math.random,
      timers: options.timers ?? systemTimers(),
      livenessMs: options.livenessMs ?? 20_000,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      afterRead: options.afterRead ?? (() => {}),
      onSocket: (connection) => {
        for (const listener of this.#socketListeners) listener(connection)
      },
    }
  }

  /** The transport of one part of a plugin, `owner`: what it opens acts from `activate` on. */
  prepare(owner = ""): GenerationTransport {
    let owned = this.#connections.get(owner)
    if (owned === undefined) this.#connections.set(owner, (owned = new Map()))
    return new GenerationTransport(owner, owned, this.#environment, this.#sockets)
  }

  /** All connections, open or away. */
  *connections(): IterableIterator<WebSocketConnection> {
    for (const owned of this.#connections.values()) yield* owned.values()
  }

  close(): void {
    for (const connection of this.connections()) connection.close()
    this.#connections.clear()
  }
}

/** The wishes of one part in one generation. Before `activate` nothing that is open notices them, and `discard` forgets them. */
class GenerationTransport implements PreparedTransport {
  readonly #wishes = new Map<string, { connection: WebSocketConnection; options: ConnectionOptions }>()
  #isActive = false

  constructor(
    private readonly owner: string,
    private readonly connections: Map<string, WebSocketConnection>,
    private readonly environment: ConnectionEnvironment,
    readonly sockets: OpenSockets,
  ) {}

  /** The connection of this key: the one that is open already if it leads to the same URL. */
  open(options: ConnectionOptions): Connection {
    const standing = this.connections.get(options.key)
    const connection =
      standing !== undefined && standing.url === options.url && !standing.isClosed
        ? standing
        : new WebSocketConnection(this.owner, options, this.environment)
    if (this.#isActive) this.#enter(connection, options)
    else this.#wishes.set(options.key, { connection, options })
    return connection
  }

  /** The cut: takes over, opens what is new, and closes what this generation did not ask for. */
  activate(): void {
    if (this.#isActive) return
    this.#isActive = true
    for (const [key, connection] of this.connections) {
      if (this.#wishes.has(key)) continue
      connection.close()
      this.connections.delete(key)
    }
    for (const { connection, options } of this.#wishes.values()) this.#enter(connection, options)
    this.#wishes.clear()
  }

  /** The generation was given up before the cut. */
  discard(): void {
    if (!this.#isActive) this.#wishes.clear()
  }

  #enter(connection: WebSocketConnection, options: ConnectionOptions): void {
    const standing = this.connections.get(options.key)
    if (standing !== connection) standing?.close()
    this.connections.set(options.key, connection)
    connection.adopt(options)
    connection.start()
  }
}

/** Timers of this thread, by number. */
function systemTimers(): ConnectionTimers {
  const timers = new Map<number, NodeJS.Timeout>()
  let last = 0
  return {
    after(delayMs, callback) {
      const timer = ++last
      timers.set(
        timer,
        setTimeout(() => {
          timers.delete(timer)
          callback()
        }, delayMs),
      )
      return timer
    },
    cancel(timer) {
      clearTimeout(timers.get(timer))
      timers.delete(timer)
    },
  }
}
