import { Configuration } from "../config/configuration.js"
import { ConfigError } from "../config/diagnostic.js"
import type { EffectiveConfig, PluginEntry } from "../config/effective.js"
import { type Plan, type PlanStep, planChange } from "../config/plan.js"
import { type Watch, watchConfiguration } from "../config/watch.js"
import { SystemClock } from "../hot/clock.js"
import * as hot from "../hot/index.js"
import { RingBuffer } from "../hot/ring.js"
import * as veloz from "../index.js"
import { EngineMetrics } from "../measure/engine-metrics.js"
import { findPortHolder } from "../os/ports.js"
import { setProcessName } from "../os/process.js"
import { currentTid, listTids, pinThread, readAffinity, readThread, setThreadName } from "../os/threads.js"
import { BoardReader } from "../pipeline/board-reader.js"
import { DenyReasons } from "../pipeline/deny-reasons.js"
import { EventFedOrderDesk } from "../pipeline/order-desk.js"
import { SymbolTable } from "../pipeline/symbols.js"
import type { Role } from "../threads/agent.js"
import { Doorbell } from "../threads/doorbell.js"
import { HotThreadHandle } from "../threads/hot-thread-handle.js"
import type { PluginChange, PreparedAnswer } from "../threads/messages.js"
import { createSharedMemory, type SharedMemory, Word } from "../threads/shared-memory.js"
import type { EngineFacade, Log, PluginReading, ThreadReading } from "./contract.js"
import { ControlPart, type ControlServices } from "./control-part.js"
import {
  badParamsError,
  pinRefusedError,
  pluginThrewError,
  restartNeededError,
  startingError,
  topologyUnavailableError,
  VelozError,
  venueMissingError,
} from "./errors.js"
import { type HttpGeneration, HttpService } from "./http.js"
import { PluginLoader } from "./plugin-loader.js"
import { orderPlugins } from "./plugin-order.js"
import { type FoundPlugin, PluginSources } from "./plugin-sources.js"
import { ServiceRegistry } from "./services.js"

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
  /** The engine cannot go on: a thread died. */
  readonly onFailure?: (error: Error) => void
}

export interface RunningEngine {
  readonly facade: EngineFacade
  /** Where the HTTP API listens, if it does. */
  readonly address: { host: string; port: number } | undefined
  /** Reads the configuration again, as a saved file does. Resolves when it is committed or refused. */
  reload(): Promise<void>
  /** Cancels orders if so configured, closes everything. */
  stop(): Promise<void>
}

/** A plugin of a generation, on control. */
interface Member {
  readonly name: string
  readonly entry: PluginEntry
  readonly found: FoundPlugin
  readonly definition: FoundPlugin["plugin"]["definition"]
  readonly part: ControlPart | undefined
  readonly prepareMs: number
}

interface Generation {
  readonly number: number
  readonly config: EffectiveConfig
  readonly members: readonly Member[]
  readonly services: ServiceRegistry
  readonly prepared: PreparedAnswer
}

const CONTROL_DEADLINE_MS = 15_000
const STOP_GRACE_MS = 800
/** The default of order_pool_size. */
const ORDER_POOL_SLOTS = 16_384
const COMMAND_RESERVE_BYTES = 1 << 14
const HOT_THREAD = "veloz-hot"
const ROLES_OF_HOT_THREAD = ["network", "engine", "strategy"]

/** Starts an engine: reads its configuration, and commits its first generation. Everything is undone when that fails. */
export async function startEngine(options: EngineOptions): Promise<RunningEngine> {
  const engine = new Engine(options)
  try {
    await engine.start()
    return engine
  } catch (error) {
    await engine.stop()
    throw error
  }
}

class Engine implements RunningEngine {
  readonly facade: EngineFacade
  readonly #controlServices: ControlServices
  readonly #clock = new SystemClock()
  readonly #startedNs = this.#clock.nowNs()
  readonly #loader = new PluginLoader({ veloz, "veloz/hot": hot })
  readonly #sources = new PluginSources(this.#loader)
  readonly #configuration: Configuration
  readonly #http: HttpService
  readonly #kept = new Map<string, { version: number; value: unknown }>()
  readonly #reasons = new DenyReasons()
  #thread: HotThreadHandle | undefined
  #hotTid: number | undefined
  #memory: SharedMemory | undefined
  #symbols: SymbolTable | undefined
  #desk: EventFedOrderDesk | undefined
  #boards: BoardReader | undefined
  #metrics: EngineMetrics | undefined
  #eventBell: Doorbell | undefined
  #current: Generation | undefined
  #attempts = 0
  #watch: Watch | undefined
  #secondly: NodeJS.Timeout | undefined
  /** One change at a time, in the order of their arrival. */
  #queue: Promise<unknown> = Promise.resolve()
  readonly #faults = new Map<string, string>()

