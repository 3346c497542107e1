/**
 * The venue's time, told from the monotonic clock of this machine: a step of the system's clock moves no timestamp.
 * Each sample is one `time` round trip; the venue read its clock somewhere within it, at best guess in the middle, and
 * the fastest round trip leaves the least doubt.
 */
export class VenueClock {
  #offsetUs = 0
  #halfTripUs = Number.POSITIVE_INFINITY
  #takenNs = 0
  #roundOffsetUs = 0
  #roundHalfTripUs = Number.POSITIVE_INFINITY

  get isSet(): boolean {
    return this.#halfTripUs !== Number.POSITIVE_INFINITY
  }

  /** A round of samples begins. The old measure holds until the round ends. */
  beginRound(): void {
    this.#roundHalfTripUs = Number.POSITIVE_INFINITY
  }

  sample(sentNs: number, receivedNs: number, venueUs: number): void {
    const halfTripUs = (receivedNs - sentNs) / 2000
    if (halfTripUs < 0 || halfTripUs >= this.#roundHalfTripUs) return
    this.#roundHalfTripUs = halfTripUs
    this.#roundOffsetUs = venueUs - (sentNs / 1000 + halfTripUs)
  }

  /** Takes over the best sample of the round. Returns false when there was none. */
  endRound(nowNs: number): boolean {
    if (this.#roundHalfTripUs === Number.POSITIVE_INFINITY) return false
    this.#offsetUs = this.#roundOffsetUs
    this.#halfTripUs = this.#roundHalfTripUs
    this.#takenNs = nowNs
    return true
  }

  /** Venue time minus monotonic time, in microseconds. */
  get offsetUs(): number {
    return this.#offsetUs
  }

  /** Microseconds since 1970 by the venue's clock. */
  venueUs(nowNs: number): number {
    return nowNs / 1000 + this.#offsetUs
  }

  /** How far `venueUs` may be off: half a round trip, and what two clocks drift apart since it was measured. */
  doubtUs(nowNs: number): number {
    return this.#halfTripUs + ((nowNs - this.#takenNs) / 1000) * MAX_DRIFT
  }

  /** Whether a timestamp may be signed: the venue refuses those that lie a second or more ahead of it. */
  isTrusted(nowNs: number): boolean {
    return this.doubtUs(nowNs) < MAX_DOUBT_US
  }
}

/** Clocks of machines are good to 100 millionths; twice that is allowed for. */
const MAX_DRIFT = 200e-6
const MAX_DOUBT_US = 900_000
