import type { Moving } from "./contract.js"

interface Kept {
  readonly owner: string
  readonly key: string
  readonly version: number
  readonly value: unknown
  readonly moving: Moving<unknown> | undefined
}

/** Kept state on its way to another thread: plain data. */
export interface MovedState {
  readonly owner: string
  readonly key: string
  readonly version: number
  readonly saved: unknown
}

/**
 * State of plugins that outlives their parts. What a part makes while it is prepared counts from the commit of its
 * generation on: one that is given up leaves the state of those that run as it was.
 */
export class KeptState {
  readonly #kept = new Map<string, Kept>()
  readonly #prepared = new Map<string, Kept>()
  /** What came from another thread, until a part asks for it. */
  readonly #moved = new Map<string, MovedState>()

  /** `isRunning` says whether the part that asks is in force already. */
  keep<T>(owner: string, key: string, version: number, isRunning: boolean, make: () => T, moving?: Moving<T>): T {
    const name = `${owner}/${key}`
    const kept = (isRunning ? undefined : this.#prepared.get(name)) ?? this.#kept.get(name)
    const moved = this.#moved.get(name)
    const isThere = kept?.version === version
    const value = isThere ? (kept.value as T) : moved?.version === version ? loaded(moved.saved, moving) : make()
    const into = isRunning ? this.#kept : this.#prepared
    // How it moves is said by the newest part: the words of an older one would hold on to that part.
    into.set(name, { owner, key, version, value, moving: moving as Moving<unknown> | undefined })
    return value
  }

  commit(): void {
    for (const [name, kept] of this.#prepared) this.#kept.set(name, kept)
    this.#prepared.clear()
    this.#moved.clear()
  }

  abort(): void {
    this.#prepared.clear()
  }

  /** Its plugin is not in use any more: if it comes back it begins anew, and other threads are not kept from coming. */
  forget(owner: string): void {
    for (const [name, kept] of this.#kept) if (kept.owner === owner) this.#kept.delete(name)
  }

  // ---- to and from another thread

  /** The state of these owners that cannot go to another thread. */
  stuck(isMeant: (owner: string) => boolean): { owner: string; key: string }[] {
    const isStuck = ({ owner, moving, value }: Kept): boolean =>
      isMeant(owner) && moving === undefined && !isPlainData(value)
    return [...this.#kept.values()].filter(isStuck).map(({ owner, key }) => ({ owner, key }))
  }

  save(isMeant: (owner: string) => boolean): MovedState[] {
    const meant = [...this.#kept.values()].filter(({ owner }) => isMeant(owner))
    return meant.map(({ owner, key, version, value, moving }) => {
      return { owner, key, version, saved: moving === undefined ? value : moving.save(value) }
    })
  }

  /** Parts that are made from now on find this, in place of what was kept here. */
  receive(states: readonly MovedState[]): void {
    for (const state of states) {
      const name = `${state.owner}/${state.key}`
      this.#kept.delete(name)
      this.#moved.set(name, state)
    }
  }
}

function loaded<T>(saved: unknown, moving: Moving<T> | undefined): T {
  return moving === undefined ? (saved as T) : moving.load(saved)
}

/** Whether a copy of it on another thread is the same: an instance of a class would arrive without its methods. */
function isPlainData(value: unknown, seen = new Set<object>()): boolean {
  if (typeof value === "function" || typeof value === "symbol") return false
  if (typeof value !== "object" || value === null || seen.has(value)) return true
  seen.add(value)
  if (ArrayBuffer.isView(value)) return !Buffer.isBuffer(value)
  if (value instanceof Map) return [...value].every((entry) => entry.every((item) => isPlainData(item, seen)))
  if (value instanceof Set || Array.isArray(value)) return [...value].every((item) => isPlainData(item, seen))
  if ([ArrayBuffer, SharedArrayBuffer, Date].some((type) => value instanceof type)) return true
  const prototype = Object.getPrototypeOf(value) as object | null
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null
  return isPlain && Object.values(value).every((member) => isPlainData(member, seen))
}
