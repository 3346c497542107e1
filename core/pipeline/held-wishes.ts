import { RecordQueue } from "../hot/record-queue.js"
import { ORDER_SYMBOL, RecordType, type RecordViews } from "../hot/records.js"
import type { RingHandler } from "../hot/ring.js"

/** A wish that waits for whoever goes on with the orders. */
export interface HeldRecord {
  readonly type: number
  readonly bytes: Uint8Array
}

const HELD_BYTES = 1 << 20

/** Wishes that came while the orders are handed over: they wait, in order, for the one who goes on. */
export class HeldWishes {
  readonly #queue = new RecordQueue(HELD_BYTES)

  /** Takes the record if it is a wish. False when it has to be handled now: it is none, or there is no room. */
  take(type: number, offset: number, length: number, views: RecordViews): boolean {
    return isWish(type) && this.#queue.push(type, views.u8, offset, length)
  }

  /** Hands them on, oldest first. */
  release(handler: RingHandler): void {
    this.#queue.drain(handler)
  }

  /** A copy of each, for another thread. They stay. */
  copy(): HeldRecord[] {
    const records: HeldRecord[] = []
    this.#queue.drain((type, offset, length, { u8 }) => {
      records.push({ type, bytes: u8.slice(offset, offset + length) })
    })
    for (const { type, bytes } of records) this.#queue.push(type, bytes, 0, bytes.length)
    return records
  }
}

/** Hands on records of another thread, where symbols have other numbers; -1 is the number of one that is gone. */
export function handleHeld(records: readonly HeldRecord[], symbolOf: (index: number) => number, to: RingHandler): void {
  for (const { type, bytes } of records) {
    // Of its own, so that it is aligned.
    const memory = new ArrayBuffer((bytes.length + 7) & ~7)
    const views = { f64: new Float64Array(memory), i32: new Int32Array(memory), u8: new Uint8Array(memory) }
    views.u8.set(bytes)
    if (type === RecordType.NewOrder) views.i32[ORDER_SYMBOL >> 2] = symbolOf(views.i32[ORDER_SYMBOL >> 2])
    to(type, 0, bytes.length, views)
  }
}

const isWish = (type: number): boolean =>
  type === RecordType.NewOrder ||
  type === RecordType.CancelOrder ||
  type === RecordType.CancelAll ||
  type === RecordType.CancelOwned
