import { NO_CAPACITY, type RingBuffer } from "../hot/ring.js"
import type { Doorbell } from "./doorbell.js"
import { isMarketRecord } from "./market-event-pool.js"
import { HEADER_BYTES, recordBytes, ScratchLink } from "./scratch-link.js"

/**
 * A link between two roles on threads of their own. Records gather in memory of the sender's and go into the ring
 * together, at the end of its turn: one store and, if the receiver sleeps, one wake-up for all of them. What finds no
 * room in the ring stays with the sender, in order, until there is some: nobody waits, and nothing is lost.
 */
export class RingLink extends ScratchLink {
  constructor(
    readonly ring: RingBuffer,
    private readonly bell: Doorbell,
    bytes?: number,
  ) {
    super(bytes)
  }

  /** The ring was full: records wait here. */
  get isBehind(): boolean {
    return this.handled < this.published
  }

  publish(): void {
    this.published = this.claimed
  }

  /** The end of a turn: hands on what was published, as far as there is room. Returns how many records went. */
  flush(): number {
    if (this.handled === this.published) return 0
    let moved = 0
    while (this.handled < this.published && this.#moveOne()) moved += 1
    if (moved > 0) {
      this.ring.publish()
      this.bell.ring()
      this.#closeUp()
    }
    return moved
  }

  protected override makeRoom(): void {
    this.flush()
  }

  #moveOne(): boolean {
    const { ring } = this
    const start = this.handled
    const type = this.i32[start >> 2]
    const length = this.i32[(start >> 2) + 1]
    const at = ring.claim(type, length)
    if (at === NO_CAPACITY) return false
    if (isMarketRecord(type)) this.events.leave()
    const from = (start + HEADER_BYTES) >> 2
    const to = at >> 2
    const words = (length + 3) >> 2
    const own = this.i32
    const shared = ring.i32
    // As integers: two of them that look like a NaN need not survive a copy as a double. Two in a step, as records are
    // padded to that, take two thirds of the time.
    for (let word = 0; word < words; word += 2) {
      shared[to + word] = own[from + word]
      shared[to + word + 1] = own[from + word + 1]
    }
    this.handled = start + recordBytes(length)
    return true
  }

  /** What stays behind moves to the front, so that its room can be claimed again. */
  #closeUp(): void {
    this.startAgain()
    if (this.handled === 0) return
    this.u8.copyWithin(0, this.handled, this.claimed)
    this.claimed -= this.handled
    this.published -= this.handled
    this.handled = 0
  }
}
