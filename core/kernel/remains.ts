import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks"

/** Something of a plugin that has left and ought to be forgotten. */
interface Remnant {
  readonly plugin: string
  readonly where: string
  /** How many of its objects the collector has not taken yet. */
  objects: number
  /** The collection of this number has begun after the plugin left. */
  readonly dueAt: number
}

/** Tells that so many parts of a plugin, of generations that are over, are held in memory; 0 when none are any more. */
export type OnHeld = (plugin: string, where: string, count: number) => void

/** What the observer tells of; the types of Node leave the detail out. */
type Collection = PerformanceEntry & { readonly detail: { readonly kind: number } }

/** One that had ended may be told of after the part left, and one that had begun then does not count either. */
const COLLECTIONS = 3

/**
 * Finds what plugins that have left still hold: a timer, a listener or a global of their own keeps what they were given
 * from the collector, and with it the generation. Looks when the collector has run by itself, and never makes it run.
 */
export class Remains {
  #collections = 0
  #lookedAt = 0
  #remnants: Remnant[] = []
  readonly #held = new Map<string, number>()
  // A weak reference would be no witness: who looks through it keeps the object for the collection that is going on.
  readonly #taken = new FinalizationRegistry<Remnant>((remnant) => {
    remnant.objects -= 1
  })
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
    const remnant = { plugin, where, objects: 0, dueAt: this.#collections + COLLECTIONS }
    for (const object of objects) {
      this.#taken.register(object, remnant)
      remnant.objects += 1
    }
    this.#remnants.push(remnant)
  }

  /** Does nothing unless the collector has run since the last look. */
  look(): void {
    if (this.#collections === this.#lookedAt) return
    this.#lookedAt = this.#collections
    this.#remnants = this.#remnants.filter(({ objects }) => objects > 0)
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
