import { Counters } from "../hot/counters.js"
import { counterCapacityError } from "../hot/errors.js"
import { HISTOGRAM_WORDS, HistogramRecorder } from "../hot/histogram.js"
import { ENGINE_COUNTERS, type EngineCounterName, type EngineCounters } from "../pipeline/engine-counters.js"
import { MAX_HISTOGRAMS, type MetricMemory } from "./shared-memory.js"

/** Histograms of the engine's own paths, in the order of their slots. */
const ENGINE_HISTOGRAMS = ["order_to_ack", "order_to_fill", "exchange_to_engine", "processing"] as const

/** Names of the slots that a hot thread has given out, for control to read by. */
export interface MetricNames {
  readonly counters: readonly string[]
  readonly histograms: readonly string[]
}

/** Gives out counters and histograms in shared memory, by name; the same name gets the same slot. */
export class MetricSlots {
  readonly counters: Counters
  readonly engine: EngineCounters
  /** Where the calls of plugins are timed. */
  readonly meters: SharedArrayBuffer
  readonly #histogramNames: string[] = [...ENGINE_HISTOGRAMS]
  readonly #histogramWords: Int32Array
  readonly #recorders = new Map<string, HistogramRecorder>()

  constructor(memory: MetricMemory) {
    this.counters = new Counters(memory.counters)
    this.meters = memory.meters
    this.#histogramWords = new Int32Array(memory.histograms)
    const names = Object.entries(ENGINE_COUNTERS) as [EngineCounterName, string][]
    this.engine = Object.fromEntries(
      names.map(([key, name]) => [key, this.counters.slot(name)]),
    ) as unknown as EngineCounters
  }

  histogram(name: string): HistogramRecorder {
    const known = this.#recorders.get(name)
    if (known !== undefined) return known
    let slot = this.#histogramNames.indexOf(name)
    if (slot === -1) {
      if (this.#histogramNames.length === MAX_HISTOGRAMS) throw counterCapacityError(name, MAX_HISTOGRAMS)
      slot = this.#histogramNames.push(name) - 1
    }
    const recorder = new HistogramRecorder(this.#histogramWords, slot * HISTOGRAM_WORDS)
    this.#recorders.set(name, recorder)
    return recorder
  }

  names(): MetricNames {
    return { counters: [...this.counters.names], histograms: [...this.#histogramNames] }
  }
}
