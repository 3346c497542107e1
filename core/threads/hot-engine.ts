import type { Clock } from "../hot/clock.js"
import type { TransportHost } from "../io/transport-host.js"
import type { Log, SymbolSpec, VenueAdapter } from "../kernel/contract.js"
import {
  engineContext,
  type HotPart,
  type HotServices,
  networkContext,
  strategyContext,
} from "../kernel/part-contexts.js"
import { disposeParts, type HotRole, PartHost, type PreparedParts } from "../kernel/part-host.js"
import type { PluginLoader } from "../kernel/plugin-loader.js"
import { describePaths } from "../pipeline/describe.js"
import { EngineRole } from "../pipeline/engine-role.js"
import { composeHooks, type Hooks } from "../pipeline/hooks.js"
import type { MarketPath } from "../pipeline/market-path.js"
import { NetworkRole } from "../pipeline/network-role.js"
import type { OrderPath } from "../pipeline/order-path.js"
import { composeStages, MARKET_STAGES, ORDER_STAGES, refuseTwins, type StageChain } from "../pipeline/stages.js"
import { StrategyRole } from "../pipeline/strategy-role.js"
import { SymbolTable } from "../pipeline/symbols.js"
import type { PartInstance } from "../pipeline/taps.js"
import { CallLink } from "./link.js"
import {
  type FromThread,
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

/** What a generation is made of on this thread. */
interface Composition {
  readonly generation: number
  readonly hooks: Hooks
  readonly market: StageChain
  readonly order: StageChain
}

const ROLES: readonly HotRole[] = ["network", "engine", "strategy"]
const TICK_MS = 100
const STOP_CHECK_MS = 5
const ROUND_TRIP_TICKS = 10
const BOOK_DEPTH_UNWISHED = 20

/**
 * The network, engine and strategy roles on one thread: links are direct calls, a record runs to completion, and the
 * boundary between two turns is where a generation is cut.
 */
export class HotEngine {
  readonly symbols: SymbolTable
  readonly network: NetworkRole
  readonly #engine: EngineRole
  readonly #strategy: StrategyRole
  readonly #metrics: MetricSlots
  readonly #host: PartHost
  readonly #words: Int32Array
  readonly #toEngine = new CallLink()
  readonly #toStrategy = new CallLink()
  readonly #toNetwork = new CallLink()
  readonly #services: HotServices
  readonly #scheduler: Scheduler
  #composition: Composition
  #prepared: Composition | undefined
  #wholeDepthLevels = 0
  #isCancelOnStop = false
  readonly #wakeAtNs = Float64Array.of(Number.POSITIVE_INFINITY)
  #stopWaking = (): void => undefined
  #ticks = 0
  #stopTicking = (): void => undefined

  constructor(private readonly options: HotEngineOptions) {
    const { memory, clock, loader, epoch, orderPoolSize } = options
    const toEngine = this.#toEngine
    const toNetwork = this.#toNetwork
    const toStrategy = this.#toStrategy
    this.#scheduler = options.scheduler ?? systemScheduler
    this.symbols = new SymbolTable(options.symbols)
    this.#words = new Int32Array(memory.words)
    this.#metrics = new MetricSlots(memory)
    this.#composition = this.#compose(0, [])
    const { hooks, market, order } = this.#composition
    const { symbols } = this
    const metrics = this.#metrics
    this.#engine = new EngineRole(
      { symbols, memory, metrics, clock, toNetwork, toStrategy, orderPoolSize },
      hooks,
      market,
    )
    this.network = new NetworkRole(clock, toEngine, order)
    this.#strategy = new StrategyRole(clock, toEngine, this.market.books, this.market.tops, epoch, hooks)
    toEngine.connect(this.#engine.onRecord)
    toStrategy.connect(this.#strategy.onRecord)
    toNetwork.connect(this.network.onRecord)
    this.#host = new PartHost({ roles: ROLES, loader, clock, context: this.#context, onFault: this.#onFault })
    this.#services = this.#createServices()
  }

  get market(): MarketPath {
    return this.#engine.market
  }

  get orders(): OrderPath {
    return this.#engine.orders
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
    this.#host.dispose()
    this.options.transport.close()
    this.endTurn()
    return { type: "stopped", openOrders: this.orders.openCount, isCancelling }
  }

  /** Takes wishes of control from its ring. */
  onCommands(): void {
    this.#engine.pollCommands()
    this.endTurn()
  }

  /** The end of every turn: nothing else waits on this thread. */
  readonly endTurn = (): void => {
    this.#engine.idle()
    this.network.idle()
  }

  onChannel(plugin: string, message: unknown): void {
    for (const { instance, listeners } of this.#host.partsOf(plugin)) {
      for (const listener of listeners) this.#turn(instance, "a message", () => listener(message))
    }
  }

  // ---- generations

  /** Makes everything of a generation while the old one runs. Throws, and leaves no trace, when a plugin fails. */
  prepare(request: PrepareRequest): PreparedAnswer {
    const { generation } = request
    const prepared = this.#host.prepare(request)
    try {
      this.#prepared = prepared.isRecomposed
        ? this.#compose(generation, prepared.parts)
        : { ...this.#composition, generation }
    } catch (error) {
      this.#host.abort()
      throw error
    }
    const instances = prepared.parts.map(({ instance }) => instance)
    const adapter = prepared.parts.find(({ wishes }) => wishes.adapter !== undefined)?.instance.plugin
    const stages = { market: this.#prepared.market.names, order: this.#prepared.order.names }
    return {
      type: "prepared",
      generation,
      metrics: this.#metrics.names(),
      reasons: this.#engine.reasons.added(),
      pipeline: describePaths(instances, adapter, stages),
      revived: prepared.revived,
      timings: prepared.timings,
    }
  }

  abort(): void {
    this.#prepared = undefined
    this.#host.abort()
  }

  /** The cut: between two turns every link is empty, so that no record meets two generations. Cannot fail. */
  commit(): number {
    const startedNs = this.options.clock.nowNs()
    const composition = this.#prepared!
    const leaving = this.#host.commit((prepared) => this.#adopt(composition, prepared))
    this.#composition = composition
    this.#applyWishes()
    this.orders.isOpen = true
    Atomics.store(this.#words, Word.Generation, composition.generation)
    const pauseUs = (this.options.clock.nowNs() - startedNs) / 1e3
    for (const plugin of leaving) {
      disposeParts(plugin)
      if (!this.#host.has(plugin.name)) this.orders.cancelOwned(plugin.owner)
    }
    this.endTurn()
    return pauseUs
  }

  #compose(generation: number, parts: readonly HotPart[]): Composition {
    const deferRisk = parts.some(({ wishes }) => wishes.deferRisk)
    const wishes = parts.flatMap(({ wishes: { stages } }) => stages)
    refuseTwins(wishes)
    const context = { clock: this.options.clock, wakeAfter: this.#wakeAfter }
    const instances = parts.map(({ instance }) => instance)
    return {
      generation,
      hooks: composeHooks(instances, { deferRisk }),
      market: composeStages(MARKET_STAGES, wishes, (symbol) => this.market.notify(symbol), context),
      order: composeStages(ORDER_STAGES, wishes, () => this.network.flush(), context),
    }
  }

  #adopt({ hooks, market, order }: Composition, { parts }: PreparedParts): void {
    // What the old stages hold back belongs to the old generation: it goes out first.
    this.market.flush()
    this.network.flush()
    const strategies = parts.map(({ instance }) => instance).filter(({ role }) => role === "strategy")
    this.#engine.adopt(hooks, market)
    this.#strategy.adopt(hooks, strategies)
    this.network.adopt(adapterOf(parts), order)
  }

  /** The last plugin that wishes something wins: what plugins wish of core is few and exclusive. */
  readonly #applyWishes = (): void => {
    const { parts } = this.#host
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

  #tick(): void {
    this.#engine.tick(this.options.clock.nowNs())
    this.#ticks += 1
    if (this.#ticks % ROUND_TRIP_TICKS === 0) this.#readRoundTrip()
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

  readonly #context = (role: HotRole, part: HotPart, options: object): object => {
    if (role === "engine") return engineContext(part, options, this.#services)
    if (role === "strategy") return strategyContext(part, options, this.#services)
    return networkContext(part, options, this.#services, this.options.transport.prepare(part.instance.plugin))
  }

  readonly #onFault = (part: PartInstance, where: string, error: unknown): void => {
    const { plugin, role } = part
    this.options.post({ type: "fault", plugin, where: `${role}, ${where}`, error: sendableError(error) })
    if (role === "strategy") this.orders.cancelOwned(part.owner)
  }

  #createServices(): HotServices {
    const { clock, post } = this.options
    const log = (plugin: string): Log => {
      const at =
        (level: keyof Log) =>
        (message: string, details?: object): void =>
          post({ type: "log", level, plugin, message, details })
      return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }
    }
    return {
      clock,
      scheduler: this.#scheduler,
      symbols: this.symbols,
      account: this.#engine.account,
      books: this.market.books,
      tops: this.market.tops,
      reasons: this.#engine.reasons,
      metrics: this.#metrics,
      strategyRole: this.#strategy,
      toEngine: this.#toEngine,
      openCount: () => this.orders.openCount,
      kept: this.#host.kept,
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
}

function adapterOf(parts: readonly HotPart[]): VenueAdapter | undefined {
  return parts.find(({ wishes }) => wishes.adapter !== undefined)?.wishes.adapter
}
