import type { ConnectionSocket } from "./sockets.js"
import type { Connection, Transport } from "./transport.js"

/** The connections of one thread as the kernel holds them: they outlive the generations that ask for them. */
export interface TransportHost {
  /** The transport of one part of a plugin, `owner`: what it opens acts from `activate` on. */
  prepare(owner: string): PreparedTransport
  connections(): Iterable<HostedConnection>
  close(): void
}

export interface PreparedTransport extends Transport {
  readonly sockets: OpenSockets
  activate(): void
  /** The generation was given up before its cut: forgets what it asked for. */
  discard(): void
}

/** The sockets below the connections of all owners. */
export interface OpenSockets {
  all(): readonly ConnectionSocket[]
  /** Called for each socket once its connection is open. Returns what ends it. */
  listen(listener: (socket: ConnectionSocket) => void): () => void
}

export interface HostedConnection extends Connection {
  /** False leaves what the peer sends in the kernel, which then tells the peer to wait. */
  setReading(isReading: boolean): void
  /** What the operating system knows of the path to the peer; undefined while the connection is away. */
  tcpInfo(): { readonly minRttUs: number } | undefined
}
