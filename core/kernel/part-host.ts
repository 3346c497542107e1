import type { Clock } from "../hot/clock.js"
import type { CallMeter, CallMeters } from "../pipeline/call-meters.js"
import { PartInstance } from "../pipeline/taps.js"
import type { HotRole } from "../threads/agent.js"
import type { PluginChange, PrepareRequest } from "../threads/messages.js"
import { checkedPart } from "./check-definition.js"
import { pluginThrewError } from "./errors.js"
import { KeptState } from "./kept-state.js"
import { createHotPart, type HotPart } from "./part-contexts.js"
import type { PluginLoader } from "./plugin-loader.js"
import { ownOf } from "./remains.js"

export interface PartHostOptions {
  /** The roles of this thread, in the order in which the parts of a plugin are made. */
  readonly roles: readonly HotRole[]
  readonly loader: Pick<PluginLoader, "load" | "retain" | "locate">
  readonly clock: Clock
  readonly context: (role: HotRole, part: HotPart, options: object) => object
  readonly meters: CallMeters
  readonly onFault: (part: PartInstance, where: string, error: unknown) => void
  /** A part has left. Nothing of these objects should remain. */
  readonly onLeave?: (plugin: string, role: HotRole, objects: readonly object[]) => void
  /** Plugins by their numbers, where another host has given them out. */
  readonly owners?: readonly string[]
}

/** A plugin on this thread: its options, which stay the same object, and its parts. */
export interface HotPlugin {
  readonly name: string
  /** The number by which orders of its strategy are told apart. */
  readonly owner: number
  readonly options: Record<string, unknown>
  readonly parts: readonly HotPart[]
  /** The hash of its code, where that is a bundle. */
  readonly hash: string | undefined
}

/** The plugins of a generation that is not in force yet. */
export interface PreparedParts {
  readonly plugins: readonly HotPlugin[]
  readonly parts: readonly HotPart[]
  readonly retunes: readonly { readonly plugin: HotPlugin; readonly options: Readonly<Record<string, unknown>> }[]
  /** False when every part is one of the old generation: then hooks and stages stay as they are. */
  readonly isRecomposed: boolean
  /** Plugins that had failed, and are made anew. */
  readonly revived: readonly string[]
  /** Milliseconds that the parts took of each plugin that was made. */
  readonly timings: Readonly<Record<string, number>>
}

/** The parts of plugins on one thread: made beside those that run, exchanged at the cut, undone afterwards. */
export class PartHost {
  readonly #options: PartHostOptions
  readonly kept = new KeptState()
  readonly #owners: Map<string, number>
  /** Strategy parts are made, and act when they are woken. */
  isStanding = false
  #plugins: readonly HotPlugin[] = []
  #prepared: PreparedParts | undefined

  constructor(options: PartHostOptions) {
    this.#options = options
    this.#owners = new Map(options.owners?.map((name, number) => [name, number]))
  }

  /** Every plugin that was ever here, by its number. */
  get owners(): readonly string[] {
    return [...this.#owners.keys()]
  }

  /** The parts in force. */
  get parts(): readonly HotPart[] {
    return this.#plugins.flatMap((plugin) => plugin.parts)
  }

  partsOf(plugin: string): readonly HotPart[] {
    return this.#plugins.find(({ name }) => name === plugin)?.parts ?? []
  }

  /** The parts in force whose code has such a hash. */
  partsOfCode(isOf: (hash: string | undefined) => boolean): readonly HotPart[] {
    return this.#plugins.filter(({ hash }) => isOf(hash)).flatMap(({ parts }) => parts)
  }

  /** Makes what is new of a generation. Throws, and leaves no trace, when a plugin fails. */
  prepare({ plugins: changes }: PrepareRequest): PreparedParts {
    this.abort()
    const { clock } = this.#options
    const timings: Record<string, number> = {}
    const plugins: HotPlugin[] = []
    const retunes: PreparedParts["retunes"][number][] = []
    const revived: string[] = []
    try {
      for (const change of changes) {
        const startedNs = clock.nowNs()
        const standing = this.#plugins.find(({ name }) => name === change.name)
        // A plugin that has failed gets another chance with each new generation.
        const isFailed = standing?.parts.some(({ instance }) => instance.failed) ?? false
        const isMade = change.action === "remake" || standing === undefined || isFailed
        const plugin = isMade ? this.#make(change) : standing
        plugins.push(plugin)
        if (isFailed) revived.push(change.name)
        if (plugin === standing && change.action === "retune") retunes.push({ plugin, options: change.options })
        if (isMade) timings[change.name] = (clock.nowNs() - startedNs) / 1e6
      }
    } catch (error) {
      this.#disposeNew(plugins)
      this.kept.abort()
      throw error
    }
    const isSame =
      plugins.length === this.#plugins.length && plugins.every((plugin, at) => plugin === this.#plugins[at])
    const parts = plugins.flatMap((plugin) => plugin.parts)
    this.#prepared = { plugins, parts, retunes, isRecomposed: !isSame, revived, timings }
    return this.#prepared
  }

  abort(): void {
    const prepared = this.#prepared
    this.#prepared = undefined
    if (prepared === undefined) return
    this.#disposeNew(prepared.plugins)
    this.kept.abort()
  }

  /**
   * The cut: options change in place, and the prepared parts are in force. `adopt` hands them to the roles. Returns the
   * plugins that leave, to be disposed of when the thread takes input again.
   */
  commit(adopt: (prepared: PreparedParts) => void): readonly HotPlugin[] {
    const prepared = this.#prepared
    if (prepared === undefined) throw new Error("VELOZ_BUG: commit without a prepared generation")
    this.#prepared = undefined
    this.kept.commit()
    const leaving = this.#plugins.filter((plugin) => !prepared.plugins.includes(plugin))
    for (const { plugin, options } of prepared.retunes) retune(plugin, options)
    this.#plugins = prepared.plugins
    if (!prepared.isRecomposed) return leaving
    for (const part of leaving.flatMap((plugin) => plugin.parts)) part.isActive = false
    adopt(prepared)
    this.#activate()
    return leaving
  }

  /** What was only made acts from now on. */
  wake(): void {
    this.isStanding = false
    this.#activate()
  }

  #activate(): void {
    for (const part of this.parts) if (!(this.isStanding && part.instance.role === "strategy")) activate(part)
  }

