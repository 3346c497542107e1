import { test } from "uvu"
import * as assert from "uvu/assert"
import { readRecordText, writeRecordText } from "../../../core/hot/record-text.js"
import { ORDER_BYTES, ORDER_CLIENT_ID, ORDER_SYMBOL, RecordType, type RecordViews } from "../../../core/hot/records.js"
import { type HeldRecord, HeldWishes, handleHeld } from "../../../core/pipeline/held-wishes.js"

const AT = 16
const memory = new ArrayBuffer(AT + ORDER_BYTES)
const views = { f64: new Float64Array(memory), i32: new Int32Array(memory), u8: new Uint8Array(memory) }

function take(wishes: HeldWishes, type: number, id: string, symbol = 0): boolean {
  views.i32[(AT + ORDER_SYMBOL) >> 2] = symbol
  writeRecordText(views, AT + ORDER_CLIENT_ID, id)
  return wishes.take(type, AT, ORDER_BYTES, views)
}

type Seen = [type: number, id: string, symbol: number]

const seenBy =
  (seen: Seen[]) =>
  (type: number, offset: number, _length: number, from: RecordViews): void => {
    seen.push([type, readRecordText(from, offset + ORDER_CLIENT_ID), from.i32[(offset + ORDER_SYMBOL) >> 2]])
  }

function released(wishes: HeldWishes): Seen[] {
  const seen: Seen[] = []
  wishes.release(seenBy(seen))
  return seen
}

function handled(records: readonly HeldRecord[], symbolOf: (index: number) => number): Seen[] {
  const seen: Seen[] = []
  handleHeld(records, symbolOf, seenBy(seen))
  return seen
}

test("wishes wait in their order, and are handed on once", () => {
  const wishes = new HeldWishes()
  assert.ok(take(wishes, RecordType.NewOrder, "a", 1))
  assert.ok(take(wishes, RecordType.CancelOrder, "b"))
  assert.equal(released(wishes), [
    [RecordType.NewOrder, "a", 1],
    [RecordType.CancelOrder, "b", 0],
  ])
  assert.equal(released(wishes), [])
})

test("what is no wish is not taken: reports and market records go on", () => {
  const wishes = new HeldWishes()
  for (const type of [RecordType.Report, RecordType.Trade, RecordType.Sent]) assert.not(take(wishes, type, "a"))
  assert.equal(released(wishes), [])
})

test("a copy for another thread leaves the wishes where they are, should the handover fail", () => {
  const wishes = new HeldWishes()
  for (const id of ["a", "b"]) take(wishes, RecordType.NewOrder, id)
  const copy = structuredClone(wishes.copy())
  assert.equal(
    handled(copy, (index) => index),
    released(wishes),
  )
})

test("there a new order has the symbol's number there, -1 when the symbol is gone, and a cancel stays as it is", () => {
  const wishes = new HeldWishes()
  take(wishes, RecordType.NewOrder, "moved", 0)
  take(wishes, RecordType.NewOrder, "gone", 1)
  take(wishes, RecordType.CancelOrder, "cancel", -1)
  assert.equal(
    handled(wishes.copy(), (index) => (index === 0 ? 5 : -1)),
    [
      [RecordType.NewOrder, "moved", 5],
      [RecordType.NewOrder, "gone", -1],
      [RecordType.CancelOrder, "cancel", -1],
    ],
  )
})

test("without room a wish is handled now instead of being lost", () => {
  const wishes = new HeldWishes()
  let count = 0
  while (take(wishes, RecordType.NewOrder, `order-${count}`)) count += 1
  assert.ok(count > 1000, `${count} wishes`)
  assert.is(released(wishes).length, count)
})

test.run()
