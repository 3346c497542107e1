import { build, type Histogram } from "hdr-histogram-js"
import {
  BUCKETS_WORD,
  bucketHighest,
  bucketLowest,
  COUNT_WORD,
  HIGHEST_NS,
  HISTOGRAM_BUCKETS,
  histogramMaximum,
  histogramWords,
  SATURATED_WORD,
} from "../hot/histogram.js"

/** Microseconds with decimals. Without a sample there is no latency: null, not 0. */
export interface LatencySummary {
  p50_us: number | null
  p95_us: number | null
  p99_us: number | null
  max_us: number | null
  count: number
}

/** Where a `HistogramRecorder` writes. */
export interface HistogramRegion {
  words: Int32Array
  offset: number
}

/**
 * Reads what hot threads record into shared histograms, once a second, and answers for the last minute and since the
 * start. Several regions are merged: one a thread, for example. A region has one reader.
 */
export class LatencyWindow {
  readonly #sources: Source[]
  readonly #intervals: (Interval | undefined)[]
  readonly #windowCounts = new Float64Array(HISTOGRAM_BUCKETS)
  readonly #window = emptyHistogram()
  readonly #total = emptyHistogram()
  #totalMaxNs = 0
  #ticks = 0
  /** Made once a tick, however many ask. */
  #summary: LatencySummary | undefined

  constructor(regions: readonly HistogramRegion[], windowTicks = 60) {
    this.#sources = regions.map((region) => new Source(region))
    this.#intervals = new Array(windowTicks).fill(undefined)
  }

  /** Takes in what was recorded since the last tick and lets go of what is older than the window. */
  tick(): void {
    this.#summary = undefined
    const at = this.#ticks++ % this.#intervals.length
    const oldest = this.#intervals[at]
    if (oldest !== undefined) this.#forget(oldest)
    this.#intervals[at] = this.#takeInterval()
  }

  /** Over the last `windowTicks` ticks. */
  summary(): LatencySummary {
    this.#summary ??= this.#summarize()
    return this.#summary
  }

  #summarize(): LatencySummary {
    this.#window.reset()
    for (let bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
      const count = this.#windowCounts[bucket]
      if (count > 0) this.#window.recordValueWithCount(bucketLowest(bucket), count)
    }
    return summarize(this.#window, Math.max(0, ...this.#intervals.map((interval) => interval?.maxNs ?? 0)))
  }

  /** Since the window was made. */
  total(): LatencySummary {
    return summarize(this.#total, this.#totalMaxNs)
  }

  /** Values that were beyond the range of the histogram, since the start. */
  get saturated(): number {
    return this.#sources.reduce((sum, source) => sum + source.saturated, 0)
  }

  #takeInterval(): Interval | undefined {
    const interval: Interval = { buckets: [], counts: [], maxNs: 0 }
    for (const source of this.#sources) source.takeInto(interval)
    if (interval.buckets.length === 0) return undefined
    for (const [i, bucket] of interval.buckets.entries()) {
      this.#windowCounts[bucket] += interval.counts[i]
      this.#total.recordValueWithCount(bucketLowest(bucket), interval.counts[i])
    }
    this.#totalMaxNs = Math.max(this.#totalMaxNs, interval.maxNs)
    return interval
  }

  #forget(interval: Interval): void {
    for (const [i, bucket] of interval.buckets.entries()) this.#windowCounts[bucket] -= interval.counts[i]
  }
}

/** What one tick took in, sparse: latencies of a second lie in a few hundred of the 27,648 buckets. */
interface Interval {
  buckets: number[]
  counts: number[]
  maxNs: number
}

/** One region and what it held at the last tick. */
class Source {
  readonly #words: Int32Array
  readonly #maximum: Float64Array
  readonly #seen = new Int32Array(HISTOGRAM_BUCKETS)
  #seenCount = 0

  constructor(region: HistogramRegion) {
    this.#words = histogramWords(region.words, region.offset)
    this.#maximum = histogramMaximum(this.#words)
  }

  get saturated(): number {
    return this.#words[SATURATED_WORD] >>> 0
  }

  takeInto(interval: Interval): void {
    const words = this.#words
    const count = words[COUNT_WORD]
    if (count === this.#seenCount) return
    this.#seenCount = count
    const maximumNs = this.#maximum[0]
    this.#maximum[0] = 0
    const highest = this.#takeCounts(interval)
    if (highest < 0) return
    // A value recorded just now may have its count in this interval and its maximum in the other, or none. The highest
    // bucket bounds what the maximum can be.
    const boundedNs = Math.min(Math.max(maximumNs, bucketLowest(highest)), bucketHighest(highest))
    interval.maxNs = Math.max(interval.maxNs, boundedNs)
  }

  /** Adds the differences and returns the highest bucket that has one, or -1. */
  #takeCounts(interval: Interval): number {
    let highest = -1
    for (let bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
      const now = this.#words[BUCKETS_WORD + bucket]
      const count = (now - this.#seen[bucket]) >>> 0
      if (count === 0) continue
      this.#seen[bucket] = now
      interval.buckets.push(bucket)
      interval.counts.push(count)
      highest = bucket
    }
    return highest
  }
}

function emptyHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_NS,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
    useWebAssembly: false,
  })
}

function summarize(histogram: Histogram, maxNs: number): LatencySummary {
  const count = histogram.totalCount
  if (count === 0) return { p50_us: null, p95_us: null, p99_us: null, max_us: null, count }
  // A percentile is the highest value of its bucket, which may lie above the largest value there was.
  const percentileUs = (percentile: number) =>
    Math.min(histogram.getValueAtPercentile(percentile), Math.round(maxNs)) / 1000
  return {
    p50_us: percentileUs(50),
    p95_us: percentileUs(95),
    p99_us: percentileUs(99),
    max_us: Math.round(maxNs) / 1000,
    count,
  }
}
