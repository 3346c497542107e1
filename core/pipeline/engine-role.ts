import type { Clock } from "../hot/clock.js"
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
import type { Link } from "../threads/link.js"
import type { MetricSlots } from "../threads/metric-slots.js"
import { type SharedMemory, Word } from "../threads/shared-memory.js"
import { Account } from "./account.js"
import { BalanceEvents } from "./balance-events.js"
import { CancelSweeps } from "./cancel-sweeps.js"
import { DenyReasons } from "./deny-reasons.js"
import type { EngineHooks } from "./hooks.js"
import { MarketBoard } from "./market-board.js"
import { MarketPath } from "./market-path.js"
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
  /** Slots of the order pool; the string pool has two cells for each. */
  readonly orderPoolSize: number
}

/** So many events wake control at once, well before its ring is full. */
const URGENT_EVENTS = 1000

/** The engine role: it owns books, balances and the state of orders, and hears of everything by records. */
export class EngineRole {
  readonly market: MarketPath
  readonly orders: OrderPath
  readonly account: Account
  readonly reasons = new DenyReasons()
  readonly #balances: BalanceEvents
  readonly #pings: PingRelay
  readonly #controlBell: Doorbell
  #eventsUntold = 0

  constructor(options: EngineRoleOptions, hooks: EngineHooks, chain: StageChain) {
    const { symbols, memory, metrics, clock, toNetwork, toStrategy, orderPoolSize, isCopying } = options
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
    switch (type) {
      case RecordType.Depth:
        return this.market.onDepth(views, offset, length)
      case RecordType.Top:
        return this.market.onTop(views, offset)
      case RecordType.Trade:
        return this.market.onTrade(views, offset)
      case RecordType.Report:
        return this.orders.onReport(views, offset)
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

  /** The end of a turn: stages let go, and control is woken if somebody waits there or its ring fills up. */
  idle(): void {
    this.market.idle()
    if (this.#eventsUntold >= URGENT_EVENTS) this.#wakeControl()
  }

  tick(nowNs: number): void {
    this.#balances.tellDue()
    this.orders.tick(nowNs)
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
    if (i32[(offset + VENUE_STATUS_CHANNEL) >> 2] === VenueChannel.Market) this.market.onMarketStatus(isUp)
    else this.orders.onVenueStatus(isUp)
  }
}
