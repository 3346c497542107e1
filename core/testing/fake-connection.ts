import { NO_CAPACITY } from "../hot/ring.js"
import type { ConnectionOptions, OnFrame } from "../io/transport.js"
import type { HostedConnection, PreparedTransport, TransportHost } from "../io/transport-host.js"

const OUT_BYTES = 64 * 1024
/** Frames lie somewhere in a buffer, as they do in that of a socket. */
const FRAME_OFFSET = 24

/** A connection without a socket. It is open while it is told to be, and says when it is flushed. */
export class FakeConnection implements HostedConnection {
  isOpen = true
  readonly out = new Uint8Array(OUT_BYTES)
  /** Messages that were flushed, oldest first, as text. */
  readonly sent: string[] = []
  #length = 0
  readonly #appended: string[] = []

  constructor(
    readonly key: string,
    private readonly onFlush: () => void = () => undefined,
  ) {}

  claim(length: number): number {
    return this.isOpen && this.#length + length <= this.out.length ? this.#length : NO_CAPACITY
  }

  commit(length: number): void {
    this.#appended.push(Buffer.from(this.out.subarray(this.#length, this.#length + length)).toString("utf8"))
    this.#length += length
  }

  flush(): boolean {
    this.#length = 0
    // Not when there is none: a list that is empty is an object, too, where it is measured that nothing is made.
    const appended = this.#appended.length > 0 ? this.#appended.splice(0) : NOTHING
    if (!this.isOpen) return false
    for (let index = 0; index < appended.length; index += 1) this.sent.push(appended[index])
    this.onFlush()
    return true
  }

  sendText(text: string): boolean {
    if (!this.isOpen) return false
    this.#appended.push(text)
    return this.flush()
  }

  reconnect(_reason: string): void {}

  close(): void {
    this.isOpen = false
  }

  setReading(_isReading: boolean): void {}

  tcpInfo(): undefined {
    return undefined
  }
}

const NOTHING: readonly string[] = []

/** A connection of a plugin, whose other end is the test. */
export class TestConnection extends FakeConnection {
  override isOpen = false

  constructor(
    /** What the part that has it in force asked for. */
    public options: ConnectionOptions,
    private readonly nowNs: () => number,
    private readonly settle: () => void,
  ) {
    super(options.key)
  }

  get url(): string {
    return this.options.url
  }

  /** The venue takes the connection. */
  open(): void {
    this.isOpen = true
    this.options.onOpen?.()
    this.settle()
  }

  /** A message of the venue. */
  receive(message: string | Uint8Array): void {
    if (!this.isOpen) throw new Error(`the connection ${this.key} is not open: call open() first`)
    const content = typeof message === "string" ? Buffer.from(message) : message
    const bytes = new Uint8Array(FRAME_OFFSET + content.length)
    bytes.set(content, FRAME_OFFSET)
    const { onFrame }: { onFrame: OnFrame } = this.options
    onFrame(bytes, FRAME_OFFSET, content.length, this.nowNs())
    this.settle()
  }

  /** The connection is lost. */
  drop(reason = "the test dropped it"): void {
    this.isOpen = false
    this.options.onClose?.(reason)
    this.settle()
  }

  override reconnect(reason: string): void {
    if (this.isOpen) this.drop(reason)
  }
}

/** Where the connections of plugins come from: each waits for the test to open it. */
export class FakeTransportHost implements TransportHost {
  readonly #connections = new Map<string, TestConnection>()

  constructor(
    private readonly nowNs: () => number = () => 0,
    private readonly settle: () => void = () => undefined,
  ) {}

  prepare(owner: string): PreparedTransport {
    const own = new Map<TestConnection, ConnectionOptions>()
    const waiting: (() => void)[] = []
    let isActive = false
    const act = (change: () => void): void => void (isActive ? change() : waiting.push(change))
    return {
      open: (options) => {
        const name = `${owner}/${options.key}`
        const standing = this.#connections.get(name)
        const isSame = standing?.options.url === options.url
        const connection = isSame ? standing : new TestConnection(options, this.nowNs, this.settle)
        act(() => {
          // With the same key and address it is taken over as it stands.
          connection.options = options
          if (!isSame) standing?.close()
          this.#connections.set(name, connection)
          own.set(connection, options)
        })
        return connection
      },
      sockets: { all: () => [], listen: () => () => undefined },
      activate: () => {
        isActive = true
        for (const change of waiting.splice(0)) change()
      },
      discard: () => {
        // What a successor has taken over has the options of that one.
        for (const [connection, options] of own) {
          if (connection.options !== options) continue
          connection.close()
          this.#connections.delete(`${owner}/${connection.key}`)
        }
      },
    }
  }

  /** The connection that a plugin calls so. */
  find(key: string): TestConnection | undefined {
    return [...this.#connections.values()].find((connection) => connection.key === key)
  }

  connections(): Iterable<HostedConnection> {
    return this.#connections.values()
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close()
  }
}
