import type { Clock } from "../hot/clock.js"
import { RingBuffer } from "../hot/ring.js"
import type { TransportHost } from "../io/transport-host.js"
import type { SymbolSpec } from "../kernel/contract.js"
import type { PluginLoader } from "../kernel/plugin-loader.js"
import { DenyReasons } from "../pipeline/deny-reasons.js"
import type { MarketPath } from "../pipeline/market-path.js"
import type { NetworkRole } from "../pipeline/network-role.js"
import type { OrderPath } from "../pipeline/order-path.js"
import { SymbolTable } from "../pipeline/symbols.js"
import { CallLink } from "./call-link.js"
import { drainOrders } from "./drain.js"
import { EngineAgent } from "./engine-agent.js"
import { HotHost, type HotThread } from "./hot-host.js"
import type { DrainedAnswer, FromThread, PreparedAnswer } from "./messages.js"
import { MetricSlots } from "./metric-slots.js"
import { NetworkAgent } from "./network-agent.js"
import { type Scheduler, systemScheduler } from "./scheduler.js"
import { type SharedMemory, Word } from "./shared-memory.js"
import { StrategyAgent } from "./strategy-agent.js"

/** What the roles of a thread are made of. */
export interface HotThreadOptions {
  readonly symbols: readonly SymbolSpec[]
  readonly memory: SharedMemory
  readonly clock: Clock
  readonly transport: TransportHost
  readonly loader: Pick<PluginLoader, "load" | "retain" | "locate">
  /** The timers of the system unless a test brings its own. */
  readonly scheduler?: Scheduler
  /** The second in which the engine started: part of the order ids of this run. */
  readonly epoch: number
  /** Slots of the order pool, and cells for ids. */
  readonly orderPoolSize: number
  readonly isSuccessor?: boolean
  readonly owners?: readonly string[]
  readonly reasons?: PreparedAnswer["reasons"]
  readonly post: (message: FromThread) => void
}

const COMMANDS_A_TURN = 64

/**
 * `fused`: the network, engine and strategy roles on one thread. Links are direct calls, a record runs to completion,
 * and the boundary between two turns is where a generation is cut.
 */
export class HotEngine extends HotHost implements HotThread {
  readonly symbols: SymbolTable
  readonly network: NetworkRole
  readonly market: MarketPath
  readonly orders: OrderPath
  readonly #engine: EngineAgent
  readonly #commands: RingBuffer
  readonly #words: Int32Array
  readonly #options: HotThreadOptions

  constructor(options: HotThreadOptions) {
    const { memory, clock, loader, transport, epoch, orderPoolSize, scheduler, post } = options
    const [toEngine, toNetwork, toStrategy] = [new CallLink(), new CallLink(), new CallLink()]
    const symbols = new SymbolTable(options.symbols)
    const metrics = new MetricSlots(memory.metrics[0])
    const network = new NetworkAgent({ clock, transport, memory, toEngine })
    const shared = { symbols, memory, metrics, clock }
    const reasons = new DenyReasons(options.reasons)
    const engine = new EngineAgent({ ...shared, toNetwork, toStrategy, orderPoolSize, reasons, isCopying: false })
    const strategy = new StrategyAgent({ ...shared, toEngine, epoch, market: engine.role.market })
    toEngine.connect(engine.role.onRecord)
    toNetwork.connect(network.role.onRecord)
    toStrategy.connect(strategy.role.onRecord)
    const agents = [engine, strategy, network]
    super({ ...options, agents, symbols, metrics, clock, loader, scheduler, post, inbox: toStrategy })
    this.symbols = symbols
    this.network = network.role
    this.market = engine.role.market
    this.orders = engine.role.orders
    this.#engine = engine
    this.#commands = new RingBuffer(memory.commands)
    this.#words = new Int32Array(memory.words)
    this.#options = options
  }

  takeTurn(): number {
    const taken = this.#commands.poll(this.#engine.role.onRecord, COMMANDS_A_TURN)
    this.endTurn()
    return taken
  }

  /** Between two turns every link is empty, so that no record meets two generations. */
  commit(generation: number): number {
    const { clock } = this.#options
    const startedNs = clock.nowNs()
    this.letGo()
    this.adopt()
    Atomics.store(this.#words, Word.Generation, generation)
    const pauseUs = (clock.nowNs() - startedNs) / 1e3
    this.finishCommit()
    return pauseUs
  }

  drain(graceMs: number): Promise<DrainedAnswer> {
    const { clock, scheduler = systemScheduler } = this.#options
    return drainOrders(this.#engine, { clock, scheduler, graceMs, endTurn: this.endTurn })
  }

  override stop(): void {
    super.stop()
    this.#options.transport.close()
    this.endTurn()
  }
}
