import type { Clock } from "../hot/clock.js"
import type { Log } from "../kernel/contract.js"
import { notCaughtError } from "../kernel/errors.js"
import type { HotPart, ThreadServices } from "../kernel/part-contexts.js"
import { type HotPlugin, PartHost, type PreparedParts } from "../kernel/part-host.js"
import type { PluginLoader } from "../kernel/plugin-loader.js"
import { Remains } from "../kernel/remains.js"
import { culpritOf, OF_ITS_OWN } from "../kernel/stray-errors.js"
import { CallMeters, type OnSlow, SLOW_CALL_MS } from "../pipeline/call-meters.js"
import { PoolKeeper } from "../pipeline/pool-keeper.js"
import type { SymbolTable } from "../pipeline/symbols.js"
import type { PartInstance } from "../pipeline/taps.js"
import { type Agent, type Composition, type HotRole, lastWish } from "./agent.js"
import type { CallLink } from "./call-link.js"
import type { Handover } from "./handover.js"
import {
  type DrainedAnswer,
  type FromThread,
  type PreparedAnswer,
  type PrepareRequest,
  type ReadinessAnswer,
  type SurveyAnswer,
  sendableError,
} from "./messages.js"
import type { MetricSlots } from "./metric-slots.js"
import { PoolPages } from "./pool-pages.js"
import type { RingLink } from "./ring-link.js"
import { type Scheduler, systemScheduler } from "./scheduler.js"

export interface HotHostOptions {
  /** The roles of this thread, in the order in which a market record meets them. */
  readonly agents: readonly Agent[]
  readonly symbols: SymbolTable
  readonly metrics: MetricSlots
  readonly clock: Clock
  readonly loader: Pick<PluginLoader, "load" | "retain" | "locate">
  /** The timers of the system unless a test brings its own. */
  readonly scheduler?: Scheduler
  readonly post: (message: FromThread) => void
  /** What the strategies hear by, where they share the thread: held while their own code runs. */
  readonly inbox?: CallLink
  /** Other threads run. These make themselves ready, and succeed them at a cut of their own. */
  readonly isSuccessor?: boolean
  readonly owners?: readonly string[]
}

/** What a generation is made of on this thread. */
interface Prepared {
  readonly parts: PreparedParts
  /** Of each agent. Undefined when no part is another: then hooks and stages stay as they are. */
  readonly compositions: readonly Composition[] | undefined
}

/** What a hot thread runs, whatever roles it has. */
export interface HotThread {
  start(): void
  /** Takes some of what waits, and sends on what came of it. Returns how many records that were; 0 is idle. */
  takeTurn(): number
  /** The end of a turn that something else has begun: a socket was read, say. */
  endTurn(): void
  prepare(request: PrepareRequest): PreparedAnswer
  abort(): void
  /** Cuts over to the prepared generation. Returns how long no input was taken, in us, or undefined when it is too late. */
  commit(generation: number, attempt: number): number | undefined
  onChannel(plugin: string, message: unknown): void
  /** Something threw on the thread where nobody catches it. False when that is code of ours. */
  blame(error: unknown): boolean
  drain(graceMs: number): Promise<DrainedAnswer>
  stop(): void

  // Handing over to other threads.
  survey(): SurveyAnswer
  readiness(): ReadinessAnswer
  /** Takes nothing new on. Returns how much of what is on its way has no answer yet. */
  hold(): number
  /** The next cut is the last one. */
  retire(): void
  share(withKept: boolean): { share: Handover; unanswered: number }
  resume(): void
  /** The next cut is the one at which these threads succeed those that have left this. */
  succeed(handover: Handover): void
}

const TICK_MS = 100
/** What a ring had no room for is tried again so soon. */
const BEHIND_MS = 1

