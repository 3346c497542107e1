import type { Clock } from "../hot/clock.js"
import type { Link } from "../hot/link.js"
import { RecordQueue } from "../hot/record-queue.js"
import {
  BALANCE_ASSET,
  BALANCE_FREE_UNITS,
  CANCEL_OWNED_OWNER,
  RecordType,
  type RecordViews,
  VENUE_STATUS_CHANNEL,
  VENUE_STATUS_UP,
  VenueChannel,
} from "../hot/records.js"
import { RingBuffer } from "../hot/ring.js"
import { Doorbell } from "../threads/doorbell.js"
import type { EngineHandover } from "../threads/handover.js"
import type { MetricSlots } from "../threads/metric-slots.js"
import { type SharedMemory, Word } from "../threads/shared-memory.js"
import { Account } from "./account.js"
import { BalanceEvents } from "./balance-events.js"
import { CancelSweeps } from "./cancel-sweeps.js"
import { DenyReasons } from "./deny-reasons.js"
import { type HeldRecord, HeldWishes, handleHeld } from "./held-wishes.js"
import type { EngineHooks } from "./hooks.js"
import { MarketBoard } from "./market-board.js"
import { MarketPath } from "./market-path.js"
import { copyOpenOrders } from "./open-orders.js"
import { OrderEvents } from "./order-events.js"
import { OrderPath } from "./order-path.js"
import { OrderStore } from "./order-store.js"
import { PingRelay } from "./ping.js"
import { Profile } from "./profile.js"
import type { StageChain } from "./stages.js"
import type { SymbolTable } from "./symbols.js"

export interface EngineRoleOptions {
  readonly symbols: SymbolTable
  readonly memory: SharedMemory
  readonly metrics: MetricSlots
  readonly clock: Clock
  readonly toNetwork: Link
  readonly toStrategy: Link
  /** The strategies run on another thread, without sight of the engine's books. */
  readonly isCopying: boolean
  /** Numbers that were given out already. */
  readonly reasons?: DenyReasons
  /** Slots of the order pool; the string pool has two cells for each. */
  readonly orderPoolSize: number
}

/** So many events wake control at once, well before its ring is full. */
const URGENT_EVENTS = 1000
/** Room for what a venue says of tens of thousands of orders. */
const HEARD_BYTES = 1 << 24

/** The engine role: it owns books, balances and the state of orders, and hears of everything by records. */
export class EngineRole {
  readonly market: MarketPath
  readonly orders: OrderPath
  readonly account: Account
  readonly reasons: DenyReasons
  readonly #balances: BalanceEvents
  readonly #pings: PingRelay
  readonly #events: OrderEvents
  readonly #symbols: SymbolTable
  readonly #controlBell: Doorbell
  #eventsUntold = 0
  /** While orders are handed over: what waits for the one who goes on with them. */
  #held: HeldWishes | undefined
  /** Before orders are taken over: what the venue says of them until then. */
  #heard: RecordQueue | undefined
  /** Wishes that were taken over. */
  #takenOver: readonly HeldRecord[] = []
  #symbolOf = (index: number): number => index

  constructor(options: EngineRoleOptions, hooks: EngineHooks, chain: StageChain) {
    const { symbols, memory, metrics, clock, toNetwork, toStrategy, orderPoolSize, isCopying } = options
    this.reasons = options.reasons ?? new DenyReasons()
    const { counters, engine: slots } = metrics
    const venueFigures = new Float64Array(memory.venue)
    const boards = symbols.all.map((spec) => new MarketBoard(memory.boards, spec.index))
    const common = { clock, toNetwork, toStrategy, counters, slots, venueFigures }
    this.#controlBell = new Doorbell(new Int32Array(memory.words), Word.ControlBell)
    this.account = new Account(symbols)
    const exchangeToEngine = metrics.histogram("exchange_to_engine")
    this.market = new MarketPath({ ...common, symbols, boards, isCopying, exchangeToEngine }, hooks, chain)
    const store = new OrderStore(orderPoolSize, 2 * orderPoolSize)
    const toControl = new RingBuffer(memory.events)
    const ringControl = (isUrgent: boolean): void => {
      this.#eventsUntold += isUrgent ? URGENT_EVENTS : 1
    }
    this.#balances = new BalanceEvents(symbols.assets.names.length, toControl, () => ringControl(false))
    const events = new OrderEvents({ ...common, store, toControl, ringControl })
    this.#events = events
    this.#symbols = symbols
    this.#pings = new PingRelay(toControl, toNetwork, () => ringControl(true))
    this.orders = new OrderPath(
      {
        ...common,
        store,
        account: this.account,
        profile: new Profile(memory.orderProfile),
        symbolCount: symbols.all.length,
        tops: this.market.tops,
        assetOf: (symbol, side) => this.account.assetOf(symbols.all[symbol], side),
        events,
        sweeps: new CancelSweeps(store, events, toControl, () => ringControl(true)),
        orderToAck: metrics.histogram("order_to_ack"),
        orderToFill: metrics.histogram("order_to_fill"),
      },
      hooks,
    )
  }

