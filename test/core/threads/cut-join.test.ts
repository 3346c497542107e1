import { test } from "uvu"
import * as assert from "uvu/assert"
import { ManualClock } from "../../../core/hot/clock.js"
import type { Link } from "../../../core/hot/link.js"
import {
  MARKER_ATTEMPT,
  MARKER_BYTES,
  MARKER_GENERATION,
  MARKER_HANDLED,
  PING_BYTES,
  RecordType,
} from "../../../core/hot/records.js"
import { RingBuffer } from "../../../core/hot/ring.js"
import { Cut } from "../../../core/threads/cut.js"
import { Doorbell } from "../../../core/threads/doorbell.js"
import { RingLink } from "../../../core/threads/ring-link.js"
import { Word } from "../../../core/threads/shared-memory.js"

// The engine's and the strategy's side of a cut. The test plays the other roles; cut.test.ts has the network's side.

const GENERATION = 7
const ATTEMPT = 3
/** Turns of a blocking call after which a test ends it. */
const TURNS_AT_MOST = 50

/** One role between a ring that it reads and one that it fills. */
class Role {
  readonly words = new Int32Array(new SharedArrayBuffer(96 * 4))
  readonly clock = new ManualClock()
  /** What the test says to the role. */
  readonly said: RingLink
  readonly onward: RingLink
  /** The records that the role has taken, each with the commits before it. */
  readonly taken: string[] = []
  commits = 0
  turns = 0
  /** What a turn of the role ends with: whether nothing is held back. */
  letGo = (): boolean => true
  readonly cut: Cut
  readonly #heard: RingBuffer

  constructor() {
    const inlet = new SharedArrayBuffer(RingBuffer.bytesFor(4096))
    const outlet = new SharedArrayBuffer(RingBuffer.bytesFor(4096))
    const bell = new Doorbell(this.words, Word.EngineBell)
    this.said = new RingLink(new RingBuffer(inlet), bell)
    this.onward = new RingLink(new RingBuffer(outlet), new Doorbell(this.words, Word.StrategyBell))
    this.#heard = new RingBuffer(outlet)
    this.cut = new Cut({
      words: this.words,
      clock: this.clock,
      attemptWord: Word.EngineAttempt,
      bell,
      others: [],
      inlets: [{ ring: new RingBuffer(inlet), handler: (type) => this.#take(type), onward: this.onward }],
      letGo: () => this.#endTurn(),
      commit: () => {
        this.commits += 1
      },
    })
  }

  /** What the role has sent, as the next one takes it: types, and of markers what they have counted. */
  heard(): string[] {
    const heard: string[] = []
    this.#heard.poll((type, offset, _length, { i32 }) => {
      heard.push(type === RecordType.Marker ? `marker ${i32[(offset + MARKER_HANDLED) >> 2]}` : `record ${type}`)
    })
    return heard
  }

  #take(type: number): void {
    this.taken.push(`record ${type} after ${this.commits}`)
  }

  #endTurn(): boolean {
    this.turns += 1
    if (this.turns > TURNS_AT_MOST) throw new Error("it goes on and on")
    const isAllOut = this.letGo()
    this.onward.flush()
    return isAllOut
  }
}

function say(link: Link & { flush(): number }, type: number): void {
  link.claim(type, PING_BYTES, true)
  link.publish()
  link.flush()
}

function sayMarker(link: RingLink, { attempt = ATTEMPT, handled = 0 } = {}): void {
  const at = link.claim(RecordType.Marker, MARKER_BYTES, true)
  link.i32[(at + MARKER_GENERATION) >> 2] = GENERATION
  link.i32[(at + MARKER_ATTEMPT) >> 2] = attempt
  link.i32[(at + MARKER_HANDLED) >> 2] = handled
  link.publish()
  link.flush()
}

/** A role to which the marker of an attempt that is under way has come. */
function joining(): Role {
  const role = new Role()
  Atomics.store(role.words, Word.CutAttempt, ATTEMPT)
  sayMarker(role.said)
  role.cut.poll()
  assert.ok(role.cut.isWanted)
  return role
}

test("a marker waits for what its role still holds back, and goes on behind it", () => {
  const role = joining()
  role.letGo = () => {
    // There is no room before the third turn.
    if (role.turns === 3) say(role.onward, RecordType.Top)
    if (role.turns === 6) Atomics.store(role.words, Word.Generation, GENERATION)
    return role.turns >= 3
  }
  assert.ok(role.cut.join())
  assert.equal(role.heard(), [`record ${RecordType.Top}`, "marker 0"])
  assert.is(role.commits, 1)
})

test("a marker counts what came behind it and was taken before it went on", () => {
  const role = joining()
  say(role.said, RecordType.Report)
  role.letGo = () => {
    if (role.turns === 1) sayMarker(role.said, { handled: 5 })
    if (role.turns === 4) Atomics.store(role.words, Word.Generation, GENERATION)
    return true
  }
  assert.ok(role.cut.join())
  assert.equal(role.heard(), ["marker 1", "marker 5"])
  assert.equal(role.taken, [`record ${RecordType.Report} after 0`])
})

test("a record that is seen after the generation has changed is handled by the new one", () => {
  const role = joining()
  role.letGo = () => {
    if (role.turns === 2) {
      Atomics.store(role.words, Word.Generation, GENERATION)
      say(role.said, RecordType.Trade)
    }
    return true
  }
  assert.ok(role.cut.join())
  role.cut.poll()
  assert.equal(role.taken, [`record ${RecordType.Trade} after 1`])
})

test("an attempt that is given up changes nothing, and its marker is passed over from then on", () => {
  const role = joining()
  role.letGo = () => {
    if (role.turns === 3) Atomics.store(role.words, Word.CutAttempt, 0)
    return true
  }
  assert.not(role.cut.join())
  assert.not(role.cut.isWanted)
  sayMarker(role.said)
  role.cut.poll()
  assert.not(role.cut.isWanted)
  assert.is(role.commits, 0)
})

test("the marker of the next attempt, met while one is given up, is joined", () => {
  const role = joining()
  const next = ATTEMPT + 1
  role.letGo = () => {
    if (role.turns === 2) {
      Atomics.store(role.words, Word.CutAttempt, next)
      sayMarker(role.said, { attempt: next })
    }
    if (role.turns === 6) Atomics.store(role.words, Word.Generation, GENERATION)
    return true
  }
  const outcomes = [role.cut.join()]
  role.cut.poll()
  assert.ok(role.cut.isWanted)
  outcomes.push(role.cut.join())
  assert.equal(outcomes, [false, true])
  assert.equal([role.commits, role.heard()], [1, ["marker 0", "marker 0"]])
})

test.run()
