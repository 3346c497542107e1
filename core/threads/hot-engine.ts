import type { Clock } from "../hot/clock.js"
import {
  BALANCE_ASSET,
  BALANCE_FREE_UNITS,
  BALANCE_LOCKED_UNITS,
  RecordType,
  type RecordViews,
  VENUE_STATUS_CHANNEL,
  VENUE_STATUS_UP,
  VenueChannel,
} from "../hot/records.js"
import { RingBuffer } from "../hot/ring.js"
import type { TransportHost } from "../io/transport-host.js"
import type { Log, SymbolSpec, VenueAdapter } from "../kernel/contract.js"
import { pluginThrewError, stageTakenError } from "../kernel/errors.js"
import {
  createHotPart,
  engineContext,
  type HotPart,
  type HotServices,
  networkContext,
  strategyContext,
} from "../kernel/part-contexts.js"
import { checkedPart, type PluginLoader } from "../kernel/plugin-loader.js"
import { Account } from "../pipeline/account.js"
import { DenyReasons } from "../pipeline/deny-reasons.js"
import { composeHooks, type Hooks } from "../pipeline/hooks.js"
import { MarketBoard } from "../pipeline/market-board.js"
import { MarketPath } from "../pipeline/market-path.js"
import { NetworkRole } from "../pipeline/network-role.js"
import { OrderPath } from "../pipeline/order-path.js"
import { OrderStore } from "../pipeline/order-store.js"
import { Profile } from "../pipeline/profile.js"
import { composeStages, MARKET_STAGES, ORDER_STAGES, type StageChain, type StageWish } from "../pipeline/stages.js"
import { StrategyRole } from "../pipeline/strategy-role.js"
import { SymbolTable } from "../pipeline/symbols.js"
import { PartInstance } from "../pipeline/taps.js"
import { CallLink } from "./link.js"
import {
  type FromThread,
  type PluginChange,
  type PreparedAnswer,
  type PrepareRequest,
  type StoppedAnswer,
  sendableError,
} from "./messages.js"
import { MetricSlots } from "./metric-slots.js"
import { type Scheduler, systemScheduler } from "./scheduler.js"
import { type SharedMemory, Word } from "./shared-memory.js"

export interface HotEngineOptions {
  readonly symbols: readonly SymbolSpec[]
  readonly memory: SharedMemory
  readonly clock: Clock
  readonly transport: TransportHost
  readonly loader: Pick<PluginLoader, "load">
  /** The timers of the system unless a test brings its own. */
  readonly scheduler?: Scheduler
  /** The second in which the engine started: part of the order ids of this run. */
  readonly epoch: number
  /** Slots of the order pool, and cells for ids. */
  readonly orderPoolSize: number
  readonly post: (message: FromThread) => void
}

/** A plugin on this thread: its options, which stay the same object, and its parts. */
interface HotPlugin {
  readonly name: string
  readonly owner: number
  readonly options: Record<string, unknown>
  readonly parts: readonly HotPart[]
}

interface PreparedGeneration {
  readonly generation: number
  readonly plugins: readonly HotPlugin[]
  readonly retunes: readonly { plugin: HotPlugin; options: Readonly<Record<string, unknown>> }[]
  readonly isRecomposed: boolean
  readonly hooks: Hooks
  readonly market: StageChain
  readonly order: StageChain
}

const ROLES = ["network", "engine", "strategy"] as const
const TICK_MS = 100
/** So many events wake control at once, well before its ring is full. */
const URGENT_EVENTS = 1000
const STOP_CHECK_MS = 5
const ROUND_TRIP_TICKS = 10
const BOOK_DEPTH_UNWISHED = 20

/**
 * The network, engine and strategy roles on one thread: links are direct calls, a record runs to completion, and the
 * boundary between two turns is where a generation is cut.
 */
