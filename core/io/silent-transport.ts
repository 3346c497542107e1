import { NO_CAPACITY } from "../hot/ring.js"
import type { Connection, ConnectionOptions } from "./transport.js"
import type { HostedConnection, PreparedTransport, TransportHost } from "./transport-host.js"

/** Connections that lead nowhere: they are never open, and nothing arrives by them. */
export class SilentTransport implements TransportHost {
  prepare(): PreparedTransport {
    return {
      open: ({ key }: ConnectionOptions): Connection => silent(key),
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

const silent = (key: string): Connection => ({
  key,
  isOpen: false,
  out: new Uint8Array(0),
  claim: () => NO_CAPACITY,
  commit: () => undefined,
  flush: () => false,
  sendText: () => false,
  reconnect: () => undefined,
  close: () => undefined,
})
