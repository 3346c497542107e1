import { test } from "uvu"
import * as assert from "uvu/assert"
import { SystemClock } from "../../../core/hot/clock.js"
import {
  MARKER_ATTEMPT,
  MARKER_BYTES,
  MARKER_GENERATION,
  MARKER_HANDLED,
  RecordType,
  type RecordViews,
} from "../../../core/hot/records.js"
import { RingBuffer } from "../../../core/hot/ring.js"
import { Cut } from "../../../core/threads/cut.js"
import { Doorbell } from "../../../core/threads/doorbell.js"
import { RingLink } from "../../../core/threads/ring-link.js"
import { Word } from "../../../core/threads/shared-memory.js"

const ring = (): RingBuffer => new RingBuffer(new SharedArrayBuffer(RingBuffer.bytesFor(1 << 12)))

/** The network's side of a cut, in which the test plays all other roles: each marker comes back as `answer` says. */
function network(answer: (attempt: number) => { attempt: number; handled: number } | undefined) {
  const words = new Int32Array(new SharedArrayBuffer(512))
  const [toEngine, fromEngine] = [ring(), ring()]
  const done = { commits: 0, markers: 0 }
  const onMarker = (type: number, offset: number, _length: number, { i32 }: RecordViews): void => {
    assert.is(type, RecordType.Marker)
    done.markers += 1
    const reply = answer(i32[(offset + MARKER_ATTEMPT) >> 2])
    if (reply === undefined) return
    const at = fromEngine.claim(RecordType.Marker, MARKER_BYTES)
    fromEngine.i32[(at + MARKER_GENERATION) >> 2] = i32[(offset + MARKER_GENERATION) >> 2]
    fromEngine.i32[(at + MARKER_ATTEMPT) >> 2] = reply.attempt
    fromEngine.i32[(at + MARKER_HANDLED) >> 2] = reply.handled
    fromEngine.publish()
  }
  const cut = new Cut({
    words,
    attemptWord: Word.CutAttempt,
    clock: new SystemClock(),
    bell: new Doorbell(words, Word.NetworkBell),
    others: [],
    inlets: [
      {
        ring: fromEngine,
        handler: () => undefined,
        onward: new RingLink(toEngine, new Doorbell(words, Word.EngineBell)),
      },
    ],
    letGo: () => {
      toEngine.poll(onMarker)
      return true
    },
    commit: () => {
      done.commits += 1
    },
  })
  return { cut, words, done }
}

test("a round that has met no record is the cut: one store, then the commit", () => {
  const { cut, words, done } = network((attempt) => ({ attempt, handled: 0 }))
  assert.is(cut.start(7, 1), true)
  assert.equal([words[Word.Generation], done.commits, done.markers], [7, 1, 1])
})

test("rounds go on as long as they meet records", () => {
  let left = 5
  const { cut, done } = network((attempt) => ({ attempt, handled: left-- > 0 ? 1 : 0 }))
  assert.is(cut.start(7, 1), true)
  assert.equal([done.commits, done.markers], [1, 6])
})

test("roles that answer each other for ever do not hold the network up: the old generation goes on", () => {
  const { cut, words, done } = network((attempt) => ({ attempt, handled: 1 }))
  assert.is(cut.start(7, 1), false)
  assert.equal([words[Word.Generation], words[Word.CutAttempt], done.commits], [0, 0, 0])
})

test("nor does a marker that never comes back, and the next attempt is not taken in by an old one", () => {
  const { cut, done } = network((attempt) => {
    if (attempt === 1) return undefined
    return done.markers === 2 ? { attempt: 1, handled: 0 } : { attempt, handled: 0 }
  })
  assert.is(cut.start(7, 1), false)
  assert.is(cut.start(7, 2), false, "the marker of the first attempt does not end the second")
  assert.is(cut.start(7, 3), true)
  assert.is(done.commits, 1)
})

test.run()
