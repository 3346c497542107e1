import type { Clock } from "../hot/clock.js"
import { DenyReason } from "../hot/deny.js"
import type { Link } from "../hot/link.js"
import {
  PING_TOKEN,
  PongFrom,
  REQUEST_CLIENT_ID,
  REQUEST_ID,
  REQUEST_PRICE_TICKS,
  REQUEST_QTY_LOTS,
  REQUEST_SIDE,
  REQUEST_SYMBOL,
  REQUEST_TIF,
  REQUEST_TYPE,
  RecordType,
  type RecordViews,
  SENT_BYTES,
  SENT_ENCODED_NS,
  SENT_REASON,
  SENT_REQUEST_ID,
  SENT_SENT_NS,
  SENT_STARTED_NS,
  SNAPSHOT_REQUEST_LEVELS,
  SNAPSHOT_REQUEST_SYMBOL,
} from "../hot/records.js"
import type { OrderRequest, VenueAdapter } from "../kernel/contract.js"
import { writePong } from "./ping.js"
import type { StageChain } from "./stages.js"

/** Frames that may wait for one socket write. The schema of batch_size has the same bound. */
const MAX_WAITING = 1024
const STARTED = 0
const ENCODED = 1
const SENT = 2

/**
 * The network role's side of the order path: encode -> [batch] -> send. It owns no order; it tells the engine when
 * the bytes of each have left.
 */
export class NetworkRole {
  #adapter: VenueAdapter | undefined
  #chain: StageChain
  readonly #request = new RequestView()
  // Frames that are appended and not yet flushed, in order.
  readonly #requestIds = new Float64Array(MAX_WAITING)
  readonly #startedNs = new Float64Array(MAX_WAITING)
  readonly #encodedNs = new Float64Array(MAX_WAITING)
  // The frame in hand, and the time of the last write. Doubles stay in memory: as arguments they would be boxed.
  readonly #now = new Float64Array(3)
  #waiting = 0

  constructor(
    private readonly clock: Clock,
    private readonly toEngine: Link,
    chain: StageChain,
  ) {
    this.#chain = chain
  }

  get adapter(): VenueAdapter | undefined {
    return this.#adapter
  }

  /** Requests that wait for their write or for their answer. */
  get inFlight(): number {
    return this.#waiting + (this.#adapter?.inFlight ?? 0)
  }

  adopt(adapter: VenueAdapter | undefined, chain: StageChain): void {
    this.#adapter = adapter
    this.#chain = chain
  }

  idle(): void {
    this.#chain.idle?.()
  }

  readonly onRecord = (type: number, offset: number, _length: number, views: RecordViews): void => {
    if (type === RecordType.Place) return this.#place(views, offset)
    if (type === RecordType.SnapshotRequest) return this.#requestSnapshot(views, offset)
    if (type === RecordType.Ping) return this.#ping(views, offset)
    // Cancels and questions do not wait for a batch to fill.
    this.#request.at(views, offset)
    if (type === RecordType.Cancel) this.#adapter?.cancel(this.#request)
    if (type === RecordType.Query) this.#adapter?.query(this.#request)
    this.flush()
  }

