import type { EffectiveConfig } from "../config/effective.js"
import type { OptionSchema } from "../config/schemas.js"
import type { Clock } from "../hot/clock.js"
import { Counters } from "../hot/counters.js"
import type { EngineEvent, EngineFacade, Log, Route, Services, SymbolSpec } from "../kernel/contract.js"
import { ControlPart, type ControlServices, PART_DEADLINES } from "../kernel/control-part.js"
import { counterOf } from "../kernel/counter.js"
import { EventLog } from "../kernel/event-log.js"
import { createHttpApp, type HttpApp } from "../kernel/http-app.js"
import { RequestValidators } from "../kernel/http-schema.js"
import { HttpStreams } from "../kernel/http-streams.js"
import { KeptState } from "../kernel/kept-state.js"
import { ServiceRegistry } from "../kernel/services.js"
import { readCpuTopology } from "../os/cpus.js"
import { ProcessMemory } from "../os/process-memory.js"
import { CallMeters, METER_BYTES, SLOW_CALL_MS } from "../pipeline/call-meters.js"
import type { PluginChange } from "../threads/messages.js"
import type { Scheduler } from "../threads/scheduler.js"
import { type PluginUnderTest, surroundings, venueFor } from "./plugin-under-test.js"

export interface ControlSideOptions {
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly symbols: readonly SymbolSpec[]
  readonly engine: EngineFacade
  readonly log: (plugin: string) => Log
  /** To the hot parts of a plugin. */
  readonly post: (plugin: string, message: unknown) => void
  readonly onFault: (plugin: string, where: string, error: unknown) => void
  /** Services that plugins use and that no plugin of the test provides. */
  readonly services: Partial<Services>
}

/** A generation of control parts that is ready, and not in force. */
interface Prepared {
  readonly members: readonly Member[]
  readonly registry: ServiceRegistry
  readonly kept: ReadonlySet<ControlPart>
  readonly app: HttpApp
}

interface Member {
  readonly plugin: PluginUnderTest
  readonly part: ControlPart | undefined
}

type Action = PluginChange["action"]

const COUNTERS = 256
/** Who provides the services that a test brings. */
const TEST = "the test"

/** The control parts of plugins in a test: their routes, events, services and timers, without a port or a process. */
export class ControlSide {
  readonly events: EventLog
  /** What was published, oldest first. */
  readonly published: EngineEvent[] = []
  readonly counters = new Counters(new Float64Array(COUNTERS))
  readonly #kept = new KeptState()
  readonly #validators = new RequestValidators()
  readonly #streams = new HttpStreams()
  readonly #services: ControlServices
  #members: readonly Member[] = []
  #registry = new ServiceRegistry()
  #app: HttpApp | undefined

