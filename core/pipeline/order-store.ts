import { hashBytes } from "../hot/bytes.js"
import { IdIndex } from "../hot/id-index.js"
import { touchPages } from "../hot/pages.js"
import {
  FIRST_HEAP_SLOT,
  NO_SLOT,
  PoolFigure,
  type ResizablePool,
  SEGMENT_MASK,
  SEGMENT_SHIFT,
  SLOTS_PER_SEGMENT,
  SlotPool,
} from "../hot/pool.js"
import { ORDER_ROW_BYTES } from "../hot/pool-sizes.js"
import { ID_BYTES, type RecordViews, TEXT_BYTES } from "../hot/records.js"
import { StringPool } from "../hot/string-pool.js"
import type { OrderView } from "../kernel/contract.js"

export { NO_SLOT }

/** What is kept of an order, each a double of its slot. */
export const Field = {
  Sequence: 0,
  Symbol: 1,
  Side: 2,
  Type: 3,
  Tif: 4,
  PriceTicks: 5,
  QtyLots: 6,
  FilledLots: 7,
  FilledNotional: 8,
  Status: 9,
  Reason: 10,
  Code: 11,
  Origin: 12,
  Owner: 13,
  Token: 14,
  EnteredNs: 15,
  ReceivedNs: 16,
  ValidatedNs: 17,
  RiskedNs: 18,
  StartedNs: 19,
  EncodedNs: 20,
  SentNs: 21,
  CreatedUs: 22,
  UpdatedUs: 23,
  LastTradeId: 24,
  LastPriceTicks: 25,
  LastQtyLots: 26,
  HeldAsset: 27,
  HeldUnits: 28,
  LostNs: 29,
  AskedNs: 30,
  IsOpen: 31,
  NextOpen: 32,
  PreviousOpen: 33,
  IsEventDue: 34,
  NextQueued: 35,
  ClientCell: 36,
  VenueCell: 37,
  /** The venue has said that it has the order. */
  IsAcknowledged: 38,
  /** The engine itself wants it gone. */
  IsCancelWanted: 39,
  /** The outages of the venue that there had been when it last spoke of the order. */
  SeenOutage: 40,
  /** Ticks x lots at the worst price, as it was when the order was checked. */
  Notional: 41,
} as const

/** 64 fields, which are ORDER_ROW_BYTES. */
const FIELDS_SHIFT = 6
const NO_CELL = -1
/**
 * A request id is a slot and the end of its order's sequence number, so that a late answer never meets the slot's next
 * order: the ends repeat after some 17 million orders, and no answer is as late as that.
 */
const SLOT_SPAN = 2 ** 28
const SEQUENCE_MASK = 2 ** 24 - 1
/**
 * Places for ids of ended orders. A venue's last words come within moments, and each order that ends meanwhile takes the
 * place of another with a chance of one in so many.
 */
const REMEMBERED = 65_536

/** The orders that are open, or whose last event has not left. Owned by the engine. */
export class OrderStore implements ResizablePool {
  readonly pool: SlotPool
  readonly strings: StringPool
  readonly #index: IdIndex
  // A row of fields for each slot. The order path works on rows: through a getter that is not inlined, doubles are boxed.
  // A row is a view, made when its slot is lent for the first time: a view for each of a million slots that are never
  // used would make every collection of the heap a long one.
  private readonly rows: Float64Array[] = []
  readonly #fields: Float64Array[] = []
  readonly #texts: Uint8Array[] = []
  // Orders that a full pool has no slot for.
  private readonly heapRows: Float64Array[] = []
  readonly #heapTexts: Uint8Array[] = []
  readonly #scratch = new Uint8Array(ID_BYTES)
  // Hashes of the ids of orders that are over, each where the hash says: the newest replaces what is there.
  readonly #over = new Int32Array(REMEMBERED)
  #indexCapacity: number
  #preallocate = false
  #sequence = 0
  #firstOpen = NO_SLOT
  #firstQueued = NO_SLOT
  #lastQueued = NO_SLOT
  openCount = 0

