import type { SystemClock } from "../hot/clock.js"
import { Counters } from "../hot/counters.js"
import { EngineMetrics } from "../measure/engine-metrics.js"
import type { Setting } from "../os/setting.js"
import type { BoardReader } from "../pipeline/board-reader.js"
import { DenyReasons } from "../pipeline/deny-reasons.js"
import { createReadModels, type ReadModels } from "../pipeline/read-models.js"
import type { SymbolTable } from "../pipeline/symbols.js"
import { COLLECTIONS_BYTES, watchCollections } from "../threads/collections.js"
import type { Doorbell } from "../threads/doorbell.js"
import type { Told } from "../threads/hot-thread-handle.js"
import type { DrainedAnswer, PrepareRequest } from "../threads/messages.js"
import type { Primed } from "../threads/prime-in-slices.js"
import type { Demotion } from "../threads/realtime.js"
import type { Shape } from "../threads/topology.js"
import type { ThreadReading } from "./contract.js"
import { stateStuckError } from "./errors.js"
import { HotSet, type HotSetWish, type PreparedHot } from "./hot-set.js"
import { type HandoverDeadlines, refuseUse, Succession } from "./succession.js"
import { type HotThreadsAccess, ThreadCare } from "./thread-care.js"

/** What control reads of an engine once its symbols are known. */
export interface OpenEngine extends Omit<ReadModels, "moveTo"> {
  readonly symbols: SymbolTable
  readonly boards: BoardReader
  readonly metrics: EngineMetrics
  readonly shape: Shape
}

/** Hears of what a thread tells; `isSuccessor` when that is one of those that are only being made ready. */
export type HotListener = (message: Told, isSuccessor: boolean) => void

const CONTROL_COUNTERS = 256

/** The hot threads of an engine seen from control: the set that runs, and now and then one that is to succeed it. */
export class HotSide {
  /** What control itself counts, shown beside what hot threads count. */
  readonly counters = new Counters(new Float64Array(CONTROL_COUNTERS))
  readonly #clock: SystemClock
  readonly #epoch = Math.floor(Date.now() / 1000)
  readonly #reasons = new DenyReasons()
  /** Where the threads of this process run, and how. */
  readonly care: ThreadCare
  #listener: HotListener = () => undefined
  #onDeath: (error: Error) => void = () => undefined
  /** The set that runs. */
  #set: HotSet | undefined
  /** One that is being made ready, and one that was succeeded and is about to end. */
  #successor: HotSet | undefined
  #former: HotSet | undefined
  #models: ReadModels | undefined
  #open: OpenEngine | undefined
  #eventBell: Doorbell | undefined
  #stopTicking = (): void => undefined
  readonly #collections = new SharedArrayBuffer(COLLECTIONS_BYTES)
  #stopWatching = (): void => undefined

  constructor(clock: SystemClock, onDemotion: (demotion: Demotion) => void = () => undefined) {
    this.#clock = clock
    const slackOf = (tid: number): Setting<number> | undefined =>
      this.#sets.find(({ threads }) => threads.tids().includes(tid))?.threads.timerSlack
    const hot: HotThreadsAccess = {
      tidOf: (role) => this.#set?.threads.tidOf(role),
      rolesOf: (tid) => this.#sets.flatMap(({ threads }) => threads.rolesOf(tid)),
      tids: () => this.#set?.threads.tids() ?? [],
      timerSlack: { read: (tid) => slackOf(tid)?.read(tid), write: (ns, tid) => slackOf(tid)?.write(ns, tid) },
    }
    this.care = new ThreadCare(hot, onDemotion)
  }

  /** Undefined until the first generation has named the symbols. */
  get engine(): OpenEngine | undefined {
    return this.#open
  }

  async start(listener: HotListener, onDeath: (error: Error) => void): Promise<void> {
    this.#listener = listener
    this.#onDeath = onDeath
    this.#stopWatching = watchCollections(this.#collections)
    this.#set = this.#createSet()
    await this.#set.threads.start()
  }

