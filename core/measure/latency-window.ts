import {
  BUCKETS_WORD,
  bucketHighest,
  bucketLowest,
  COUNT_WORD,
  HISTOGRAM_BUCKETS,
  histogramMaximum,
  histogramWords,
  SATURATED_WORD,
} from "../hot/histogram.js"
import type { HistogramTotals, LatencySummary } from "../kernel/contract.js"
import { BucketSummary } from "./bucket-summary.js"

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
  #sources: Source[]
  readonly #intervals: (Interval | undefined)[]
  readonly #windowCounts = new Float64Array(HISTOGRAM_BUCKETS)
  readonly #totalCounts = new Float64Array(HISTOGRAM_BUCKETS)
  readonly #scratch = new BucketSummary()
  #totalMaxNs = 0
  #ticks = 0
  /** Made once a tick, however many ask. */
  #summary: LatencySummary | undefined

  constructor(regions: readonly HistogramRegion[], windowTicks = 60) {
    this.#sources = regions.map((region) => new Source(region))
    this.#intervals = new Array(windowTicks).fill(undefined)
  }

  /** Another thread records under the same name. */
  add(region: HistogramRegion): void {
    this.#sources.push(new Source(region))
  }

  /** Others record from now on. What they have recorded so far does not count. */
  moveTo(regions: readonly HistogramRegion[]): void {
    this.tick()
    this.#sources = regions.map((region) => new Source(region))
    for (const source of this.#sources) source.takeInto({ buckets: [], counts: [], maxNs: 0 })
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
    this.#summary ??= this.#summarize(this.#windowCounts, this.#windowMaxNs())
    return this.#summary
  }

  /** Since the window was made. */
  total(): LatencySummary {
    return this.#summarize(this.#totalCounts, this.#totalMaxNs)
  }

  /** The samples since the window was made by their buckets, those that no tick has taken in yet among them. */
  buckets(): HistogramTotals {
    const now = this.#totalCounts.slice()
    for (const source of this.#sources) source.addUntaken(now)
    const buckets: HistogramTotals = { lowest_ns: [], counts: [] }
    for (let bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
      if (now[bucket] === 0) continue
      buckets.lowest_ns.push(bucketLowest(bucket))
      buckets.counts.push(now[bucket])
    }
    return buckets
  }

  /** Values that were beyond the range of the histogram, since the start. */
  get saturated(): number {
    return this.#sources.reduce((sum, source) => sum + source.saturated, 0)
  }

  #windowMaxNs(): number {
    return Math.max(0, ...this.#intervals.map((interval) => interval?.maxNs ?? 0))
  }

  #summarize(counts: Float64Array, maxNs: number): LatencySummary {
    for (let bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
      if (counts[bucket] > 0) this.#scratch.add(bucketLowest(bucket), counts[bucket])
    }
    return this.#scratch.take(maxNs)
  }

  #takeInterval(): Interval | undefined {
    const interval: Interval = { buckets: [], counts: [], maxNs: 0 }
    for (const source of this.#sources) source.takeInto(interval)
    if (interval.buckets.length === 0) return undefined
    for (const [i, bucket] of interval.buckets.entries()) {
      this.#windowCounts[bucket] += interval.counts[i]
      this.#totalCounts[bucket] += interval.counts[i]
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

  addUntaken(counts: Float64Array): void {
    for (let bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
      counts[bucket] += (this.#words[BUCKETS_WORD + bucket] - this.#seen[bucket]) >>> 0
    }
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
