/** How many parts of generations that are over plugins still hold, by plugin and role. */
export class HeldParts {
  readonly #counts = new Map<string, Map<string, number>>()

  /** True when they are the first, or twice as many as were told before: not each one is worth a line. */
  set(plugin: string, where: string, count: number): boolean {
    const counts = this.#counts.get(plugin) ?? new Map<string, number>()
    this.#counts.set(plugin, counts)
    const before = counts.get(where) ?? 0
    if (count === 0) counts.delete(where)
    else counts.set(where, count)
    return Math.floor(Math.log2(count)) > Math.floor(Math.log2(before))
  }

  of(plugin: string): Record<string, number> {
    return Object.fromEntries(this.#counts.get(plugin) ?? [])
  }
}