/** The agents of one thread and the parts of plugins on it: their turns, their generations, and their end. */
export class HotHost {
  protected readonly host: PartHost
  readonly #meters: CallMeters
  readonly #agents: readonly Agent[]
  readonly #outlets: readonly RingLink[]
  readonly #pools: PoolKeeper
  readonly #services: ThreadServices
  readonly #scheduler: Scheduler
  #compositions: readonly Composition[] = []
  #prepared: Prepared | undefined
  #leaving: readonly HotPlugin[] = []
  readonly #remains: Remains
  #isBehindScheduled = false
  #isRetiring = false
  /** Other threads go on: nothing comes in, and nothing of plugins runs. */
  #isRetired = false
  #isSucceeding = false
  /** What plugins were told while they stood by. */
  #told: { readonly plugin: string; readonly message: unknown }[] = []
  /** What waits until it is known who goes on. */
  #deferred: (() => void)[] = []
  readonly #wakeAtNs = Float64Array.of(Number.POSITIVE_INFINITY)
  #stopWaking = (): void => undefined
  #stopTicking = (): void => undefined

  constructor(private readonly options: HotHostOptions) {
    const { agents, loader, clock } = options
    this.#agents = agents
    this.#remains = new Remains((plugin, where, count) => options.post({ type: "held", plugin, where, count }))
    this.#outlets = agents.flatMap(({ outlets }) => outlets)
    this.#scheduler = options.scheduler ?? systemScheduler
    this.#meters = new CallMeters(clock, options.metrics.meters, SLOW_CALL_MS.hot, this.#onSlow)
    this.host = new PartHost({
      meters: this.#meters,
      roles: agents.map(({ name }) => name),
      loader,
      clock,
      context: (role, part, partOptions) => this.#agent(role).context(part, partOptions, this.#services),
      onFault: this.#onFault,
      onLeave: (plugin, role, objects) => this.#remains.watch(plugin, role, objects),
      owners: options.owners,
    })
    this.#services = this.#createServices()
    const pages = new PoolPages((message) => this.#services.log("engine").warn(message))
    this.#pools = new PoolKeeper({
      clock,
      counters: options.metrics.counters,
      scheduler: this.#scheduler,
      onFailure: this.#services.log("engine").error,
      pools: agents.flatMap(({ pools }) => pools),
      wishPages: (wish) => pages.wish(wish),
    })
    if (options.isSuccessor) this.#stand()
  }

  start(): void {
    this.#stopTicking = this.#scheduler.every(TICK_MS, () => this.#tick())
  }

  /** Undoes what parts asked for. What is there goes out. */
  stop(): void {
    this.#stopTicking()
    this.#stopWaking()
    this.host.dispose()
    this.#remains.close()
    this.endTurn()
  }

  onChannel(plugin: string, message: unknown): void {
    if (this.host.isStanding) this.#told.push({ plugin, message })
    this.#hear(plugin, message)
  }

  blame(error: unknown): boolean {
    const culprit = culpritOf(error)
    if (culprit.kind === "veloz") return false
    const parts = culprit.kind === "user" ? this.host.partsOfCode(culprit.isOf) : []
    for (const { instance } of parts) instance.fault(OF_ITS_OWN, error)
    if (parts.length === 0) {
      this.options.loader.locate(error)
      const { code, message } = notCaughtError(culprit.kind === "user" ? culprit.file : undefined, error)
      this.#services.log("engine").error(`${code}: ${message}`, { stack: sendableError(error).stack })
    }
    this.endTurn()
    return true
  }

  #hear(plugin: string, message: unknown): void {
    for (const { instance, listeners } of this.host.partsOf(plugin)) {
      for (const listener of listeners) this.#turn(instance, "a message", () => listener(message))
    }
  }

  /** The end of every turn: nothing else waits on this thread. */
  readonly endTurn = (): void => {
    this.#pools.idle()
    for (let index = 0; index < this.#agents.length; index += 1) this.#agents[index].idle()
    for (let index = 0; index < this.#outlets.length; index += 1) {
      const outlet = this.#outlets[index]
      outlet.flush()
      if (outlet.isBehind) this.#comeBack()
    }
  }

  // ---- generations

  /** Makes everything of a generation while the old one runs. Throws, and leaves no trace, when a plugin fails. */
  prepare(request: PrepareRequest): PreparedAnswer {
    const startedNs = this.options.clock.nowNs()
    const parts = this.host.prepare(request)
    try {
      this.#prepared = { parts, compositions: parts.isRecomposed ? this.#compose(parts) : undefined }
    } catch (error) {
      this.host.abort()
      throw error
    }
    const answer = this.#describe(request.generation, parts)
    return { ...answer, heldMs: (this.options.clock.nowNs() - startedNs) / 1e6 }
  }

  abort(): void {
    this.#prepared = undefined
    this.host.abort()
  }

  /**
   * Lets go of what is held back: it belongs to the old generation, and goes out before the new one comes. False when it
   * has to be called again, for there was no room for all of it.
   */
  letGo(): boolean {
    let isAllOut = true
    for (const agent of this.#agents) isAllOut = agent.letGo() && isAllOut
    this.endTurn()
    return isAllOut
  }

  /** The prepared generation is in force. Cannot fail; what leaves is disposed of by `finishCommit`. */
  adopt(): void {
    if (this.#isRetiring) return this.#leaveIt()
    const { compositions } = this.#prepared!
    this.#prepared = undefined
    this.#leaving = this.host.commit(({ parts }) => {
      for (const [index, agent] of this.#agents.entries()) agent.adopt(compositions![index], ofRole(parts, agent.name))
    })
    if (compositions !== undefined) this.#compositions = compositions
    if (this.#isSucceeding) {
      for (const agent of this.#agents) agent.succeed()
      this.host.wake()
    }
    this.#applyWishes()
  }

  /** Disposes of the parts that have left, when the thread takes input again. */
  finishCommit(): void {
    const { clock, post } = this.options
    if (this.#isSucceeding) this.#catchUp()
    for (const plugin of this.#leaving) {
      const startedNs = clock.nowNs()
      this.host.leave(plugin)
      post({ type: "disposed", plugin: plugin.name, ms: (clock.nowNs() - startedNs) / 1e6 })
      if (!this.host.has(plugin.name)) for (const agent of this.#agents) agent.onLeave(plugin.owner)
    }
    this.#leaving = []
    this.host.forgetCode()
    this.endTurn()
  }

  // ---- handing over to other threads

  survey(): SurveyAnswer {
    return { type: "survey", stuck: this.host.kept.stuck(isOfRole), owners: this.host.owners }
  }

  readiness(): ReadinessAnswer {
    const ready = this.#agent("engine").readiness?.()
    return { type: "readiness", mayTrade: false, missing: [], ...ready }
  }

  hold(): number {
    return this.#agents.reduce((count, agent) => count + agent.hold(), 0)
  }

  retire(): void {
    this.#isRetiring = true
  }

  #leaveIt(): void {
    this.#isRetiring = false
    this.#isRetired = true
    for (const agent of this.#agents) agent.retire()
  }

  share(withKept: boolean): { share: Handover; unanswered: number } {
    const shares = this.#agents.map((agent) => agent.share())
    const gauges = [...this.options.metrics.counters.gauges]
    const kept = withKept ? this.host.kept.save(isOfRole) : []
    const common = { owners: this.host.owners, kept, gauges }
    return { share: Object.assign({}, ...shares, common), unanswered: this.hold() }
  }

  resume(): void {
    this.#isRetiring = false
    this.#isRetired = false
    for (const agent of this.#agents) agent.resume()
    for (const act of this.#deferred.splice(0)) act()
    this.endTurn()
  }

  #stand(): void {
    this.host.isStanding = true
    for (const agent of this.#agents) agent.stand()
  }

  succeed(handover: Handover): void {
    this.#isSucceeding = true
    this.host.kept.receive(handover.kept)
    for (const agent of this.#agents) agent.takeOver(handover)
  }

  #catchUp(): void {
    this.#isSucceeding = false
    for (const agent of this.#agents) agent.catchUp()
    // Parts that were made again, of what was kept, have heard nothing yet.
    const remade = new Set(this.#leaving.map(({ name }) => name))
    for (const { plugin, message } of this.#told.splice(0)) if (remade.has(plugin)) this.#hear(plugin, message)
    for (const [owner, name] of this.host.owners.entries()) {
      if (!this.host.has(name)) for (const agent of this.#agents) agent.onLeave(owner)
    }
  }

  #compose({ parts }: PreparedParts): Composition[] {
    const context = { clock: this.options.clock, wakeAfter: this.#wakeAfter }
    return this.#agents.map((agent) => agent.compose(ofRole(parts, agent.name), context))
  }

  #describe(generation: number, { parts, revived, timings }: PreparedParts): Omit<PreparedAnswer, "heldMs"> {
    const compositions = this.#prepared?.compositions ?? this.#compositions
    return {
      type: "prepared",
      generation,
      metrics: this.options.metrics.names(),
      reasons: this.#agents.flatMap((agent) => agent.newReasons()),
      taps: parts.flatMap(({ instance: { plugin, taps } }) => taps.map(({ hook, name }) => ({ hook, name, plugin }))),
      stages: {
        market: compositions.flatMap(({ stages }) => stages?.market ?? []),
        order: compositions.flatMap(({ stages }) => stages?.order ?? []),
      },
      adapter: parts.find(({ wishes }) => wishes.adapter !== undefined)?.instance.plugin,
      revived,
      timings,
      meters: this.#meters.names,
    }
  }

  readonly #applyWishes = (): void => {
    const { parts } = this.host
    for (const agent of this.#agents) agent.applyWishes(ofRole(parts, agent.name))
    this.#pools.apply(
      Object.assign({}, ...parts.map(({ wishes }) => wishes.pools)),
      lastWish(parts, ({ wishes }) => wishes.pages),
    )
  }

  // ---- turns

  readonly #turn = (part: PartInstance, where: string, act: () => unknown): void => {
    if (part.failed) return
    if (this.#isRetired) return void this.#deferred.push(() => this.#turn(part, where, act))
    // A strategy hears of its orders after its own code has returned.
    this.options.inbox?.hold()
    try {
      part.follow(where, part.turnMeter(where).call(act))
    } catch (error) {
      part.fault(where, error)
    } finally {
      this.options.inbox?.release()
    }
    this.endTurn()
  }

  #tick(): void {
    if (this.#isRetired) return
    const nowNs = this.options.clock.nowNs()
    for (const agent of this.#agents) agent.tick(nowNs)
    this.#pools.tick()
    this.#remains.look()
    this.endTurn()
  }

  #comeBack(): void {
    if (this.#isBehindScheduled) return
    this.#isBehindScheduled = true
    this.#scheduler.after(BEHIND_MS, () => {
      this.#isBehindScheduled = false
      this.endTurn()
    })
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

  #agent(role: HotRole): Agent {
    return this.#agents.find(({ name }) => name === role)!
  }

  readonly #onFault = (part: PartInstance, where: string, error: unknown): void => {
    const { plugin, role } = part
    this.options.loader.locate(error)
    this.options.post({ type: "fault", plugin, where: `${role}, ${where}`, error: sendableError(error) })
    this.#agent(role).onFault(part)
  }

  readonly #onSlow: OnSlow = (plugin, where, durationNs) => {
    this.options.post({ type: "slow", plugin, where, ms: durationNs / 1e6 })
  }

  #createServices(): ThreadServices {
    const { clock, post, symbols, metrics } = this.options
    const log = (plugin: string): Log => {
      // Returns nothing, whatever posting does: a part that ends with a line of log would return it.
      const at = (level: keyof Log) => (message: string, details?: object) => {
        post({ type: "log", level, plugin, message, details })
      }
      return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }
    }
    return {
      clock,
      scheduler: this.#scheduler,
      symbols,
      metrics,
      kept: this.host.kept,
      log,
      post: (plugin, message) => post({ type: "channel", plugin, message }),
      turn: this.#turn,
      onWish: this.#applyWishes,
    }
  }
}

const ofRole = (parts: readonly HotPart[], role: HotRole): HotPart[] =>
  parts.filter(({ instance }) => instance.role === role)

/** State that goes along: that of the network belongs to its connections, which do not. */
const isOfRole = (owner: string): boolean => /\/(engine|strategy)$/.test(owner)
