interface Kept {
  readonly version: number
  readonly value: unknown
}

/**
 * State of plugins that outlives their parts. What a part makes while it is prepared counts from the commit of its
 * generation on: one that is given up leaves the state of those that run as it was.
 */
export class KeptState {
  readonly #kept = new Map<string, Kept>()
  readonly #prepared = new Map<string, Kept>()

  /** `isRunning` says whether the part that asks is in force already. */
  keep<T>(plugin: string, key: string, version: number, isRunning: boolean, make: () => T): T {
    const name = `${plugin}/${key}`
    const kept = (isRunning ? undefined : this.#prepared.get(name)) ?? this.#kept.get(name)
    if (kept?.version === version) return kept.value as T
    const value = make()
    const into = isRunning ? this.#kept : this.#prepared
    into.set(name, { version, value })
    return value
  }

  commit(): void {
    for (const [name, kept] of this.#prepared) this.#kept.set(name, kept)
    this.#prepared.clear()
  }

  abort(): void {
    this.#prepared.clear()
  }
}
