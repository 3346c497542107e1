// How bytes arrive and leave. Sockets belong to the kernel: a new generation takes them over by key.

/** Called for each whole message; `bytes` is the transport's own buffer and is overwritten after the call returns. */
export type OnFrame = (bytes: Uint8Array, offset: number, length: number, receivedNs: number) => void

export interface ConnectionHandlers {
  /** The connection is up. Not called for a connection that was taken over open: look at `isOpen`. */
  onOpen?(): void
  onFrame: OnFrame
  /** The connection is gone; another attempt follows by itself (backoff with jitter) unless `close` was called. */
  onClose?(reason: string): void
  /** An attempt to connect has failed; another follows after `waitMs`. */
  onFailure?(reason: string, waitMs: number): void
}

export interface ConnectionOptions extends ConnectionHandlers {
  /** Names the connection within the process: a new generation that opens the same key and URL takes it over, open. */
  key: string
  /** ws://host:port/path or wss://... */
  url: string
  headers?: Record<string, string>
  /** Waits between attempts to connect. Read at each attempt, so that it may be retuned in place. */
  backoff?: Backoff
}

export interface Backoff {
  /** The first wait; it doubles with each failure. */
  readonly minMs: number
  readonly maxMs: number
}

/** One message-based connection of a venue. Frames are appended, then flushed: one socket write for many frames. */
export interface Connection {
  readonly key: string
  readonly isOpen: boolean
  /** The buffer to write a message into, between `claim` and `commit`. May move: read it after `claim`. */
  readonly out: Uint8Array
  /** Room for a message of at most `length` bytes: its offset in `out`, or NO_CAPACITY. */
  claim(length: number): number
  /** The message claimed last has `length` bytes and is appended. It leaves with the next `flush`. */
  commit(length: number): void
  /** Writes what was appended to the socket, in one call. Returns false when the connection is away. */
  flush(): boolean
  /** Appends and flushes a text message; for the slow path. */
  sendText(text: string): boolean
  /** Drops the connection and opens it again (after a protocol error, say). */
  reconnect(reason: string): void
  close(): void
}

/** What opens connections. The network role has one; a replay and a test have their own. */
export interface Transport {
  open(options: ConnectionOptions): Connection
}
