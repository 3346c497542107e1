import { FrameWriter, MaskPool } from "../core/hot/websocket.js"
import type { ConnectionOptions } from "../core/io/transport.js"
import type { HostedConnection, PreparedTransport, TransportHost } from "../core/io/transport-host.js"

/**
 * A transport without sockets. Messages are framed as on a real connection, and a flush sends nobody anything: frames
 * stay where they are until somebody takes them. All mask keys are 0, so that frames can be read again.
 */
export class NullTransport implements TransportHost {
  readonly #connections = new Map<string, NullConnection>()

  connection(key: string): NullConnection {
    const found = this.#connections.get(key)
    if (found === undefined) throw new Error(`nobody has opened a connection ${key}`)
    return found
  }

  prepare(): PreparedTransport {
    return {
      open: (options) => {
        const connection = new NullConnection(options)
        this.#connections.set(options.key, connection)
        return connection
      },
      sockets: { all: () => [], listen: () => () => undefined },
      activate: () => undefined,
      discard: () => undefined,
    }
  }

  connections(): Iterable<HostedConnection> {
    return this.#connections.values()
  }

  close(): void {}
}

class NullConnection implements HostedConnection {
  readonly key: string
  readonly isOpen = true
  readonly #options: ConnectionOptions
  readonly #writer = new FrameWriter(new MaskPool(new Int32Array(1024)))

  constructor(options: ConnectionOptions) {
    this.key = options.key
    this.#options = options
  }

  get out(): Uint8Array {
    return this.#writer.bytes
  }

  claim(length: number): number {
    return this.#writer.claim(length)
  }

  commit(length: number): void {
    this.#writer.commit(length)
  }

  flush(): boolean {
    return true
  }

  sendText(text: string): boolean {
    const bytes = Buffer.from(text)
    this.out.set(bytes, this.claim(bytes.length))
    this.commit(bytes.length)
    return true
  }

  open(): void {
    this.#options.onOpen?.()
  }

  receive(bytes: Uint8Array, offset: number, length: number, receivedNs: number): void {
    this.#options.onFrame(bytes, offset, length, receivedNs)
  }

  /** The messages that were sent since the last call. */
  takeMessages(): string[] {
    const messages: string[] = []
    const { bytes, length } = this.#writer
    for (let at = 0; at < length; ) {
      const short = bytes[at + 1] & 0x7f
      const size = short < 126 ? short : (bytes[at + 2] << 8) | bytes[at + 3]
      const start = at + (short < 126 ? 2 : 4) + MASK_BYTES
      messages.push(Buffer.from(bytes.buffer, bytes.byteOffset + start, size).toString())
      at = start + size
    }
    this.#writer.clear()
    return messages
  }

  setReading(): void {}

  tcpInfo(): undefined {
    return undefined
  }

  reconnect(): void {}

  close(): void {}
}

const MASK_BYTES = 4
