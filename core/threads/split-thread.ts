import { RingBuffer } from "../hot/ring.js"
import { DenyReasons } from "../pipeline/deny-reasons.js"
import { MarketCopy } from "../pipeline/market-copy.js"
import { SymbolTable } from "../pipeline/symbols.js"
import type { Agent, HotRole } from "./agent.js"
import { Cut } from "./cut.js"
import { Doorbell } from "./doorbell.js"
import { drainOrders } from "./drain.js"
import { EngineAgent } from "./engine-agent.js"
import type { HotThreadOptions } from "./hot-engine.js"
import { HotHost, type HotThread } from "./hot-host.js"
import type { Inlet } from "./inlet.js"
import type { DrainedAnswer } from "./messages.js"
import { MetricSlots } from "./metric-slots.js"
import { NetworkAgent } from "./network-agent.js"
import { RingLink } from "./ring-link.js"
import { systemScheduler } from "./scheduler.js"
import { ATTEMPTS, BELLS, BLOCKS, type RoleRings, type SharedMemory } from "./shared-memory.js"
import { StrategyAgent } from "./strategy-agent.js"

const ROLES = ["network", "engine", "strategy"] as const

/** A role with a thread of its own, and where it takes records from. */
interface Seat {
  readonly agent: Agent
  readonly inlets: readonly Inlet[]
}

interface SeatOptions extends HotThreadOptions {
  readonly table: SymbolTable
  readonly metrics: MetricSlots
}

/** `split`: one role on a thread of its own. Links are rings, and a generation is cut where a marker has come round. */
export class SplitThread extends HotHost implements HotThread {
  readonly agent: Agent
  readonly #cut: Cut
  readonly #options: HotThreadOptions

  constructor(role: HotRole, options: HotThreadOptions) {
    const { memory, clock, loader, scheduler, post } = options
    const symbols = new SymbolTable(options.symbols)
    const metrics = new MetricSlots(memory.metrics[BLOCKS[role]])
    const { agent, inlets } = SEATS[role]({ ...options, table: symbols, metrics })
    super({ ...options, agents: [agent], symbols, metrics, clock, loader, scheduler, post })
    this.agent = agent
    this.#options = options
    this.#cut = new Cut({
      words: new Int32Array(memory.words),
      attemptWord: ATTEMPTS[role],
      clock,
      bell: bellOf(memory, role),
      others: ROLES.filter((other) => other !== role).map((other) => bellOf(memory, other)),
      inlets,
      letGo: () => this.letGo(),
      commit: () => this.adopt(),
    })
  }

  takeTurn(): number {
    const taken = this.#cut.poll()
    this.endTurn()
    if (this.#cut.isWanted) this.#join()
    return taken
  }

  /** For the thread of the network, where a cut begins. The others join when its marker comes. */
  commit(generation: number, attempt: number): number | undefined {
    const startedNs = this.#options.clock.nowNs()
    if (!this.#cut.start(generation, attempt)) return undefined
    const pauseUs = this.#sinceUs(startedNs)
    this.finishCommit()
    return pauseUs
  }

  drain(graceMs: number): Promise<DrainedAnswer> {
    const { clock, scheduler = systemScheduler } = this.#options
    if (!(this.agent instanceof EngineAgent)) throw new Error("VELOZ_BUG: only the engine has orders to drain")
    return drainOrders(this.agent, { clock, scheduler, graceMs, endTurn: this.endTurn })
  }

  override stop(): void {
    super.stop()
    this.#options.transport.close()
  }

  #join(): void {
    const startedNs = this.#options.clock.nowNs()
    if (!this.#cut.join()) return
    this.#options.post({ type: "committed", generation: this.#cut.generation, pauseUs: this.#sinceUs(startedNs) })
    this.finishCommit()
  }

  #sinceUs(startedNs: number): number {
    return (this.#options.clock.nowNs() - startedNs) / 1e3
  }
}

const SEATS: Readonly<Record<HotRole, (options: SeatOptions) => Seat>> = {
  network({ clock, transport, memory }) {
    const { networkToEngine, engineToNetwork } = ringsOf(memory)
    const toEngine = linkTo("engine", networkToEngine, memory)
    const agent = new NetworkAgent({ clock, transport, memory, toEngine })
    const handler = agent.role.onRecord
    return { agent, inlets: [{ ring: engineToNetwork, handler, onward: toEngine, into: toEngine }] }
  },

  engine({ clock, memory, table: symbols, metrics, orderPoolSize, reasons: known }) {
    const { networkToEngine, engineToNetwork, engineToStrategy, strategyToEngine } = ringsOf(memory)
    const toNetwork = linkTo("network", engineToNetwork, memory)
    const toStrategy = linkTo("strategy", engineToStrategy, memory)
    const common = { symbols, memory, metrics, clock }
    const reasons = new DenyReasons(known)
    const agent = new EngineAgent({ ...common, toNetwork, toStrategy, orderPoolSize, reasons, isCopying: true })
    const handler = agent.role.onRecord
    return {
      agent,
      inlets: [
        { ring: networkToEngine, handler, onward: toStrategy, into: toStrategy },
        { ring: strategyToEngine, handler, onward: toNetwork, into: toStrategy },
        { ring: new RingBuffer(memory.commands), handler },
      ],
    }
  },

  strategy({ clock, memory, table, metrics, epoch }) {
    const { engineToStrategy, strategyToEngine } = ringsOf(memory)
    const toEngine = linkTo("engine", strategyToEngine, memory)
    const agent = new StrategyAgent({ clock, memory, metrics, toEngine, epoch, market: new MarketCopy(table.all) })
    return { agent, inlets: [{ ring: engineToStrategy, handler: agent.role.onRecord, onward: toEngine }] }
  },
}

const linkTo = (role: HotRole, ring: RingBuffer, memory: SharedMemory): RingLink =>
  new RingLink(ring, bellOf(memory, role))

const bellOf = (memory: SharedMemory, role: HotRole): Doorbell =>
  new Doorbell(new Int32Array(memory.words), BELLS[role])

/** This thread's ends of the rings. */
function ringsOf({ rings }: SharedMemory): Record<keyof RoleRings, RingBuffer> {
  if (rings === undefined) throw new Error("VELOZ_BUG: a split engine without rings")
  return {
    networkToEngine: new RingBuffer(rings.networkToEngine),
    engineToNetwork: new RingBuffer(rings.engineToNetwork),
    engineToStrategy: new RingBuffer(rings.engineToStrategy),
    strategyToEngine: new RingBuffer(rings.strategyToEngine),
  }
}
