import { test } from "uvu"
import * as assert from "uvu/assert"
import { readRecordText, writeRecordText } from "../../../core/hot/record-text.js"
import { EVENT_BYTES, EVENT_CLIENT_ID, EVENT_SEQUENCE } from "../../../core/hot/records.js"
import { FinishedOrders } from "../../../core/pipeline/finished-orders.js"

const memory = new ArrayBuffer(EVENT_BYTES)
const views = { f64: new Float64Array(memory), i32: new Int32Array(memory), u8: new Uint8Array(memory) }

function add(orders: FinishedOrders, id: string, sequence: number): void {
  writeRecordText(views, EVENT_CLIENT_ID, id)
  views.f64[EVENT_SEQUENCE >> 3] = sequence
  orders.add(views, 0)
}

const sequenceOf = (orders: FinishedOrders, id: string): number => {
  const at = orders.find(id)
  return at < 0 ? -1 : orders.f64[(at + EVENT_SEQUENCE) >> 3]
}

test("FinishedOrders finds an order by its id and lists the newest first", () => {
  const orders = new FinishedOrders(4)
  for (const [sequence, id] of ["a", "b", "c"].entries()) add(orders, id, sequence)
  assert.is(sequenceOf(orders, "b"), 1)
  assert.is(sequenceOf(orders, "x"), -1)
  const ids = Array.from(orders.newestFirst(), (at) => readRecordText(orders, at + EVENT_CLIENT_ID))
  assert.equal(ids, ["c", "b", "a"])
})

test("FinishedOrders forgets the oldest when it is full, and keeps as many as it was made for", () => {
  const orders = new FinishedOrders(3)
  for (let sequence = 0; sequence < 1000; sequence += 1) add(orders, `o${sequence}`, sequence)
  assert.is(sequenceOf(orders, "o996"), -1)
  for (const sequence of [997, 998, 999]) assert.is(sequenceOf(orders, `o${sequence}`), sequence)
  assert.is([...orders.newestFirst()].length, 3)
})

test("FinishedOrders means the newest order when an id was used again", () => {
  const orders = new FinishedOrders(3)
  add(orders, "same", 1)
  add(orders, "same", 2)
  assert.is(sequenceOf(orders, "same"), 2)
  add(orders, "x", 3)
  add(orders, "y", 4)
  assert.is(sequenceOf(orders, "same"), 2, "the slot of the older order was used again")
  add(orders, "z", 5)
  assert.is(sequenceOf(orders, "same"), -1)
})

test("FinishedOrders answers that it does not know ids that no order can have", () => {
  const orders = new FinishedOrders(2)
  assert.is(orders.find(""), -1)
  assert.is(orders.find("x".repeat(100)), -1)
  assert.is(orders.find("ünï"), -1)
})

test.run()
