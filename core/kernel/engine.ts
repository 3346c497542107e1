import { relative } from "node:path"
import { setTimeout } from "node:timers/promises"
import { Configuration, type FormerValues, type Restored } from "../config/configuration.js"
import { ConfigError, formatDiagnostic } from "../config/diagnostic.js"
import type { EffectiveConfig } from "../config/effective.js"
import { configurationFile, configurationRoot } from "../config/find.js"
import { reordered } from "../config/reordered.js"
import { refusedToRequests } from "../config/request-values.js"
import { isSame } from "../config/same.js"
import { type Watch, watchConfiguration } from "../config/watch.js"
import { LiveEditorFiles } from "../editors/live-editor-files.js"
import type { Author } from "../history/attempt.js"
import { type Ending, History } from "../history/history.js"
import { openChange } from "../history/open.js"
import { readSources, type Sources } from "../history/sources.js"
import { SystemClock } from "../hot/clock.js"
import * as hot from "../hot/index.js"
import * as veloz from "../index.js"
import { describePortHolder } from "../os/ports.js"
import { setProcessName } from "../os/process.js"
import { ProcessMemory } from "../os/process-memory.js"
import { CallMeters, METER_BYTES, SLOW_CALL_MS } from "../pipeline/call-meters.js"
import { type PluginBundle, type PluginChange, sendableError } from "../threads/messages.js"
import type { Demotion } from "../threads/realtime.js"
import type { RealtimeWish } from "../threads/realtime-guards.js"
import { systemScheduler } from "../threads/scheduler.js"
import type { Shape } from "../threads/topology.js"
import { Journals } from "../tuning/journals.js"
import { openMachine } from "../tuning/machine.js"
import { stateFolder } from "../tuning/state-folder.js"
import { type AppliedTuning, type PreparedTuning, Tuning } from "../tuning/tuning.js"
import { httpOf, placesOf } from "./claims.js"
import { CodeTrial } from "./code-trial.js"
import type { ConfigurationAccess, EngineFacade, Log, PlanReading, PlanWish, Rollback, SymbolSpec } from "./contract.js"
import { ControlPart, type ControlServices, PART_DEADLINES, type PartDeadlines } from "./control-part.js"
import { counterOf } from "./counter.js"
import { describeRollback } from "./describe-rollback.js"
import { type Draft, draft, isEmpty } from "./draft.js"
import { createFacade } from "./engine-facade.js"
import {
  configGoneError,
  configRefusedError,
  notCaughtError,
  ordersAre,
  ownBugError,
  pluginHoldsError,
  startingError,
  VelozError,
  venueNotProvidedError,
} from "./errors.js"
import { EventLog } from "./event-log.js"
import { Faults } from "./faults.js"
import {
  type Actions,
  type Candidate,
  changesOf,
  codeOf,
  type Generation,
  hashOf,
  type Member,
  newCode,
  offersOf,
  planMove,
  recoded,
} from "./generation.js"
import { HeldParts } from "./held-parts.js"
import type { HotSetWish } from "./hot-set.js"
import { type HotListener, HotSide } from "./hot-side.js"
import { type HttpGeneration, HttpService } from "./http.js"
import { KeptState } from "./kept-state.js"
import { Laps } from "./laps.js"
import { Lease } from "./lease.js"
import { objection, placing } from "./objection.js"
import { PluginCosts } from "./plugin-costs.js"
import { PluginLoader } from "./plugin-loader.js"
import { PluginSources } from "./plugin-sources.js"
import { tryPorts } from "./port-trial.js"
import { describePriming, sortForPriming } from "./priming.js"
import { publishOrders } from "./publish-orders.js"
import { readPlan, refusedPlan } from "./read-plan.js"
import { diagnosticsOf, summarizeRefusal } from "./refusal.js"
import { type RehearsalGround, rehearse } from "./rehearsal.js"
import { type OnHeld, Remains } from "./remains.js"
import { requireOption } from "./require-option.js"
import { readEarlier, rollbackOf } from "./rollback.js"
import { ServiceRegistry } from "./services.js"
import { speaksToVenue } from "./speaks-to-venue.js"
import { culpritOf, OF_ITS_OWN } from "./stray-errors.js"
import type { HandoverDeadlines, Succession } from "./succession.js"
import { summarize } from "./summary.js"
import { ThreadGrants } from "./thread-grants.js"

export interface EngineOptions {
  readonly cwd: string
  readonly config?: string
  readonly env: NodeJS.ProcessEnv
  /** Values by path, from the command line. */
  readonly args?: Readonly<Record<string, unknown>>
  readonly log: Log
  readonly version: string
  /** Follow the configuration file. On unless said otherwise. */
  readonly watch?: boolean
  /** Gives a start up; a running engine is stopped by `stop`. */
  readonly signal?: AbortSignal
  /** The engine is there, and has not begun. */
  readonly onMade?: (engine: RunningEngine) => void
  /** The engine cannot go on: a thread died. */
  readonly onFailure?: (error: Error) => void
  /** How long a change that needs other threads may take. */
  readonly handover?: Partial<HandoverDeadlines>
  /** How long control parts may take. */
  readonly deadlines?: Partial<PartDeadlines>
}

