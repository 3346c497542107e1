import { cutLateError } from "../kernel/errors.js"
import { type Setting, unavailable } from "../os/setting.js"
import { setThreadName } from "../os/threads.js"
import type { HotRole, Role } from "./agent.js"
import { type Handover, joinShares } from "./handover.js"
import { HotThreadHandle, type ThreadListener } from "./hot-thread-handle.js"
import type {
  DrainedAnswer,
  FromThread,
  HotThreadData,
  PreparedAnswer,
  PrepareRequest,
  PrimedAnswer,
  ReadinessAnswer,
  SurveyAnswer,
  ToThread,
} from "./messages.js"
import type { IdleStrategy } from "./runner.js"
import { ATTEMPTS, Word } from "./shared-memory.js"

interface Placed {
  readonly thread: HotThreadHandle
  readonly roles: readonly HotRole[]
}

/** Each thread by the roles that it runs. The first is where a generation is cut. */
const PLACES: Readonly<Record<"fused" | "split", readonly { name: string; roles: readonly HotRole[] }[]>> = {
  fused: [{ name: "veloz-hot", roles: ["network", "engine", "strategy"] }],
  split: [
    { name: "network-io", roles: ["network"] },
    { name: "engine-main", roles: ["engine"] },
    { name: "strategy-worker", roles: ["strategy"] },
  ],
}
/** The number of the cut that lets new threads stand by; each set counts generations for itself. */
export const STANDING = -1
const CUT_TRIES = 20
const CUT_PAUSE_MS = 25
const DRAIN_SLACK_MS = 500

/** The hot threads of an engine: one, or one for each role. What is asked of them is asked of all. */
export class HotThreads {
  #placed: readonly Placed[] = []
  #first: HotThreadHandle | undefined
  #starting: Promise<unknown> | undefined
  #attempts = 0
  /** Below the numbers of generations, and that by which these threads may have begun to stand by. */
  #lastCut = STANDING
  #words: Int32Array = new Int32Array(0)

  constructor(
    private readonly listener: ThreadListener,
    private readonly onDeath: (error: Error) => void,
  ) {}

