import { randomUUID } from "node:crypto"
import { nearestFirst } from "../config/nearest.js"
import type { Clock } from "../hot/clock.js"
import { Counters } from "../hot/counters.js"
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
const NO_SUMS: ProfileSums = {
  orders: 0,
  orderNs: ORDER_PROFILE.map(() => 0),
  updates: 0,
  marketNs: MARKET_PROFILE.map(() => 0),
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
  readonly #profile: Profile
  readonly #values: Float64Array
  #names: MetricNames = { counters: [], histograms: [] }
  // One entry a second: the counters and the profile as they stood, oldest first.
  readonly #history: { atMs: number; counters: Float64Array; profile: ProfileSums }[] = []

  constructor(private readonly options: EngineMetricsOptions) {
    const { memory } = options
    this.#profile = new Profile(memory.profile)
    this.#values = new Float64Array(memory.counters)
    this.#history.push({ atMs: this.#nowMs(), counters: this.#values.slice(), profile: NO_SUMS })
  }

  /** Slots that a prepared generation has added. */
  learn(names: MetricNames): void {
    this.#names = names
    const words = new Int32Array(this.options.memory.histograms)
    for (const [slot, name] of names.histograms.entries()) {
      if (this.#histograms.has(name)) continue
      this.#histograms.set(name, new LatencyWindow([{ words, offset: slot * HISTOGRAM_WORDS }], WINDOW_SECONDS))
    }
  }

  /** Called once a second. */
  tick(): void {
    for (const window of this.#histograms.values()) window.tick()
    const counters = this.#values.slice(0, this.#names.counters.length)
    this.#history.push({ atMs: this.#nowMs(), counters, profile: this.#profile.read() })
    if (this.#history.length > WINDOW_SECONDS + 1) this.#history.shift()
  }

  latency(name: string): LatencySummary & { total: LatencySummary } {
    const window = this.#histograms.get(name)
    return { ...(window?.summary() ?? NOTHING), total: window?.total() ?? NOTHING }
  }

  profile(): ProfileReading {
    return profileBetween(named(this.#history[0].profile), named(this.#profile.read()))
  }

  rate(counter: string): number {
    const slot = this.#names.counters.indexOf(counter)
    const oldest = this.#history[0]
    const seconds = (this.#nowMs() - oldest.atMs) / 1000
    if (slot === -1 || seconds <= 0) return 0
    return Math.round(((this.#values[slot] - (oldest.counters[slot] ?? 0)) / seconds) * 100) / 100
  }

  counter(name: string): number {
    return this.counters()[name] ?? 0
  }

  counters(): Record<string, number> {
    return { ...new Counters(this.#values, this.#names.counters).toObject(), ...this.options.control.toObject() }
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

  figure(name: string, field = "metric"): number | null {
    const { latency, throughput, counters } = this.figures()
    const all: Record<string, number | null> = { ...latency, ...throughput, ...counters }
    if (!Object.hasOwn(all, name)) throw unknownFigureError(field, name, nearestFirst(name, Object.keys(all)))
    return all[name]
  }

  threads(): ThreadReading[] {
    return this.options.readThreads()
  }

  totals(): MetricsTotals {
    return {
      run: this.#run,
      at_seconds: this.#nowMs() / 1000,
      histograms: Object.fromEntries([...this.#histograms].map(([name, window]) => [name, window.buckets()])),
      profile: named(this.#profile.read()),
      counters: this.counters(),
    }
  }

  #nowMs(): number {
    return this.options.clock.nowNs() / 1e6
  }
}

function named({ orders, orderNs, updates, marketNs }: ProfileSums): ProfileTotals {
  const byStage = (stages: readonly string[], sums: readonly number[]) =>
    Object.fromEntries(stages.map((stage, index) => [stage, sums[index]]))
  return {
    orders,
    order_path_ns: byStage(ORDER_PROFILE, orderNs),
    updates,
    market_data_path_ns: byStage(MARKET_PROFILE, marketNs),
  }
}
