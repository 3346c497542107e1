import type { Clock } from "../hot/clock.js"
import {
  EVENT_BYTES,
  MARKER_ATTEMPT,
  MARKER_BYTES,
  MARKER_GENERATION,
  MARKER_HANDLED,
  RecordType,
  type RecordViews,
} from "../hot/records.js"
import { NO_CAPACITY, type RingHandler } from "../hot/ring.js"
import type { Doorbell } from "./doorbell.js"
import type { Inlet } from "./inlet.js"
import type { RingLink } from "./ring-link.js"
import { HEADER_BYTES } from "./scratch-link.js"
import { Word } from "./shared-memory.js"

export interface CutOptions {
  readonly words: Int32Array
  readonly clock: Clock
  /** The word that says which attempt's marker has reached this thread. */
  readonly attemptWord: number
  /** This thread's. */
  readonly bell: Doorbell
  /** Of the other hot threads. */
  readonly others: readonly Doorbell[]
  readonly inlets: readonly Inlet[]
  /** The end of a turn, in which the old generation lets go of everything that it holds back. False without the room. */
  readonly letGo: () => boolean
  /** The prepared generation is in force from here on. Cannot fail. */
  readonly commit: () => void
}

/** A cut that does not come about within this is given up: some role is busy or gone. */
const ROUND_MS = 50
const LOOK_AGAIN_MS = 1
const RECORDS_A_POLL = 64
/** More than the order events and trades that so many records can bring. */
const ROOM_FOR_A_POLL_BYTES = RECORDS_A_POLL * 4 * (EVENT_BYTES + HEADER_BYTES)

/**
 * The cut of a generation as one of several threads sees it. The network takes no new input and sends a marker round:
 * network -> engine -> strategy -> engine -> network, behind all older records. A role that has seen it takes records
 * of the other roles only. When a round has met no record every ring is empty: one store changes the generation, which
 * each role reads after it sees a record, so that no record meets two generations.
 */
export class Cut {
  #generation = 0
  #attempt = 0
  /** Records taken since the marker was last here. */
  #handled = 0
  /** A marker lies here: what it counted, and where it goes on to. */
  #isMarkerHere = false
  /** Nothing is held back that would have to go before the marker. */
  #isAllOut = false
  #markerHandled = 0
  #onward: RingLink | undefined
  #isCutting = false
  readonly #polls: readonly (() => number)[]
  readonly #roundPolls: readonly (() => number)[]

  constructor(private readonly options: CutOptions) {
    const polls = options.inlets.map((inlet) => {
      const handler = this.#watched(inlet)
      const { ring, into } = inlet
      const hasRoom = (): boolean => into === undefined || into.freeBytes > ROOM_FOR_A_POLL_BYTES
      return { inlet, poll: () => (hasRoom() ? ring.poll(handler, RECORDS_A_POLL) : 0) }
    })
    this.#polls = polls.map(({ poll }) => poll)
    this.#roundPolls = polls.filter(({ inlet }) => inlet.onward !== undefined).map(({ poll }) => poll)
  }

