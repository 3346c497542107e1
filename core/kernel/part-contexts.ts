import type { Clock } from "../hot/clock.js"
import type { Link } from "../hot/link.js"
import { OrderType, Side, TimeInForce } from "../hot/records.js"
import type { Sockets } from "../io/sockets.js"
import type { OpenSockets, PreparedTransport } from "../io/transport-host.js"
import type { PageWish } from "../os/page-care.js"
import type { PoolName } from "../pipeline/engine-counters.js"
import type { EngineRole } from "../pipeline/engine-role.js"
import type { PoolSizes } from "../pipeline/pool-keeper.js"
import type { MakeStage, StageWish } from "../pipeline/stages.js"
import type { StrategyRole } from "../pipeline/strategy-role.js"
import type { SymbolTable } from "../pipeline/symbols.js"
import type { HookName, PartInstance } from "../pipeline/taps.js"
import type { MetricSlots } from "../threads/metric-slots.js"
import type { Scheduler } from "../threads/scheduler.js"
import type {
  Channel,
  DenyTaps,
  EngineContext,
  HotContext,
  Log,
  NetworkContext,
  StrategyContext,
  Taps,
  Timers,
  VenueAdapter,
} from "./contract.js"
import { counterOf } from "./counter.js"
import type { KeptState } from "./kept-state.js"
import { GuardedAdapter, guardTransport } from "./venue-guard.js"

/** What a part wished for while it was prepared, and what it may change while it runs. */
export interface PartWishes {
  stages: StageWish[]
  trustTyped?: boolean
  deferRisk?: boolean
  cancelOnStop?: boolean
  publishDepth?: number
  wholeDepthLevels?: number
  pools?: PoolSizes
  pages?: PageWish
  adapter?: VenueAdapter
}

/** What contexts on a hot thread are made from, whatever their role. */
export interface ThreadServices {
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly symbols: SymbolTable
  readonly metrics: MetricSlots
  readonly kept: KeptState
  readonly log: (plugin: string) => Log
  readonly post: (plugin: string, message: unknown) => void
  /** Runs other input than records as a turn of its own: a timer, a message. */
  readonly turn: (part: PartInstance, where: string, act: () => void) => void
  /** A running part changed a wish. */
  readonly onWish: () => void
}

/** What the network role adds for its parts. */
export interface NetworkServices {
  readonly transport: PreparedTransport
  readonly toEngine: Link
  readonly wholeDepthLevels: () => number
  readonly setClockOffsetUs: (offsetUs: number, doubtUs: number) => void
}

/** One part on a hot thread, with its wishes and the messages it listens to. */
export interface HotPart {
  readonly instance: PartInstance
  /** What the plugin calls itself, whatever the configuration calls it. */
  readonly ownName: string
  readonly wishes: PartWishes
  readonly listeners: ((message: unknown) => void)[]
  readonly wholeDepthListeners: (() => void)[]
  isActive: boolean
  /** The context that it was made with. */
  given: object
}

export function createHotPart(instance: PartInstance, ownName = instance.plugin): HotPart {
  return {
    instance,
    ownName,
    wishes: { stages: [] },
    listeners: [],
    wholeDepthListeners: [],
    isActive: false,
    given: {},
  }
}

export function engineContext<O extends object>(
  part: HotPart,
  options: O,
  services: ThreadServices,
  { account, reasons, market: { books, tops }, orders }: EngineRole,
): EngineContext<O> {
  const { symbols } = services
  return {
    ...hotContext(part, options, services),
    symbols,
    books: { get: (symbol) => books[symbol] },
    tops: { get: (symbol) => tops[symbol] },
    order: {
      reason: (name, message) => reasons.number(name, message),
      validate: denyTaps(part, "order.validate"),
      risk: denyTaps(part, "order.risk"),
      sent: taps(part, "order.sent"),
      report: taps(part, "order.report"),
      openCount: () => orders.openCount,
      trustTyped: (trust) => wish(part, services, { trustTyped: trust }),
      deferRisk: (defer) => wish(part, services, { deferRisk: defer }),
      cancelOnStop: (cancel) => wish(part, services, { cancelOnStop: cancel }),
    },
    market: {
      decoded: taps(part, "market.decoded"),
      booked: taps(part, "market.booked"),
      stage: (name, make) => addStage(part, name, make),
      publishDepth: (levels) => wish(part, services, { publishDepth: levels }),
    },
    account: {
      freeUnits: (asset) => account.freeUnits(symbols.assets.indexOf(asset)),
      requiredUnits: (order) => account.requiredUnits(order),
      covers: (order) => account.covers(account.assetOf(symbols.all[order.symbol], order.side), order),
      requiredAsset: (order) => account.nameOf(account.assetOf(symbols.all[order.symbol], order.side)),
    },
    pools: {
      resizeOrders: (slots, preallocate) => poolWish(part, services, "order_pool", slots, preallocate),
      resizeStrings: (cells, preallocate) => poolWish(part, services, "string_pool", cells, preallocate),
      keepPages: (pages) => wish(part, services, { pages }),
    },
  }
}

