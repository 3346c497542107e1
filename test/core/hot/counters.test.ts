import { test } from "uvu"
import * as assert from "uvu/assert"
import { Counters } from "../../../core/hot/counters.js"

test("a name has one slot, and its counter is seen by who shares the memory and the names", () => {
  const memory = new SharedArrayBuffer(64)
  const writer = new Counters(memory)
  const gaps = writer.slot("book_gaps")
  const orders = writer.slot("orders_sent")
  assert.is(writer.slot("book_gaps"), gaps)
  writer.increment(gaps)
  writer.add(orders, 41)
  writer.increment(orders)
  const reader = new Counters(memory, writer.names)
  assert.equal(reader.toObject(), { book_gaps: 1, orders_sent: 42 })
  assert.is(reader.get(reader.slot("orders_sent")), 42)
})

test("set writes a gauge", () => {
  const counters = new Counters(new SharedArrayBuffer(8))
  const open = counters.slot("open_orders")
  counters.set(open, 7)
  counters.set(open, 3)
  assert.is(counters.get(open), 3)
})

test("a counter is exact far beyond 2^32", () => {
  const counters = new Counters(new SharedArrayBuffer(8))
  const slot = counters.slot("market_updates")
  counters.add(slot, 2 ** 40)
  counters.increment(slot)
  assert.is(counters.get(slot), 2 ** 40 + 1)
})

test("a full block refuses another name and says which", () => {
  const counters = new Counters(new Float64Array(1))
  counters.slot("a")
  assert.throws(() => counters.slot("b"), /VELOZ_COUNTER_CAPACITY.*"b"/)
})

test.run()