  constructor(capacity: number, stringCells: number) {
    this.pool = new SlotPool(capacity, {
      bytesPerSlot: ORDER_ROW_BYTES + TEXT_BYTES,
      owner: {
        onSegment: (index, slots) => this.#setSegment(index, slots),
        onTouch: (index) => {
          touchPages(new Uint8Array(this.#fields[index].buffer))
          touchPages(this.#texts[index])
        },
      },
    })
    this.strings = new StringPool(stringCells)
    this.#indexCapacity = indexCapacityFor(capacity)
    this.#index = new IdIndex(this.#indexCapacity)
  }

  // ---- the pool of the orders, with the index of their ids

  get isChanged(): boolean {
    return this.pool.isChanged
  }

  set isChanged(isChanged: boolean) {
    this.pool.isChanged = isChanged
  }

  /** Open orders stay where they are. */
  resize(capacity: number, preallocate = false): void {
    this.pool.resize(capacity, preallocate)
    this.#indexCapacity = indexCapacityFor(capacity)
    this.#preallocate = preallocate
    if (!preallocate) this.#index.touchedBytes = 0
  }

  get isSettled(): boolean {
    const isTouched = !this.#preallocate || this.#index.touchedBytes === this.#index.bytes
    return this.pool.isSettled && this.#index.fits(this.#indexCapacity) && isTouched
  }

  settle(): void {
    if (!this.#index.fits(this.#indexCapacity)) this.#index.resize(this.#indexCapacity)
    else if (!this.pool.isSettled) this.pool.settle()
    else this.#index.touch()
  }

  giveUp(): void {
    this.pool.giveUp()
    this.#indexCapacity = this.#index.capacity
    this.#preallocate = false
  }

  writeUsage(into: Float64Array): void {
    this.pool.writeUsage(into)
    into[PoolFigure.Bytes] += this.#index.bytes
    into[PoolFigure.PreallocatedBytes] += this.#index.touchedBytes
  }

  #setSegment(index: number, slots: number): void {
    const fields = new Float64Array(slots << FIELDS_SHIFT)
    const texts = new Uint8Array(slots * TEXT_BYTES)
    fields.set(this.#fields[index]?.subarray(0, fields.length) ?? [])
    texts.set(this.#texts[index]?.subarray(0, texts.length) ?? [])
    this.#fields[index] = fields
    this.#texts[index] = texts
    const first = index << SEGMENT_SHIFT
    for (let slot = first; slot < first + SLOTS_PER_SEGMENT; slot += 1) {
      const isMade = slot < this.rows.length && this.rows[slot] !== NO_ROW && slot < first + slots
      this.rows[slot] = isMade ? this.#makeRow(slot) : NO_ROW
    }
  }

  #makeRow(slot: number): Float64Array {
    const start = (slot & SEGMENT_MASK) << FIELDS_SHIFT
    return this.#fields[slot >> SEGMENT_SHIFT].subarray(start, start + (1 << FIELDS_SHIFT))
  }

  // ---- one order

  get(slot: number, field: number): number {
    return this.row(slot)[field]
  }

  set(slot: number, field: number, value: number): void {
    this.row(slot)[field] = value
  }

  /** All fields of an order. */
  row(slot: number): Float64Array {
    return slot < FIRST_HEAP_SLOT ? this.rows[slot] : this.heapRows[slot - FIRST_HEAP_SLOT]
  }

  /** The number of the newest order; each has a higher one than those before it. */
  get lastSequence(): number {
    return this.#sequence
  }

  /** Hashes of the ids of orders that are over, for another store. */
  copyOver(): Int32Array {
    return this.#over.slice()
  }

  /** Goes on where another store was. */
  goOnFrom(lastSequence: number, over: Int32Array): void {
    this.#sequence = Math.max(this.#sequence, lastSequence)
    this.#over.set(over)
  }

  /** Whether the order has the venue's id that lies in a record. */
  hasVenueId(slot: number, views: RecordViews, offset: number): boolean {
    const cell = this.get(slot, Field.VenueCell)
    if (cell === NO_CELL) return false
    const length = this.strings.copyTo(cell, this.#scratch, 0)
    if (length !== views.i32[offset >> 2]) return false
    for (let index = 0; index < length; index += 1) {
      if (this.#scratch[index] !== views.u8[offset + 4 + index]) return false
    }
    return true
  }

  /** A slot for a new order. An order that a full pool has no slot for lives on the heap. */
  acquire(): number {
    const slot = this.pool.acquireOrHeap()
    if (slot >= FIRST_HEAP_SLOT) {
      this.heapRows[slot - FIRST_HEAP_SLOT] = new Float64Array(1 << FIELDS_SHIFT)
      this.#heapTexts[slot - FIRST_HEAP_SLOT] = new Uint8Array(TEXT_BYTES)
    } else if (this.rows[slot] === NO_ROW) this.rows[slot] = this.#makeRow(slot)
    return slot
  }

  /** The last event of the order has left: the slot is free. */
  release(slot: number): void {
    this.#releaseCell(slot, Field.ClientCell)
    this.#releaseCell(slot, Field.VenueCell)
    this.pool.release(slot)
    if (slot < FIRST_HEAP_SLOT) return
    this.heapRows[slot - FIRST_HEAP_SLOT] = NO_ROW
    this.#heapTexts[slot - FIRST_HEAP_SLOT] = NO_TEXT
  }

  clear(slot: number): void {
    this.#sequence += 1
    this.row(slot).fill(0)
    this.set(slot, Field.Sequence, this.#sequence)
    this.set(slot, Field.ClientCell, NO_CELL)
    this.set(slot, Field.VenueCell, NO_CELL)
    this.#textsOf(slot)[textOffset(slot)] = 0
  }

  /** Writes the id by which requests of the order are known. */
  putRequestId(slot: number, f64: Float64Array, index: number): void {
    f64[index] = (this.row(slot)[Field.Sequence] & SEQUENCE_MASK) * SLOT_SPAN + slot
  }

  /** The slot of the request id at `f64[index]`, or NO_SLOT when its order is gone. */
  slotOf(f64: Float64Array, index: number): number {
    const slot = f64[index] % SLOT_SPAN
    if (!this.pool.isUsed(slot)) return NO_SLOT
    const row = this.row(slot)
    const isIt = (row[Field.Sequence] & SEQUENCE_MASK) === Math.floor(f64[index] / SLOT_SPAN)
    return isIt && row[Field.IsOpen] === 1 ? slot : NO_SLOT
  }

  /** The slot of the open order with the id that lies in a record, or NO_SLOT. */
  find(views: RecordViews, offset: number): number {
    const length = views.i32[offset >> 2]
    return length > 0 ? this.#index.find(views.u8, offset + 4, length) : NO_SLOT
  }

  /** True when the id that lies in a record was that of an order that has ended lately. */
  isOver(views: RecordViews, offset: number): boolean {
    const length = views.i32[offset >> 2]
    const hash = hashBytes(views.u8, offset + 4, length)
    return length > 0 && this.#over[hash & (REMEMBERED - 1)] === hash
  }

  // ---- open orders, oldest last

  open(slot: number): void {
    this.set(slot, Field.IsOpen, 1)
    this.set(slot, Field.NextOpen, this.#firstOpen)
    this.set(slot, Field.PreviousOpen, NO_SLOT)
    if (this.#firstOpen !== NO_SLOT) this.set(this.#firstOpen, Field.PreviousOpen, slot)
    this.#firstOpen = slot
    this.openCount += 1
    this.#index.insert(this.#scratch, 0, this.#readClientId(slot), slot)
  }

  close(slot: number): void {
    if (!this.isOpen(slot)) return
    this.set(slot, Field.IsOpen, 0)
    const next = this.get(slot, Field.NextOpen)
    const previous = this.get(slot, Field.PreviousOpen)
    if (next !== NO_SLOT) this.set(next, Field.PreviousOpen, previous)
    if (previous !== NO_SLOT) this.set(previous, Field.NextOpen, next)
    else this.#firstOpen = next
    this.openCount -= 1
    const length = this.#readClientId(slot)
    this.#index.remove(this.#scratch, 0, length)
    const hash = hashBytes(this.#scratch, 0, length)
    this.#over[hash & (REMEMBERED - 1)] = hash
  }

  isOpen(slot: number): boolean {
    return this.get(slot, Field.IsOpen) === 1
  }

  firstOpen(): number {
    return this.#firstOpen
  }

  nextOpen(slot: number): number {
    return this.get(slot, Field.NextOpen)
  }

  // ---- orders whose event waits for room

  queueEvent(slot: number): void {
    this.set(slot, Field.IsEventDue, 1)
    this.set(slot, Field.NextQueued, NO_SLOT)
    if (this.#lastQueued === NO_SLOT) this.#firstQueued = slot
    else this.set(this.#lastQueued, Field.NextQueued, slot)
    this.#lastQueued = slot
  }

  nextQueued(): number {
    return this.#firstQueued
  }

  unqueueEvent(): void {
    const slot = this.#firstQueued
    this.set(slot, Field.IsEventDue, 0)
    this.#firstQueued = this.get(slot, Field.NextQueued)
    if (this.#firstQueued === NO_SLOT) this.#lastQueued = NO_SLOT
  }

  // ---- ids and words, in the layout of records

  setClientId(slot: number, views: RecordViews, offset: number): void {
    this.#setId(slot, Field.ClientCell, views, offset)
  }

  setVenueId(slot: number, views: RecordViews, offset: number): void {
    this.#setId(slot, Field.VenueCell, views, offset)
  }

  copyClientId(slot: number, views: RecordViews, offset: number): void {
    this.#copyId(slot, Field.ClientCell, views, offset)
  }

  copyVenueId(slot: number, views: RecordViews, offset: number): void {
    this.#copyId(slot, Field.VenueCell, views, offset)
  }

  clientIdText(slot: number): string {
    const cell = this.get(slot, Field.ClientCell)
    return cell === NO_CELL ? "" : this.strings.text(cell)
  }

  setText(slot: number, views: RecordViews, offset: number): void {
    const length = views.i32[offset >> 2]
    const texts = this.#textsOf(slot)
    const at = textOffset(slot)
    texts[at] = length
    for (let index = 0; index < length; index += 1) texts[at + 4 + index] = views.u8[offset + 4 + index]
  }

  copyText(slot: number, views: RecordViews, offset: number): void {
    const texts = this.#textsOf(slot)
    const at = textOffset(slot)
    const length = texts[at]
    views.i32[offset >> 2] = length
    for (let index = 0; index < length; index += 1) views.u8[offset + 4 + index] = texts[at + 4 + index]
  }

  #textsOf(slot: number): Uint8Array {
    return slot < FIRST_HEAP_SLOT ? this.#texts[slot >> SEGMENT_SHIFT] : this.#heapTexts[slot - FIRST_HEAP_SLOT]
  }

  #setId(slot: number, field: number, views: RecordViews, offset: number): void {
    const length = Math.max(0, Math.min(views.i32[offset >> 2], ID_BYTES - 4))
    const cell = this.get(slot, field)
    if (cell === NO_CELL) this.set(slot, field, this.strings.add(views.u8, offset + 4, length))
    else this.strings.set(cell, views.u8, offset + 4, length)
  }

  #copyId(slot: number, field: number, views: RecordViews, offset: number): void {
    const cell = this.get(slot, field)
    views.i32[offset >> 2] = cell === NO_CELL ? 0 : this.strings.copyTo(cell, views.u8, offset + 4)
  }

  #releaseCell(slot: number, field: number): void {
    const cell = this.get(slot, field)
    if (cell !== NO_CELL) this.strings.release(cell)
    this.set(slot, field, NO_CELL)
  }

  #readClientId(slot: number): number {
    return this.strings.copyTo(this.get(slot, Field.ClientCell), this.#scratch, 0)
  }
}

const NO_ROW = new Float64Array(1 << FIELDS_SHIFT)
const NO_TEXT = new Uint8Array(0)

/** Ids that the index holds before it grows by itself, which an overfilled pool makes it do. */
function indexCapacityFor(slots: number): number {
  return Math.max(slots, SLOTS_PER_SEGMENT)
}

function textOffset(slot: number): number {
  return slot < FIRST_HEAP_SLOT ? (slot & SEGMENT_MASK) * TEXT_BYTES : 0
}

/** One reused view of a stored order. */
export class StoredOrder implements OrderView {
  slot = NO_SLOT
  private row: Float64Array = NO_ROW

  constructor(private readonly store: OrderStore) {}

  at(slot: number): this {
    this.slot = slot
    this.row = this.store.row(slot)
    return this
  }

  get symbol(): number {
    return this.row[Field.Symbol]
  }
  get side(): number {
    return this.row[Field.Side]
  }
  get type(): number {
    return this.row[Field.Type]
  }
  get tif(): number {
    return this.row[Field.Tif]
  }
  get priceTicks(): number {
    return this.row[Field.PriceTicks]
  }
  get qtyLots(): number {
    return this.row[Field.QtyLots]
  }
  get filledLots(): number {
    return this.row[Field.FilledLots]
  }
  get lastPriceTicks(): number {
    return this.row[Field.LastPriceTicks]
  }
  get lastQtyLots(): number {
    return this.row[Field.LastQtyLots]
  }
  get status(): number {
    return this.row[Field.Status]
  }
  get origin(): number {
    return this.row[Field.Origin]
  }
  get owner(): number {
    return this.row[Field.Owner]
  }
  get clientId(): string {
    return this.store.clientIdText(this.slot)
  }
  get notional(): number {
    return this.row[Field.Notional]
  }
}