export class HotEngine {
  readonly symbols: SymbolTable
  readonly market: MarketPath
  readonly orders: OrderPath
  readonly network: NetworkRole
  readonly #strategy: StrategyRole
  readonly #metrics: MetricSlots
  readonly #account: Account
  readonly #reasons = new DenyReasons()
  readonly #commands: RingBuffer
  readonly #events: RingBuffer
  readonly #words: Int32Array
  readonly #toEngine = new CallLink()
  readonly #toStrategy = new CallLink()
  readonly #toNetwork = new CallLink()
  readonly #kept = new Map<string, { version: number; value: unknown }>()
  readonly #owners = new Map<string, number>()
  readonly #services: HotServices
  readonly #scheduler: Scheduler
  #plugins: readonly HotPlugin[] = []
  #hooks = composeHooks([], { deferRisk: false })
  #marketChain!: StageChain
  #orderChain!: StageChain
  #prepared: PreparedGeneration | undefined
  #eventsUntold = 0
  #wholeDepthLevels = 0
  #isCancelOnStop = false
  readonly #wakeAtNs = Float64Array.of(Number.POSITIVE_INFINITY)
  #stopWaking = (): void => undefined
  #ticks = 0
  #stopTicking = (): void => undefined

  constructor(private readonly options: HotEngineOptions) {
    const { memory, clock } = options
    this.#scheduler = options.scheduler ?? systemScheduler
    this.symbols = new SymbolTable(options.symbols)
    this.#words = new Int32Array(memory.words)
    this.#metrics = new MetricSlots(memory)
    this.#account = new Account(this.symbols)
    this.#commands = new RingBuffer(memory.commands)
    this.#events = new RingBuffer(memory.events)
    const { counters, engine: slots } = this.#metrics
    const profile = new Profile(memory.profile)
    this.#composeEmpty()
    this.market = new MarketPath(
      {
        symbols: this.symbols,
        clock,
        toStrategy: this.#toStrategy,
        toNetwork: this.#toNetwork,
        boards: options.symbols.map((spec) => new MarketBoard(memory.boards, spec.index)),
        counters,
        slots,
        profile,
        processing: this.#metrics.histogram("processing"),
        exchangeToEngine: this.#metrics.histogram("exchange_to_engine"),
      },
      this.#hooks,
      this.#marketChain,
    )
    this.orders = new OrderPath(
      {
        store: new OrderStore(options.orderPoolSize, 2 * options.orderPoolSize),
        account: this.#account,
        clock,
        symbolCount: options.symbols.length,
        tops: this.market.tops,
        assetOf: (symbol, side) => this.#account.assetOf(this.symbols.all[symbol], side),
        toNetwork: this.#toNetwork,
        toStrategy: this.#toStrategy,
        toControl: this.#events,
        ringControl: (isUrgent) => {
          this.#eventsUntold += isUrgent ? URGENT_EVENTS : 1
        },
        counters,
        slots,
        profile,
        orderToAck: this.#metrics.histogram("order_to_ack"),
        orderToFill: this.#metrics.histogram("order_to_fill"),
      },
      this.#hooks,
    )
    this.network = new NetworkRole(clock, this.#toEngine, this.#orderChain)
    this.#strategy = new StrategyRole(
      clock,
      this.#toEngine,
      this.market.books,
      this.market.tops,
      options.epoch,
      this.#hooks,
    )
    this.#toEngine.connect(this.#onEngineRecord)
    this.#toStrategy.connect(this.#strategy.onRecord)
    this.#toNetwork.connect(this.network.onRecord)
    this.#services = this.#createServices()
  }

  // ---- the life of the thread

  start(): void {
    this.#stopTicking = this.#scheduler.every(TICK_MS, () => this.#tick())
  }

