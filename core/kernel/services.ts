import type { Services } from "./contract.js"
import { serviceMissingError, serviceTakenError } from "./errors.js"

/** What control parts provide to each other, within one generation. */
export class ServiceRegistry {
  readonly #services = new Map<string, { provider: string; service: unknown }>()

  provide<K extends keyof Services>(plugin: string, name: K, service: Services[K]): void {
    const other = this.#services.get(name)
    if (other !== undefined && other.provider !== plugin) throw serviceTakenError(plugin, name, other.provider)
    this.#services.set(name, { provider: plugin, service })
  }

  find<K extends keyof Services>(name: K): Services[K] | undefined {
    return this.#services.get(name)?.service as Services[K] | undefined
  }

  use<K extends keyof Services>(plugin: string, name: K): Services[K] {
    const service = this.find(name)
    if (service === undefined) throw serviceMissingError(plugin, name)
    return service
  }

  /** The same services without those of plugins that are made anew or leave. */
  without(plugins: ReadonlySet<string>): ServiceRegistry {
    const rest = new ServiceRegistry()
    for (const [name, entry] of this.#services) if (!plugins.has(entry.provider)) rest.#services.set(name, entry)
    return rest
  }
}
