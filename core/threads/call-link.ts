import type { RingHandler } from "../hot/ring.js"
import { HEADER_BYTES, recordBytes, ScratchLink } from "./scratch-link.js"

/**
 * A link between two roles on one thread: publishing calls the other. A record lives until its handler returns. What a
 * handler publishes on the link that it is being called from waits behind the current record: so a strategy never hears
 * of its order before `place` has returned, in this topology as in any other.
 */
export class CallLink extends ScratchLink {
  #handler: RingHandler = () => {
    throw new Error("VELOZ_BUG: a record was published on a link that nobody listens to")
  }
  #held = false

  connect(handler: RingHandler): void {
    this.#handler = handler
  }

  publish(): void {
    this.published = this.claimed
    if (!this.#held) this.#drain()
  }

  /** The receiver is busy with other input: records wait until `release`. */
  hold(): void {
    this.#held = true
  }

  release(): void {
    this.#held = false
    if (this.handled < this.published) this.#drain()
  }

  #drain(): void {
    this.#held = true
    try {
      while (this.handled < this.published) {
        const start = this.handled
        const length = this.i32[(start >> 2) + 1]
        this.handled = start + recordBytes(length)
        this.#handler(this.i32[start >> 2], start + HEADER_BYTES, length, this)
      }
    } finally {
      this.#held = false
      this.startAgain()
    }
  }
}
