import type { SocketOptionName, SocketOptionValue, TcpInfo } from "../os/socket.js"

// What plugins see of the sockets below connections, whichever plugin opened them: for those that tune or watch them.

export interface Sockets {
  /** The sockets that are open now. Until a part is committed they serve the old generation: look, and do not touch. */
  all(): readonly ConnectionSocket[]
  /**
   * Called for each socket, in the duty cycle of the network role: at the commit for those that are open already, and
   * from then on as soon as one opens. A connection that was lost comes back with a new socket, which has nothing of what
   * was set on the old one.
   */
  onOpen(listener: (socket: ConnectionSocket) => void): void
}

/** The socket of one connection: another one after each reconnect, and none while the connection is away. */
export interface ConnectionSocket {
  /** The plugin that opened the connection. */
  readonly owner: string
  /** Its name among the connections of its owner. */
  readonly key: string
  /** `address:port` of the other end, or undefined while the connection is away. */
  readonly peer: string | undefined
  /** `address:port` of this end. */
  readonly local: string | undefined
  /**
   * Sets an option at once, for about a microsecond. Returns undefined when the kernel took the value, else why not: the
   * name of its error ("EPERM", "EINVAL"), or "EBADF" while the connection is away and on other systems than Linux. What
   * the kernel made of the value is read back.
   */
  setOption<N extends SocketOptionName>(name: N, value: SocketOptionValue<N>): string | undefined
  /** The value that the kernel holds, or undefined where there is none: see `setOption`. */
  getOption<N extends SocketOptionName>(name: N): SocketOptionValue<N> | undefined
  /** What the kernel knows of the path to the peer, or undefined where there is none: see `setOption`. */
  tcpInfo(): TcpInfo | undefined
  /** Drops the connection and opens it anew, for what can only be had of a new socket. */
  reconnect(reason: string): void
}
