import { ID_BYTES, type RecordViews, TEXT_BYTES } from "../hot/records.js"
import { Field, NO_SLOT, type OrderStore } from "./order-store.js"

/** The open orders of one engine role, for another one to go on with: rows of fields and texts, oldest first. */
export interface OpenOrders {
  /** Names by the numbers that the rows have. */
  readonly symbols: readonly string[]
  readonly assets: readonly string[]
  readonly rows: readonly Float64Array[]
  readonly texts: readonly Uint8Array[]
  readonly lastSequence: number
  /** Hashes of ids that are over. */
  readonly over: Int32Array
}

// | 0 clientId | 48 venueId | 96 text |
const VENUE_ID = ID_BYTES
const TEXT = 2 * ID_BYTES
const TEXTS_BYTES = TEXT + TEXT_BYTES
/** Before anything that a venue has said: so the order is asked for unless the venue has told of it meanwhile. */
const NEVER_SEEN = -1

export function copyOpenOrders(
  store: OrderStore,
  names: { symbols: readonly string[]; assets: readonly string[] },
): OpenOrders {
  const rows: Float64Array[] = []
  const texts: Uint8Array[] = []
  for (let slot = store.firstOpen(); slot !== NO_SLOT; slot = store.nextOpen(slot)) {
    const views = scratch()
    store.copyClientId(slot, views, 0)
    store.copyVenueId(slot, views, VENUE_ID)
    store.copyText(slot, views, TEXT)
    rows.push(store.row(slot).slice())
    texts.push(views.u8)
  }
  const { lastSequence } = store
  return { ...names, rows: rows.reverse(), texts: texts.reverse(), lastSequence, over: store.copyOver() }
}

/** Opens these orders in another store, where symbols and assets may have other numbers. `onOrder` hears of each row. */
export function openOrders(
  store: OrderStore,
  orders: OpenOrders,
  numbers: { symbolOf(name: string): number; assetOf(name: string): number },
  onOrder: (row: Float64Array) => void,
): void {
  for (const [index, from] of orders.rows.entries()) {
    const slot = store.acquire()
    store.clear(slot)
    const row = store.row(slot)
    const { [Field.ClientCell]: clientCell, [Field.VenueCell]: venueCell } = row
    row.set(from)
    row[Field.ClientCell] = clientCell
    row[Field.VenueCell] = venueCell
    row[Field.IsEventDue] = 0
    row[Field.SeenOutage] = NEVER_SEEN
    row[Field.Symbol] = numbers.symbolOf(orders.symbols[from[Field.Symbol]])
    row[Field.HeldAsset] = numbers.assetOf(orders.assets[from[Field.HeldAsset]] ?? "")
    const views = scratch(orders.texts[index])
    store.setClientId(slot, views, 0)
    if (views.i32[VENUE_ID >> 2] > 0) store.setVenueId(slot, views, VENUE_ID)
    store.setText(slot, views, TEXT)
    store.open(slot)
    onOrder(row)
  }
  store.goOnFrom(orders.lastSequence, orders.over)
}

function scratch(bytes: Uint8Array = new Uint8Array(0)): RecordViews {
  const memory = new ArrayBuffer(TEXTS_BYTES)
  const u8 = new Uint8Array(memory)
  u8.set(bytes)
  return { f64: new Float64Array(memory), i32: new Int32Array(memory), u8 }
}
