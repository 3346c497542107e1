import type { Connection, ConnectionOptions } from "../io/transport.js"
import type { HostedConnection, PreparedTransport, TransportHost } from "../io/transport-host.js"
import { NO_CAPACITY } from "../threads/link.js"

/** A connection without a socket. It is open while it is told to be, and says when it is flushed. */
export class FakeConnection implements HostedConnection {
  isOpen = true
  readonly out = new Uint8Array(64 * 1024)
  #length = 0

  constructor(
    readonly key: string,
    private readonly onFlush: () => void,
  ) {}

  claim(length: number): number {
    return this.isOpen && this.#length + length <= this.out.length ? this.#length : NO_CAPACITY
  }

  commit(length: number): void {
    this.#length += length
  }

  flush(): boolean {
    this.#length = 0
    if (this.isOpen) this.onFlush()
    return this.isOpen
  }

  sendText(): boolean {
    return this.flush()
  }

  reconnect(): void {}

  close(): void {
    this.isOpen = false
  }

  setReading(_isReading: boolean): void {}

  tcpInfo(): undefined {
    return undefined
  }
}

/** Parts may open what they like: nothing ever arrives there. */
export class FakeTransportHost implements TransportHost {
  prepare(): PreparedTransport {
    return {
      open: ({ key }: ConnectionOptions): Connection => new FakeConnection(key, () => undefined),
      sockets: { all: () => [], listen: () => () => undefined },
      activate() {},
      discard() {},
    }
  }

  connections(): Iterable<HostedConnection> {
    return []
  }

  close(): void {}
}
