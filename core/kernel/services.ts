import type { Services } from "./contract.js"
import { type NamedPlugin, serviceMissingError, serviceTakenError } from "./errors.js"

/**
 * What control parts provide to each other, and who uses what, within one generation. A part that is kept finds what the
 * newest generation provides, and holds nothing of those that are over.
 */
export class ServiceRegistry {
  readonly #services = new Map<string, { provider: string; service: unknown }>()
  readonly #users = new Map<string, Set<string>>()
  #isOver = false

  /** `line` is what the registries of one engine have in common: the one in force. */
  constructor(private readonly line: { inForce?: ServiceRegistry } = {}) {}

  /** Its generation is in force, and the one before is over. */
  commit(): void {
    const before = this.line.inForce
    this.line.inForce = this
    if (before === undefined || before === this) return
    before.#isOver = true
    before.#services.clear()
    before.#users.clear()
  }

  get #live(): ServiceRegistry {
    return this.#isOver ? this.line.inForce! : this
  }

  provide<K extends keyof Services>(plugin: string, name: K, service: Services[K]): void {
    const other = this.#services.get(name)
    if (other !== undefined && other.provider !== plugin)
      throw serviceTakenError({ name: plugin }, name, { name: other.provider })
    this.#services.set(name, { provider: plugin, service })
  }

  /** The service of that name, undefined when nobody provides it. */
  get<K extends keyof Services>(name: K): Services[K] | undefined {
    return this.#live.#services.get(name)?.service as Services[K] | undefined
  }

  /** The same on behalf of a plugin, which depends on the provider from then on. */
  find<K extends keyof Services>(plugin: string, name: K): Services[K] | undefined {
    const all = this.#live.#users
    const users = all.get(name)
    if (users === undefined) all.set(name, new Set([plugin]))
    else users.add(plugin)
    return this.get(name)
  }

  use<K extends keyof Services>(plugin: NamedPlugin, name: K): Services[K] {
    const service = this.find(plugin.name, name)
    if (service === undefined) throw serviceMissingError(plugin, name)
    return service
  }

  /** Plugins that use a service of one of these, or of one of those, and so on. */
  usersOf(providers: readonly string[]): ReadonlySet<string> {
    const found = new Set<string>()
    const waiting = [...providers]
    for (let provider = waiting.pop(); provider !== undefined; provider = waiting.pop()) {
      for (const [name, entry] of this.#services) {
        if (entry.provider !== provider) continue
        for (const user of this.#users.get(name) ?? []) {
          if (found.has(user)) continue
          found.add(user)
          waiting.push(user)
        }
      }
    }
    return found
  }

  /** For the next generation: the same, without what these plugins provide and use. */
  without(plugins: ReadonlySet<string>): ServiceRegistry {
    const rest = new ServiceRegistry(this.line)
    for (const [name, entry] of this.#services) if (!plugins.has(entry.provider)) rest.#services.set(name, entry)
    for (const [name, users] of this.#users) {
      rest.#users.set(name, new Set([...users].filter((user) => !plugins.has(user))))
    }
    return rest
  }
}