  constructor(private readonly options: ControlSideOptions) {
    const { clock, scheduler, engine, log, post, onFault } = options
    this.events = new EventLog(clock)
    this.events.listen(undefined, (events) => this.published.push(...events))
    this.#services = {
      clock,
      scheduler,
      engine,
      log,
      post,
      onFault,
      locate: () => undefined,
      kept: this.#kept,
      events: this.events,
      counter: (name) => counterOf(this.counters, name),
      threads: {
        warm: () => () => undefined,
        hold: () => ({ read: () => [], change: () => undefined, undo: () => [] }),
        topology: readCpuTopology(),
      },
      onLeave: () => undefined,
      memory: new ProcessMemory(),
      reportTuning: () => () => undefined,
      meters: new CallMeters(clock, new SharedArrayBuffer(METER_BYTES), SLOW_CALL_MS.control, () => undefined),
    }
  }

  /** Whether a change of these plugins has to wait for control parts that are made anew. */
  isMaking(plugins: readonly PluginUnderTest[], actionOf: (plugin: PluginUnderTest) => Action): boolean {
    const isMade = (plugin: PluginUnderTest): boolean => hasControl(plugin) && actionOf(plugin) === "remake"
    const isLeft = ({ plugin: { name }, part }: Member): boolean =>
      part !== undefined && !plugins.some((plugin) => plugin.name === name)
    return plugins.some(isMade) || this.#members.some(isLeft)
  }

  /** Makes what is new. Throws, and leaves nothing behind, when a part fails. */
  async prepare(plugins: readonly PluginUnderTest[], actionOf: (plugin: PluginUnderTest) => Action): Promise<Prepared> {
    const stale = this.#stale(plugins, actionOf)
    const registry = this.#registry.without(new Set([...stale, TEST]))
    this.#provide(registry, plugins)
    const config = this.#config(plugins)
    const members: Member[] = []
    const kept = new Set<ControlPart>()
    try {
      for (const plugin of plugins) {
        const standing = this.#members.find((member) => member.plugin.name === plugin.name)
        const isKept = standing?.part !== undefined && !stale.has(plugin.name)
        if (isKept) kept.add(standing.part!)
        members.push({ plugin, part: isKept ? standing.part : await this.#make(plugin, config, registry) })
      }
      const routes = members.flatMap(({ part }) => part?.routes ?? [])
      const app = await createHttpApp(routes, this.#validators, this.#streams, this.options.log("http"))
      return { members, registry, kept, app }
    } catch (error) {
      await this.#abandon(members, kept)
      throw error
    }
  }

  /** The hot parts could not be made, or object. */
  async abandon({ members, kept, app }: Prepared): Promise<void> {
    await app.close()
    await this.#abandon(members, kept)
  }

  /** Lets parts object, as everything is prepared. */
  check({ members }: Prepared): void {
    for (const { plugin, part } of members) {
      const [objection] = part?.objections(plugin.options, surroundings(plugin.plugin, this.#symbols)) ?? []
      if (objection !== undefined) throw objection
    }
  }

  async commit({ members, registry, kept, app }: Prepared): Promise<void> {
    const leaving = this.#members.filter(({ part }) => part !== undefined && !kept.has(part))
    const old = this.#app
    this.#kept.commit()
    this.#app = app
    this.#members = members
    this.#registry = registry
    for (const { part } of members) if (part !== undefined && !kept.has(part)) part.activate()
    for (const { plugin, part } of leaving.reverse()) {
      await part!.dispose()
      if (!members.some((member) => member.plugin.name === plugin.name)) this.#kept.forget(plugin.name)
    }
    await old?.close()
  }

  /** New options for parts that stay. */
  retune(plugins: readonly PluginUnderTest[], actionOf: (plugin: PluginUnderTest) => Action): void {
    this.#members = this.#members.map(({ plugin, part }) => {
      const changed = plugins.find(({ name }) => name === plugin.name) ?? plugin
      if (part !== undefined && actionOf(changed) === "retune") part.retune(changed.options)
      return { plugin: changed, part }
    })
  }

  onChannel(plugin: string, message: unknown): void {
    this.#members.find((member) => member.plugin.name === plugin)?.part?.onChannel(message)
  }

  ask(method: Route["method"], url: string, body?: object): Promise<{ status: number; body: unknown }> {
    if (this.#app === undefined) throw new Error("no plugin of this test has a control part, so that nothing answers")
    return this.#app.ask(method, url, body)
  }

  async close(): Promise<void> {
    for (const { part } of this.#members.toReversed()) await part?.dispose()
    this.#members = []
    this.#streams.end()
    await this.#app?.close()
  }

  /** What the test brings, and no plugin provides. */
  #provide(registry: ServiceRegistry, plugins: readonly PluginUnderTest[]): void {
    const { symbols, services } = this.options
    const provided: readonly string[] = plugins.flatMap(({ plugin }) => plugin.definition.provides ?? [])
    for (const [name, service] of Object.entries({ venue: { symbols }, ...services })) {
      if (!provided.includes(name)) registry.provide(TEST, name as keyof Services, service as never)
    }
  }

  get #symbols(): string[] {
    return this.options.symbols.map(({ name }) => name)
  }

  /** Plugins whose parts are not those of the generation that comes: made anew, gone, or users of such. */
  #stale(plugins: readonly PluginUnderTest[], actionOf: (plugin: PluginUnderTest) => Action): Set<string> {
    const made = plugins.filter((plugin) => actionOf(plugin) === "remake").map(({ name }) => name)
    const gone = this.#members.map(({ plugin }) => plugin.name).filter((name) => !plugins.some((p) => p.name === name))
    return new Set([...made, ...gone, ...this.#registry.usersOf([...made, ...gone])])
  }

  async #make(
    plugin: PluginUnderTest,
    config: EffectiveConfig,
    registry: ServiceRegistry,
  ): Promise<ControlPart | undefined> {
    const wish = { name: plugin.name, options: plugin.options, config, registry, deadlines: PART_DEADLINES }
    return ControlPart.make(plugin.watched, wish, this.#services)
  }

  async #abandon(members: readonly Member[], kept: ReadonlySet<ControlPart>): Promise<void> {
    this.#kept.abort()
    for (const { part } of members.toReversed()) if (part !== undefined && !kept.has(part)) await part.dispose()
  }

  /** As much of a configuration as control parts are shown. */
  #config(plugins: readonly PluginUnderTest[]): EffectiveConfig {
    const schemas = new Map<string, OptionSchema>(plugins.map(({ name, schema }) => [name, schema]))
    const venue = venueFor(plugins.flatMap(({ plugin }) => plugin.definition.venues ?? []))
    return { symbols: this.#symbols, venue, schemas } as unknown as EffectiveConfig
  }
}

const hasControl = ({ plugin }: PluginUnderTest): boolean => plugin.definition.control !== undefined
