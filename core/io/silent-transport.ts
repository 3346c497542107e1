import { NO_CAPACITY } from "../hot/ring.js"
import type { Connection, ConnectionOptions } from "./transport.js"
import type { HostedConnection, PreparedTransport, TransportHost } from "./transport-host.js"

/** Connections that lead nowhere: they are never open, and nothing arrives by them. */
export class SilentTransport implements TransportHost {
  prepare(): PreparedTransport {
    return {
      open: ({ key }: ConnectionOptions): Connection => silentConnection(key, false),
      sockets: { all: () => [], listen: () => () => undefined },
      activate: () => undefined,
      discard: () => undefined,
    }
  }

  connections(): Iterable<HostedConnection> {
    return []
  }

  close(): void {}
}

/** Has no other end. Open or not, messages find no room; a flush says what it is. */
export const silentConnection = (key: string, isOpen: boolean): Connection => ({
  key,
  isOpen,
  out: new Uint8Array(0),
  claim: () => NO_CAPACITY,
  commit: () => undefined,
  flush: () => isOpen,
  sendText: () => isOpen,
  reconnect: () => undefined,
  close: () => undefined,
})
