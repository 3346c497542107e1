import { bounded } from "../config/bounded.js"
import type { EffectiveConfig } from "../config/effective.js"
import type { Place } from "../config/place.js"
import type { Clock } from "../hot/clock.js"
import type { ProcessMemory } from "../os/process-memory.js"
import type { CallMeter, CallMeters } from "../pipeline/call-meters.js"
import type { Hold, SettingName, SettingValues } from "../threads/held-settings.js"
import type { Scheduler } from "../threads/scheduler.js"
import type { HeldReader } from "../tuning/readings.js"
import { checkedPart } from "./check-definition.js"
import type {
  Channel,
  CheckContext,
  ControlContext,
  Counter,
  EngineFacade,
  Events,
  HeldSwitch,
  HttpRequest,
  Log,
  Part,
  Plugin,
  Route,
  Surroundings,
  Timers,
} from "./contract.js"
import {
  eventNameError,
  type NamedPlugin,
  pluginLingersError,
  pluginSlowError,
  pluginThrewError,
  serviceUndeclaredError,
  VelozError,
} from "./errors.js"
import type { EventLog } from "./event-log.js"
import type { ObjectSchema } from "./from-schema.js"
import type { OwnedRoute } from "./http.js"
import type { KeptState } from "./kept-state.js"
import { collectObjections } from "./objection.js"
import { readHold } from "./read-hold.js"
import { ownOf } from "./remains.js"
import type { ServiceRegistry } from "./services.js"
import type { ThreadCare } from "./thread-care.js"

/** What control contexts are made from. */
export interface ControlServices {
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly engine: EngineFacade
  readonly log: (plugin: string) => Log
  readonly kept: KeptState
  readonly events: EventLog
  readonly counter: (name: string) => Counter
  readonly post: (plugin: string, message: unknown) => void
  readonly threads: Pick<ThreadCare, "warm" | "hold" | "topology">
  readonly memory: Pick<ProcessMemory, "read">
  /** Returns what ends it. */
  readonly reportTuning: (plugin: string, id: string, read: HeldReader) => () => void
  readonly meters: CallMeters
  readonly onFault: (plugin: string, where: string, error: unknown) => void
  /** The innermost place in the sources of plugins that an error comes from. */
  readonly locate: (error: unknown) => Place | undefined
  /** A part has left. Nothing of these objects should remain. */
  readonly onLeave: (plugin: string, objects: readonly object[]) => void
}

/** Which part is to be made, and within what. */
export interface ControlPartWish {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly config: EffectiveConfig
  readonly registry: ServiceRegistry
  readonly deadlines: PartDeadlines
}

/** How long a part may take; none of them holds a change for ever. */
export interface PartDeadlines {
  readonly prepareMs: number
  readonly disposeMs: number
}

/** Far more than reading what a venue has takes, and than closing connections and ending a process. */
export const PART_DEADLINES: PartDeadlines = { prepareMs: 15_000, disposeMs: 5_000 }

/** One control part: what it asked for while it was prepared, which is undone when it leaves. */
export class ControlPart {
  readonly routes: OwnedRoute[] = []
  readonly options: Record<string, unknown>
  readonly #listeners: ((message: unknown) => void)[] = []
  readonly #undo: (() => void)[] = []
  readonly #meters = new Map<string, CallMeter>()
  /** What it posted to its hot parts before they were there, and the way to them since. */
  readonly #unsent: unknown[] = []
  #send: ((message: unknown) => void) | undefined
  #isBegun = false
  /** What it asked for that changes the machine: done when the generation is committed. */
  readonly #atActivation: (() => void)[] = []
  readonly #checks: ((options: never, context: CheckContext) => void)[] = []
  #part: Part = {}
  #given: object = {}
  #isActive = false

  private constructor(
    readonly plugin: string,
    private readonly self: Plugin,
    options: Readonly<Record<string, unknown>>,
    private readonly services: ControlServices,
    private readonly disposeMs: number,
  ) {
    this.options = structuredClone(options) as Record<string, unknown>
  }

  /** Makes the part of a plugin; undefined when it has none. Throws when it fails, hangs, or returns nonsense. */
  static async make(
    self: Plugin,
    { name, options, config, registry, deadlines }: ControlPartWish,
    services: ControlServices,
  ): Promise<ControlPart | undefined> {
    const { control } = self.definition
    if (control === undefined) return undefined
    const part = new ControlPart(name, self, options, services, deadlines.disposeMs)
    try {
      const context = part.#context(config, registry)
      part.#given = context
      const late = pluginSlowError(part.#named, "its control part", deadlines.prepareMs)
      const made = await within(deadlines.prepareMs, Promise.resolve(bounded(() => control(context as never))), late)
      part.#part = checkedPart(made)
      return part
    } catch (error) {
      await part.dispose()
      // An error that was made for the reader needs no other words.
      throw error instanceof VelozError ? error : pluginThrewError(name, "control", error, services.locate(error))
    }
  }

  get #named(): NamedPlugin {
    return { name: this.plugin, file: this.self.file }
  }

