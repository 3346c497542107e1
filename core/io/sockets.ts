import type { SocketOptionName, TcpInfo } from "../os/socket.js"

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
   * Sets an option at once, for about a microsecond. Returns false when the kernel refuses the value or has no such
   * option, when the connection is away, and on other systems than Linux. What the kernel made of it is read back.
   */
  setOption(name: SocketOptionName, value: number): boolean
  /** The value that the kernel holds, or undefined where `setOption` would return false. */
  getOption(name: SocketOptionName): number | undefined
  /** What the kernel knows of the path to the peer, or undefined where `setOption` would return false. */
  tcpInfo(): TcpInfo | undefined
}
