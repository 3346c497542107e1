/** What has failed, by plugin and place. What fails again and again is counted, and told with each tenfold. */
export class Faults {
  readonly #plugins = new Map<string, Map<string, { message: string; count: number }>>()

  /** Returns how often it has failed there, when that is worth telling. */
  add(plugin: string, where: string, message: string): number | undefined {
    const places = this.#plugins.get(plugin) ?? new Map()
    this.#plugins.set(plugin, places)
    const count = (places.get(where)?.count ?? 0) + 1
    // The newest is the last of them.
    places.delete(where)
    places.set(where, { message, count })
    return Number.isInteger(Math.log10(count)) ? count : undefined
  }

  /** The newest of a plugin, in words; undefined when it has not failed. */
  get(plugin: string): string | undefined {
    const newest = [...(this.#plugins.get(plugin) ?? [])].at(-1)
    if (newest === undefined) return undefined
    const [where, { message, count }] = newest
    return `${where}: ${message}${count === 1 ? "" : ` (${count} times)`}`
  }

  /** The plugin is made anew. */
  delete(plugin: string): void {
    this.#plugins.delete(plugin)
  }
}
