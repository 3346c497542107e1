/** Different failures of a plugin that are counted; of those before, the oldest is forgotten. */
const MOST_PER_PLUGIN = 64

interface Fault {
  readonly where: string
  readonly message: string
  readonly count: number
}

/** What has failed, by plugin. The same failure at the same place is counted, and told with each tenfold. */
export class Faults {
  /** The newest of each plugin is its last. */
  readonly #plugins = new Map<string, Map<string, Fault>>()

  /** Returns how often this has failed there, when that is worth telling. */
  add(plugin: string, where: string, message: string): number | undefined {
    const faults = this.#plugins.get(plugin) ?? new Map<string, Fault>()
    this.#plugins.set(plugin, faults)
    // A number in it, such as that of an order, makes no other failure of it.
    const key = `${where}: ${message.replaceAll(/\d+/g, "0")}`
    const count = (faults.get(key)?.count ?? 0) + 1
    faults.delete(key)
    faults.set(key, { where, message, count })
    const [oldest] = faults.keys()
    if (faults.size > MOST_PER_PLUGIN) faults.delete(oldest)
    return Number.isInteger(Math.log10(count)) ? count : undefined
  }

  /** The newest of a plugin, in words; undefined when it has not failed. */
  get(plugin: string): string | undefined {
    const newest = [...(this.#plugins.get(plugin)?.values() ?? [])].at(-1)
    if (newest === undefined) return undefined
    const { where, message, count } = newest
    return `${where}: ${message}${count === 1 ? "" : ` (${count} times)`}`
  }

  /** The plugin is made anew. */
  delete(plugin: string): void {
    this.#plugins.delete(plugin)
  }
}
