import type { MarketPath } from "../pipeline/market-path.js"
import type { OrderPath } from "../pipeline/order-path.js"
import { SymbolTable } from "../pipeline/symbols.js"
import type { HotRole } from "./agent.js"
import { EngineAgent } from "./engine-agent.js"
import type { HotThreadOptions } from "./hot-engine.js"
import type { DrainedAnswer, PreparedAnswer, PrepareRequest } from "./messages.js"
import { type SharedMemory, Word } from "./shared-memory.js"
import { SplitThread } from "./split-thread.js"

const ROLES = ["network", "engine", "strategy"] as const

/**
 * `split` on one thread: three threads' worth of roles with real rings between them, which take turns when they are
 * told to. What real threads add is that turns overlap; what they must agree on is all here.
 */
export class SplitEngine {
  /** Roles that take no turns until they are taken out again: threads that are slow, or put aside. */
  readonly held = new Set<HotRole>()
  readonly symbols: SymbolTable
  readonly #threads: readonly SplitThread[]
  readonly #engine: EngineAgent
  readonly #memory: SharedMemory

  constructor(options: HotThreadOptions) {
    this.symbols = new SymbolTable(options.symbols)
    this.#memory = options.memory
    this.#threads = ROLES.map((role) => new SplitThread(role, options))
    const engine = this.#threads.map(({ agent }) => agent).find((agent) => agent instanceof EngineAgent)
    if (engine === undefined) throw new Error("VELOZ_BUG: no thread has the engine")
    this.#engine = engine
  }

  get market(): MarketPath {
    return this.#engine.role.market
  }

  get orders(): OrderPath {
    return this.#engine.role.orders
  }

  start(): void {
    for (const thread of this.#threads) thread.start()
  }

  /** Lets every thread take turns until none has anything left to do. */
  takeTurn(): number {
    let taken = 0
    for (let round = 0; ; taken += round) {
      round = 0
      for (let index = 0; index < this.#threads.length; index += 1) {
        const thread = this.#threads[index]
        if (!this.held.has(thread.agent.name)) round += thread.takeTurn()
      }
      if (round === 0) return taken
    }
  }

  endTurn(): void {
    for (const thread of this.#threads) if (!this.held.has(thread.agent.name)) thread.endTurn()
    this.takeTurn()
  }

  prepare(request: PrepareRequest): PreparedAnswer[] {
    const answers: PreparedAnswer[] = []
    try {
      for (const thread of this.#threads) answers.push(thread.prepare(request))
      return answers
    } catch (error) {
      this.abort()
      throw error
    }
  }

  abort(): void {
    for (const thread of this.#threads) thread.abort()
  }

  /** Nothing is on its way between two turns of all of them. */
  commit(generation: number): void {
    for (const thread of this.#threads) thread.letGo()
    this.takeTurn()
    Atomics.store(new Int32Array(this.#memory.words), Word.Generation, generation)
    for (const thread of this.#threads) thread.adopt()
    for (const thread of this.#threads.toReversed()) thread.finishCommit()
    this.takeTurn()
  }

  onChannel(plugin: string, message: unknown): void {
    for (const thread of this.#threads) thread.onChannel(plugin, message)
  }

  drain(graceMs: number): Promise<DrainedAnswer> {
    return this.#threads[ROLES.indexOf("engine")].drain(graceMs)
  }

  stop(): void {
    for (const thread of this.#threads) thread.stop()
  }
}