export interface RunningEngine {
  readonly facade: EngineFacade
  /** Where the HTTP API listens, if it does. */
  readonly address: { host: string; port: number } | undefined
  /** Reads the configuration again, as a saved file does. Whether it is in force now; why not is logged. */
  reload(author?: string): Promise<boolean>
  /** Something threw where nobody catches it. */
  onStray(error: unknown): void
  /** Cancels orders if so configured, closes everything. */
  stop(): Promise<void>
}

const STOP_GRACE_MS = 800
const LEAVE_PATIENCE_MS = 100
/** How often it is asked whether the collector has run, and what it has left. */
const LOOK_MS = 1000
const A_SAVE = "a save"
/** Who has saved and sees nothing happen wonders. */
const WAIT_TOLD_MS = 1000
const WAITS = "new hot threads wait for the venue; the old ones go on, and later saves come after"
/** What bundles are given in place of copies of their own: the doors of this very engine. */
const DOORS = { veloz, "veloz/hot": hot }

/** Starts an engine: reads its configuration, and commits its first generation. Everything is undone when that fails. */
export async function startEngine(options: EngineOptions): Promise<RunningEngine> {
  const engine = new Engine(options)
  options.onMade?.(engine)
  try {
    await engine.start()
    return engine
  } catch (error) {
    await engine.stop()
    throw error
  }
}

/** A generation that is ready everywhere and in force nowhere. */
interface Prepared {
  readonly generation: Generation
  /** Undefined when no control part that has routes is another: they stay as they are. */
  readonly http: HttpGeneration | undefined
  readonly tuning: PreparedTuning
  readonly actions: Actions
  /** Other hot threads, which are to go on. Undefined when those that run take the generation. */
  readonly succession: Succession | undefined
}

/** A configuration that nothing was found against. */
interface AcceptedDraft extends Pick<Draft, "config" | "around" | "candidates" | "leftOut" | "actions" | "claims"> {
  readonly number: number
  readonly shape: Shape
  /** All hot threads are made anew. */
  readonly isMove: boolean
}

/** What hot threads are made for. */
interface Place {
  readonly wish: Omit<HotSetWish, "epoch">
  /** Orders that are open are at the venue of the generation, and on its account. */
  readonly isSameVenue: boolean
}

/** The hot threads that run cannot take the generation: others have to be made. */
class MoveNeeded extends Error {}

/** Somebody's wish for another configuration. */
interface Wish {
  readonly author: Author
  readonly laps: Laps
  readonly read: () => Promise<EffectiveConfig>
  /** The generation that is to come back. */
  readonly restores?: number
}

/** What a generation is called, and since when it is wished for. */
interface About {
  readonly number: number
  readonly author: Author
  readonly laps: Laps
  readonly restores: number | undefined
}

type Change = Pick<Ending, "outcome" | "summary" | "changes">