export function strategyContext<O extends object>(
  part: HotPart,
  options: O,
  services: ThreadServices,
  strategy: StrategyRole,
): StrategyContext<O> {
  const { symbols } = services
  const { books, tops } = strategy
  const { instance } = part
  const { owner } = instance
  return {
    ...hotContext(part, options, services),
    symbols,
    books: { get: (symbol) => books[symbol] },
    tops: { get: (symbol) => tops[symbol] },
    market: {
      onBook: (listener) => instance.tap("market.onBook", "onBook", listener),
      onTop: (listener) => instance.tap("market.onTop", "onTop", listener),
      onTrade: (listener) => instance.tap("market.onTrade", "onTrade", listener),
    },
    orders: {
      place: (symbol, side, priceTicks, qtyLots, type = OrderType.Limit, tif = TimeInForce.Gtc) =>
        strategy.place(owner, symbol, side === Side.Buy ? Side.Buy : Side.Sell, priceTicks, qtyLots, type, tif),
      cancel: (handle) => strategy.cancel(owner, handle),
      onUpdate: (listener) => instance.tap("orders.onUpdate", "onUpdate", listener),
      onFill: (listener) => instance.tap("orders.onFill", "onFill", listener),
    },
    timers: partTimers(part, services),
  }
}

export function networkContext<O extends object>(
  part: HotPart,
  options: O,
  services: ThreadServices,
  { transport, toEngine, wholeDepthLevels, setClockOffsetUs }: NetworkServices,
): NetworkContext<O> {
  const { symbols } = services
  part.instance.activate.push(() => transport.activate())
  part.instance.undo.push(() => transport.discard())
  return {
    ...hotContext(part, options, services),
    symbols,
    transport: guardTransport(part.instance, transport),
    sockets: partSockets(part, transport.sockets),
    toEngine,
    subscriptions: {
      get wholeDepthLevels() {
        return wholeDepthLevels()
      },
      wish: (levels) => wish(part, services, { wholeDepthLevels: levels }),
      onChange: (listener) => part.wholeDepthListeners.push(listener),
    },
    assetIndex: (asset) => symbols.assets.indexOf(asset),
    order: { stage: (name, make) => addStage(part, name, make) },
    venue: {
      register: (adapter) => {
        part.wishes.adapter = new GuardedAdapter(part.instance, adapter)
      },
      setClockOffsetUs,
    },
    marketEvents: {
      resize: (records, preallocate) => poolWish(part, services, "market_event_pool", records, preallocate),
      keepPages: (pages) => wish(part, services, { pages }),
    },
    timers: partTimers(part, services),
  }
}

function hotContext<O extends object>(part: HotPart, options: O, services: ThreadServices): HotContext<O> {
  const { plugin, role } = part.instance
  const { counters } = services.metrics
  return {
    options,
    log: services.log(plugin),
    clock: services.clock,
    counter: (name) => counterOf(counters, `${part.ownName}.${name}`),
    histogram: (name) => services.metrics.histogram(`${part.ownName}.${name}`),
    channel: channel(part, services),
    keep: (key, version, make, moving) =>
      services.kept.keep(`${plugin}/${role}`, key, version, part.isActive, make, moving),
  }
}

function channel(part: HotPart, services: ThreadServices): Channel {
  return {
    post: (message) => services.post(part.instance.plugin, message),
    onMessage: (listener) => {
      part.instance.turnMeter("a message")
      part.listeners.push(listener)
    },
  }
}

function wish(part: HotPart, services: ThreadServices, wishes: Partial<PartWishes>): void {
  Object.assign(part.wishes, wishes)
  if (part.isActive) services.onWish()
}

function poolWish(
  part: HotPart,
  services: ThreadServices,
  pool: PoolName,
  capacity: number,
  preallocate = false,
): void {
  wish(part, services, { pools: { ...part.wishes.pools, [pool]: { capacity, preallocate } } })
}

function addStage(part: HotPart, name: string, make: MakeStage): void {
  part.wishes.stages.push({ name, plugin: part.instance.plugin, make })
}

const denyTaps = (part: HotPart, hook: HookName): DenyTaps => ({
  tap: (name, check, options) => part.instance.tap(hook, name, check, options?.deferrable ?? false),
})

const taps = <F extends (...args: never[]) => void>(part: HotPart, hook: HookName): Taps<F> => ({
  tap: (name, listener) => part.instance.tap(hook, name, listener),
})

/** Sockets for a part that hears of them while it is active: what it does to those that are open waits for the commit. */
function partSockets(part: HotPart, sockets: OpenSockets): Sockets {
  const { instance } = part
  return {
    all: sockets.all,
    onOpen: (listener) => {
      const tell: typeof listener = (socket) => {
        if (instance.failed) return
        try {
          instance.follow("a socket", listener(socket))
        } catch (error) {
          instance.fault("a socket", error)
        }
      }
      instance.activate.push(() => {
        instance.undo.push(sockets.listen(tell))
        for (const socket of sockets.all()) tell(socket)
      })
    },
  }
}

/** Timers that begin with the part and end with it, each call a turn of its own. */
function partTimers(part: HotPart, services: ThreadServices): Timers {
  const { instance } = part
  const running = new Map<number, () => void>()
  // Control learns the names of meters when a generation is prepared, and timers may start later.
  instance.turnMeter("a timer")
  let last = 0
  instance.undo.push(() => {
    for (const stop of running.values()) stop()
    running.clear()
  })
  const whenActive = (start: () => void): void => {
    if (part.isActive) start()
    else instance.activate.push(start)
  }
  return {
    every: (periodMs, callback) => {
      const run = (): void => services.turn(instance, "a timer", callback)
      whenActive(() => running.set(++last, services.scheduler.every(periodMs, run)))
    },
    after: (delayMs, callback) => {
      const number = ++last
      const run = (): void => {
        running.delete(number)
        services.turn(instance, "a timer", callback)
      }
      // Called off before the part is active, it never starts.
      running.set(number, () => undefined)
      whenActive(() => running.has(number) && running.set(number, services.scheduler.after(delayMs, run)))
      return number
    },
    cancel: (number) => {
      running.get(number)?.()
      running.delete(number)
    },
  }
}