  /** It answers requests. */
  get isServing(): boolean {
    return this.routes.length > 0
  }

  /** What the part has against the options of a generation that is prepared. */
  objections(options: Readonly<Record<string, unknown>>, around: Surroundings): VelozError[] {
    return this.#checks.flatMap((check) => {
      const run = (context: CheckContext): void => check(options as never, context)
      return collectObjections(this.plugin, "control, a check", around, run, this.services.locate)
    })
  }

  /** Its hot parts are there: what it has posted and will post goes to them this way. */
  connect(send: (message: unknown) => void): void {
    this.#send = send
    for (const message of this.#unsent.splice(0)) send(message)
  }

  /** The generation is committed: what waited goes to the hot parts. */
  activate(): void {
    this.#isActive = true
    for (const act of this.#atActivation.splice(0)) this.#guard("activation", act)
    this.#isBegun = true
    this.connect((message) => this.services.post(this.plugin, message))
  }

  retune(options: Readonly<Record<string, unknown>>): void {
    for (const key of Object.keys(this.options)) if (!(key in options)) delete this.options[key]
    Object.assign(this.options, structuredClone(options))
    this.#guard("retune", () => this.#part.retune?.())
  }

  onChannel(message: unknown): void {
    for (const listener of this.#listeners) this.#guard("a message", () => listener(message))
  }

  /** Never rejects, and does not wait for ever: a part that does not end is named and left behind. */
  async dispose(): Promise<void> {
    this.#isActive = false
    for (const undo of this.#undo.splice(0).reverse()) undo()
    const part = this.#part
    this.#part = {}
    const late = pluginLingersError(this.#named, this.disposeMs)
    try {
      await within(this.disposeMs, Promise.resolve(this.#guard("dispose", () => part.dispose?.())), late)
    } catch {
      this.services.log(this.plugin).error(`${late.code}: ${late.message}`)
    }
    this.services.onLeave(this.plugin, [this, part, ...ownOf(this.#given)])
  }

  #meter(where: string): CallMeter {
    let meter = this.#meters.get(where)
    if (meter === undefined)
      this.#meters.set(where, (meter = this.services.meters.make(this.plugin, `control, ${where}`)))
    return meter
  }

  #guard<T>(where: string, act: () => T): T | undefined {
    try {
      const result = this.#meter(where).call(act)
      if (!(result instanceof Promise)) return result
      // Who waits for it waits for its end, and the plugin's failure is no failure of the kernel's.
      return result.catch((error: unknown) => this.services.onFault(this.plugin, `control, ${where}`, error)) as T
    } catch (error) {
      this.services.onFault(this.plugin, `control, ${where}`, error)
      return undefined
    }
  }

  #context(config: EffectiveConfig, registry: ServiceRegistry): ControlContext<object> {
    const { plugin, services } = this
    return {
      options: this.options,
      config: { symbols: config.symbols, venue: config.venue },
      schema: config.schemas.get(plugin) as unknown as ObjectSchema,
      engine: services.engine,
      clock: services.clock,
      log: services.log(plugin),
      keep: (key, version, make, moving) => services.kept.keep(plugin, key, version, this.#isActive, make, moving),
      channel: this.#channel(),
      timers: this.#timers(),
      events: this.#events(),
      onPrepared: (check) => this.#checks.push(check),
      counter: (name) => services.counter(`${this.self.definition.name}.${name}`),
      http: { route: (route) => this.#route(route) },
      threads: this.#threads(),
      processMemory: () => services.memory.read(),
      tuning: {
        report: (id, read) => {
          this.#atActivation.push(() => this.#undo.push(services.reportTuning(plugin, id, read)))
        },
        hold: (id, setting, value) => this.#hold(id, setting, value),
      },
      provide: (name, service) => {
        if (!this.self.definition.provides?.includes(name)) throw serviceUndeclaredError(this.#named, name)
        registry.provide(plugin, name, service)
      },
      use: (name) => registry.use(this.#named, name),
      find: (name) => registry.find(plugin, name),
    }
  }

  #route(route: Route): void {
    const { plugin, services } = this
    const where = `${route.method} ${route.url}`
    const meter = this.#meter(where)
    this.routes.push({
      plugin,
      file: this.self.file,
      route: { ...route, handler: (request) => meter.call((asked: HttpRequest) => route.handler(asked), request) },
      onFault: (error) => services.onFault(plugin, `control, ${where}`, error),
    })
  }

  #threads(): ControlContext<object>["threads"] {
    const { plugin, services } = this
    const { threads } = services
    const warn = (reason: string): void => services.log(plugin).warn(reason)
    return {
      warm: (cores) => {
        this.#atActivation.push(() => this.#undo.push(threads.warm(cores, warn)))
      },
      topology: () => threads.topology,
    }
  }

  #hold<S extends SettingName>(id: string, name: S, value: SettingValues[S] | undefined): HeldSwitch<SettingValues[S]> {
    const { plugin, services } = this
    const warn = ({ text }: { text: string }): void => services.log(plugin).warn(`${id}: ${text}`)
    let wish = value
    let hold: Hold<SettingValues[S]> | undefined
    const tell = (): void => {
      const refusals = hold?.read().flatMap(({ refusal }) => refusal ?? []) ?? []
      for (const text of new Set(refusals.map((refusal) => refusal.text))) warn({ text })
    }
    this.#atActivation.push(() => {
      const held = services.threads.hold(name, wish)
      hold = held
      this.#undo.push(() => held.undo().forEach(warn))
      this.#undo.push(services.reportTuning(plugin, id, () => readHold(held, wish)))
      tell()
    })
    return {
      change: (changed) => {
        if (changed === wish) return
        wish = changed
        hold?.change(changed)
        tell()
      },
    }
  }

  #channel(): Channel {
    return {
      post: (message) => {
        if (this.#send === undefined) this.#unsent.push(message)
        else this.#send(message)
      },
      onMessage: (listener) => this.#listeners.push(listener),
    }
  }

  #events(): Events {
    const { events } = this.services
    const stops = new Set<() => void>()
    this.#undo.push(() => {
      for (const stop of stops) stop()
    })
    return {
      publish: (topic, type, data) => {
        if (![topic, type].every((name) => EVENT_NAME.test(name))) throw eventNameError(this.#named, topic, type)
        // What is no plain data fails here, where it is made, and what changes later does not change the event.
        const copy = JSON.parse(JSON.stringify(data)) as object
        if (this.#isBegun) events.publish(topic, type, copy)
        else this.#atActivation.push(() => events.publish(topic, type, copy))
      },
      listen: (topics, listener) => {
        const end = events.listen(topics, (batch) => {
          try {
            if (this.#isActive) this.#meter("an event").time(listener, batch)
          } catch (error) {
            // Its fault is an event as well: called again, it would fail again, for ever.
            stop()
            this.services.onFault(this.plugin, "control, an event", error)
          }
        })
        const stop = (): void => {
          stops.delete(stop)
          end()
        }
        stops.add(stop)
        return stop
      },
      isWanted: (topic) => events.isWanted(topic),
      since: (id, topics, limit) => events.since(id, topics, limit),
      get lastId() {
        return events.lastId
      },
      get topics() {
        return events.topics
      },
    }
  }

  #timers(): Timers {
    const { scheduler } = this.services
    const running = new Map<number, () => void>()
    let last = 0
    let isGone = false
    this.#undo.push(() => {
      isGone = true
      for (const stop of running.values()) stop()
    })
    return {
      every: (periodMs, callback) => {
        if (isGone) return
        const run = (): void => void (this.#isActive && this.#guard("a timer", callback))
        running.set(++last, scheduler.every(periodMs, run))
      },
      after: (delayMs, callback) => {
        const number = ++last
        // Work that a part had begun may end after the part has left.
        if (isGone) return number
        const run = (): void => {
          running.delete(number)
          this.#guard("a timer", callback)
        }
        running.set(number, scheduler.after(delayMs, run))
        return number
      },
      cancel: (number) => {
        running.get(number)?.()
        running.delete(number)
      },
    }
  }
}

/** Names stand in a line of their own where events are streamed. */
const EVENT_NAME = /^[a-z][a-z0-9_-]*$/

/** A plugin that hangs must not hold a change for ever: then what is waited for fails with `late`. */
async function within<T>(deadlineMs: number, work: Promise<T>, late: Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late), deadlineMs)
  })
  try {
    return await Promise.race([work, over])
  } finally {
    clearTimeout(timer)
  }
}