  /** Takes some of the records that wait. Returns how many. */
  poll(): number {
    return pollAll(this.#polls)
  }

  /** The generation of the last cut that this thread has seen. */
  get generation(): number {
    return this.#generation
  }

  /** A marker has come: this thread is to join the cut. */
  get isWanted(): boolean {
    return this.#isMarkerHere
  }

  /** The network's part: sends the marker round until nothing is on its way. False when that took too long. */
  start(generation: number, attempt: number): boolean {
    const { words, clock, inlets } = this.options
    Atomics.store(words, Word.CutAttempt, attempt)
    this.#begin(generation, attempt)
    // As if a round had just ended, with records.
    this.#onward = inlets[0].onward
    this.#handled = 1
    this.#isMarkerHere = true
    const deadlineNs = clock.nowNs() + ROUND_MS * 1e6
    for (;;) {
      const taken = this.#turn()
      if (this.#canSend && this.#markerHandled + this.#handled === 0) break
      // Also when the marker does come round: roles may go on answering each other for ever.
      if (clock.nowNs() > deadlineNs) {
        this.#end()
        this.#tellAll(Word.CutAttempt, 0)
        return false
      }
      if (this.#canSend) this.#send(0)
      else if (taken === 0) this.#rest()
    }
    this.#tellAll(Word.Generation, generation)
    this.#commit()
    return true
  }

  /** The part of the others: hands the marker on until the generation has changed. False when it was given up. */
  join(): boolean {
    const { words } = this.options
    const attempt = this.#attempt
    while (Atomics.load(words, Word.CutAttempt) === attempt && !this.#isCommitted) {
      const taken = this.#turn()
      if (this.#canSend) this.#send(this.#markerHandled + this.#handled)
      else if (taken === 0) this.#rest()
    }
    if (this.#isCutting && this.#isCommitted) this.#commit()
    // Unless the marker of another attempt has come meanwhile.
    if (attempt === this.#attempt) this.#end()
    return this.#isCommitted
  }

  /** The generation of this cut is in force, whether this thread has adopted it or not. */
  get #isCommitted(): boolean {
    return Atomics.load(this.options.words, Word.Generation) === this.#generation
  }

  /** Takes what the other roles have said, and holds nothing back of what comes of it. */
  #turn(): number {
    const taken = pollAll(this.#roundPolls)
    this.#isAllOut = this.options.letGo()
    return taken
  }

  /** A marker goes on behind everything that came before it. */
  get #canSend(): boolean {
    return this.#isMarkerHere && this.#isAllOut
  }

  #begin(generation: number, attempt: number): void {
    this.#generation = generation
    this.#attempt = attempt
    this.#handled = 0
    this.#isMarkerHere = false
    this.#isCutting = true
  }

  #end(): void {
    this.#isMarkerHere = false
    this.#isCutting = false
  }

  #commit(): void {
    this.#end()
    this.options.commit()
  }

  #watched({ handler, onward }: Inlet): RingHandler {
    return (type, offset, length, views) => {
      if (type === RecordType.Marker) return this.#onMarker(offset, views, onward)
      // Read after the record was seen: what was published after the change is handled after it.
      if (this.#isCutting && this.#isCommitted) this.#commit()
      this.#handled += 1
      return handler(type, offset, length, views)
    }
  }

  #onMarker(offset: number, { i32 }: RecordViews, onward: RingLink | undefined): void {
    const attempt = i32[(offset + MARKER_ATTEMPT) >> 2]
    // Of a cut that was given up.
    if (attempt !== Atomics.load(this.options.words, Word.CutAttempt)) return
    Atomics.store(this.options.words, this.options.attemptWord, attempt)
    if (attempt !== this.#attempt) this.#begin(i32[(offset + MARKER_GENERATION) >> 2], attempt)
    this.#isMarkerHere = true
    this.#markerHandled = i32[(offset + MARKER_HANDLED) >> 2]
    this.#onward = onward
  }

  #send(handled: number): void {
    const link = this.#onward!
    const at = link.claim(RecordType.Marker, MARKER_BYTES, true)
    // It stays here until there is room.
    if (at === NO_CAPACITY) return
    link.i32[(at + MARKER_GENERATION) >> 2] = this.#generation
    link.i32[(at + MARKER_ATTEMPT) >> 2] = this.#attempt
    link.i32[(at + MARKER_HANDLED) >> 2] = handled
    link.publish()
    link.flush()
    this.#handled = 0
    this.#isMarkerHere = false
  }

  #rest(): void {
    const look = (): number => {
      const isOver = Atomics.load(this.options.words, Word.CutAttempt) !== this.#attempt || this.#isCommitted
      return isOver ? 1 : pollAll(this.#roundPolls)
    }
    this.options.bell.wait(look, LOOK_AGAIN_MS)
  }

  #tellAll(word: number, value: number): void {
    Atomics.store(this.options.words, word, value)
    for (const bell of this.options.others) bell.ring()
  }
}

function pollAll(polls: readonly (() => number)[]): number {
  let taken = 0
  for (let index = 0; index < polls.length; index += 1) taken += polls[index]()
  return taken
}