  constructor(private readonly options: EngineOptions) {
    const { log, version } = options
    this.facade = this.#createFacade()
    this.#controlServices = this.#createControlServices()
    this.#http = new HttpService({
      clock: this.#clock,
      log,
      version,
      portHolder: (port) => {
        const holder = findPortHolder(port, "127.0.0.1")
        return holder === undefined ? undefined : `${holder.name} (pid ${holder.pid})`
      },
    })
    this.#configuration = new Configuration({
      cwd: options.cwd,
      file: options.config,
      env: options.env,
      args: options.args,
      schemas: {
        schemaOf: async (specifier, _value, root) =>
          (await this.#sources.find(specifier, root)).plugin.definition.schema ?? null,
      },
      modules: { veloz, "veloz/hot": hot },
    })
  }

  get address(): { host: string; port: number } | undefined {
    return this.#http.address
  }

  async start(): Promise<void> {
    setProcessName("veloz_engine")
    const readAtMs = Date.now()
    const [config, { thread, tid }] = await Promise.all([
      this.#configuration.load(),
      HotThreadHandle.start(HOT_THREAD, this.#onThreadMessage, (error) => this.options.onFailure?.(error)),
    ])
    this.#thread = thread
    this.#hotTid = tid
    if (tid !== undefined) setThreadName(tid, HOT_THREAD)
    for (const notice of config.notices) this.options.log.warn(notice.message)
    await this.#change(config, "start")
    this.#secondly = setInterval(() => this.#metrics?.tick(), 1000)
    if (this.options.watch === false) return
    this.#watch = await watchConfiguration({
      files: () => [...this.#configuration.files, ...this.#sources.files],
      onChange: () => this.reload(),
      sinceMs: readAtMs,
    })
  }

  reload(): Promise<void> {
    return this.#enqueue(async () => {
      try {
        this.#sources.forget()
        await this.#change(await this.#configuration.load(), "a save")
      } catch (error) {
        this.#logRefusal(error)
      }
    })
  }

  async stop(): Promise<void> {
    clearInterval(this.#secondly)
    await this.#watch?.close()
    await this.#queue.catch(() => undefined)
    const stopped = await this.#thread?.stop(STOP_GRACE_MS)
    this.#takeEvents()
    if (stopped !== undefined && stopped.openOrders > 0) {
      const why = stopped.isCancelling ? "the venue has not confirmed their cancel" : "cancel_on_stop is off"
      this.options.log.warn(`${stopped.openOrders} orders are left open at the venue: ${why}`)
    }
    this.#desk?.close()
    this.#eventBell?.close()
    await this.#http.close()
    for (const member of this.#current?.members.toReversed() ?? []) await member.part?.dispose()
    this.#current = undefined
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work, work)
    this.#queue = result.catch(() => undefined)
    return result
  }

  // ---- a generation: plan -> prepare everywhere -> commit at one cut -> dispose of the old

  async #change(config: EffectiveConfig, author: string): Promise<void> {
    const startedMs = performance.now()
    const old = this.#current
    const plan = old === undefined ? undefined : planChange(old.config, config)
    if (plan !== undefined && plan.refused.length > 0)
      throw restartNeededError(plan.refused.map(({ reason }) => reason))
    if (config.topology === "split") throw topologyUnavailableError(config.topology)
    const found = await this.#findMembers(config)
    const actions = actionsOf(found, plan, old)
    if (old !== undefined && found.length === old.members.length && [...actions.values()].every((a) => a === "keep")) {
      this.#configuration.commit(config)
      this.#current = { ...old, config }
      return
    }
    const generation = await this.#prepare(config, found, actions)
    await this.#commit(generation, actions)
    const ms = Math.round(performance.now() - startedMs)
    this.options.log.info(`generation ${generation.number} committed in ${ms} ms: ${summaryOf(plan, author)}`)
  }

  async #findMembers(config: EffectiveConfig): Promise<Omit<Member, "part" | "prepareMs">[]> {
    const found = await Promise.all(
      config.plugins.map(async (entry) => {
        const plugin = await this.#sources.findEntry(entry, config.root)
        return { name: entry.name, entry, found: plugin, definition: plugin.plugin.definition }
      }),
    )
    for (const { name, entry, definition } of found) {
      try {
        definition.check?.(entry.options as never)
      } catch (error) {
        if (error instanceof VelozError) throw error
        throw pluginThrewError(name, "check", error)
      }
    }
    return orderPlugins(found)
  }

  async #prepare(
    config: EffectiveConfig,
    found: readonly Omit<Member, "part" | "prepareMs">[],
    actions: ReadonlyMap<string, PluginChange["action"]>,
  ): Promise<Prepared> {
    const old = this.#current
    const number = ++this.#attempts
    const remade = new Set(found.filter(({ name }) => actions.get(name) === "remake").map(({ name }) => name))
    const gone = (old?.members ?? []).filter(({ name }) => !found.some((member) => member.name === name))
    const services =
      old?.services.without(new Set([...remade, ...gone.map(({ name }) => name)])) ?? new ServiceRegistry()
    const members: Member[] = []
    let http: HttpGeneration | undefined
    try {
      for (const member of found) members.push(await this.#prepareMember(member, remade, config, services))
      this.#openEngine(services, config)
      const changes = found.map(({ name, entry, found: { source } }): PluginChange => {
        return { name, action: actions.get(name)!, options: entry.options, source }
      })
      const prepared = await this.#thread!.prepare({ generation: number, plugins: changes })
      const parts = members.flatMap(({ part }) => part ?? [])
      const address = parts.flatMap((part) => part.address ?? []).at(-1)
      http = await this.#http.prepare(
        parts.flatMap(({ routes }) => routes),
        address,
      )
      return { number, config, members, services, prepared, http }
    } catch (error) {
      this.#thread!.abort(number)
      await http?.dispose()
      for (const member of members) if (remade.has(member.name)) await member.part?.dispose()
      throw error
    }
  }

  async #prepareMember(
    member: Omit<Member, "part" | "prepareMs">,
    remade: ReadonlySet<string>,
    config: EffectiveConfig,
    services: ServiceRegistry,
  ): Promise<Member> {
    const standing = this.#current?.members.find(({ name }) => name === member.name)
    if (standing !== undefined && !remade.has(member.name)) return { ...standing, ...member }
    const startedMs = performance.now()
    const { name, entry, found } = member
    const control = this.#controlServices
    const part = await ControlPart.make(
      name,
      found.plugin,
      entry.options,
      config,
      services,
      control,
      CONTROL_DEADLINE_MS,
    )
    return { ...member, part, prepareMs: performance.now() - startedMs }
  }

  async #commit(
    { http, ...generation }: Prepared,
    actions: ReadonlyMap<string, PluginChange["action"]>,
  ): Promise<void> {
    const old = this.#current
    this.#learn(generation.prepared)
    const pauseUs = await this.#thread!.commit(generation.number)
    this.#configuration.commit(generation.config)
    this.#http.commit(http)
    this.#current = generation
    for (const member of generation.members) {
      const action = actions.get(member.name)
      if (action === "retune") member.part?.retune(member.entry.options)
      if (action === "remake") {
        member.part?.activate()
        this.#faults.delete(member.name)
      }
    }
    this.options.log.debug(`the cut of generation ${generation.number} took ${pauseUs.toFixed(1)} us`)
    const leaving = (old?.members ?? []).filter(({ part }) => !generation.members.some((other) => other.part === part))
    for (const member of leaving.reverse()) await member.part?.dispose()
    const bundles = generation.members.flatMap(({ found: { source } }) =>
      source.kind === "bundle" ? [source.hash] : [],
    )
    this.#loader.retain(new Set(bundles))
  }

  /** With the first generation the symbols are known, and with them the memory that the threads share. */
  #openEngine(services: ServiceRegistry, config: EffectiveConfig): void {
    if (this.#memory !== undefined) return
    const venue = services.find("venue")
    if (venue === undefined) throw venueMissingError(config.venue.kind)
    const symbols = venue.symbols
    this.#symbols = new SymbolTable(symbols)
    const memory = createSharedMemory(symbols.length)
    this.#memory = memory
    const words = new Int32Array(memory.words)
    const commandBell = new Doorbell(words, Word.CommandBell)
    const commands = new RingBuffer(memory.commands, COMMAND_RESERVE_BYTES)
    this.#desk = new EventFedOrderDesk(this.#symbols, this.#clock, this.#reasons, commands, () => commandBell.ring())
    this.#boards = new BoardReader(memory.boards, this.#symbols)
    this.#metrics = new EngineMetrics(memory, () => this.#readThreads())
    const events = new RingBuffer(memory.events)
    const { onRecord } = this.#desk
    this.#takeEvents = () => events.poll(onRecord)
    this.#eventBell = new Doorbell(words, Word.EventBell)
    this.#eventBell.listen(() => this.#takeEvents())
    this.#thread!.open({
      symbols,
      memory,
      baseSeconds: this.#clock.baseSeconds,
      epoch: Math.floor(Date.now() / 1000),
      orderPoolSize: ORDER_POOL_SLOTS,
    })
  }

  #takeEvents: () => void = () => undefined

  #learn({ metrics, reasons }: PreparedAnswer): void {
    this.#metrics?.learn(metrics)
    for (const [number, text] of reasons) this.#reasons.learn(number, text)
  }

  #logRefusal(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    const code = error instanceof VelozError || error instanceof ConfigError ? error.code : undefined
    this.options.log.error(`the change is refused, generation ${this.#current?.number ?? 0} goes on: ${message}`, {
      code,
    })
  }

  // ---- what threads tell

  readonly #onThreadMessage = (message: Parameters<Parameters<typeof HotThreadHandle.start>[1]>[0]): void => {
    if (message.type === "log")
      return this.options.log[message.level](message.message, { plugin: message.plugin, ...message.details })
    if (message.type === "fault") return this.#onFault(message.plugin, message.where, message.error)
    this.#current?.members.find(({ name }) => name === message.plugin)?.part?.onChannel(message.message)
  }

  #onFault(plugin: string, where: string, error: { message: string; stack?: string | undefined }): void {
    this.#faults.set(plugin, `${where}: ${error.message}`)
    this.options.log.error(`plugin ${plugin} failed in ${where}: ${error.message}`, { stack: error.stack })
  }

  // ---- what control parts and HTTP see

  #createControlServices(): ControlServices {
    const { log } = this.options
    return {
      clock: this.#clock,
      engine: this.facade,
      log: (plugin) => {
        const at = (level: keyof Log) => (message: string, details?: object) =>
          log[level](message, { plugin, ...details })
        return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }
      },
      keep: (plugin, key, version, make) => this.#keep(`${plugin}/${key}`, version, make),
      post: (plugin, message) => this.#thread?.channel(plugin, message),
      pin: (role, cores) => this.#pin(role, cores),
      onFault: (plugin, where, error) => {
        this.#onFault(plugin, where, error instanceof Error ? error : { message: String(error) })
      },
    }
  }

  #keep<T>(key: string, version: number, make: () => T): T {
    const kept = this.#kept.get(key)
    if (kept?.version === version) return kept.value as T
    const value = make()
    this.#kept.set(key, { version, value })
    return value
  }

  #pin(role: Role, cores: readonly number[]): { cores: readonly number[]; undo(): void } {
    const tid = role === "control" ? currentTid() : this.#hotTid
    if (tid === undefined) throw pinRefusedError(role, cores, "threads cannot be pinned on this system")
    const before = readAffinity(tid)
    const { cpus, reason } = pinThread(tid, cores)
    const undo = (): void => {
      if (before !== undefined) pinThread(tid, before)
    }
    if (reason === undefined) return { cores: cpus, undo }
    undo()
    throw pinRefusedError(role, cores, reason)
  }

  #createFacade(): EngineFacade {
    const known = <T>(value: T | undefined): T => {
      if (value === undefined) throw startingError()
      return value
    }
    const engine = this
    return {
      get symbols() {
        return known(engine.#symbols)
      },
      get orders() {
        return known(engine.#desk)
      },
      get market() {
        return known(engine.#boards)
      },
      get metrics() {
        return known(engine.#metrics)
      },
      configuration: {
        generation: () => this.#current?.number ?? 0,
        effective: () => (this.#current?.config.values ?? {}) as Record<string, unknown>,
        change: (changes, author) => this.#enqueue(async () => this.#change(await this.#withApi(changes), author)),
        plugins: () => this.#readPlugins(),
        pipeline: () => {
          const { market = [], order = [] } = this.#current?.prepared.pipeline ?? {}
          return { market: [...market], order: [...order] }
        },
      },
      version: this.options.version,
      uptimeSeconds: () => (this.#clock.nowNs() - this.#startedNs) / 1e9,
    }
  }

  async #withApi(changes: Readonly<Record<string, unknown>>): Promise<EffectiveConfig> {
    try {
      return await this.#configuration.withApi(changes)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      const [first] = error.diagnostics
      throw badParamsError(first?.path.split(".").at(-1), error.diagnostics.map(({ message }) => message).join("; "))
    }
  }

  #readPlugins(): PluginReading[] {
    const { members = [], prepared } = this.#current ?? {}
    return members.map(({ name, definition, prepareMs }) => {
      const fault = this.#faults.get(name)
      const stages = [...(prepared?.pipeline.market ?? []), ...(prepared?.pipeline.order ?? [])]
      return {
        name,
        version: definition.version,
        state: fault === undefined ? "running" : `failed in ${fault}`,
        stages: stages.filter((stage) => stage.includes(`(${name})`) || stage.endsWith(`: ${name}`)),
        timings: { prepare_control_ms: round(prepareMs), prepare_hot_ms: round(prepared?.timings[name] ?? 0) },
      }
    })
  }

  #readThreads(): ThreadReading[] {
    const control = currentTid()
    return listTids().flatMap((tid) => {
      const sample = readThread(tid)
      if (sample === undefined) return []
      const roles = tid === this.#hotTid ? ROLES_OF_HOT_THREAD : tid === control ? ["control"] : ["runtime"]
      return {
        name: sample.name,
        tid,
        roles,
        cpu_affinity: [...sample.cpus],
        cpu_time_ms: sample.cpuTimeMs,
        context_switches: { voluntary: sample.voluntarySwitches, involuntary: sample.involuntarySwitches },
      }
    })
  }
}

interface Prepared extends Generation {
  readonly http: HttpGeneration
}

/** What becomes of each plugin: made anew when its options ask for it, or when its code is another. */
function actionsOf(
  found: readonly Omit<Member, "part" | "prepareMs">[],
  plan: Plan | undefined,
  old: Generation | undefined,
): Map<string, PluginChange["action"]> {
  const steps = new Map(plan?.steps.map((step) => [step.plugin, step]))
  return new Map(
    found.map((member) => {
      const standing = old?.members.find(({ name }) => name === member.name)
      if (standing === undefined || !isSameCode(standing, member)) return [member.name, "remake"]
      return [member.name, actionOf(steps.get(member.name))]
    }),
  )
}

function actionOf(step: PlanStep | undefined): PluginChange["action"] {
  if (step === undefined || step.action === "keep") return "keep"
  return step.action === "retune" && !step.rebuildPipeline ? "retune" : "remake"
}

function isSameCode(one: Pick<Member, "found">, other: Pick<Member, "found">): boolean {
  const [a, b] = [one.found.source, other.found.source]
  return a.kind === "bundle" && b.kind === "bundle" ? a.hash === b.hash : a.kind === b.kind
}

/** `market-data.order_book_depth 10 -> 5 (live)` */
function summaryOf(plan: Plan | undefined, author: string): string {
  if (plan === undefined) return author
  const steps = plan.steps.filter(({ action }) => action !== "keep")
  const parts = steps.flatMap(({ plugin, action, paths }) => {
    if (paths.length === 0) return `${plugin} ${action}`
    return paths.map(({ path, from, to, reload }) => {
      return `${path.replace(/^plugins\./, "")} ${JSON.stringify(from)} -> ${JSON.stringify(to)} (${reload})`
    })
  })
  return parts.length === 0 ? `${author}: code of plugins changed` : parts.join(", ")
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000