  /** Denies what is new, cancels what is open if so configured, and waits for the venue's word for at most `graceMs`. */
  async stop(graceMs: number): Promise<StoppedAnswer> {
    this.orders.isOpen = false
    const isCancelling = this.#isCancelOnStop
    if (isCancelling) {
      this.orders.cancelAll()
      this.endTurn()
      const deadline = this.options.clock.nowNs() + graceMs * 1e6
      while (this.orders.openCount > 0 && this.options.clock.nowNs() < deadline) {
        await new Promise<void>((resolve) => this.#scheduler.after(STOP_CHECK_MS, resolve))
      }
    }
    this.#stopTicking()
    this.#stopWaking()
    for (const plugin of this.#plugins) disposeParts(plugin)
    this.options.transport.close()
    this.endTurn()
    return { type: "stopped", openOrders: this.orders.openCount, isCancelling }
  }

  /** Takes wishes of control from its ring. */
  onCommands(): void {
    this.#commands.poll(this.#onCommand)
    this.endTurn()
  }

  /** The end of every turn: stages let go, and control is woken if somebody waits there or its ring fills up. */
  readonly endTurn = (): void => {
    this.market.idle()
    this.network.idle()
    if (this.#eventsUntold >= URGENT_EVENTS) this.#wakeControl()
  }

  // Waking another thread costs some 40 us: events that nobody waits for go with the next tick, or when control reads.
  #wakeControl(): void {
    this.#eventsUntold = 0
    Atomics.add(this.#words, Word.EventBell, 1)
    Atomics.notify(this.#words, Word.EventBell)
  }

  onChannel(plugin: string, message: unknown): void {
    const found = this.#plugins.find(({ name }) => name === plugin)
    for (const part of found?.parts ?? []) {
      for (const listener of part.listeners) this.#turn(part.instance, "a message", () => listener(message))
    }
  }

  // ---- generations

  /** Makes everything of a generation while the old one runs. Throws, and leaves no trace, when a plugin fails. */
  prepare(request: PrepareRequest): PreparedAnswer {
    this.abort()
    const timings: Record<string, number> = {}
    const plugins: HotPlugin[] = []
    const retunes: { plugin: HotPlugin; options: Readonly<Record<string, unknown>> }[] = []
    try {
      for (const change of request.plugins) {
        const startedNs = this.options.clock.nowNs()
        const standing = this.#plugins.find(({ name }) => name === change.name)
        if (change.action === "remake" || standing === undefined) {
          plugins.push(this.#make(change, standing?.owner))
        } else {
          plugins.push(standing)
          if (change.action === "retune") retunes.push({ plugin: standing, options: change.options })
        }
        timings[change.name] = (this.options.clock.nowNs() - startedNs) / 1e6
      }
      const isRecomposed =
        plugins.length !== this.#plugins.length || plugins.some((plugin, index) => plugin !== this.#plugins[index])
      this.#prepared = this.#compose(request.generation, plugins, retunes, isRecomposed)
    } catch (error) {
      for (const plugin of plugins) if (!this.#plugins.includes(plugin)) disposeParts(plugin)
      throw error
    }
    return {
      type: "prepared",
      generation: request.generation,
      metrics: this.#metrics.names(),
      reasons: this.#reasons.added(),
      pipeline: this.#describe(this.#prepared),
      timings,
    }
  }

  abort(): void {
    const prepared = this.#prepared
    this.#prepared = undefined
    for (const plugin of prepared?.plugins ?? []) if (!this.#plugins.includes(plugin)) disposeParts(plugin)
  }

  /** The cut: between two turns every link is empty, so that no record meets two generations. Cannot fail. */
  commit(): number {
    const prepared = this.#prepared
    if (prepared === undefined) throw new Error("VELOZ_BUG: commit without a prepared generation")
    this.#prepared = undefined
    const startedNs = this.options.clock.nowNs()
    const leaving = this.#plugins.filter((plugin) => !prepared.plugins.includes(plugin))
    for (const { plugin, options } of prepared.retunes) this.#retune(plugin, options)
    this.#plugins = prepared.plugins
    if (prepared.isRecomposed) this.#adopt(prepared, leaving)
    this.#applyWishes()
    this.orders.isOpen = true
    Atomics.store(this.#words, Word.Generation, prepared.generation)
    const pauseUs = (this.options.clock.nowNs() - startedNs) / 1e3
    for (const plugin of leaving) {
      disposeParts(plugin)
      if (!prepared.plugins.some(({ name }) => name === plugin.name)) this.orders.cancelOwned(plugin.owner)
    }
    this.endTurn()
    return pauseUs
  }

  #make(change: PluginChange, owner: number | undefined): HotPlugin {
    const { definition } = this.options.loader.load(change.source, change.name)
    const options = structuredClone(change.options) as Record<string, unknown>
    const number = owner ?? this.#ownerOf(change.name)
    const parts: HotPart[] = []
    const plugin: HotPlugin = { name: change.name, owner: number, options, parts }
    for (const role of ROLES) {
      if (definition[role] === undefined) continue
      const instance = new PartInstance(change.name, role, number, this.#onFault)
      const part = createHotPart(instance)
      parts.push(part)
      try {
        const made =
          role === "engine"
            ? definition.engine!(engineContext(part, options, this.#services) as never)
            : role === "strategy"
              ? definition.strategy!(strategyContext(part, options, this.#services) as never)
              : definition.network!(
                  networkContext(part, options, this.#services, this.options.transport.prepare(change.name)) as never,
                )
        instance.part = checkedPart(made, change.name, role)
      } catch (error) {
        disposeParts(plugin)
        throw pluginThrewError(change.name, role, error)
      }
    }
    return plugin
  }

  #compose(
    generation: number,
    plugins: readonly HotPlugin[],
    retunes: PreparedGeneration["retunes"],
    isRecomposed: boolean,
  ): PreparedGeneration {
    if (!isRecomposed) {
      const { market, order } = { market: this.#marketChain, order: this.#orderChain }
      return { generation, plugins, retunes, isRecomposed, hooks: this.#hooks, market, order }
    }
    const parts = plugins.flatMap((plugin) => plugin.parts)
    const deferRisk = parts.some(({ wishes }) => wishes.deferRisk)
    const hooks = composeHooks(
      parts.map(({ instance }) => instance),
      { deferRisk },
    )
    const wishes = parts.flatMap(({ wishes: { stages } }) => stages)
    refuseTwins(wishes)
    const context = { clock: this.options.clock, wakeAfter: this.#wakeAfter }
    return {
      generation,
      plugins,
      retunes,
      isRecomposed,
      hooks,
      market: composeStages(MARKET_STAGES, wishes, (symbol) => this.market.notify(symbol), context),
      order: composeStages(ORDER_STAGES, wishes, () => this.network.flush(), context),
    }
  }

  #composeEmpty(): void {
    const context = { clock: this.options.clock, wakeAfter: this.#wakeAfter }
    this.#marketChain = composeStages(MARKET_STAGES, [], (symbol) => this.market.notify(symbol), context)
    this.#orderChain = composeStages(ORDER_STAGES, [], () => this.network.flush(), context)
  }

  #retune(plugin: HotPlugin, options: Readonly<Record<string, unknown>>): void {
    for (const key of Object.keys(plugin.options)) if (!(key in options)) delete plugin.options[key]
    Object.assign(plugin.options, structuredClone(options))
    for (const { instance } of plugin.parts) {
      if (instance.failed) continue
      try {
        instance.part.retune?.()
      } catch (error) {
        instance.fault("retune", error)
      }
    }
  }

  #adopt(prepared: PreparedGeneration, leaving: readonly HotPlugin[]): void {
    // What the old stages hold back belongs to the old generation: it goes out first.
    this.market.flush()
    this.network.flush()
    const parts = prepared.plugins.flatMap((plugin) => plugin.parts)
    for (const part of leaving.flatMap((plugin) => plugin.parts)) part.isActive = false
    this.#hooks = prepared.hooks
    this.#marketChain = prepared.market
    this.#orderChain = prepared.order
    this.market.adopt(prepared.hooks, prepared.market)
    this.orders.adopt(prepared.hooks)
    this.#strategy.adopt(
      prepared.hooks,
      parts.filter(({ instance }) => instance.role === "strategy").map(({ instance }) => instance),
    )
    this.network.adopt(adapterOf(parts), prepared.order)
    for (const part of parts) {
      if (part.isActive) continue
      part.isActive = true
      for (const activate of part.instance.activate.splice(0)) activate()
    }
  }

  /** The last plugin that wishes something wins: what plugins wish of core is few and exclusive. */
  readonly #applyWishes = (): void => {
    const parts = this.#plugins.flatMap((plugin) => plugin.parts)
    const last = <T>(read: (part: HotPart) => T | undefined): T | undefined =>
      parts.reduce<T | undefined>((found, part) => read(part) ?? found, undefined)
    this.orders.trustsTyped = last(({ wishes }) => wishes.trustTyped) ?? false
    this.market.publishDepth(last(({ wishes }) => wishes.publishDepth) ?? BOOK_DEPTH_UNWISHED)
    this.#isCancelOnStop = last(({ wishes }) => wishes.cancelOnStop) ?? false
    const levels = last(({ wishes }) => wishes.wholeDepthLevels) ?? 0
    if (levels === this.#wholeDepthLevels) return
    this.#wholeDepthLevels = levels
    for (const part of parts) for (const listener of part.wholeDepthListeners) listener()
  }

  #describe(prepared: PreparedGeneration): PreparedAnswer["pipeline"] {
    const parts = prepared.plugins.flatMap((plugin) => plugin.parts)
    const adapter = parts.find(({ wishes }) => wishes.adapter !== undefined)?.instance.plugin
    const tapsOn = (hook: string): string[] =>
      parts.flatMap(({ instance }) =>
        instance.taps.filter((tap) => tap.hook === hook).map((tap) => `${tap.name} (${instance.plugin})`),
      )
    const by = (name: string, people: readonly string[]): string =>
      people.length === 0 ? name : `${name}: ${people.join(", ")}`
    return {
      market: [
        by("receive, decode", adapter === undefined ? [] : [adapter]),
        by("book", [...tapsOn("market.decoded"), ...tapsOn("market.booked")]),
        ...prepared.market.names,
        by("notify", [...tapsOn("market.onBook"), ...tapsOn("market.onTop"), ...tapsOn("market.onTrade")]),
      ],
      order: [
        "receive",
        by("validate", tapsOn("order.validate")),
        by("risk", tapsOn("order.risk")),
        by("encode", adapter === undefined ? [] : [adapter]),
        ...prepared.order.names,
        by("send", tapsOn("order.sent")),
        by("report, order state", tapsOn("order.report")),
        by("notify", [...tapsOn("orders.onUpdate"), ...tapsOn("orders.onFill")]),
      ],
    }
  }

  // ---- turns

  readonly #turn = (part: PartInstance, where: string, act: () => void): void => {
    if (part.failed) return
    // A strategy hears of its orders after its own code has returned.
    this.#toStrategy.hold()
    try {
      act()
    } catch (error) {
      part.fault(where, error)
    } finally {
      this.#toStrategy.release()
    }
    this.endTurn()
  }

  readonly #onCommand = (type: number, offset: number, _length: number, views: RecordViews): void => {
    if (type === RecordType.NewOrder) this.orders.onNewOrder(views, offset)
    else if (type === RecordType.CancelOrder) this.orders.onCancelOrder(views, offset)
  }

  readonly #onEngineRecord = (type: number, offset: number, length: number, views: RecordViews): void => {
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
      case RecordType.Balance:
        return this.#account.onBalance(
          views.i32[(offset + BALANCE_ASSET) >> 2],
          views.f64[(offset + BALANCE_FREE_UNITS) >> 3],
          views.f64[(offset + BALANCE_LOCKED_UNITS) >> 3],
        )
      case RecordType.VenueStatus:
        return this.#onVenueStatus(views, offset)
    }
  }

  #onVenueStatus(views: RecordViews, offset: number): void {
    const isUp = views.i32[(offset + VENUE_STATUS_UP) >> 2] === 1
    if (views.i32[(offset + VENUE_STATUS_CHANNEL) >> 2] === VenueChannel.Market) this.market.onMarketStatus(isUp)
    else this.orders.isVenueUp = isUp
  }

  #tick(): void {
    const nowNs = this.options.clock.nowNs()
    this.orders.tick(nowNs)
    this.market.tick(nowNs)
    this.#ticks += 1
    if (this.#ticks % ROUND_TRIP_TICKS === 0) this.#readRoundTrip()
    if (this.#eventsUntold > 0) this.#wakeControl()
    this.endTurn()
  }

  // The smallest round trip that the kernel has seen on the order connection: the network's share, without the venue.
  #readRoundTrip(): void {
    for (const connection of this.options.transport.connections()) {
      if (connection !== this.network.adapter?.connection) continue
      const info = connection.tcpInfo()
      if (info !== undefined && info.minRttUs > 0) this.orders.roundTripNs[0] = info.minRttUs * 1000
    }
  }

  /** Lets stages go of what they hold, soon. Of several wishes the soonest counts: it asks all of them. */
  readonly #wakeAfter = (delayUs: number): void => {
    const atNs = this.options.clock.nowNs() + delayUs * 1000
    if (atNs >= this.#wakeAtNs[0]) return
    this.#stopWaking()
    this.#wakeAtNs[0] = atNs
    this.#stopWaking = this.#scheduler.after(delayUs / 1000, this.#wake)
  }

  readonly #wake = (): void => {
    this.#wakeAtNs[0] = Number.POSITIVE_INFINITY
    this.endTurn()
  }

  // ---- services of parts

  #ownerOf(plugin: string): number {
    const known = this.#owners.get(plugin)
    if (known !== undefined) return known
    const owner = this.#owners.size
    this.#owners.set(plugin, owner)
    return owner
  }

  readonly #onFault = (part: PartInstance, where: string, error: unknown): void => {
    this.options.post({
      type: "fault",
      plugin: part.plugin,
      where: `${part.role}, ${where}`,
      error: sendableError(error),
    })
    if (part.role === "strategy") this.orders.cancelOwned(part.owner)
  }

  #createServices(): HotServices {
    const { clock, post } = this.options
    const log = (plugin: string): Log => {
      const at =
        (level: "debug" | "info" | "warn" | "error") =>
        (message: string, details?: object): void =>
          post({ type: "log", level, plugin, message, details })
      return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }
    }
    return {
      clock,
      scheduler: this.#scheduler,
      symbols: this.symbols,
      account: this.#account,
      books: this.market.books,
      tops: this.market.tops,
      reasons: this.#reasons,
      metrics: this.#metrics,
      strategyRole: this.#strategy,
      toEngine: this.#toEngine,
      openCount: () => this.orders.openCount,
      keep: (plugin, key, version, make) => this.#keep(`${plugin}/${key}`, version, make),
      log,
      post: (plugin, message) => post({ type: "channel", plugin, message }),
      turn: this.#turn,
      onWish: this.#applyWishes,
      wholeDepthLevels: () => this.#wholeDepthLevels,
      // Clocks that may agree are taken to agree: on one machine they do, and a correction would only add its doubt.
      setClockOffsetUs: (offsetUs, doubtUs) => {
        this.market.clockOffsetUs = Math.abs(offsetUs) <= doubtUs ? 0 : offsetUs
      },
    }
  }

  #keep<T>(key: string, version: number, make: () => T): T {
    const kept = this.#kept.get(key)
    if (kept?.version === version) return kept.value as T
    const value = make()
    this.#kept.set(key, { version, value })
    return value
  }
}

function adapterOf(parts: readonly HotPart[]): VenueAdapter | undefined {
  return parts.find(({ wishes }) => wishes.adapter !== undefined)?.wishes.adapter
}

function refuseTwins(wishes: readonly StageWish[]): void {
  const byName = new Map<string, StageWish>()
  for (const wish of wishes) {
    const other = byName.get(wish.name)
    if (other !== undefined) throw stageTakenError(wish.name, wish.plugin, other.plugin)
    byName.set(wish.name, wish)
  }
}

function disposeParts(plugin: HotPlugin): void {
  for (const part of [...plugin.parts].reverse()) {
    part.isActive = false
    part.instance.dispose()
  }
}
