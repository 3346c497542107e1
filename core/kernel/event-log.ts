import type { Clock } from "../hot/clock.js"
import type { EngineEvent, EventsSince } from "./contract.js"

/** What the engine itself tells of. A plugin may tell of more, under topics of its own. */
const TOPICS = ["performance", "orders", "market", "config", "tuning"] as const

// More than the ring of order events holds (2 MiB by 360 bytes), so that control can be away for as long as that takes, and
// no reader misses a thing. At 500 bytes an event a topic is 4 MB, and 8 MB before its older half goes.
const KEPT_A_TOPIC = 8192

/**
 * What has happened, in order, for everybody on control who listens. Each topic keeps its own newest, so that a storm of
 * orders does not drive out the alert of an hour ago. Listeners are called in a turn of their own: whoever publishes, the
 * answer to an order among them, never waits for whoever reads.
 */
export class EventLog {
  readonly #startId: number
  readonly #topics = new Map<string, Topic>()
  readonly #listeners = new Set<Listener>()
  #lastId: number
  #isDue = false

  constructor(
    private readonly clock: Pick<Clock, "wallUs">,
    private readonly keptATopic = KEPT_A_TOPIC,
  ) {
    // Ids go on from the microsecond of the start: one of an earlier run is older than all of this one, so that who
    // resumes with it is told of the gap.
    this.#startId = clock.wallUs()
    this.#lastId = this.#startId
    for (const topic of TOPICS) this.#topics.set(topic, new Topic(this.#startId))
  }

  /** The newest id that was given out. */
  get lastId(): number {
    return this.#lastId
  }

  /** Those of the engine, and those under which a plugin has published. */
  get topics(): readonly string[] {
    return [...this.#topics.keys()]
  }

  /** Nobody may change `data` afterwards: it is kept as it is. */
  publish(topic: string, type: string, data: object): void {
    this.#lastId += 1
    const event = { id: this.#lastId, topic, type, timestamp: Math.floor(this.clock.wallUs() / 1000), data }
    const kept = this.#topics.get(topic) ?? new Topic(this.#startId)
    this.#topics.set(topic, kept)
    kept.add(event, this.keptATopic)
    for (const { topics, waiting } of this.#listeners) if (covers(topics, topic)) waiting.push(event)
    if (this.#isDue || this.#listeners.size === 0) return
    this.#isDue = true
    setImmediate(this.#deliver)
  }

  /** Calls back with what is published from now on. Returns what ends that. */
  listen(topics: Topics, call: (events: readonly EngineEvent[]) => void): () => void {
    const listener = { topics, call, waiting: [] }
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  isWanted(topic: string): boolean {
    for (const { topics } of this.#listeners) if (covers(topics, topic)) return true
    return false
  }

  since(id: number, topics: Topics, limit: number): EventsSince {
    const kept = [...this.#topics].flatMap(([name, topic]) => (covers(topics, name) ? topic : []))
    const forgottenId = Math.max(this.#startId, ...kept.map((topic) => topic.forgottenId))
    const events = kept.flatMap((topic) => topic.after(id, limit)).sort((a, b) => a.id - b.id)
    return { events: events.slice(0, limit), missingTo: id < forgottenId ? forgottenId : undefined }
  }

  readonly #deliver = (): void => {
    this.#isDue = false
    for (const listener of this.#listeners) {
      if (listener.waiting.length > 0) listener.call(listener.waiting.splice(0))
    }
  }
}

/** Undefined for all, those that nobody has published under yet included. */
type Topics = readonly string[] | undefined

const covers = (topics: Topics, topic: string): boolean => topics === undefined || topics.includes(topic)

interface Listener {
  readonly topics: Topics
  readonly call: (events: readonly EngineEvent[]) => void
  /** What it has not been called with. */
  readonly waiting: EngineEvent[]
}

class Topic {
  readonly #events: EngineEvent[] = []

  /** `forgottenId`: no event up to this one is kept. */
  constructor(public forgottenId: number) {}

  add(event: EngineEvent, limit: number): void {
    this.#events.push(event)
    // Half of it at a time: to take the oldest out of a list costs as much as to take many.
    if (this.#events.length >= 2 * limit) this.forgottenId = this.#events.splice(0, limit)[limit - 1].id
  }

  after(id: number, limit: number): EngineEvent[] {
    let [low, high] = [0, this.#events.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#events[middle].id > id) high = middle
      else low = middle + 1
    }
    return this.#events.slice(low, low + limit)
  }
}
