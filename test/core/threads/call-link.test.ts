import { test } from "uvu"
import * as assert from "uvu/assert"
import { MAX_RECORD_BYTES } from "../../../core/hot/records.js"
import { NO_CAPACITY } from "../../../core/hot/ring.js"
import { CallLink } from "../../../core/threads/call-link.js"

function send(link: CallLink, value: number, type = 1): void {
  const at = link.claim(type, 8)
  link.f64[at >> 3] = value
  link.publish()
}

/** Writes down what arrives, and does what the test says on the way. */
function recorded(link: CallLink, onValue: (value: number) => void = () => undefined): number[] {
  const seen: number[] = []
  link.connect((_type, offset, _length, views) => {
    const value = views.f64[offset >> 3]
    seen.push(value)
    onValue(value)
  })
  return seen
}

test("a published record reaches the handler before publish returns", () => {
  const link = new CallLink()
  const seen = recorded(link)
  send(link, 1)
  assert.equal(seen, [1])
})

test("type, length and bytes arrive as they were written", () => {
  const link = new CallLink()
  const seen: unknown[] = []
  link.connect(
    (type, offset, length, views) => void seen.push(type, length, ...views.u8.slice(offset, offset + length)),
  )
  const at = link.claim(7, 3)
  link.u8.set([1, 2, 3], at)
  link.publish()
  assert.equal(seen, [7, 3, 1, 2, 3])
})

test("several records that were claimed are published together, in order", () => {
  const link = new CallLink()
  const seen = recorded(link)
  for (const value of [1, 2, 3]) link.f64[link.claim(1, 8) >> 3] = value
  assert.equal(seen, [])
  link.publish()
  assert.equal(seen, [1, 2, 3])
})

test("what was claimed and given up is never seen", () => {
  const link = new CallLink()
  const seen = recorded(link)
  link.claim(1, 8)
  link.abort()
  send(link, 2)
  assert.equal(seen, [2])
})

test("what a handler publishes on its own link waits until it has returned", () => {
  const link = new CallLink()
  const order: string[] = []
  const seen = recorded(link, (value) => {
    order.push(`in ${value}`)
    if (value === 1) {
      send(link, 2)
      send(link, 3)
    }
    order.push(`out ${value}`)
  })
  send(link, 1)
  assert.equal(seen, [1, 2, 3])
  assert.equal(order, ["in 1", "out 1", "in 2", "out 2", "in 3", "out 3"])
})

test("two links that answer each other never nest a handler in itself", () => {
  const ping = new CallLink()
  const pong = new CallLink()
  let depth = 0
  let deepest = 0
  let rounds = 0
  const enter = (act: () => void): void => {
    depth += 1
    deepest = Math.max(deepest, depth)
    act()
    depth -= 1
  }
  ping.connect(() =>
    enter(() => {
      rounds += 1
      if (rounds < 100) send(pong, rounds)
    }),
  )
  pong.connect(() => enter(() => send(ping, rounds)))
  send(ping, 0)
  assert.is(rounds, 100)
  assert.ok(deepest <= 2, `${deepest} handlers deep`)
})

test("records wait while the receiver is held, and come in order when it is released", () => {
  const link = new CallLink()
  const seen = recorded(link)
  link.hold()
  send(link, 1)
  send(link, 2)
  assert.equal(seen, [])
  link.release()
  assert.equal(seen, [1, 2])
})

test("a handler that throws loses its own record alone", () => {
  const link = new CallLink()
  const seen = recorded(link, (value) => {
    if (value === 1) throw new Error("no")
  })
  link.hold()
  send(link, 1)
  send(link, 2)
  assert.throws(() => link.release(), "no")
  send(link, 3)
  assert.equal(seen, [1, 2, 3])
})

test("the memory is used again once all is handled", () => {
  const link = new CallLink()
  const offsets = new Set<number>()
  link.connect((_type, offset) => void offsets.add(offset))
  for (let round = 0; round < 1000; round += 1) send(link, round)
  assert.is(offsets.size, 1)
})

test("cancels and reports have room when nothing else has", () => {
  const link = new CallLink(4 * (MAX_RECORD_BYTES + 8))
  let count = 0
  link.connect(() => void count++)
  link.hold()
  while (link.claim(1, MAX_RECORD_BYTES) !== NO_CAPACITY) link.publish()
  assert.is(link.claim(1, 8), NO_CAPACITY)
  assert.ok(link.claim(1, MAX_RECORD_BYTES, true) > 0)
  link.publish()
  link.release()
  assert.is(count, 3)
  assert.ok(link.claim(1, 8) > 0, "and after that everybody has")
})

test.run()
