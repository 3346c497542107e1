import { randomUUID } from "node:crypto"
import { nearestFirst } from "../config/nearest.js"
import type { Clock } from "../hot/clock.js"
import type { Counters } from "../hot/counters.js"
import { HISTOGRAM_WORDS } from "../hot/histogram.js"
import type {
  Figures,
  LatencySummary,
  MetricsReader,
  MetricsTotals,
  ProfileReading,
  ProfileTotals,
  ThreadReading,
} from "../kernel/contract.js"
import { unknownFigureError } from "../kernel/errors.js"
import type { BoardReader } from "../pipeline/board-reader.js"
import { MARKET_PROFILE, ORDER_PROFILE, Profile, type ProfileSums } from "../pipeline/profile.js"
import type { MetricNames } from "../threads/metric-slots.js"
import type { SharedMemory } from "../threads/shared-memory.js"
import { LatencyWindow } from "./latency-window.js"
import { profileBetween } from "./profile-between.js"

/** Figures are over so many seconds, and since the start under `total`. */
export const WINDOW_SECONDS = 60

const NOTHING: LatencySummary = { count: 0, p50_us: null, p95_us: null, p99_us: null, max_us: null }

/** The figures as they stood at one moment. */
interface Moment {
  readonly atMs: number
  /** By block. */
  readonly counters: readonly Float64Array[]
  readonly profile: ProfileTotals
}

/** What one hot thread writes. */
interface Block {
  readonly values: Float64Array
  readonly words: Int32Array
  /** Histograms that are known by name. */
  histograms: number
}

export interface EngineMetricsOptions {
  readonly memory: SharedMemory
  readonly clock: Pick<Clock, "nowNs" | "wallUs">
  readonly market: Pick<BoardReader, "lastFrameMs">
  /** What control itself counts. */
  readonly control: Counters
  readonly readThreads: () => ThreadReading[]
}

/** What hot threads count and record in shared memory, as control reads it: once a second, over a minute. */
export class EngineMetrics implements MetricsReader {
  readonly #run = randomUUID()
  readonly #histograms = new Map<string, LatencyWindow>()
  readonly #orders: Profile
  readonly #updates: Profile
  /** One a hot thread. The same name on several threads is one figure, their sum. */
  readonly #blocks: readonly Block[]
  readonly #slots = new Map<string, { readonly block: number; readonly slot: number }[]>()
  // One entry a second, oldest first.
  readonly #history: Moment[] = []

  constructor(private readonly options: EngineMetricsOptions) {
    const { orderProfile, marketProfile, metrics } = options.memory
    this.#orders = new Profile(orderProfile)
    this.#updates = new Profile(marketProfile)
    this.#blocks = metrics.map(({ counters, histograms }) => {
      return { values: new Float64Array(counters), words: new Int32Array(histograms), histograms: 0 }
    })
    this.#history.push(this.#read())
  }

  /** Slots that a prepared generation has added to the block of one thread. */
  learn(block: number, { counters, histograms }: MetricNames): void {
    for (const [slot, name] of counters.entries()) {
      const slots = this.#slots.get(name) ?? []
      if (!slots.some((known) => known.block === block)) this.#slots.set(name, [...slots, { block, slot }])
    }
    const { words, histograms: known } = this.#blocks[block]
    this.#blocks[block].histograms = histograms.length
    for (let slot = known; slot < histograms.length; slot += 1) {
      const region = { words, offset: slot * HISTOGRAM_WORDS }
      const window = this.#histograms.get(histograms[slot])
      if (window === undefined) this.#histograms.set(histograms[slot], new LatencyWindow([region], WINDOW_SECONDS))
      else window.add(region)
    }
  }

  /** Called once a second. */
  tick(): void {
    for (const window of this.#histograms.values()) window.tick()
    this.#history.push(this.#read())
    if (this.#history.length > WINDOW_SECONDS + 1) this.#history.shift()
  }

  latency(name: string): LatencySummary & { total: LatencySummary } {
    const window = this.#histograms.get(name)
    return { ...(window?.summary() ?? NOTHING), total: window?.total() ?? NOTHING }
  }

  profile(): ProfileReading {
    return profileBetween(this.#history[0].profile, this.#readProfile())
  }

  rate(counter: string): number {
    const oldest = this.#history[0]
    const seconds = (this.#nowMs() - oldest.atMs) / 1000
    if (seconds <= 0) return 0
    return Math.round(((this.#sum(counter) - this.#sum(counter, oldest.counters)) / seconds) * 100) / 100
  }

  counter(name: string): number {
    return this.counters()[name] ?? 0
  }

  counters(): Record<string, number> {
    const hot = Object.fromEntries([...this.#slots.keys()].map((name) => [name, this.#sum(name)]))
    return { ...hot, ...this.options.control.toObject() }
  }

  figures(): Figures {
    const latency: Record<string, number | null> = {}
    for (const [name, window] of this.#histograms) {
      for (const [quantile, value] of Object.entries(window.summary())) latency[`${name}_${quantile}`] = value
    }
    const lastFrameMs = this.options.market.lastFrameMs()
    const ageMs = this.options.clock.wallUs() / 1000 - lastFrameMs
    latency.market_data_age_ms = lastFrameMs === 0 ? null : Math.max(0, Math.round(ageMs * 1000) / 1000)
    const throughput = {
      orders_per_second: this.rate("orders_sent"),
      market_updates_per_second: this.rate("market_updates"),
    }
    return { latency, throughput, counters: this.counters() }
  }

  requireFigure(name: string, field: string): void {
    const known = Object.values(this.figures()).flatMap(Object.keys)
    if (!known.includes(name)) throw unknownFigureError(field, name, nearestFirst(name, known))
  }

  threads(): ThreadReading[] {
    return this.options.readThreads()
  }

  totals(): MetricsTotals {
    return {
      run: this.#run,
      at_seconds: this.#nowMs() / 1000,
      histograms: Object.fromEntries([...this.#histograms].map(([name, window]) => [name, window.buckets()])),
      profile: this.#readProfile(),
      counters: this.counters(),
    }
  }

  #nowMs(): number {
    return this.options.clock.nowNs() / 1e6
  }

  #read(): Moment {
    const counters = this.#blocks.map(({ values }) => values.slice())
    return { atMs: this.#nowMs(), counters, profile: this.#readProfile() }
  }

  #readProfile(): ProfileTotals {
    const orders = this.#orders.read()
    const updates = this.#updates.read()
    return {
      orders: orders.count,
      order_path_ns: byStage(ORDER_PROFILE, orders),
      updates: updates.count,
      market_data_path_ns: byStage(MARKET_PROFILE, updates),
    }
  }

  #sum(counter: string, blocks?: readonly Float64Array[]): number {
    const slots = this.#slots.get(counter) ?? []
    return slots.reduce((sum, { block, slot }) => sum + (blocks?.[block] ?? this.#blocks[block].values)[slot], 0)
  }
}

const byStage = (stages: readonly string[], { stagesNs }: ProfileSums): Record<string, number> =>
  Object.fromEntries(stages.map((stage, index) => [stage, stagesNs[index]]))
