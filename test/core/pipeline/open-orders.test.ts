import { test } from "uvu"
import * as assert from "uvu/assert"
import { readRecordText, writeRecordText } from "../../../core/hot/record-text.js"
import { ID_BYTES, TEXT_BYTES, TEXT_MAX_LENGTH } from "../../../core/hot/records.js"
import { copyOpenOrders, openOrders } from "../../../core/pipeline/open-orders.js"
import { Field, NO_SLOT, OrderStore } from "../../../core/pipeline/order-store.js"

const VENUE_ID = ID_BYTES
const TEXT = 2 * ID_BYTES
const memory = new ArrayBuffer(TEXT + TEXT_BYTES)
const views = { f64: new Float64Array(memory), i32: new Int32Array(memory), u8: new Uint8Array(memory) }
const OLD = { symbols: ["BTCUSDT", "ETHUSDT"], assets: ["USDT", "BTC", "ETH"] }
/** The same names, the other way round. */
const NEW = {
  symbolOf: (name: string) => ["ETHUSDT", "BTCUSDT"].indexOf(name),
  assetOf: (name: string) => ["ETH", "BTC", "USDT"].indexOf(name),
}

interface Wish {
  readonly id: string
  readonly venueId?: string
  readonly symbol?: number
  readonly heldAsset?: number
}

function open(store: OrderStore, { id, venueId = "", symbol = 0, heldAsset = 0 }: Wish): number {
  const slot = store.acquire()
  store.clear(slot)
  writeRecordText(views, 0, id)
  writeRecordText(views, VENUE_ID, venueId)
  writeRecordText(views, TEXT, `of ${id}`, TEXT_MAX_LENGTH)
  store.setClientId(slot, views, 0)
  if (venueId !== "") store.setVenueId(slot, views, VENUE_ID)
  store.setText(slot, views, TEXT)
  store.set(slot, Field.Symbol, symbol)
  store.set(slot, Field.HeldAsset, heldAsset)
  store.set(slot, Field.QtyLots, 7)
  store.set(slot, Field.IsEventDue, 1)
  store.open(slot)
  return slot
}

/** The store that goes on with what was open in the other one. */
function handedOver(from: OrderStore, capacity = 4): OrderStore {
  const store = new OrderStore(capacity, 10)
  openOrders(store, structuredClone(copyOpenOrders(from, OLD)), NEW, () => undefined)
  return store
}

function find(store: OrderStore, id: string): number {
  writeRecordText(views, 0, id)
  return store.find(views, 0)
}

test("open orders go over with their ids, texts and figures, and with the numbers that their names have there", () => {
  const from = new OrderStore(4, 10)
  open(from, { id: "a", venueId: "17", symbol: 0, heldAsset: 0 })
  open(from, { id: "b", symbol: 1, heldAsset: 2 })
  const store = handedOver(from)
  assert.is(store.openCount, 2)
  const fields = [Field.Symbol, Field.HeldAsset, Field.QtyLots, Field.Sequence, Field.IsEventDue]
  assert.equal(
    ["a", "b"].map((id) => fields.map((field) => store.get(find(store, id), field))),
    [
      [1, 2, 7, 1, 0],
      [0, 0, 7, 2, 0],
    ],
  )
  const a = find(store, "a")
  store.copyText(a, views, TEXT)
  assert.is(readRecordText(views, TEXT), "of a")
  writeRecordText(views, VENUE_ID, "17")
  assert.ok(store.hasVenueId(a, views, VENUE_ID))
  assert.not(store.hasVenueId(find(store, "b"), views, VENUE_ID))
})

test("they keep their order, and the next one is numbered behind them", () => {
  const from = new OrderStore(4, 10)
  const slots = ["a", "b", "c"].map((id) => open(from, { id }))
  from.close(slots[1])
  from.release(slots[1])
  const store = handedOver(from)
  const newestFirst: number[] = []
  for (let slot = store.firstOpen(); slot !== NO_SLOT; slot = store.nextOpen(slot)) newestFirst.push(slot)
  assert.equal(newestFirst, [find(store, "c"), find(store, "a")])
  assert.is(store.get(open(store, { id: "d" }), Field.Sequence), 4)
})

test("an order that has ended is known to be over, and one that is open is asked for", () => {
  const from = new OrderStore(4, 10)
  const slot = open(from, { id: "over" })
  from.close(slot)
  from.release(slot)
  open(from, { id: "open" })
  const store = handedOver(from)
  writeRecordText(views, 0, "over")
  assert.ok(store.isOver(views, 0))
  assert.is(store.get(find(store, "open"), Field.SeenOutage), -1)
})

test("more orders than the pool has room for lose none", () => {
  const from = new OrderStore(8, 10)
  const ids = ["a", "b", "c", "d", "e"]
  for (const id of ids) open(from, { id })
  const store = handedOver(from, 2)
  assert.is(store.openCount, ids.length)
  assert.ok(ids.every((id) => find(store, id) !== NO_SLOT))
})

test.run()
