import { Readable } from "node:stream"
import type { EngineEvent, Events } from "veloz"

/** How long a reader whose connection broke waits before it comes back. */
const RETRY_MS = 1000
/** What is made ready ahead of a reader. What it has not taken beyond that waits in the history. */
const BUFFER_BYTES = 1 << 16
const BATCH = 64

export interface EventStreamWish {
  readonly events: Events
  /** Undefined for all. */
  readonly topics: readonly string[] | undefined
  /** The event after which to begin: the newest unless one is named, and with 0 everything that is kept. */
  readonly lastId: number | undefined
  /** The reader has fallen behind the history. */
  readonly onDropped: () => void
}

/**
 * Events as server-sent events, read from the engine's history at the pace of the reader. Whoever is so slow that the
 * history no longer has what comes next for it is dropped: nothing else grows with a slow reader.
 */
export class EventStream extends Readable {
  readonly #wish: EventStreamWish
  readonly #stopListening: () => void
  #id: number
  /** Up to this event some were missing when it began. */
  readonly #missingTo: number
  #isWanting = false

  constructor(wish: EventStreamWish) {
    super({ highWaterMark: BUFFER_BYTES })
    const { events, topics, lastId } = wish
    this.#wish = wish
    // An id that was never given out is none of this run: everything is new.
    this.#id = lastId === undefined ? events.lastId : lastId > events.lastId ? 0 : lastId
    this.push(`retry: ${RETRY_MS}\n\n`)
    this.#missingTo = events.since(this.#id, topics, 0).missingTo ?? 0
    if (this.#missingTo > 0 && lastId !== 0) this.#tellGap()
    this.#stopListening = events.listen(topics, () => this.#pump())
  }

  override _read(): void {
    this.#isWanting = true
    this.#pump()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stopListening()
    done(error)
  }

  /** A line that says nothing, so that nobody on the way takes the connection for dead. */
  keepAlive(): void {
    if (this.#isWanting) this.push(": keep-alive\n\n")
  }

  /** No more events: the reader comes back, and goes on where it was. */
  end(): void {
    this.#stopListening()
    if (!this.destroyed) this.push(null)
  }

  #tellGap(): void {
    const gap = { after: this.#wish.lastId, missing_to: this.#missingTo }
    this.push(`event: gap\ndata: ${JSON.stringify(gap)}\n\n`)
  }

  /** Hands out what has come, as far as it is wanted. */
  #pump(): void {
    const { events, topics, onDropped } = this.#wish
    for (;;) {
      const { events: news, missingTo = 0 } = events.since(this.#id, topics, this.#isWanting ? BATCH : 0)
      if (missingTo > this.#missingTo) {
        onDropped()
        this.destroy()
        return
      }
      const last = news.at(-1)
      if (last === undefined) return
      this.#id = last.id
      this.#isWanting = this.push(news.map(format).join(""))
    }
  }
}

function format({ id, type, timestamp, data }: EngineEvent): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ timestamp, ...data })}\n\n`
}
