import type { SystemClock } from "../hot/clock.js"
import { RingBuffer } from "../hot/ring.js"
import { BoardReader } from "../pipeline/board-reader.js"
import { describePaths } from "../pipeline/describe.js"
import type { EngineEnds } from "../pipeline/read-models.js"
import { SymbolTable } from "../pipeline/symbols.js"
import { Doorbell } from "../threads/doorbell.js"
import type { ThreadListener } from "../threads/hot-thread-handle.js"
import { HotThreads } from "../threads/hot-threads.js"
import type { HotThreadData, PreparedAnswer, PrepareRequest } from "../threads/messages.js"
import type { MetricNames } from "../threads/metric-slots.js"
import type { Primed } from "../threads/prime-in-slices.js"
import { BELLS, createSharedMemory, type SharedMemory, Word } from "../threads/shared-memory.js"
import type { Shape } from "../threads/topology.js"
import type { SymbolSpec } from "./contract.js"
import type { MeterBlock } from "./plugin-costs.js"

/** A generation that is ready on all hot threads. */
export interface PreparedHot {
  readonly generation: number
  /** One a thread. */
  readonly answers: readonly PreparedAnswer[]
  /** What the paths are made of, for people. */
  readonly pipeline: { readonly market: readonly string[]; readonly order: readonly string[] }
  /** Plugins that had failed on a thread, and are made anew. */
  readonly revived: readonly string[]
  /** Milliseconds that the parts took of each plugin that was made, on all threads. */
  readonly timings: Readonly<Record<string, number>>
  /** What the calls of plugins cost on each thread. */
  readonly meters: readonly MeterBlock[]
  /** Milliseconds that the thread that was held longest took no input. */
  readonly heldMs: number
}

/** What new threads are told of the engine that they belong to. */
export type Known = Pick<HotThreadData, "isSuccessor" | "owners" | "reasons">

/** What a set of threads is made for. All of it stays as it is for as long as the set runs. */
export interface HotSetWish {
  readonly specs: readonly SymbolSpec[]
  readonly shape: Shape
  /** Of the heaps of the threads; undefined leaves it to V8. */
  readonly semiSpaceMb: number | undefined
  /** The second in which the engine started. */
  readonly epoch: number
}

interface Opened {
  readonly wish: HotSetWish
  readonly memory: SharedMemory
  readonly ends: EngineEnds
}

/** The default of order_pool_size. */
const ORDER_POOL_SLOTS = 16_384
/** Room for cancels in the command ring when everything else is refused. */
const COMMAND_RESERVE_BYTES = 1 << 14

/** One set of hot threads, and control's ends of the memory that it shares with them. */
export class HotSet {
  readonly threads: HotThreads
  /** Names of what is measured, by thread. */
  readonly names: MetricNames[] = []
  #opened: Opened | undefined

  constructor(
    private readonly clock: SystemClock,
    listener: ThreadListener,
    onDeath: (error: Error) => void,
  ) {
    this.threads = new HotThreads(listener, onDeath)
  }

  /** Makes the shared memory for these symbols, and places the roles on threads. */
  async open(wish: HotSetWish, known: Known = {}): Promise<void> {
    const { specs, shape, semiSpaceMb, epoch } = wish
    const { topology, idleStrategy } = shape
    const symbols = new SymbolTable(specs)
    const memory = createSharedMemory(specs.length, topology)
    const commandBell = new Doorbell(new Int32Array(memory.words), BELLS.engine)
    const ends: EngineEnds = {
      symbols,
      boards: new BoardReader(memory.boards, symbols),
      events: new RingBuffer(memory.events),
      commands: new RingBuffer(memory.commands, COMMAND_RESERVE_BYTES),
      ring: () => commandBell.ring(),
    }
    this.#opened = { wish, memory, ends }
    const { baseSeconds } = this.clock
    const data = { symbols: specs, memory, idleStrategy, baseSeconds, epoch, orderPoolSize: ORDER_POOL_SLOTS }
    await this.threads.open(topology, { ...data, ...known }, semiSpaceMb)
  }

  get wish(): HotSetWish {
    return this.#open.wish
  }

  get ends(): EngineEnds {
    return this.#open.ends
  }

  get memory(): SharedMemory {
    return this.#open.memory
  }

  get #open(): Opened {
    if (this.#opened === undefined) throw new Error("VELOZ_BUG: hot threads are used before they are opened")
    return this.#opened
  }

  /** What its engine rings when there are events. */
  eventBell(): Doorbell {
    return new Doorbell(new Int32Array(this.memory.words), Word.ControlBell)
  }

  /** Whether a generation with this wish can run here. */
  fits({ specs, shape: { topology }, semiSpaceMb }: Omit<HotSetWish, "epoch">): boolean {
    const { wish } = this
    const isSame = topology === wish.shape.topology && semiSpaceMb === wish.semiSpaceMb
    return isSame && JSON.stringify(specs) === JSON.stringify(wish.specs)
  }

  async prepare(request: PrepareRequest): Promise<PreparedHot> {
    const answers = await this.threads.prepare(request)
    for (const [block, { metrics }] of answers.entries()) this.names[block] = metrics
    const timings: Record<string, number> = {}
    for (const answer of answers) {
      for (const [name, ms] of Object.entries(answer.timings)) timings[name] = (timings[name] ?? 0) + ms
    }
    const revived = [...new Set(answers.flatMap((answer) => answer.revived))]
    const meters = answers.map((answer, block) => {
      return { memory: this.memory.metrics[block].meters, names: answer.meters }
    })
    const heldMs = Math.max(...answers.map((answer) => answer.heldMs))
    const pipeline = describePaths(answers)
    return { generation: request.generation, answers, pipeline, revived, timings, meters, heldMs }
  }

  /** Runs new code of a generation that is prepared on what is invented. Returns the most that a thread took. */
  async prime(request: PrepareRequest): Promise<Primed> {
    const answers = await this.threads.prime(request)
    const most = (read: (answer: Primed) => number): number => Math.max(...answers.map(read))
    const failure = answers.find((answer) => answer.failure !== undefined)?.failure
    return { tookMs: most(({ tookMs }) => tookMs), sliceMs: most(({ sliceMs }) => sliceMs), failure }
  }
}