  /** Starts the first thread, which every shape needs: its roles come with `open`. */
  async start(): Promise<void> {
    this.#starting = this.#start(PLACES.fused[0].name).then((thread) => {
      this.#first = thread
    })
    await this.#starting
  }

  /**
   * Starts what is missing, and gives each thread its roles. With a wish for the semi-space of their heaps the first
   * thread, which was started before the wish was known, is replaced.
   */
  async open(topology: "fused" | "split", data: Omit<HotThreadData, "roles">, semiSpaceMb?: number): Promise<void> {
    const [first, ...others] = PLACES[topology]
    if (semiSpaceMb !== undefined) {
      await this.#first!.stop()
      this.#first = await this.#start(first.name, semiSpaceMb)
    }
    const more = await Promise.all(others.map(({ name }) => this.#start(name, semiSpaceMb)))
    const threads = [this.#first!, ...more]
    this.#placed = PLACES[topology].map(({ roles }, index) => ({ thread: threads[index], roles }))
    this.#first!.rename(first.name)
    this.#words = new Int32Array(data.memory.words)
    for (const { thread, roles } of this.#placed) {
      if (thread.tid !== undefined) setThreadName(thread.tid, thread.name)
      thread.send({ type: "open", data: { ...data, roles } })
    }
  }

  /** The tid of the thread that runs a role; before `open`, that of the first thread. */
  tidOf(role: Role): number | undefined {
    const placed = this.#placed.find(({ roles }) => roles.some((own) => own === role))
    return (placed?.thread ?? this.#first)?.tid
  }

  /** The roles that a thread runs; empty for a thread that is none of these. */
  rolesOf(tid: number): readonly Role[] {
    return this.#placed.find(({ thread }) => thread.tid === tid)?.roles ?? []
  }

  /** Why one of them has ended. */
  get death(): Error | undefined {
    return this.#placed.map(({ thread }) => thread.death).find((death) => death !== undefined)
  }

  /** A cut to this generation has come about, whether all of them have seen it or not: there is no way back. */
  hasCutTo(generation: number): boolean {
    return Atomics.load(this.#words, Word.Generation) === generation
  }

  /** Of the threads that run roles. */
  tids(): readonly number[] {
    return this.#placed.flatMap(({ thread }) => (thread.isDead ? [] : (thread.tid ?? [])))
  }

  /** What each thread does for itself when it is told; what it reads is what the thread said last. */
  readonly timerSlack: Setting<number> = {
    read: (tid) => this.#withTid(tid)?.timerSlackNs,
    write: (ns, tid) => {
      const thread = this.#withTid(tid)
      if (thread?.timerSlackNs === undefined) return unavailable("this system has no such setting of threads")
      thread.send({ type: "timer_slack", ns })
      return undefined
    },
  }

  /** One answer a thread, in the order of their blocks of metrics. Rejects when one refuses. */
  async prepare(request: PrepareRequest): Promise<PreparedAnswer[]> {
    const asked = this.#placed.map(({ thread }) => thread.ask({ type: "prepare", ...request }, ["prepared"]))
    // All answers are waited for, or that of a slow thread would be taken for the answer to the next request.
    const answers = await Promise.allSettled(asked)
    const refusal = answers.find((answer) => answer.status === "rejected")
    if (refusal !== undefined) throw refusal.reason
    return Promise.all(asked)
  }

  /** Primes the new code of a generation that is prepared, on all threads. */
  prime(request: PrepareRequest): Promise<PrimedAnswer[]> {
    return Promise.all(this.#placed.map(({ thread }) => thread.ask({ type: "prime", ...request }, ["primed"])))
  }

  /** Cuts over on all threads. Returns how long no input was taken, in us. Rejects when no cut came about. */
  async commit(generation: number): Promise<number> {
    const [{ thread: first }, ...others] = this.#placed
    const joined = Promise.all(
      others.map(({ thread }) => thread.expect("commit", ["committed"], undefined, generation)),
    )
    joined.catch(() => undefined)
    for (let tries = 0; tries < CUT_TRIES; tries += 1) {
      this.#attempts += 1
      const message: ToThread = { type: "commit", generation, attempt: this.#attempts }
      const answer = await first.ask(message, ["committed", "late"])
      if (answer.type === "committed") {
        await joined
        return answer.pauseUs
      }
      // A marker does not come past a thread that is gone.
      if (this.death !== undefined) throw this.death
      await new Promise((resolve) => setTimeout(resolve, CUT_PAUSE_MS))
    }
    throw cutLateError(CUT_TRIES, this.#unreached())
  }

  idle(strategy: IdleStrategy): void {
    this.#tellAll({ type: "idle", strategy })
  }

  // ---- handing over to another set of threads

  /** What kept state cannot go to other threads, and the plugins by the numbers that their orders have. */
  async survey(): Promise<Omit<SurveyAnswer, "type">> {
    const answers = await this.#askAll({ type: "survey" }, "survey")
    // The strategies' is the last.
    return { stuck: answers.flatMap(({ stuck }) => stuck), owners: answers.at(-1)!.owners }
  }

  /** What is not ready of books and orders. */
  readiness(): Promise<ReadinessAnswer> {
    return this.#engine.ask({ type: "readiness" }, ["readiness"])
  }

  /** Takes no new wishes. Returns how much of what is on its way has no answer yet. */
  async hold(): Promise<number> {
    const answers = await this.#askAll({ type: "hold" }, "holding")
    return answers.reduce((count, { unanswered }) => count + unanswered, 0)
  }

  /** The last cut, unless they are told to resume: these threads take no input behind it. */
  async retire(): Promise<void> {
    // All know before the marker of the cut can reach them.
    await this.#askAll({ type: "retire" }, "retiring")
    // Another number each time: a cut that has been is taken for one that has come about already.
    this.#lastCut -= 1
    await this.commit(this.#lastCut)
  }

  /** What others go on with, with what plugins keep or without, and how much of it still waits for an answer. */
  async share(withKept: boolean): Promise<{ handover: Handover; unanswered: number }> {
    const answers = await this.#askAll({ type: "share", withKept }, "shared")
    const unanswered = answers.reduce((count, answer) => count + answer.unanswered, 0)
    return { handover: joinShares(answers.map(({ share }) => share)), unanswered }
  }

  /** Nobody succeeds: these go on. */
  resume(): void {
    this.#tellAll({ type: "resume" })
  }

  /** The next cut is the one at which these go on with what others have left. */
  succeed(handover: Handover): void {
    this.#tellAll({ type: "succeed", handover })
  }

  get #engine(): HotThreadHandle {
    return this.#placed.find(({ roles }) => roles.includes("engine"))!.thread
  }

  #askAll<T extends FromThread["type"]>(message: ToThread, type: T): Promise<Extract<FromThread, { type: T }>[]> {
    return Promise.all(this.#placed.map(({ thread }) => thread.ask(message, [type])))
  }

  abort(generation: number): void {
    this.#tellAll({ type: "abort", generation })
  }

  channel(plugin: string, message: unknown): void {
    this.#tellAll({ type: "channel", plugin, message })
  }

  /** Ends all orders if so configured, while the threads still run. Undefined when nobody can say what became of them. */
  async drain(graceMs: number): Promise<DrainedAnswer | undefined> {
    const engine = this.#placed.find(({ roles }) => roles.includes("engine"))?.thread
    if (engine === undefined || engine.isDead) return undefined
    return engine.ask({ type: "drain", graceMs }, ["drained"], graceMs + DRAIN_SLACK_MS).catch(() => undefined)
  }

  async stop(): Promise<void> {
    // A start that is given up may not have its thread yet.
    await this.#starting?.catch(() => undefined)
    const threads = this.#placed.length > 0 ? this.#placed.map(({ thread }) => thread) : [this.#first]
    await Promise.all(threads.map((thread) => thread?.stop()))
  }

  /** The threads that the marker of the last attempt did not reach. None when it reached all, and came back late. */
  #unreached(): string[] {
    const isReached = (role: HotRole): boolean => Atomics.load(this.#words, ATTEMPTS[role]) >= this.#attempts
    return this.#placed
      .slice(1)
      .filter(({ roles }) => !roles.every(isReached))
      .map(({ thread }) => thread.name)
  }

  #withTid(tid: number): HotThreadHandle | undefined {
    return this.#placed.find(({ thread }) => thread.tid === tid && !thread.isDead)?.thread
  }

  #start(name: string, semiSpaceMb?: number): Promise<HotThreadHandle> {
    return HotThreadHandle.start(name, this.listener, this.onDeath, semiSpaceMb)
  }

  #tellAll(message: ToThread): void {
    for (const { thread } of this.#placed) if (!thread.isDead) thread.send(message)
  }
}
