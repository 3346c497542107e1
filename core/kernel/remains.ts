import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks"

/** Something of a plugin that has left and ought to be forgotten, seen from where it cannot keep it. */
interface Remnant {
  readonly plugin: string
  readonly where: string
  readonly objects: readonly WeakRef<object>[]
  /** The collection of this number has begun after the plugin left. */
  readonly dueAt: number
}

/** Tells that so many parts of a plugin, of generations that are over, are held in memory; 0 when none are any more. */
export type OnHeld = (plugin: string, where: string, count: number) => void

/** What the observer tells of; the types of Node leave the detail out. */
type Collection = PerformanceEntry & { readonly detail: { readonly kind: number } }

/** One that had begun when the part left does not count, and that is the next to end. */
const COLLECTIONS = 2

/**
 * Finds what plugins that have left still hold: a timer, a listener or a global of their own keeps what they were given
 * from the collector, and with it the generation. Looks when the collector has run by itself, and never makes it run.
 */
export class Remains {
  #collections = 0
  #lookedAt = 0
  #remnants: Remnant[] = []
  readonly #held = new Map<string, number>()
  readonly #observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as Collection[]) {
      if (entry.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) this.#collections += 1
    }
  })

  constructor(private readonly onHeld: OnHeld) {
    this.#observer.observe({ entryTypes: ["gc"] })
  }

  /** A part has left: nothing of these objects should remain. */
  watch(plugin: string, where: string, objects: Iterable<object>): void {
    const refs = [...objects].map((object) => new WeakRef(object))
    this.#remnants.push({ plugin, where, objects: refs, dueAt: this.#collections + COLLECTIONS })
  }

  /** Does nothing unless the collector has run since the last look. */
  look(): void {
    if (this.#collections === this.#lookedAt) return
    this.#lookedAt = this.#collections
    this.#remnants = this.#remnants.filter(({ objects }) => objects.some((ref) => ref.deref() !== undefined))
    const held = new Map<string, number>([...this.#held.keys()].map((key) => [key, 0]))
    for (const { plugin, where, dueAt } of this.#remnants) {
      if (dueAt > this.#collections) continue
      const key = JSON.stringify([plugin, where])
      held.set(key, (held.get(key) ?? 0) + 1)
    }
    for (const [key, count] of held) {
      if (this.#held.get(key) === count) continue
      this.#held.set(key, count)
      const [plugin, where] = JSON.parse(key) as [string, string]
      this.onHeld(plugin, where, count)
    }
  }

  close(): void {
    this.#observer.disconnect()
  }
}

/** What every part is given alike, so that nobody in particular holds it. */
const SHARED = new Set(["clock", "symbols", "toEngine", "engine", "config", "schema"])

/** The objects of a context that belong to one part alone. */
export function ownOf(context: object): object[] {
  const values = Object.entries(context).flatMap(([name, value]) => (SHARED.has(name) ? [] : [value as unknown]))
  return [context, ...values.filter((value) => isObject(value))]
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function"
}