  /** Lets go of the code of plugins that have left or have other code now. */
  forgetCode(): void {
    this.#options.loader.retain(new Set(this.#plugins.flatMap(({ hash }) => hash ?? [])))
  }

  /** True while a plugin of this name is in force. */
  has(plugin: string): boolean {
    return this.#plugins.some(({ name }) => name === plugin)
  }

  /** Undoes everything that the parts of a plugin asked for, and sees to it that nothing of them remains. */
  leave(plugin: HotPlugin): void {
    const traces = plugin.parts.map((part) => {
      const { taps, part: returned, role } = part.instance
      return { role, objects: [part, part.instance, returned, ...taps.map(({ fn }) => fn), ...ownOf(part.given)] }
    })
    disposeParts(plugin)
    if (!this.has(plugin.name)) for (const { role } of traces) this.kept.forget(`${plugin.name}/${role}`)
    for (const { role, objects } of traces) this.#options.onLeave?.(plugin.name, role, objects)
  }

  dispose(): void {
    this.abort()
    for (const plugin of this.#plugins) disposeParts(plugin)
    this.#plugins = []
  }

  #make({ name, source, options: wished }: PluginChange): HotPlugin {
    const { roles, loader, context, onFault, meters } = this.#options
    const { definition } = loader.load(source, name)
    const options = structuredClone(wished) as Record<string, unknown>
    const owner = this.#ownerOf(name)
    const parts: HotPart[] = []
    const hash = source.kind === "bundle" ? source.hash : undefined
    const plugin: HotPlugin = { name, owner, options, parts, hash }
    for (const role of roles) {
      const make = definition[role] as ((context: object) => unknown) | undefined
      if (make === undefined) continue
      const meter = (where: string): CallMeter => meters.make(name, where)
      const part = createHotPart(new PartInstance(name, role, owner, onFault, meter), definition.name)
      parts.push(part)
      try {
        part.given = context(role, part, options)
        part.instance.part = checkedPart(make(part.given))
      } catch (error) {
        disposeParts(plugin)
        throw pluginThrewError(name, role, error, loader.locate(error))
      }
    }
    return plugin
  }

  #ownerOf(plugin: string): number {
    const known = this.#owners.get(plugin)
    if (known !== undefined) return known
    const owner = this.#owners.size
    this.#owners.set(plugin, owner)
    return owner
  }

  #disposeNew(plugins: readonly HotPlugin[]): void {
    for (const plugin of plugins) if (!this.#plugins.includes(plugin)) this.leave(plugin)
  }
}

function disposeParts(plugin: HotPlugin): void {
  for (const part of [...plugin.parts].reverse()) {
    part.isActive = false
    part.instance.dispose()
  }
}

function retune(plugin: HotPlugin, options: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(plugin.options)) if (!(key in options)) delete plugin.options[key]
  Object.assign(plugin.options, structuredClone(options))
  for (const { instance } of plugin.parts) {
    if (instance.failed) continue
    try {
      instance.follow("retune", instance.part.retune?.())
    } catch (error) {
      instance.fault("retune", error)
    }
  }
}

function activate(part: HotPart): void {
  if (part.isActive) return
  part.isActive = true
  for (const start of part.instance.activate.splice(0)) start()
}
