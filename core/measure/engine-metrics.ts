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
import type { HotRole } from "../threads/agent.js"
import type { MetricNames } from "../threads/metric-slots.js"
import { BLOCKS, type MetricMemory, type SharedMemory } from "../threads/shared-memory.js"
import { CollectionWindow } from "./collection-window.js"
import { HotCounters } from "./hot-counters.js"
import { type HistogramRegion, LatencyWindow } from "./latency-window.js"
import { PathProfiles } from "./path-profiles.js"
import { profileBetween } from "./profile-between.js"

/** Figures are over so many seconds, and since the start under `total`. */
const WINDOW_SECONDS = 60

const NOTHING: LatencySummary = { count: 0, p50_us: null, p95_us: null, p99_us: null, max_us: null }

/** The figures as they stood at one moment. */
interface Moment {
  readonly atMs: number
  readonly counters: Readonly<Record<string, number>>
  readonly profile: ProfileTotals
}

export interface EngineMetricsOptions {
  readonly memory: SharedMemory
  readonly clock: Pick<Clock, "nowNs" | "wallUs">
  readonly market: Pick<BoardReader, "lastFrameMs">
  /** What control itself counts. */
  readonly control: Counters
  readonly readThreads: () => Omit<ThreadReading, "collections">[]
  /** Where control's own collections are written down. */
  readonly collections: SharedArrayBuffer
}

/** What threads that take over have measured in, and where control reads the market from then on. */
export interface MovedMetrics extends Pick<EngineMetricsOptions, "market"> {
  readonly memory: SharedMemory
  /** Of each thread. */
  readonly names: readonly MetricNames[]
  /** Counters of plugins that stand for what is now. */
  readonly gauges: readonly string[]
}

/** What hot threads count and record in shared memory, as control reads it: once a second, over a minute. */
export class EngineMetrics implements MetricsReader {
  readonly #run = randomUUID()
  readonly #histograms = new Map<string, LatencyWindow>()
  readonly #profiles: PathProfiles
  readonly #counters: HotCounters
  /** Of the threads by their blocks, and of control. */
  #collections: readonly CollectionWindow[]
  readonly #ofControl: CollectionWindow
  #market: EngineMetricsOptions["market"]
  #memory: readonly MetricMemory[]
  /** How many histograms of each thread are known by name. */
  #known: number[]
  // One entry a second, oldest first.
  readonly #history: Moment[] = []
  #supposed: readonly string[] = []

  constructor(private readonly options: EngineMetricsOptions) {
    const { memory, market, collections } = options
    this.#profiles = new PathProfiles(memory)
    this.#counters = new HotCounters(memory.metrics)
    this.#market = market
    this.#memory = memory.metrics
    this.#known = memory.metrics.map(() => 0)
    this.#collections = windowsOf(memory.metrics)
    this.#ofControl = new CollectionWindow(collections, WINDOW_SECONDS)
    this.#history.push(this.#read())
  }

  /** Slots that a prepared generation has added to the block of one thread. */
  learn(block: number, names: MetricNames): void {
    this.#counters.learn(block, names)
    const { histograms } = names
    for (let slot = this.#known[block]; slot < histograms.length; slot += 1) {
      const region = this.#regionOf(block, slot)
      const window = this.#histograms.get(histograms[slot])
      if (window === undefined) this.#histograms.set(histograms[slot], new LatencyWindow([region], WINDOW_SECONDS))
      else window.add(region)
    }
    this.#known[block] = histograms.length
  }

