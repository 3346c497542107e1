import type { SystemClock } from "../hot/clock.js"
import { Counters } from "../hot/counters.js"
import { RingBuffer } from "../hot/ring.js"
import { EngineMetrics } from "../measure/engine-metrics.js"
import { currentTid, listTids, readThread, setThreadName } from "../os/threads.js"
import { BoardReader } from "../pipeline/board-reader.js"
import { DenyReasons } from "../pipeline/deny-reasons.js"
import { createReadModels, type ReadModels } from "../pipeline/read-models.js"
import { SymbolTable } from "../pipeline/symbols.js"
import type { Role } from "../threads/agent.js"
import { Doorbell } from "../threads/doorbell.js"
import { HotThreadHandle, type ThreadListener } from "../threads/hot-thread-handle.js"
import type { PreparedAnswer, PrepareRequest, StoppedAnswer } from "../threads/messages.js"
import { createSharedMemory, Word } from "../threads/shared-memory.js"
import { ThreadPins } from "../threads/thread-pins.js"
import type { SymbolSpec, ThreadReading } from "./contract.js"
import { pinRefusedError } from "./errors.js"

/** What control reads of an engine once its symbols are known. */
export interface OpenEngine extends ReadModels {
  readonly symbols: SymbolTable
  readonly boards: BoardReader
  readonly metrics: EngineMetrics
}

/** The default of order_pool_size. */
const ORDER_POOL_SLOTS = 16_384
/** Room for cancels in the command ring when everything else is refused. */
const COMMAND_RESERVE_BYTES = 1 << 14
const CONTROL_COUNTERS = 256
const THREAD_NAME = "veloz-hot"
const ROLES = ["network", "engine", "strategy"]

/** The hot thread of `fused` and the memory that control shares with it, seen from control. */
export class HotSide {
  /** What control itself counts, shown beside what hot threads count. */
  readonly counters = new Counters(new Float64Array(CONTROL_COUNTERS))
  readonly #clock: SystemClock
  readonly #reasons = new DenyReasons()
  readonly #pins = new ThreadPins()
  #starting: Promise<void> | undefined
  #thread: HotThreadHandle | undefined
  #tid: number | undefined
  #open: OpenEngine | undefined

  constructor(clock: SystemClock) {
    this.#clock = clock
  }

  /** Undefined until the first generation has named the symbols. */
  get engine(): OpenEngine | undefined {
    return this.#open
  }

  start(listener: ThreadListener, onDeath: (error: Error) => void): Promise<void> {
    this.#starting = this.#start(listener, onDeath)
    return this.#starting
  }

  async #start(listener: ThreadListener, onDeath: (error: Error) => void): Promise<void> {
    const { thread, tid } = await HotThreadHandle.start(THREAD_NAME, listener, onDeath)
    this.#thread = thread
    this.#tid = tid
    if (tid !== undefined) setThreadName(tid, THREAD_NAME)
  }

  /** Makes the shared memory for these symbols, and the engine on the thread. */
  open(specs: readonly SymbolSpec[]): void {
    const clock = this.#clock
    const symbols = new SymbolTable(specs)
    const memory = createSharedMemory(specs.length)
    const words = new Int32Array(memory.words)
    const commandBell = new Doorbell(words, Word.CommandBell)
    const commands = new RingBuffer(memory.commands, COMMAND_RESERVE_BYTES)
    const events = new RingBuffer(memory.events)
    const boards = new BoardReader(memory.boards, symbols)
    const ring = (): void => commandBell.ring()
    const models = createReadModels({ symbols, clock, reasons: this.#reasons, boards, events, commands, ring })
    const eventBell = new Doorbell(words, Word.EventBell)
    eventBell.listen(models.takeEvents)
    const readThreads = (): ThreadReading[] => this.#readThreads()
    const metrics = new EngineMetrics({ memory, clock, market: boards, control: this.counters, readThreads })
    const secondly = setInterval(() => metrics.tick(), 1000)
    this.#open = {
      ...models,
      symbols,
      boards,
      metrics,
      close: () => {
        clearInterval(secondly)
        models.close()
        eventBell.close()
      },
    }
    const { baseSeconds } = clock
    const epoch = Math.floor(Date.now() / 1000)
    this.#thread!.open({ symbols: specs, memory, baseSeconds, epoch, orderPoolSize: ORDER_POOL_SLOTS })
  }

  async prepare(request: PrepareRequest): Promise<PreparedAnswer> {
    const prepared = await this.#thread!.prepare(request)
    // Known before the commit, so that options may name them. Slots stay, whatever becomes of the generation.
    this.#open!.metrics.learn(prepared.metrics)
    return prepared
  }

  /** Returns how long the thread took no input, in microseconds. */
  commit({ generation, reasons }: PreparedAnswer): Promise<number> {
    for (const [number, text] of reasons) this.#reasons.learn(number, text)
    return this.#thread!.commit(generation)
  }

  abort(generation: number): void {
    this.#thread!.abort(generation)
  }

  channel(plugin: string, message: unknown): void {
    this.#thread!.channel(plugin, message)
  }

  async stop(graceMs: number): Promise<StoppedAnswer | undefined> {
    // A start that is given up may not have its thread yet.
    await this.#starting?.catch(() => undefined)
    const stopped = await this.#thread?.stop(graceMs)
    this.#open?.takeEvents()
    this.#open?.close()
    return stopped
  }

  /** Binds the thread of a role to cores, and says how to undo it. */
  pin(role: Role, cores: readonly number[]): { cores: readonly number[]; undo(): void } {
    const tid = role === "control" ? currentTid() : this.#tid
    if (tid === undefined) throw pinRefusedError(role, cores, "threads cannot be pinned on this system")
    const { cpus, reason, undo } = this.#pins.pin(tid, cores)
    if (reason === undefined) return { cores: cpus, undo }
    throw pinRefusedError(role, cores, reason)
  }

  #readThreads(): ThreadReading[] {
    const control = currentTid()
    return listTids().flatMap((tid) => {
      const sample = readThread(tid)
      if (sample === undefined) return []
      const { name, cpus, cpuTimeMs, voluntarySwitches: voluntary, involuntarySwitches: involuntary } = sample
      const roles = tid === this.#tid ? ROLES : tid === control ? ["control"] : ["runtime"]
      const context_switches = { voluntary, involuntary }
      return { name, tid, roles, cpu_affinity: [...cpus], cpu_time_ms: cpuTimeMs, context_switches }
    })
  }
}