  /** Places the roles on the first threads, for the symbols of the venue. */
  async open(wish: Omit<HotSetWish, "epoch">): Promise<void> {
    const { shape } = wish
    const set = this.#set!
    await set.open({ ...wish, epoch: this.#epoch })
    const { symbols, boards } = set.ends
    const clock = this.#clock
    const models = createReadModels({ ...set.ends, clock, reasons: this.#reasons })
    this.#models = models
    const readThreads = (): Omit<ThreadReading, "collections">[] => this.care.read()
    const { memory } = set
    const about = { readThreads, collections: this.#collections }
    const metrics = new EngineMetrics({ memory, clock, market: boards, control: this.counters, ...about })
    const secondly = setInterval(() => metrics.tick(), 1000)
    this.#stopTicking = () => clearInterval(secondly)
    this.#open = { ...models, symbols, boards, metrics, shape }
    this.#listenTo(set)
  }

  /** Whether a generation can run on the threads that there are. */
  fits(wish: Omit<HotSetWish, "epoch">): boolean {
    return this.#set!.fits(wish)
  }

  async prepare(request: PrepareRequest): Promise<PreparedHot> {
    const prepared = await this.#set!.prepare(request)
    // Known before the commit, so that options may name them. Slots stay, whatever becomes of the generation.
    for (const [block, { metrics }] of prepared.answers.entries()) this.#open!.metrics.learn(block, metrics)
    return prepared
  }

  /** Runs new code of a generation that is prepared on what is invented, so that it is fast from its first record on. */
  prime(request: PrepareRequest): Promise<Primed> {
    return this.#set!.prime(request)
  }

  /** Returns how long no input was taken, in microseconds. Rejects, with nothing changed, when no cut came about. */
  async commit(prepared: PreparedHot): Promise<number> {
    this.#learnReasons(prepared)
    return this.#set!.threads.commit(prepared.generation)
  }

  /** What the threads do with nothing to do, from now on. */
  idle(shape: Shape): void {
    if (shape.idleStrategy !== this.#open!.shape.idleStrategy) this.#set!.threads.idle(shape.idleStrategy)
    this.#open = { ...this.#open!, shape }
  }

  abort(generation: number): void {
    this.#set?.threads.abort(generation)
  }

  channel(plugin: string, message: unknown): void {
    this.#set!.threads.channel(plugin, message)
  }

  // ---- other threads

  /** Objects to threads for these symbols that would leave state, orders or a position behind. Only looks. */
  async refuseMove(symbols: readonly string[]): Promise<void> {
    const { threads, ends } = this.#set!
    const { stuck } = await threads.survey()
    if (stuck.length > 0) throw stateStuckError(stuck)
    const { desk, positions } = this.#open!
    const gone = ends.symbols.all.filter(({ name }) => !symbols.includes(name))
    refuseUse(gone, positions, ({ name }) => desk.openCountOf(name))
  }

  /** Makes another set of threads, which is to go on with what this one does. */
  beginSuccession(
    wish: Omit<HotSetWish, "epoch">,
    options: { isSameVenue: boolean; deadlines?: Partial<HandoverDeadlines> | undefined },
  ): Succession {
    const next = this.#createSet()
    this.#successor = next
    const { desk, positions, metrics } = this.#open!
    const made = { ...wish, epoch: this.#epoch }
    const about = { old: this.#set!, next, wish: made, desk, positions, reasons: this.#reasons, clock: this.#clock }
    const measure = ({ memory, names, ends: { boards: market } }: HotSet, gauges: readonly string[]): void => {
      metrics.moveTo({ memory, names, market, gauges })
    }
    return new Succession({ ...about, ...options, expect: (names) => metrics.expect(names), measure })
  }

  /**
   * The other threads go on from here. Returns how long nobody took wishes and input, in microseconds. Rejects, and these
   * have gone on, when that did not come about.
   */
  async succeed(succession: Succession, prepared: PreparedHot): Promise<number> {
    this.#learnReasons(prepared)
    return succession.take(prepared.generation, (error) => this.#moveTo(succession, error))
  }

  async abandon(succession: Succession): Promise<void> {
    this.#successor = undefined
    await succession.next.threads.stop()
  }

  /** Ends the threads that were succeeded. */
  async endFormer(): Promise<void> {
    const former = this.#former
    await former?.threads.stop()
    if (this.#former === former) this.#former = undefined
  }

  #moveTo({ next, isSameVenue }: Succession, error?: Error): void {
    this.#eventBell?.close()
    this.#models!.moveTo(next.ends, isSameVenue)
    const { symbols, boards } = next.ends
    for (const [block, names] of next.names.entries()) this.#open!.metrics.learn(block, names)
    this.#open = { ...this.#open!, symbols, boards, shape: next.wish.shape }
    this.#former = this.#set
    this.#set = next
    this.#successor = undefined
    this.#listenTo(next)
    // One that died when it was not yet in force was nobody's loss.
    const loss = next.threads.death ?? error
    if (loss !== undefined) this.#onDeath(loss)
  }

  #listenTo(set: HotSet): void {
    this.#eventBell = set.eventBell()
    this.#eventBell.listen(this.#models!.takeEvents)
  }

  #createSet(): HotSet {
    const set: HotSet = new HotSet(
      this.#clock,
      (message) => {
        // Of threads that were succeeded nothing is news but their words.
        if (set !== this.#former || message.type === "log") this.#listener(message, set === this.#successor)
      },
      (error) => {
        // Of one that is being made ready, whoever waits for it hears.
        if (set === this.#set) this.#onDeath(error)
      },
    )
    return set
  }

  #learnReasons({ answers }: PreparedHot): void {
    for (const { reasons } of answers) for (const reason of reasons) this.#reasons.learn(...reason)
  }

  /** Undefined when it is not known what became of the orders. */
  async stop(graceMs: number): Promise<DrainedAnswer | undefined> {
    const drained = await this.#set?.threads.drain(graceMs)
    this.care.close()
    await Promise.all(this.#sets.map(({ threads }) => threads.stop()))
    this.#models?.takeEvents()
    this.#models?.close()
    this.#stopTicking()
    this.#stopWatching()
    this.#eventBell?.close()
    return drained
  }

  /** The sets that there are, the one that runs first. */
  get #sets(): readonly HotSet[] {
    return [this.#set, this.#successor, this.#former].filter((set) => set !== undefined)
  }
}
