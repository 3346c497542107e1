import type { SystemClock } from "../hot/clock.js"
import { Counters } from "../hot/counters.js"
import { RingBuffer } from "../hot/ring.js"
import { EngineMetrics } from "../measure/engine-metrics.js"
import { readCpuTopology } from "../os/cpus.js"
import { currentTid, listTids, readThread } from "../os/threads.js"
import { BoardReader } from "../pipeline/board-reader.js"
import { DenyReasons } from "../pipeline/deny-reasons.js"
import { describePaths } from "../pipeline/describe.js"
import { createReadModels, type ReadModels } from "../pipeline/read-models.js"
import { SymbolTable } from "../pipeline/symbols.js"
import type { Role } from "../threads/agent.js"
import { Doorbell } from "../threads/doorbell.js"
import type { ThreadListener } from "../threads/hot-thread-handle.js"
import { HotThreads } from "../threads/hot-threads.js"
import { Housekeeping, type Kept } from "../threads/housekeeping.js"
import type { DrainedAnswer, PreparedAnswer, PrepareRequest } from "../threads/messages.js"
import { BELLS, createSharedMemory, type SharedMemory, Word } from "../threads/shared-memory.js"
import { ThreadPins } from "../threads/thread-pins.js"
import { checkPins, decideShape, type PinWish, type Shape, type TopologyWish } from "../threads/topology.js"
import type { SymbolSpec, ThreadReading } from "./contract.js"
import { pinRefusedError } from "./errors.js"
import type { MeterBlock } from "./plugin-costs.js"

/** What control reads of an engine once its symbols are known. */
export interface OpenEngine extends ReadModels {
  readonly symbols: SymbolTable
  readonly boards: BoardReader
  readonly metrics: EngineMetrics
  readonly shape: Shape
}

/** A generation that is ready on all hot threads. */
export interface PreparedHot {
  readonly generation: number
  /** One a thread. */
  readonly answers: readonly PreparedAnswer[]
  /** What the paths are made of, for people. */
  readonly pipeline: { readonly market: readonly string[]; readonly order: readonly string[] }
  /** Plugins that had failed on a thread, and are made anew. */
  readonly revived: readonly string[]
  /** Milliseconds that the parts of each plugin took to prepare, on all threads. */
  readonly timings: Readonly<Record<string, number>>
}

/** The default of order_pool_size. */
const ORDER_POOL_SLOTS = 16_384
/** Room for cancels in the command ring when everything else is refused. */
const COMMAND_RESERVE_BYTES = 1 << 14
const CONTROL_COUNTERS = 256
/** How long a thread that is new may run on the cores of the one that made it. */
const SWEEP_MS = 2_000