  adopt(hooks: EngineHooks, chain: StageChain): void {
    this.market.adopt(hooks, chain)
    this.orders.adopt(hooks)
  }

  readonly onRecord = (type: number, offset: number, length: number, views: RecordViews): void => {
    if (this.#held?.take(type, offset, length, views)) return
    switch (type) {
      case RecordType.Depth:
        return this.market.onDepth(views, offset, length)
      case RecordType.Top:
        return this.market.onTop(views, offset)
      case RecordType.Trade:
        return this.market.onTrade(views, offset)
      case RecordType.Report:
        return this.#onReport(views, offset, length)
      case RecordType.Sent:
        return this.orders.onSent(views, offset)
      case RecordType.NewOrder:
        return this.orders.onNewOrder(views, offset)
      case RecordType.CancelOrder:
        return this.orders.onCancelOrder(views, offset)
      case RecordType.CancelAll:
        return this.orders.onCancelAll(views, offset)
      case RecordType.CancelOwned:
        return this.orders.cancelOwned(views.i32[(offset + CANCEL_OWNED_OWNER) >> 2])
      case RecordType.Balance:
        return this.#onBalance(views, offset)
      case RecordType.Ping:
        return this.#pings.onPing(views, offset, this.orders.isVenueUp)
      case RecordType.Pong:
        return this.#pings.onPong(views, offset)
      case RecordType.VenueStatus:
        return this.#onVenueStatus(views, offset)
    }
  }

  // ---- handing over

  /** From now on wishes wait for whoever goes on with the orders. Returns how much of what was before has no answer. */
  hold(): number {
    this.#held ??= new HeldWishes()
    return this.orders.unsettled
  }

  /** Nobody else goes on with the orders: they stay here. */
  resume(): void {
    const held = this.#held
    this.#held = undefined
    held?.release(this.onRecord)
  }

  handOver(): EngineHandover {
    const { all, assets } = this.#symbols
    const names = { symbols: all.map(({ name }) => name), assets: assets.names }
    const orders = copyOpenOrders(this.orders.store, names)
    return { orders, wishes: this.#held?.copy() ?? [], eventSequence: this.#events.sequence }
  }

  /** Keeps what the venue says of orders, until those of another role are here. */
  awaitOrders(): void {
    this.#heard = new RecordQueue(HEARD_BYTES)
  }

  takeOver({ orders, wishes, eventSequence }: EngineHandover): void {
    const { assets } = this.#symbols
    const symbolOf = (name: string): number => this.#symbols.indexOf(name)
    this.orders.takeOver(orders, { symbolOf, assetOf: (name) => assets.indexOf(name) })
    this.#events.sequence = eventSequence
    this.#takenOver = wishes
    this.#symbolOf = (index) => symbolOf(orders.symbols[index] ?? "")
  }

  /** The orders are this role's own from now on, with all that has happened meanwhile. */
  succeed(): void {
    const heard = this.#heard
    if (heard === undefined) return
    this.#heard = undefined
    // With a gap nothing of it is to be believed: each order is asked for.
    if (heard.overflows > 0) heard.clear()
    this.orders.catchUp(heard)
    handleHeld(this.#takenOver, this.#symbolOf, this.onRecord)
    this.#takenOver = []
  }

  #onReport(views: RecordViews, offset: number, length: number): void {
    if (this.#heard === undefined) return this.orders.onReport(views, offset)
    this.#heard.push(RecordType.Report, views.u8, offset, length)
  }

  /** The end of a turn: stages let go, and control is woken if somebody waits there or its ring fills up. */
  idle(): void {
    this.market.idle()
    if (this.#eventsUntold >= URGENT_EVENTS) this.#wakeControl()
  }

  tick(nowNs: number): void {
    this.#balances.tellDue()
    // What is asked for while orders are handed over would be answered to nobody.
    if (this.#held === undefined) this.orders.tick(nowNs)
    else this.orders.tellLate(nowNs)
    this.market.tick(nowNs)
    if (this.#eventsUntold > 0) this.#wakeControl()
  }

  // Waking another thread costs some 40 us: events that nobody waits for go with the next tick, or when control reads.
  #wakeControl(): void {
    this.#eventsUntold = 0
    this.#controlBell.ring()
  }

  #onBalance(views: RecordViews, offset: number): void {
    const { f64, i32 } = views
    this.account.onBalance(i32[(offset + BALANCE_ASSET) >> 2], f64[(offset + BALANCE_FREE_UNITS) >> 3])
    this.#balances.tell(views, offset)
  }

  #onVenueStatus({ i32 }: RecordViews, offset: number): void {
    const isUp = i32[(offset + VENUE_STATUS_UP) >> 2] === 1
    if (i32[(offset + VENUE_STATUS_CHANNEL) >> 2] === VenueChannel.Market) {
      this.market.onMarketStatus(isUp)
      // Others wait for these books: they must not depend on the next update of each.
      if (isUp && this.#heard !== undefined) this.market.askForBooks()
    } else this.orders.onVenueStatus(isUp)
  }
}
