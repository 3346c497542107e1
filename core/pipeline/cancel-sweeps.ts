import type { Link } from "../hot/link.js"
import {
  CANCEL_ALL_DONE_BYTES,
  CANCEL_ALL_DONE_CANCELED,
  CANCEL_ALL_DONE_OTHERWISE,
  CANCEL_ALL_DONE_TOKEN,
  CANCEL_ALL_DONE_UNCONFIRMED,
  CANCEL_ALL_SYMBOL,
  CANCEL_ALL_TOKEN,
  OrderStatus,
  RecordType,
  type RecordViews,
} from "../hot/records.js"
import { NO_CAPACITY } from "../hot/ring.js"
import type { OrderEvents } from "./order-events.js"
import { Field, NO_SLOT, type OrderStore } from "./order-store.js"

/** Who waits is then told how far it has come. */
const DEADLINE_NS = 5e9
/** Beyond so many at once the oldest is told early: each costs a comparison at the end of every order. */
const MOST_SWEEPS = 64
const ALL_SYMBOLS = -1

/** The orders that were open when control wanted them cancelled, and what has become of them. */
class Sweep {
  unconfirmed = 0
  canceled = 0
  otherwise = 0

  constructor(
    readonly token: number,
    private readonly symbol: number,
    /** Orders with a later number came after the wish. */
    private readonly lastSequence: number,
    readonly deadlineNs: number,
  ) {}

  readonly means = (row: Float64Array): boolean =>
    row[Field.Sequence] <= this.lastSequence && (this.symbol === ALL_SYMBOLS || row[Field.Symbol] === this.symbol)

  onEnd(row: Float64Array): void {
    if (!this.means(row)) return
    this.unconfirmed -= 1
    if (row[Field.Status] === OrderStatus.Canceled) this.canceled += 1
    else this.otherwise += 1
  }
}

/** Counts how the orders of each CancelAll end, and tells control when all have, or when it has waited long enough. */
export class CancelSweeps {
  #sweeps: Sweep[] = []

  constructor(
    private readonly store: OrderStore,
    private readonly events: OrderEvents,
    private readonly toControl: Link,
    private readonly ringControl: () => void,
  ) {}

  /** How many somebody waits for. */
  get count(): number {
    return this.#sweeps.length
  }

  /** A CancelAll record. Counts the orders that it means; `means` says of each whether it is one. */
  begin({ f64, i32 }: RecordViews, offset: number, nowNs: number): Sweep {
    const { store } = this
    const symbol = i32[(offset + CANCEL_ALL_SYMBOL) >> 2]
    const token = f64[(offset + CANCEL_ALL_TOKEN) >> 3]
    const sweep = new Sweep(token, symbol, store.lastSequence, nowNs + DEADLINE_NS)
    for (let slot = store.firstOpen(); slot !== NO_SLOT; slot = store.nextOpen(slot)) {
      if (sweep.means(store.row(slot))) sweep.unconfirmed += 1
    }
    if (this.#sweeps.push(sweep) > MOST_SWEEPS) this.#tell(this.#sweeps.shift()!)
    return sweep
  }

  /** An order has ended, and its event has been told. */
  onEnd(row: Float64Array): void {
    if (this.#sweeps.length === 0) return
    for (const sweep of this.#sweeps) sweep.onEnd(row)
    this.tellOver(0)
  }

  /** Tells of those whose orders have all ended, and of those whose time is up. */
  tellOver(nowNs: number): void {
    if (this.#sweeps.length === 0) return
    const isOver = ({ unconfirmed, deadlineNs }: Sweep): boolean => unconfirmed === 0 || deadlineNs <= nowNs
    this.#sweeps = this.#sweeps.filter((sweep) => !(isOver(sweep) && this.#tell(sweep)))
  }

  // Behind the events of its orders: who reads after the answer sees their ends.
  #tell({ token, canceled, otherwise, unconfirmed }: Sweep): boolean {
    const { events, toControl, ringControl } = this
    if (!events.tellQueued()) return false
    const at = toControl.claim(RecordType.CancelAllDone, CANCEL_ALL_DONE_BYTES, true)
    if (at === NO_CAPACITY) return false
    toControl.f64[(at + CANCEL_ALL_DONE_TOKEN) >> 3] = token
    toControl.i32[(at + CANCEL_ALL_DONE_CANCELED) >> 2] = canceled
    toControl.i32[(at + CANCEL_ALL_DONE_OTHERWISE) >> 2] = otherwise
    toControl.i32[(at + CANCEL_ALL_DONE_UNCONFIRMED) >> 2] = unconfirmed
    toControl.publish()
    ringControl()
    return true
  }
}