  /** Names of threads that are only being made ready: options may name them already. */
  expect(names: MetricNames): void {
    this.#counters.expect(names)
    for (const name of names.histograms) {
      if (!this.#histograms.has(name)) this.#histograms.set(name, new LatencyWindow([], WINDOW_SECONDS))
    }
  }

  /** Other threads go on: every figure goes on from where it is. What they have measured so far does not count. */
  moveTo({ memory, market, names, gauges }: MovedMetrics): void {
    this.#market = market
    this.#memory = memory.metrics
    this.#known = names.map(({ histograms }) => histograms.length)
    this.#counters.moveTo(memory.metrics, names, gauges)
    this.#profiles.moveTo(memory)
    this.#collections = windowsOf(memory.metrics)
    for (const [name, window] of this.#histograms) {
      window.moveTo(
        names.flatMap(({ histograms }, block) => {
          const slot = histograms.indexOf(name)
          return slot === -1 ? [] : [this.#regionOf(block, slot)]
        }),
      )
    }
  }

  #regionOf(block: number, slot: number): HistogramRegion {
    return { words: new Int32Array(this.#memory[block].histograms), offset: slot * HISTOGRAM_WORDS }
  }

  /** Called once a second. */
  tick(): void {
    for (const window of [...this.#histograms.values(), ...this.#collections, this.#ofControl]) window.tick()
    this.#history.push(this.#read())
    if (this.#history.length > WINDOW_SECONDS + 1) this.#history.shift()
  }

  latency(name: string): LatencySummary & { total: LatencySummary } {
    const window = this.#histograms.get(name)
    return { ...(window?.summary() ?? NOTHING), total: window?.total() ?? NOTHING }
  }

  profile(): ProfileReading {
    return profileBetween(this.#history[0].profile, this.#profiles.read())
  }

  rate(counter: string): number {
    const oldest = this.#history[0]
    const seconds = (this.#nowMs() - oldest.atMs) / 1000
    if (seconds <= 0) return 0
    return Math.round(((this.#counters.get(counter) - (oldest.counters[counter] ?? 0)) / seconds) * 100) / 100
  }

  counter(name: string): number {
    return this.counters()[name] ?? 0
  }

  counters(): Record<string, number> {
    return { ...this.#counters.toObject(), ...this.options.control.toObject() }
  }

  figures(): Figures {
    const latency: Record<string, number | null> = {}
    for (const [name, window] of this.#histograms) {
      for (const [quantile, value] of Object.entries(window.summary())) latency[`${name}_${quantile}`] = value
    }
    const lastFrameMs = this.#market.lastFrameMs()
    const ageMs = this.options.clock.wallUs() / 1000 - lastFrameMs
    latency.market_data_age_ms = lastFrameMs === 0 ? null : Math.max(0, Math.round(ageMs * 1000) / 1000)
    const throughput = {
      orders_per_second: this.rate("orders_sent"),
      market_updates_per_second: this.rate("market_updates"),
    }
    return { latency, throughput, counters: this.counters() }
  }

  /** While `work` runs, names count as known that hot parts would measure under which nobody has prepared. */
  supposing<T>({ counters, histograms }: MetricNames, work: () => T): T {
    const quantiles = Object.keys(NOTHING)
    this.#supposed = [...counters, ...histograms.flatMap((name) => quantiles.map((quantile) => `${name}_${quantile}`))]
    try {
      return work()
    } finally {
      this.#supposed = []
    }
  }

  requireFigure(name: string, field: string): void {
    const known = [...new Set([...Object.values(this.figures()).flatMap(Object.keys), ...this.#supposed])]
    if (!known.includes(name)) throw unknownFigureError(field, name, nearestFirst(name, known))
  }

  threads(): ThreadReading[] {
    return this.options
      .readThreads()
      .map((thread) => ({ ...thread, collections: this.#windowOf(thread.roles[0])?.read() ?? null }))
  }

  totals(): MetricsTotals {
    return {
      run: this.#run,
      at_seconds: this.#nowMs() / 1000,
      histograms: Object.fromEntries([...this.#histograms].map(([name, window]) => [name, window.buckets()])),
      profile: this.#profiles.read(),
      counters: this.counters(),
    }
  }

  #windowOf(role: string): CollectionWindow | undefined {
    return role === "control" ? this.#ofControl : this.#collections[BLOCKS[role as HotRole]]
  }

  #nowMs(): number {
    return this.options.clock.nowNs() / 1e6
  }

  #read(): Moment {
    return { atMs: this.#nowMs(), counters: this.#counters.toObject(), profile: this.#profiles.read() }
  }
}

const windowsOf = (memory: readonly MetricMemory[]): CollectionWindow[] =>
  memory.map(({ collections }) => new CollectionWindow(collections, WINDOW_SECONDS))