  /** The last stage of the chain: one socket write for every frame that was appended. */
  readonly flush = (): void => {
    const isSent = this.#adapter?.connection?.flush() ?? false
    const count = this.#waiting
    if (count === 0) return
    this.#waiting = 0
    this.clock.stampNs(this.#now, SENT)
    const reason = isSent ? DenyReason.None : DenyReason.VenueAway
    for (let index = 0; index < count; index += 1) {
      const at = this.#claimSent(reason)
      this.toEngine.f64[(at + SENT_REQUEST_ID) >> 3] = this.#requestIds[index]
      this.toEngine.f64[(at + SENT_STARTED_NS) >> 3] = this.#startedNs[index]
      this.toEngine.f64[(at + SENT_ENCODED_NS) >> 3] = this.#encodedNs[index]
    }
    // All at once: who hears of them may bring new frames, which use the same memory.
    this.toEngine.publish()
  }

  #place(views: RecordViews, offset: number): void {
    const now = this.#now
    this.clock.stampNs(now, STARTED)
    this.#request.at(views, offset)
    const adapter = this.#adapter
    const reason = adapter?.isReady ? adapter.place(this.#request) : DenyReason.VenueAway
    this.clock.stampNs(now, ENCODED)
    if (reason !== DenyReason.None) return this.#refuse(views, offset, reason)
    const index = this.#waiting
    this.#requestIds[index] = views.f64[(offset + REQUEST_ID) >> 3]
    this.#startedNs[index] = now[STARTED]
    this.#encodedNs[index] = now[ENCODED]
    this.#waiting = index + 1
    if (this.#waiting === MAX_WAITING) return this.flush()
    this.#chain.offer(0)
  }

  #refuse(views: RecordViews, offset: number, reason: number): void {
    const { toEngine } = this
    this.#now[SENT] = this.#now[ENCODED]
    const at = this.#claimSent(reason)
    toEngine.f64[(at + SENT_REQUEST_ID) >> 3] = views.f64[(offset + REQUEST_ID) >> 3]
    toEngine.f64[(at + SENT_STARTED_NS) >> 3] = this.#now[STARTED]
    toEngine.f64[(at + SENT_ENCODED_NS) >> 3] = this.#now[ENCODED]
    toEngine.publish()
  }

  // Room for these is reserved: an order that left is never forgotten.
  #claimSent(reason: number): number {
    const { toEngine } = this
    const at = toEngine.claim(RecordType.Sent, SENT_BYTES, true)
    toEngine.f64[(at + SENT_SENT_NS) >> 3] = this.#now[SENT]
    toEngine.i32[(at + SENT_REASON) >> 2] = reason
    return at
  }

  #ping({ f64 }: RecordViews, offset: number): void {
    const token = f64[(offset + PING_TOKEN) >> 3]
    // Undefined when the adapter has no such request: then it is taken to be up.
    const reason = this.#adapter === undefined ? DenyReason.VenueAway : this.#adapter.ping?.(token)
    if (reason === DenyReason.None) this.flush()
    else writePong(this.toEngine, { token, from: PongFrom.Venue, isUp: reason === undefined })
  }

  #requestSnapshot(views: RecordViews, offset: number): void {
    const symbol = views.i32[(offset + SNAPSHOT_REQUEST_SYMBOL) >> 2]
    this.#adapter?.requestSnapshot(symbol, views.i32[(offset + SNAPSHOT_REQUEST_LEVELS) >> 2])
  }
}

/** A view of a Place, Cancel or Query record. */
class RequestView implements OrderRequest {
  requestId = 0
  symbol = 0
  side = 0
  type = 0
  tif = 0
  priceTicks = 0
  qtyLots = 0
  clientIdBytes: Uint8Array = new Uint8Array(0)
  clientIdOffset = 0
  clientIdLength = 0

  at(views: RecordViews, offset: number): void {
    const { f64, i32 } = views
    this.requestId = f64[(offset + REQUEST_ID) >> 3]
    this.symbol = i32[(offset + REQUEST_SYMBOL) >> 2]
    this.side = i32[(offset + REQUEST_SIDE) >> 2]
    this.type = i32[(offset + REQUEST_TYPE) >> 2]
    this.tif = i32[(offset + REQUEST_TIF) >> 2]
    this.priceTicks = f64[(offset + REQUEST_PRICE_TICKS) >> 3]
    this.qtyLots = f64[(offset + REQUEST_QTY_LOTS) >> 3]
    this.clientIdBytes = views.u8
    this.clientIdLength = i32[(offset + REQUEST_CLIENT_ID) >> 2]
    this.clientIdOffset = offset + REQUEST_CLIENT_ID + 4
  }
}
