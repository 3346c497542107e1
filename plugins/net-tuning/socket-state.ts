import type { ConnectionSocket, SocketOptionName } from "veloz"

/** What is known of one socket beside what the kernel tells. */
export interface SocketState {
  readonly local: string | undefined
  /** Bits of the buffers that were set. */
  locks: number
  /** What options were before they were set. */
  readonly found: Map<SocketOptionName, number | string>
  /** Why options could not be set: the name of the kernel's error. */
  readonly refusals: Map<SocketOptionName, string>
}

/** The states of sockets by their connections. The socket that a connection comes back with has one of its own. */
export class SocketStates {
  readonly #states = new WeakMap<ConnectionSocket, SocketState>()

  of(socket: ConnectionSocket): SocketState {
    const known = this.#states.get(socket)
    if (known?.local === socket.local && known !== undefined) return known
    const state = { local: socket.local, locks: 0, found: new Map(), refusals: new Map() }
    this.#states.set(socket, state)
    return state
  }
}
