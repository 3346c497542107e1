import { test } from "uvu"
import * as assert from "uvu/assert"
import { writeAscii } from "../../../core/hot/bytes.js"
import { FIRST_HEAP_SLOT, PoolFigure, type ResizablePool } from "../../../core/hot/pool.js"
import { ORDER_SLOT_BYTES } from "../../../core/hot/pool-sizes.js"
import { ID_BYTES, TEXT_BYTES } from "../../../core/hot/records.js"
import { Field, NO_SLOT, OrderStore } from "../../../core/pipeline/order-store.js"
import { below, seededRandom } from "../../support/random.js"

const TEXT_AT = ID_BYTES
const memory = new ArrayBuffer(ID_BYTES + TEXT_BYTES)
const views = { f64: new Float64Array(memory), i32: new Int32Array(memory), u8: new Uint8Array(memory) }
const ids = new Float64Array(1)

test("a pool of one overfills to the heap, counts it, and is used again when it has room", () => {
  const store = new OrderStore(1, 10)
  const orders = ["a", "b", "c"].map((id) => open(store, id, `of ${id}`))
  assert.is(orders[0], 0)
  assert.ok(orders[1] >= FIRST_HEAP_SLOT && orders[2] >= FIRST_HEAP_SLOT)
  assert.equal(usageOf(store).slice(0, 6), [1, 1, 1, 3, 2, 2])
  assert.equal(
    ["a", "b", "c"].map((id) => find(store, id)),
    orders,
  )
  assert.equal(
    orders.map((slot) => textOf(store, slot)),
    ["of a", "of b", "of c"],
  )
  for (const slot of orders) close(store, slot)
  assert.is(open(store, "d"), 0)
  assert.equal(usageOf(store).slice(0, 6), [1, 1, 1, 4, 2, 0])
})

test("the bytes of the pool are those of its slots and of the index of ids", () => {
  const bytes = (slots: number): number => usageOf(new OrderStore(slots, 1))[PoolFigure.Bytes]
  assert.is(bytes(5) - bytes(1), 4 * ORDER_SLOT_BYTES)
  assert.ok(bytes(16_384) > 16_384 * (ORDER_SLOT_BYTES + 80) && bytes(16_384) < 16_384 * (ORDER_SLOT_BYTES + 200))
})

test("what was touched ahead is told, and the index is touched too", () => {
  const store = new OrderStore(3000, 1)
  open(store, "a")
  store.resize(5000, true)
  settle(store)
  const [preallocated, bytes] = [usageOf(store)[PoolFigure.PreallocatedBytes], usageOf(store)[PoolFigure.Bytes]]
  assert.is(preallocated, bytes)
  assert.is(find(store, "a"), 0)
  store.resize(5000, false)
  assert.is(usageOf(store)[PoolFigure.PreallocatedBytes], 0)
})

test("a request id names its order as long as that is open, in the pool and on the heap", () => {
  const store = new OrderStore(1, 10)
  for (const id of ["in the pool", "on the heap"]) {
    const slot = open(store, id)
    store.putRequestId(slot, ids, 0)
    assert.ok(Number.isSafeInteger(ids[0]))
    assert.is(store.slotOf(ids, 0), slot)
  }
  const late = ids[0]
  close(store, find(store, "on the heap"))
  assert.is(open(store, "next"), find(store, "next"))
  ids[0] = late
  assert.is(store.slotOf(ids, 0), NO_SLOT, "the next order of the same slot is another one")
})

test("whatever opens, closes and is resized, every open order is found with all that is known of it", () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const random = seededRandom(seed)
    const store = new OrderStore(below(random, 20), below(random, 40))
    const model = new Map<string, { slot: number; price: number; text: string; venueId: string }>()
    for (let step = 0; step < 6000; step += 1) {
      const action = random()
      if (action < 0.5) {
        const id = `order-${step}`
        const price = step * 1e6 + 0.5
        const slot = open(store, id, `words ${step}`)
        store.set(slot, Field.PriceTicks, price)
        writeId(`venue-${step}`)
        store.setVenueId(slot, views, 0)
        model.set(id, { slot, price, text: `words ${step}`, venueId: `venue-${step}` })
      } else if (action < 0.96) {
        const known = [...model.keys()]
        if (known.length === 0) continue
        const id = known[below(random, known.length)]
        close(store, model.get(id)!.slot)
        model.delete(id)
      } else {
        const most = [2, 100, 3000][below(random, 3)]
        store.resize(below(random, most), random() < 0.3)
        store.strings.slots.resize(below(random, 20 * most), random() < 0.3)
      }
      if (random() < 0.1) store.settle()
      if (random() < 0.1) store.strings.slots.settle()
      assert.is(store.openCount, model.size)
      if (step % 500 === 0) assertHolds(store, model)
    }
    assertHolds(store, model)
    for (const { slot } of model.values()) close(store, slot)
    for (const pool of [store, store.strings.slots]) settle(pool)
    assert.equal([usageOf(store)[PoolFigure.InUse], store.pool.onHeap, store.strings.heapCount], [0, 0, 0])
    assert.is(store.pool.heldSlots, store.pool.capacity)
    assert.is(store.strings.slots.heldSlots, store.strings.slots.capacity)
  }
})

function assertHolds(
  store: OrderStore,
  model: ReadonlyMap<string, { slot: number; price: number; text: string; venueId: string }>,
): void {
  const listed = new Set<number>()
  for (let slot = store.firstOpen(); slot !== NO_SLOT; slot = store.nextOpen(slot)) listed.add(slot)
  assert.is(listed.size, model.size)
  for (const [id, { slot, price, text, venueId }] of model) {
    assert.ok(listed.has(slot))
    assert.is(find(store, id), slot)
    assert.is(store.clientIdText(slot), id)
    assert.is(store.row(slot)[Field.PriceTicks], price)
    assert.is(textOf(store, slot), text)
    store.copyVenueId(slot, views, 0)
    assert.is(readId(), venueId)
    store.putRequestId(slot, ids, 0)
    assert.is(store.slotOf(ids, 0), slot)
  }
}

function open(store: OrderStore, id: string, text = ""): number {
  const slot = store.acquire()
  store.clear(slot)
  writeId(id)
  store.setClientId(slot, views, 0)
  views.i32[TEXT_AT >> 2] = text.length
  writeAscii(text, views.u8, TEXT_AT + 4)
  store.setText(slot, views, TEXT_AT)
  store.open(slot)
  return slot
}

function close(store: OrderStore, slot: number): void {
  store.close(slot)
  store.release(slot)
}

function find(store: OrderStore, id: string): number {
  writeId(id)
  return store.find(views, 0)
}

function textOf(store: OrderStore, slot: number): string {
  store.copyText(slot, views, TEXT_AT)
  return String.fromCharCode(...views.u8.slice(TEXT_AT + 4, TEXT_AT + 4 + views.i32[TEXT_AT >> 2]))
}

function writeId(id: string): void {
  views.i32[0] = id.length
  writeAscii(id, views.u8, 4)
}

function readId(): string {
  return String.fromCharCode(...views.u8.slice(4, 4 + views.i32[0]))
}

function settle(pool: ResizablePool): void {
  while (!pool.isSettled) pool.settle()
}

function usageOf(pool: ResizablePool): number[] {
  const usage = new Float64Array(8)
  pool.writeUsage(usage)
  return [...usage]
}

test.run()