/** The hot threads and the memory that control shares with them, seen from control. */
export class HotSide {
  /** What control itself counts, shown beside what hot threads count. */
  readonly counters = new Counters(new Float64Array(CONTROL_COUNTERS))
  readonly #clock: SystemClock
  readonly #reasons = new DenyReasons()
  /** Read now, while nothing is pinned: a thread that is pinned sees no other CPUs. */
  readonly topology = readCpuTopology()
  readonly #pins = new ThreadPins()
  readonly #housekeeping = new Housekeeping(
    (tid) => this.#pins.isPinned(tid) || this.#rolesOf(tid).length > 0,
    this.topology.usable,
  )
  #threads: HotThreads | undefined
  #open: OpenEngine | undefined
  #memory: SharedMemory | undefined
  #meters: readonly MeterBlock[] = []

  constructor(clock: SystemClock) {
    this.#clock = clock
  }

  /** What the calls of plugins cost on each hot thread. */
  get meters(): readonly MeterBlock[] {
    return this.#meters
  }

  /** Undefined until the first generation has named the symbols. */
  get engine(): OpenEngine | undefined {
    return this.#open
  }

  start(listener: ThreadListener, onDeath: (error: Error) => void): Promise<void> {
    this.#threads = new HotThreads(listener, onDeath)
    return this.#threads.start()
  }

  /** Decides the shape, makes the shared memory for these symbols, and places the roles on threads. */
  async open(specs: readonly SymbolSpec[], wish: TopologyWish, pins: readonly PinWish[]): Promise<void> {
    const clock = this.#clock
    const shape = decideShape(wish, pins, this.topology)
    const { topology, idleStrategy } = shape
    const symbols = new SymbolTable(specs)
    const memory = createSharedMemory(specs.length, topology)
    this.#memory = memory
    const words = new Int32Array(memory.words)
    const commandBell = new Doorbell(words, BELLS.engine)
    const commands = new RingBuffer(memory.commands, COMMAND_RESERVE_BYTES)
    const events = new RingBuffer(memory.events)
    const boards = new BoardReader(memory.boards, symbols)
    const ring = (): void => commandBell.ring()
    const models = createReadModels({ symbols, clock, reasons: this.#reasons, boards, events, commands, ring })
    const eventBell = new Doorbell(words, Word.ControlBell)
    eventBell.listen(models.takeEvents)
    const readThreads = (): ThreadReading[] => this.#readThreads()
    const metrics = new EngineMetrics({ memory, clock, market: boards, control: this.counters, readThreads })
    const secondly = setInterval(() => metrics.tick(), 1000)
    this.#open = {
      ...models,
      symbols,
      boards,
      metrics,
      shape,
      close: () => {
        clearInterval(secondly)
        models.close()
        eventBell.close()
      },
    }
    const { baseSeconds } = clock
    const epoch = Math.floor(Date.now() / 1000)
    const orderPoolSize = ORDER_POOL_SLOTS
    await this.#threads!.open(topology, { symbols: specs, memory, idleStrategy, baseSeconds, epoch, orderPoolSize })
  }

  /** Objects to cores that the shape of the running engine cannot give. */
  checkPins(pins: readonly PinWish[]): void {
    checkPins(this.#open!.shape.topology, pins)
  }

  async prepare(request: PrepareRequest): Promise<PreparedHot> {
    const answers = await this.#threads!.prepare(request)
    // Known before the commit, so that options may name them. Slots stay, whatever becomes of the generation.
    for (const [block, { metrics }] of answers.entries()) this.#open!.metrics.learn(block, metrics)
    const timings: Record<string, number> = {}
    for (const answer of answers) {
      for (const [name, ms] of Object.entries(answer.timings)) timings[name] = (timings[name] ?? 0) + ms
    }
    this.#meters = answers.map(({ meters }, block) => ({ memory: this.#memory!.metrics[block].meters, names: meters }))
    const revived = [...new Set(answers.flatMap((answer) => answer.revived))]
    return { generation: request.generation, answers, pipeline: describePaths(answers), revived, timings }
  }

  /** Returns how long no input was taken, in microseconds. Rejects, with nothing changed, when no cut came about. */
  async commit({ generation, answers }: PreparedHot): Promise<number> {
    for (const { reasons } of answers) for (const [number, text] of reasons) this.#reasons.learn(number, text)
    return this.#threads!.commit(generation)
  }

  abort(generation: number): void {
    this.#threads?.abort(generation)
  }

  channel(plugin: string, message: unknown): void {
    this.#threads!.channel(plugin, message)
  }

  /** Undefined when it is not known what became of the orders. */
  async stop(graceMs: number): Promise<DrainedAnswer | undefined> {
    const drained = await this.#threads?.drain(graceMs)
    await this.#threads?.stop()
    this.#open?.takeEvents()
    this.#open?.close()
    return drained
  }

  /** Binds the thread of a role to cores, and says how to undo it. */
  pin(role: Role, cores: readonly number[]): { cores: readonly number[]; undo(): void } {
    const tid = role === "control" ? currentTid() : this.#threads?.tidOf(role)
    if (tid === undefined) throw pinRefusedError(role, cores, "threads cannot be pinned on this system")
    const { cpus, reason, undo } = this.#pins.pin(tid, cores)
    if (reason === undefined) return { cores: cpus, undo }
    throw pinRefusedError(role, cores, reason)
  }

  /** Keeps all threads that run no hot role, and that nobody pins, on these cores; those too that appear later. */
  housekeep(cores: readonly number[]): Kept {
    const { refusals, undo } = this.#housekeeping.keep(cores)
    const sweeping = setInterval(() => this.#housekeeping.sweep(), SWEEP_MS).unref()
    return {
      refusals,
      undo: () => {
        clearInterval(sweeping)
        undo()
      },
    }
  }

  #rolesOf(tid: number): readonly Role[] {
    return this.#threads?.rolesOf(tid) ?? []
  }

  #readThreads(): ThreadReading[] {
    const control = currentTid()
    return listTids().flatMap((tid) => {
      const sample = readThread(tid)
      if (sample === undefined) return []
      const { name, cpus, cpuTimeMs, voluntarySwitches: voluntary, involuntarySwitches: involuntary } = sample
      const own = this.#rolesOf(tid)
      const roles = own.length > 0 ? [...own] : tid === control ? ["control"] : ["runtime"]
      const context_switches = { voluntary, involuntary }
      return { name, tid, roles, cpu_affinity: [...cpus], cpu_time_ms: cpuTimeMs, context_switches }
    })
  }
}
