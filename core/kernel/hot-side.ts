import type { SystemClock } from "../hot/clock.js"
import { Counters } from "../hot/counters.js"
import { RingBuffer } from "../hot/ring.js"
import { EngineMetrics } from "../measure/engine-metrics.js"
import { BoardReader } from "../pipeline/board-reader.js"
import { DenyReasons } from "../pipeline/deny-reasons.js"
import { describePaths } from "../pipeline/describe.js"
import { createReadModels, type ReadModels } from "../pipeline/read-models.js"
import { SymbolTable } from "../pipeline/symbols.js"
import { Doorbell } from "../threads/doorbell.js"
import type { ThreadListener } from "../threads/hot-thread-handle.js"
import { HotThreads } from "../threads/hot-threads.js"
import type { DrainedAnswer, PreparedAnswer, PrepareRequest } from "../threads/messages.js"
import type { Demotion } from "../threads/realtime.js"
import type { RealtimeWish } from "../threads/realtime-guards.js"
import { BELLS, createSharedMemory, type SharedMemory, Word } from "../threads/shared-memory.js"
import { checkPins, decideShape, type PinWish, type Shape, type TopologyWish } from "../threads/topology.js"
import type { SymbolSpec, ThreadReading } from "./contract.js"
import type { MeterBlock } from "./plugin-costs.js"
import { type HotThreadsAccess, ThreadCare } from "./thread-care.js"

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

/** What plugins wish of the places and priorities of threads. */
export interface PlaceWishes {
  readonly pins: readonly PinWish[]
  readonly realtime: readonly RealtimeWish[]
  /** Where all other threads are kept, if they are. */
  readonly housekeeping: readonly number[] | undefined
  /** Of the heaps of hot threads, from their start on; undefined leaves it to V8. */
  readonly semiSpaceMb?: number | undefined
}

/** The default of order_pool_size. */
const ORDER_POOL_SLOTS = 16_384
/** Room for cancels in the command ring when everything else is refused. */
const COMMAND_RESERVE_BYTES = 1 << 14
const CONTROL_COUNTERS = 256

/** The hot threads and the memory that control shares with them, seen from control. */
export class HotSide {
  /** What control itself counts, shown beside what hot threads count. */
  readonly counters = new Counters(new Float64Array(CONTROL_COUNTERS))
  readonly #clock: SystemClock
  readonly #reasons = new DenyReasons()
  /** Where the threads of this process run, and how. */
  readonly care: ThreadCare
  #threads: HotThreads | undefined
  #open: OpenEngine | undefined
  #memory: SharedMemory | undefined
  #meters: readonly MeterBlock[] = []

  constructor(clock: SystemClock, onDemotion: (demotion: Demotion) => void = () => undefined) {
    this.#clock = clock
    const threads = (): HotThreads | undefined => this.#threads
    const hot: HotThreadsAccess = {
      tidOf: (role) => threads()?.tidOf(role),
      rolesOf: (tid) => threads()?.rolesOf(tid) ?? [],
      tids: () => threads()?.tids() ?? [],
      timerSlack: {
        read: (tid) => threads()?.timerSlack.read(tid),
        write: (ns, tid) => threads()?.timerSlack.write(ns, tid),
      },
    }
    this.care = new ThreadCare(hot, onDemotion)
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
  async open(specs: readonly SymbolSpec[], wish: TopologyWish, places: PlaceWishes): Promise<void> {
    const clock = this.#clock
    const inherited = this.care.inheritedRealtime
    const realtime = inherited === undefined ? places.realtime[0]?.policy : `the inherited policy ${inherited}`
    const shape = decideShape(wish, places.pins, this.care.topology, realtime)
    this.#checkRealtime(places, shape)
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
    const readThreads = (): ThreadReading[] => this.care.read()
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
    await this.#threads!.open(
      topology,
      { symbols: specs, memory, idleStrategy, baseSeconds, epoch, orderPoolSize },
      places.semiSpaceMb,
    )
  }

  /** Objects to cores and priorities that the shape of the running engine cannot give. */
  checkPlaces(places: PlaceWishes): void {
    const { shape } = this.#open!
    checkPins(shape.topology, places.pins)
    this.#checkRealtime(places, shape)
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
    this.care.close()
    await this.#threads?.stop()
    this.#open?.takeEvents()
    this.#open?.close()
    return drained
  }

  #checkRealtime({ pins, realtime, housekeeping }: PlaceWishes, shape: Shape): void {
    for (const wish of realtime) this.care.checkRealtime(wish, { ...shape, pins, housekeeping })
  }
}