class Engine implements RunningEngine {
  readonly facade: EngineFacade
  readonly #clock = new SystemClock()
  readonly #startedNs = this.#clock.nowNs()
  readonly #hot: HotSide
  readonly #grants: ThreadGrants
  readonly #memory = new ProcessMemory()
  readonly #events = new EventLog(this.#clock)
  readonly #loader = new PluginLoader(DOORS)
  readonly #trial: CodeTrial
  readonly #sources: PluginSources
  readonly #configuration: Configuration
  readonly #http: HttpService
  readonly #controlServices: ControlServices
  readonly #kept = new KeptState()
  readonly #machine = openMachine()
  readonly #tuning: Tuning
  readonly #lease: Lease
  readonly #faults = new Faults()
  readonly #held = new HeldParts()
  readonly #remains = new Remains((plugin, where, count) => this.#onHeld(plugin, where, count))
  readonly #looking = setInterval(() => this.#remains.look(), LOOK_MS).unref()
  readonly #costs = new PluginCosts()
  /** What calls of control parts cost. */
  readonly #meters = new CallMeters(
    this.#clock,
    new SharedArrayBuffer(METER_BYTES),
    SLOW_CALL_MS.control,
    (plugin, where, durationNs) => this.#onSlow(plugin, where, durationNs / 1e6, SLOW_CALL_MS.control),
  )
  readonly #editors: LiveEditorFiles
  #current: Generation | undefined
  /** Parts that are made for hot threads which are being made ready. */
  #coming: readonly Member[] = []
  #history: History | undefined
  #watch: Watch | undefined
  /** Parts of the last generation are being disposed of. Never rejects. */
  #leaving = Promise.resolve()
  /** One change at a time, in the order of their arrival. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(private readonly options: EngineOptions) {
    const { cwd, config: file, env, args, log, version } = options
    this.#hot = new HotSide(this.#clock, (demotion) => this.#onDemotion(demotion))
    this.#grants = new ThreadGrants(this.#hot.care, (plugin, reason) => this.#log(plugin).warn(reason))
    this.#tuning = new Tuning({
      machine: this.#machine,
      journals: new Journals(stateFolder(env), this.#machine),
      log,
      publish: (type, data) => this.#events.publish("tuning", type, data),
      counter: (name) => counterOf(this.#hot.counters, name),
      fail: (error) => options.onFailure?.(error),
    })
    this.facade = createFacade({
      version,
      uptimeSeconds: () => (this.#clock.nowNs() - this.#startedNs) / 1e9,
      engine: () => this.#hot.engine,
      generation: () => this.#current,
      faults: this.#faults,
      held: this.#held,
      costs: this.#costs,
      tuning: this.#tuning,
      change: (changes, author) => this.#enqueue(() => this.#changeByApi(changes, author)),
      plan: (wish) => this.#enqueue(() => this.#planFor(wish)),
      history: () => this.#history,
      rollBack: (number, author) => this.#enqueue(() => this.#rollBack(number, author)),
      lease: (wish) => (wish.seconds > 0 ? this.#lease.hold(wish) : this.#lease.release(wish.holder)),
    })
    this.#lease = new Lease({
      scheduler: systemScheduler,
      log,
      read: (paths) => this.#readLeased(paths),
      restore: (former, author) => this.#restoreLeased(former, author),
      inTurn: (work) => this.#enqueue(work),
    })
    this.#controlServices = this.#createControlServices()
    this.#http = new HttpService({ clock: this.#clock, log, version, portHolder: describePortHolder })
    this.#editors = new LiveEditorFiles({ watch: options.watch !== false, onNotice: (notice) => log.warn(notice) })
    this.#trial = new CodeTrial({ cwd, env: { ...env } }, (notice) => log.warn(notice))
    const trial = (script: Pick<PluginBundle, "entry" | "code" | "hash">) =>
      this.#trial.script(relative(cwd, script.entry), script)
    this.#sources = new PluginSources(this.#loader, (what, script) => this.#trial.script(what, script))
    const schemas = this.#sources
    this.#configuration = new Configuration({ cwd, file, env, args, schemas, modules: DOORS, trial })
  }

  get address(): { host: string; port: number } | undefined {
    return this.#http.address
  }

  async start(): Promise<void> {
    setProcessName("veloz_engine")
    this.#tuning.recover()
    this.#trial.start()
    const readAtMs = Date.now()
    const laps = new Laps()
    const { cwd, config: file, version, log } = this.options
    const root = await configurationRoot(cwd, file)
    const url = (): string | null => urlOf(this.address)
    this.#history = new History({ root, version, url, warn: log.warn, info: log.info })
    try {
      await this.#attempt({ author: { layer: "start", name: "start" }, laps, read: () => this.#readFirst() })
    } catch (error) {
      const refused = await configurationFile(cwd, file)
      if (refused !== undefined) await this.#editors.refuse(refused, error)
      throw error
    }
    this.#editors.refresh(this.#current!.config)
    if (this.options.watch === false) return
    this.#watch = await watchConfiguration({
      files: () => [...this.#configuration.files, ...this.#sources.files],
      onChange: (noticedMs) => this.#reload(A_SAVE, noticedMs),
      sinceMs: readAtMs,
    })
  }

  /** Code of users is named, and the engine goes on. With code of its own that does so it cannot: it ends in order. */
  onStray(error: unknown): void {
    const culprit = culpritOf(error)
    if (culprit.kind === "veloz") return this.options.onFailure?.(ownBugError(error))
    this.#loader.locate(error)
    const ofUser = culprit.kind === "user" ? culprit : undefined
    const plugin = this.#current?.members.find(({ found }) => ofUser?.isOf(hashOf(found)))
    if (plugin !== undefined) return this.#onFault(plugin.name, `control, ${OF_ITS_OWN}`, sendableError(error))
    const { code, message } = notCaughtError(ofUser && relative(this.options.cwd, ofUser.file), error)
    this.options.log.error(`${code}: ${message}`, { stack: sendableError(error).stack })
  }

  get #number(): number {
    return this.#current?.number ?? 0
  }

  reload(author = A_SAVE): Promise<boolean> {
    return this.#reload(author)
  }

  #reload(name: string, noticedMs?: number): Promise<boolean> {
    return this.#enqueue(async () => {
      const laps = new Laps(noticedMs)
      laps.end("settle")
      const { log } = this.options
      const number = this.#number
      try {
        await this.#attempt({ author: { layer: "file", name }, laps, read: () => this.#readAgain(laps) })
        if (this.#number === number) log.info(`nothing changes: generation ${number} goes on`)
        this.#editors.refresh(this.#current?.config)
        return true
      } catch (error) {
        log.error(`the change is refused, generation ${number} goes on: ${describe(error)}`)
        this.#editors.refresh(this.#current?.config, error instanceof ConfigError ? error.schemas : undefined)
        return false
      }
    })
  }

  async #readFirst(): Promise<EffectiveConfig> {
    const [config] = await Promise.all([
      this.#configuration.load(),
      this.#hot.start(this.#onThreadMessage, (error) => this.options.onFailure?.(error)),
    ])
    this.#warn(config)
    return config
  }

  async #readAgain(laps?: Laps): Promise<EffectiveConfig> {
    this.#sources.forget()
    const config = await this.#configuration.load(() => laps?.end("read"))
    const file = this.#current?.config.file
    // A file that is gone is on its way somewhere, or a mistake: its engine must not fall back to defaults.
    if (file !== undefined && config.file === undefined) throw configGoneError(file)
    this.#warn(config)
    return config
  }

  /** Tells what is odd about a configuration, once. */
  #warn({ notices }: EffectiveConfig): void {
    // By what they say: the lines around their place may be others.
    const told = new Set(this.#current?.config.notices.map(({ message }) => message))
    for (const notice of notices) if (!told.has(notice.message)) this.options.log.warn(formatDiagnostic(notice))
  }

  async stop(): Promise<void> {
    this.#lease.close()
    await Promise.all([this.#watch?.close(), this.#editors.close()])
    await this.#queue.catch(() => undefined)
    const drained = await this.#hot.stop(STOP_GRACE_MS)
    if (drained === undefined && this.#current !== undefined) {
      this.options.log.warn("orders may be left open at the venue: the thread that owns them does not answer")
    } else if (drained !== undefined && drained.openOrders > 0) {
      const why = drained.isCancelling ? "the venue has not confirmed their cancel" : "cancel_on_stop is off"
      this.options.log.warn(`${ordersAre(drained.openOrders)} left open at the venue: ${why}`)
    }
    // What became of the last orders is told before the streams end.
    await new Promise((resolve) => setImmediate(resolve))
    await this.#http.close()
    await this.#trial.close()
    clearInterval(this.#looking)
    this.#remains.close()
    await this.#leaving
    for (const member of this.#current?.members.toReversed() ?? []) await member.part?.dispose()
    this.#grants.close()
    this.#tuning.close()
    this.#current = undefined
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work, work)
    this.#queue = result.catch(() => undefined)
    return result
  }

  // ---- a generation: plan -> prepare everywhere -> commit at one cut -> dispose of the old

  /** Gives an attempt its number, and keeps what became of it. One that is refused is news as well as one that is not. */
  async #attempt({ author, laps, read, restores }: Wish): Promise<void> {
    const history = this.#history!
    const begun = await history.begin(author, this.#number)
    let config: EffectiveConfig | undefined
    let sources: Promise<Sources> | undefined
    const end = async (ending: Pick<Ending, "outcome" | "summary"> & Partial<Ending>): Promise<void> => {
      const durationMs = ending.outcome === "rejected" ? laps.elapsedMs : laps.totalMs
      await history.end(begun, {
        generation: this.#number,
        durationMs,
        config,
        restores,
        ...(await sources),
        ...ending,
      })
    }
    let change: Change
    try {
      config = await read().finally(() => {
        sources = readSources([...this.#configuration.files, ...this.#sources.files], history.root)
      })
      laps.end("compose")
      change = await this.#change(config, { number: begun.number, author, laps, restores })
    } catch (error) {
      const diagnostics = diagnosticsOf(error)
      const summary = summarizeRefusal(diagnostics, history.root)
      const { code, message } = error as { code?: unknown; message?: unknown }
      const about = { generation: this.#number, attempt: begun.number, author: author.name }
      this.#events.publish("config", "config_reload", { ok: false, ...about, code, message })
      await end({ outcome: "rejected", summary, diagnostics })
      throw error
    }
    await end({ ...change, plugins: this.#current?.members.map(codeOf) })
  }

  async #change(config: EffectiveConfig, { number, author, laps, restores }: About): Promise<Change> {
    const old = this.#current
    const drafted = await this.#draft(config, author.layer === "api")
    const { candidates, plan, actions, shape, threads, problems } = drafted
    if (problems.length > 0 || shape === undefined) throw new ConfigError(problems, config.files)
    if (old !== undefined && isEmpty(drafted, old)) {
      this.#configuration.commit(config)
      this.#current = { ...old, config, leftOut: drafted.leftOut }
      return { outcome: "unchanged", summary: `nothing changes: generation ${old.number} goes on`, changes: [] }
    }
    // What still leaves may hold what is to come: a port, a file.
    await this.#leaving
    laps.end("plan")
    const prepared = await this.#prepareSomewhere({ ...drafted, number, shape, isMove: threads === "replace" })
    laps.end("prepare")
    const fresh = newCode(changesOf(candidates, actions), old, prepared.succession !== undefined)
    const { cost, pauseUs, tuned } = await this.#cut(prepared, fresh, laps)
    laps.end("cut")
    await this.#commit(prepared, tuned)
    laps.end("dispose")
    const changes = plan?.steps.flatMap(({ paths }) => paths.map(openChange)) ?? []
    const [before, after] = [old?.members ?? [], candidates].map((plugins) => plugins.map(({ name }) => name))
    const changed = { recoded: recoded(candidates, old), reordered: reordered(before, after) }
    const summary = summarize({ plan, author: author.name, ...changed, restores })
    this.options.log.info(`generation ${number} committed in ${Math.round(laps.totalMs)} ms: ${summary}${cost}`)
    this.options.log.debug(`the cut of generation ${number} took ${pauseUs.toFixed(1)} us`, { parts_ms: laps.parts })
    this.#events.publish("config", "config_reload", {
      ok: true,
      generation: number,
      author: author.name,
      summary,
      changes,
      restores: restores ?? null,
      pause_us: pauseUs,
      parts_ms: laps.parts,
    })
    return { outcome: "committed", summary, changes }
  }

  /** What is to be said of a change before anything is prepared: to who makes it, and to who asks for its plan. */
  async #draft(config: EffectiveConfig, isByRequest: boolean): Promise<Draft> {
    const old = this.#current
    const { care } = this.#hot
    const ground = {
      cpus: care.topology,
      inheritedRealtime: care.inheritedRealtime,
      realtimeRefusal: (wish: RealtimeWish) => care.realtimeRefusal(wish),
    }
    const drafted = await draft(config, this.#sources, ground, old, this.#trial)
    if (isByRequest && old !== undefined) drafted.problems.push(...refusedToRequests(old.config, config))
    return drafted
  }

  /** On the hot threads that run where that is possible, and on others where it is not. */
  async #prepareSomewhere(accepted: AcceptedDraft): Promise<Prepared> {
    try {
      return await this.#prepare(accepted)
    } catch (error) {
      // That it is needed shows late where plugins find out, such as at which account of the venue.
      if (!(error instanceof MoveNeeded)) throw error
      const { candidates, actions } = accepted
      return this.#prepare({ ...accepted, actions: planMove(candidates, actions, this.#current!), isMove: true })
    }
  }

  async #prepare(accepted: AcceptedDraft): Promise<Prepared> {
    const { number, config, candidates, leftOut, actions, claims, shape, isMove } = accepted
    const old = this.#current?.members ?? []
    const isRemade = ({ name }: Candidate): boolean => actions.get(name) === "remake"
    const gone = old.filter(({ name }) => !actions.has(name))
    const stale = new Set([...candidates.filter(isRemade), ...gone].map(({ name }) => name))
    const services = this.#current?.services.without(stale) ?? new ServiceRegistry()
    const members: Member[] = []
    let http: HttpGeneration | undefined
    let succession: Succession | undefined
    // Where other symbols are to come, hot parts can be tried only when these are known.
    if (!isMove) await this.#try(config, changesOf(candidates, actions), this.#hot.engine?.symbols.all)
    try {
      for (const candidate of candidates) {
        if (this.#current === undefined) this.options.signal?.throwIfAborted()
        const standing = isRemade(candidate) ? undefined : old.find(({ name }) => name === candidate.name)
        const part = standing === undefined ? await this.#make(candidate, accepted, services) : standing.part
        members.push({ ...candidate, part })
      }
      const place = await placing(config, undefined, () => this.#place(accepted, services))
      const { wish, isSameVenue } = place
      const plugins = changesOf(candidates, isMove ? allRemade(actions) : actions)
      if (isMove) {
        await this.#try(config, plugins, wish.specs)
        succession = this.#hot.beginSuccession(wish, { isSameVenue, deadlines: this.options.handover })
      }
      const hot = succession ?? this.#hot
      const prepared = await placing(config, undefined, () => hot.prepare({ generation: number, plugins }))
      for (const [name, ms] of Object.entries(prepared.timings)) this.#costs.took(name, "prepare_hot_ms", ms)
      objectionsOf(members, accepted)
      // Routes cost more than most of a change: they are made again only where some are other ones.
      const isServing = ({ name, part }: Member): boolean => stale.has(name) && part?.isServing === true
      const isElsewhere = !isSame(httpOf(claims), httpOf(this.#current?.claims ?? new Map()))
      if (isElsewhere || [...old, ...members].some(isServing)) http = await this.#prepareHttp(members, accepted)
      const tuning = await placing(config, undefined, () => this.#tuning.prepare(offersOf(candidates, this.#machine)))
      if (succession !== undefined) await this.#stand(succession, members.filter(isRemade))
      const generation = { number, config, members, leftOut, services, claims, shape, prepared }
      return { generation, http, tuning, actions, succession }
    } catch (error) {
      await this.#abandon(number, members.filter(isRemade), http, succession)
      throw error
    }
  }

  async #try(
    config: EffectiveConfig,
    plugins: readonly PluginChange[],
    symbols: readonly SymbolSpec[] | undefined,
  ): Promise<void> {
    if (this.#current === undefined || symbols === undefined) return
    await this.#trial.parts(config, plugins, symbols, this.#current)
  }

  /** Lets new threads connect and read the market while the old ones trade. */
  async #stand(succession: Succession, made: readonly Member[]): Promise<void> {
    this.#coming = made
    const patience = new AbortController()
    const tell = (): void => this.options.log.info(WAITS)
    void setTimeout(WAIT_TOLD_MS, undefined, patience).then(tell, () => undefined)
    try {
      await succession.stand(() => {
        for (const { name, part } of made) part?.connect((message) => succession.channel(name, message))
      })
    } finally {
      patience.abort()
    }
  }

  /** Nothing remains of a generation that does not come. */
  async #abandon(
    number: number,
    made: readonly Member[],
    http: HttpGeneration | undefined,
    succession: Succession | undefined,
  ): Promise<void> {
    this.#coming = []
    if (succession === undefined) this.#hot.abort(number)
    else await this.#hot.abandon(succession)
    this.#kept.abort()
    await http?.dispose()
    for (const member of made) await member.part?.dispose()
  }

  async #make(
    { name, found, entry }: Candidate,
    { config, claims }: AcceptedDraft,
    services: ServiceRegistry,
  ): Promise<ControlPart | undefined> {
    const startedMs = performance.now()
    const deadlines = { ...PART_DEADLINES, ...this.options.deadlines }
    const about = { name, options: entry.options, config, registry: services, deadlines }
    const part = await placing(config, name, async () => {
      await tryPorts(claims.get(name)?.ports, this.#current?.claims.get(name)?.ports)
      return ControlPart.make(found.plugin, about, this.#controlServices)
    })
    this.#costs.took(name, "prepare_control_ms", performance.now() - startedMs)
    return part
  }

  /** Where the generation is to run. With the first one the symbols are known, and the first threads have their roles. */
  async #place(draft: AcceptedDraft, services: ServiceRegistry): Promise<Place> {
    const { config, candidates, shape, claims, isMove } = draft
    const venue = services.get("venue")
    if (venue === undefined)
      throw venueNotProvidedError(candidates.find(({ definition }) => speaksToVenue(definition))!)
    const { symbols: specs, account } = venue
    const wish = { specs, shape, semiSpaceMb: placesOf(claims).semiSpaceMb }
    const isSameKind = config.venue.kind === this.#current?.config.venue.kind
    const isSameVenue = isSameKind && account === this.#current?.services.get("venue")?.account
    if (this.#hot.engine === undefined) {
      const inherited = this.#hot.care.inheritedRealtime
      if (inherited !== undefined) this.options.log.warn(inheritedText(inherited))
      await this.#hot.open(wish)
      publishOrders(this.#hot.engine!.desk, this.#events)
      this.#tellShape(shape)
    } else if (!isMove && !(isSameVenue && this.#hot.fits(wish))) throw new MoveNeeded()
    this.#grants.try(claims)
    return { wish, isSameVenue }
  }

  #tellShape({ topology, reason, idleStrategy }: Shape): void {
    this.options.log.info(`topology ${topology} (${reason}), idle threads ${idleStrategy}`)
  }

  #prepareHttp(members: readonly Member[], { config, claims }: AcceptedDraft): Promise<HttpGeneration> {
    const routes = members.flatMap(({ part }) => part?.routes ?? [])
    const { plugin, address } = httpOf(claims)
    return placing(config, plugin, () => this.#http.prepare(routes, address))
  }

  /** New code is slow when it runs for the first time, so it does before it comes into force. Says what that cost. */
  async #prime({ generation, succession }: Prepared, fresh: readonly PluginChange[]): Promise<string> {
    if (fresh.length === 0) return ""
    const { number, members, prepared } = generation
    const { primable, others } = sortForPriming(members, fresh)
    const hot = succession?.next ?? this.#hot
    const primed = primable.length === 0 ? undefined : await hot.prime({ generation: number, plugins: primable })
    return describePriming({ heldMs: prepared.heldMs, isMove: succession !== undefined, primed, others })
  }

  /** The hot threads change over; from then on there is no way back. Returns how long they took no input, in us. */
  async #cut(
    prepared: Prepared,
    fresh: readonly PluginChange[],
    laps: Laps,
  ): Promise<{ cost: string; pauseUs: number; tuned: AppliedTuning }> {
    const { generation, http, tuning, succession } = prepared
    let tuned: AppliedTuning | undefined
    for (const { name } of this.#current?.members ?? []) this.#costs.took(name, "dispose_hot_ms", 0)
    try {
      const cost = await this.#prime(prepared, fresh)
      laps.end("prime")
      // Before the cut: what the kernel does not take refuses the generation.
      tuned = this.#tuning.apply(tuning)
      return { cost, pauseUs: await this.#cutHot(prepared), tuned }
    } catch (error) {
      tuned?.revert()
      const old = this.#current?.members ?? []
      const made = generation.members.filter(({ part }) => !old.some((other) => other.part === part))
      await this.#abandon(generation.number, made, http, succession)
      throw error
    }
  }

  async #cutHot({ generation: { config, prepared, shape }, succession }: Prepared): Promise<number> {
    if (succession === undefined) {
      const pauseUs = await this.#hot.commit(prepared)
      this.#hot.idle(shape)
      return pauseUs
    }
    this.#tellPositions(succession)
    const pauseUs = await placing(config, undefined, () => this.#hot.succeed(succession, prepared))
    this.#tellShape(shape)
    return pauseUs
  }

  /** Positions stay at the venue that they are at. */
  #tellPositions({ isSameVenue }: Succession): void {
    if (isSameVenue) return
    const held = this.#hot.engine!.positions.list().filter(({ size }) => Number(size) !== 0)
    for (const { symbol, size } of held) {
      this.options.log.warn(`a position of ${size} ${symbol} stays at the venue that is left`)
    }
  }

  async #commit({ generation, http, actions, succession }: Prepared, tuned: AppliedTuning): Promise<void> {
    const old = this.#current?.members ?? []
    this.#coming = []
    this.#costs.learn([{ memory: this.#meters.memory, names: this.#meters.names }, ...generation.prepared.meters])
    this.#configuration.commit(generation.config)
    this.#tuning.commit(tuned)
    this.#kept.commit()
    if (http !== undefined) this.#http.commit(http)
    this.#current = generation
    generation.services.commit()
    this.#grants.commit(generation.claims, succession !== undefined)
    for (const name of generation.prepared.revived) this.#faults.delete(name)
    for (const { name, part, entry } of generation.members) {
      const action = actions.get(name)
      if (action === "retune") part?.retune(entry.options)
      if (action !== "remake") continue
      part?.activate()
      this.#faults.delete(name)
    }
    await this.#hot.endFormer()
    for (const { name } of old) if (!generation.members.some((other) => other.name === name)) this.#kept.forget(name)
    const leaving = old.filter(({ part }) => !generation.members.some((other) => other.part === part))
    this.#leaving = this.#leave(leaving.reverse())
    // What is in force is told without waiting for a part that does not end.
    const patience = new AbortController()
    await Promise.race([this.#leaving, setTimeout(LEAVE_PATIENCE_MS, undefined, patience).catch(() => undefined)])
    patience.abort()
    this.#forgetCode(generation)
  }

  async #leave(members: readonly Member[]): Promise<void> {
    for (const { name, part } of members) {
      if (part === undefined) continue
      const startedMs = performance.now()
      await part.dispose()
      this.#costs.took(name, "dispose_control_ms", performance.now() - startedMs)
    }
  }

  /** Lets go of all code but that of a generation, and of what it has left out, which each change looks at. */
  #forgetCode({ members, leftOut }: Generation): void {
    const hashes = (candidates: readonly Candidate[]): string[] =>
      candidates.flatMap(({ found }) => hashOf(found) ?? [])
    const running = hashes(members)
    this.#sources.unpin(new Set(running))
    this.#loader.retain(new Set([...running, ...hashes(leftOut)]))
  }

  async #changeByApi(changes: Parameters<ConfigurationAccess["change"]>[0], name: string): Promise<void> {
    const read = async (): Promise<EffectiveConfig> => {
      const config = await this.#configuration.withApi(typeof changes === "function" ? changes() : changes, name)
      this.#warn(config)
      return config
    }
    try {
      await this.#attempt({ author: { layer: "api", name }, laps: new Laps(), read })
    } catch (error) {
      throw error instanceof ConfigError ? configRefusedError(error) : error
    }
  }

  /** An attempt that ends where it would prepare. */
  async #planFor({ changes, file }: PlanWish): Promise<PlanReading> {
    const old = this.#current
    if (old === undefined) throw startingError()
    try {
      const drafted = await this.#draft(await this.#candidate({ changes, file }), changes !== undefined)
      if (drafted.problems.length === 0) drafted.problems.push(...(await rehearse(drafted, old, this.#rehearsalGround)))
      return readPlan(drafted, old)
    } catch (error) {
      if (error instanceof ConfigError) return refusedPlan(error.diagnostics)
      if (error instanceof VelozError) return refusedPlan([objection(error, old.config)])
      throw error
    } finally {
      this.#forgetCode(old)
    }
  }

  get #rehearsalGround(): RehearsalGround {
    return { http: this.#http, hot: this.#hot, tuning: this.#tuning, machine: this.#machine, trial: this.#trial }
  }

  #candidate({ changes, file }: PlanWish): Promise<EffectiveConfig> {
    if (changes !== undefined) return this.#configuration.withApi(changes, "POST /api/config/plan")
    if (file === undefined) return this.#readAgain()
    this.#sources.forget()
    return this.#configuration.loadInstead(file)
  }

  async #rollBack(number: number, name: string): Promise<Rollback> {
    const { values, codes } = await readEarlier(this.#history!, number)
    const unpin = await this.#sources.pin(codes)
    let kept: Restored["kept"] = []
    const read = async (): Promise<EffectiveConfig> => {
      const restored = await this.#configuration.withValues(values, name)
      kept = restored.kept
      return restored.effective
    }
    try {
      await this.#attempt({ author: { layer: "api", name }, laps: new Laps(), read, restores: number })
    } catch (error) {
      unpin()
      throw error instanceof ConfigError ? configRefusedError(error, { status: 422, error: "config_refused" }) : error
    }
    const { config } = this.#current!
    const disk = { refusedSave: this.#history!.refusedSave, earlierCode: this.#sources.pinned }
    const rollback = rollbackOf(number, this.#number, config, kept, disk)
    for (const sentence of describeRollback(rollback, config.root)) this.options.log.warn(sentence)
    return rollback
  }

  #readLeased(paths: readonly string[]): FormerValues {
    if (this.#current === undefined) throw startingError()
    for (const path of paths) requireOption(this.#current.config, path)
    return this.#configuration.apiAt(paths)
  }

  async #restoreLeased(former: FormerValues, name: string): Promise<void> {
    const read = () => this.#configuration.withApiAsBefore(former)
    await this.#attempt({ author: { layer: "api", name }, laps: new Laps(), read })
  }

  // ---- what threads tell, and what control parts are given

  readonly #onThreadMessage: HotListener = (message, isSuccessor) => {
    if (message.type === "fault") return this.#onFault(message.plugin, message.where, message.error)
    if (message.type === "slow") return this.#onSlow(message.plugin, message.where, message.ms, SLOW_CALL_MS.hot)
    if (message.type === "held") return this.#onHeld(message.plugin, message.where, message.count)
    if (message.type === "disposed") return this.#costs.took(message.plugin, "dispose_hot_ms", message.ms, true)
    if (message.type === "log") return this.#log(message.plugin)[message.level](message.message, message.details)
    const members = isSuccessor ? this.#coming : (this.#current?.members ?? [])
    members.find(({ name }) => name === message.plugin)?.part?.onChannel(message.message)
  }

  #onDemotion({ tid, name, limitMs }: Demotion): void {
    this.options.log.error(
      `thread ${name} (${tid}) ran for more than ${limitMs} ms without waiting for anything: it has lost its real-time priority until cpu-affinity changes`,
    )
    this.#events.publish("performance", "thread_demoted", { tid, name, limit_ms: limitMs })
  }

  #onFault(plugin: string, where: string, error: { message: string; stack?: string | undefined }): void {
    const count = this.#faults.add(plugin, where, error.message)
    if (count === undefined) return
    const again = count === 1 ? "" : ` (${count} times by now)`
    this.options.log.error(`plugin ${plugin} failed in ${where}: ${error.message}${again}`, { stack: error.stack })
    this.#events.publish("performance", "plugin_failed", { plugin, where, message: error.message })
  }

  readonly #onControlFault = (plugin: string, where: string, error: unknown): void => {
    this.#loader.locate(error)
    this.#onFault(plugin, where, error instanceof Error ? error : { message: String(error) })
  }

  /** A plugin keeps what it should have let go of. */
  readonly #onHeld: OnHeld = (plugin, where, count) => {
    if (!this.#held.set(plugin, where, count)) return
    const { code, message } = pluginHoldsError({ name: plugin, file: this.#fileOf(plugin) }, where, count)
    this.options.log.warn(`${code}: ${message}`)
  }

  #fileOf(plugin: string): string | undefined {
    return this.#current?.members.find(({ name }) => name === plugin)?.file
  }

  #onSlow(plugin: string, where: string, ms: number, limitMs: number): void {
    const rounded = Math.round(ms * 1000) / 1000
    this.options.log.warn(
      `plugin ${plugin} is slow in ${where}: a call takes ${rounded} ms, and ${limitMs} ms is much there`,
    )
    this.#events.publish("performance", "plugin_slow", { plugin, where, ms: rounded, limit_ms: limitMs })
  }

  #log(plugin: string): Log {
    const { log } = this.options
    const at = (level: keyof Log) => (message: string, details?: object) => log[level](message, { plugin, ...details })
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }
  }

  #createControlServices(): ControlServices {
    return {
      clock: this.#clock,
      engine: this.facade,
      log: (plugin) => this.#log(plugin),
      kept: this.#kept,
      events: this.#events,
      counter: (name) => counterOf(this.#hot.counters, name),
      post: (plugin, message) => this.#hot.channel(plugin, message),
      threads: this.#hot.care,
      memory: this.#memory,
      scheduler: systemScheduler,
      meters: this.#meters,
      reportTuning: (plugin, id, read) => this.#tuning.report(plugin, id, read),
      onFault: this.#onControlFault,
      locate: (error) => this.#loader.locate(error),
      onLeave: (plugin, objects) => this.#remains.watch(plugin, "control", objects),
    }
  }
}

const allRemade = (actions: Actions): Actions => new Map([...actions.keys()].map((name) => [name, "remake"]))

/** Lets every part object to its options, now that everything is prepared. */
function objectionsOf(members: readonly Member[], { config, around }: AcceptedDraft): void {
  const problems = members.flatMap(({ name, part, entry }) => {
    return part?.objections(entry.options, around).map((error) => objection(error, config, name)) ?? []
  })
  if (problems.length > 0) throw new ConfigError(problems, config.files)
}

function urlOf(address: RunningEngine["address"]): string | null {
  if (address === undefined) return null
  const { host, port } = address
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`
}

/** What is wrong with a configuration is told by a code for each problem, within the message. */
function describe(error: unknown): string {
  if (error instanceof VelozError) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

const inheritedText = (scheduling: string): string =>
  `this process was started with the real-time policy ${scheduling} (chrt): all of its threads have it, control and the garbage collector too, and so has what it starts; no thread spins. cpu-affinity.scheduler gives it to the hot threads alone, with guards`
