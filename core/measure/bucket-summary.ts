import { build } from "hdr-histogram-js"
import { HIGHEST_NS } from "../hot/histogram.js"
import type { LatencySummary } from "../kernel/contract.js"

/** Percentiles of samples that come counted by their buckets. */
export class BucketSummary {
  readonly #histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_NS,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
    useWebAssembly: false,
  })

  add(lowestNs: number, count: number): void {
    this.#histogram.recordValueWithCount(lowestNs, count)
  }

  /** The summary of what was added since the last one. `maxNs` is the largest value among it. */
  take(maxNs: number): LatencySummary {
    const histogram = this.#histogram
    const count = histogram.totalCount
    if (count === 0) return { p50_us: null, p95_us: null, p99_us: null, max_us: null, count }
    // A percentile is the highest value of its bucket, which may lie above the largest value there was.
    const percentileUs = (percentile: number) =>
      Math.min(histogram.getValueAtPercentile(percentile), Math.round(maxNs)) / 1000
    const summary = {
      p50_us: percentileUs(50),
      p95_us: percentileUs(95),
      p99_us: percentileUs(99),
      max_us: Math.round(maxNs) / 1000,
      count,
    }
    histogram.reset()
    return summary
  }
}
