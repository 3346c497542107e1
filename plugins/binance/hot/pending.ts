import { copyBytes } from "veloz/hot"

/**
 * Requests on the wire whose answers are not there yet, by request id: what is UNKNOWN when the connection is lost.
 * Fixed room, open addressing; a request that finds none is not sent.
 */
export class PendingRequests {
  readonly capacity: number
  readonly #slotCount: number
  /** 0 marks an empty slot. Kept plus one, so that request 0 may exist. */
  readonly #ids: Float64Array
  readonly #kinds: Uint8Array
  readonly #sentNs: Float64Array
  readonly #clientIds: Uint8Array
  readonly #clientIdLengths: Uint8Array
  #count = 0

  constructor(capacity = 4096) {
    this.capacity = capacity
    this.#slotCount = 2 ** Math.ceil(Math.log2(2 * capacity))
    this.#ids = new Float64Array(this.#slotCount)
    this.#kinds = new Uint8Array(this.#slotCount)
    this.#sentNs = new Float64Array(this.#slotCount)
    this.#clientIds = new Uint8Array(this.#slotCount * CLIENT_ID_BYTES)
    this.#clientIdLengths = new Uint8Array(this.#slotCount)
  }

  get count(): number {
    return this.#count
  }

  /** Remembers a request. Returns false when there is no room. */
  add(requestId: number, kind: number, sentNs: number, id: Uint8Array, idOffset: number, idLength: number): boolean {
    if (this.#count === this.capacity || idLength > CLIENT_ID_BYTES) return false
    let slot = this.#home(requestId, kind)
    while (this.#ids[slot] !== 0) slot = (slot + 1) & (this.#slotCount - 1)
    this.#ids[slot] = requestId + 1
    this.#kinds[slot] = kind
    this.#sentNs[slot] = sentNs
    this.#clientIdLengths[slot] = idLength
    copyBytes(id, idOffset, this.#clientIds, slot * CLIENT_ID_BYTES, idLength)
    this.#count++
    return true
  }

  /** The answer has come. Returns false when nobody waits for it (any more). */
  remove(requestId: number, kind: number): boolean {
    let slot = this.#home(requestId, kind)
    while (this.#ids[slot] !== 0) {
      if (this.#ids[slot] === requestId + 1 && this.#kinds[slot] === kind) {
        this.#empty(slot)
        return true
      }
      slot = (slot + 1) & (this.#slotCount - 1)
    }
    return false
  }

  /** Takes out every request sent at `untilNs` or before, and hands each to `lost`. */
  expire(untilNs: number, lost: LostRequest): void {
    if (this.#count === 0) return
    for (let slot = 0; slot < this.#slotCount; ) {
      if (this.#ids[slot] === 0 || this.#sentNs[slot] > untilNs) {
        slot++
        continue
      }
      const requestId = this.#ids[slot] - 1
      const kind = this.#kinds[slot]
      const length = this.#clientIdLengths[slot]
      lost(requestId, kind, this.#clientIds, slot * CLIENT_ID_BYTES, length)
      // Emptying may move a later request into this slot: look at it again.
      this.#empty(slot)
    }
  }

  /** Empties a slot and closes the gap in the run behind it, so that searches need no tombstones. */
  #empty(slot: number): void {
    const mask = this.#slotCount - 1
    let hole = slot
    for (let next = (hole + 1) & mask; this.#ids[next] !== 0; next = (next + 1) & mask) {
      const home = this.#home(this.#ids[next] - 1, this.#kinds[next])
      // A request may move into the hole when its home does not lie behind the hole.
      if (((next - home) & mask) < ((next - hole) & mask)) continue
      this.#move(next, hole)
      hole = next
    }
    this.#ids[hole] = 0
    this.#count--
  }

  #move(from: number, to: number): void {
    this.#ids[to] = this.#ids[from]
    this.#kinds[to] = this.#kinds[from]
    this.#sentNs[to] = this.#sentNs[from]
    this.#clientIdLengths[to] = this.#clientIdLengths[from]
    copyBytes(this.#clientIds, from * CLIENT_ID_BYTES, this.#clientIds, to * CLIENT_ID_BYTES, CLIENT_ID_BYTES)
  }

  #home(requestId: number, kind: number): number {
    return (Math.imul((requestId % 0x7fffffff) ^ kind, 0x9e3779b1) >>> 8) & (this.#slotCount - 1)
  }
}

export type LostRequest = (
  requestId: number,
  kind: number,
  clientIds: Uint8Array,
  clientIdOffset: number,
  clientIdLength: number,
) => void

const CLIENT_ID_BYTES = 40
