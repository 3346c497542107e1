import type { Part, Plugin, PluginDefinition } from "../kernel/contract.js"

const PARTS = ["network", "engine", "strategy", "control"] as const
type PartName = (typeof PARTS)[number]

type Make = (context: { readonly options: object }) => Part | undefined | Promise<Part | undefined>

/**
 * Finds copies of options that have gone stale: an option that a part read only while it was made, and that has changed
 * since without having been read again. And remembers the contexts of parts, to see whether anything holds them.
 */
export class OptionWatch {
  readonly #parts: WatchedPart[] = []
  readonly #contexts: { readonly owner: string; readonly context: WeakRef<object> }[] = []

  /** The same plugin, with an eye on its parts. */
  watch(plugin: Plugin): Plugin {
    const { definition } = plugin
    const parts = PARTS.flatMap((name) => {
      const make = definition[name] as Make | undefined
      return make === undefined ? [] : [[name, this.#watched(definition.name, name, make)] as const]
    })
    const watched = { ...definition, ...Object.fromEntries(parts) } as PluginDefinition<object>
    return Object.assign((options?: object) => plugin(options), { kind: plugin.kind, definition: watched })
  }

  /** Options of a plugin are about to change in place. */
  changing(plugin: string, options: readonly string[]): void {
    for (const part of this.#parts) if (part.plugin === plugin) part.changing(options)
  }

  /** A plugin is made anew, or leaves: nothing of it can be stale any more. */
  forget(plugin: string): void {
    for (const part of this.#parts.filter((other) => other.plugin === plugin && other.isMade)) {
      this.#parts.splice(this.#parts.indexOf(part), 1)
    }
  }

  /** Hands over what is stale. */
  takeStale(): string[] {
    return this.#parts.flatMap((part) => part.takeStale())
  }

  /** How many contexts of each part are still held. */
  held(): Map<string, number> {
    const held = new Map<string, number>()
    for (const { owner, context } of this.#contexts) {
      if (context.deref() !== undefined) held.set(owner, (held.get(owner) ?? 0) + 1)
    }
    return held
  }

  #watched(plugin: string, name: PartName, make: Make): Make {
    return (context) => {
      const watched = new WatchedPart(plugin, name)
      this.#parts.push(watched)
      const own = { ...context, options: watched.view(context.options) }
      this.#contexts.push({ owner: `${plugin}, ${name}`, context: new WeakRef(own) })
      const part = make(own)
      return part instanceof Promise ? part.then((made) => watched.made(made)) : watched.made(part)
    }
  }
}

class WatchedPart {
  isMade = false
  readonly #readWhileMade = new Set<string>()
  readonly #readLater = new Set<string>()
  readonly #stale = new Set<string>()

  constructor(
    readonly plugin: string,
    private readonly name: PartName,
  ) {}

  view(options: object): object {
    return new Proxy(options, {
      get: (target, key, receiver) => {
        if (typeof key === "string") this.#onRead(key)
        return Reflect.get(target, key, receiver) as unknown
      },
    })
  }

  made(part: Part | undefined): Part | undefined {
    this.isMade = true
    return part
  }

  changing(options: readonly string[]): void {
    for (const key of options) if (this.#readWhileMade.has(key) && !this.#readLater.has(key)) this.#stale.add(key)
  }

  takeStale(): string[] {
    const stale = [...this.#stale]
    this.#stale.clear()
    return stale.map(
      (key) =>
        `the ${this.name} part of ${this.plugin} read options.${key} while it was made, and not since it has changed: read it where it is needed, or derive again in retune()`,
    )
  }

  #onRead(key: string): void {
    if (!this.isMade) return void this.#readWhileMade.add(key)
    this.#readLater.add(key)
    this.#stale.delete(key)
  }
}
