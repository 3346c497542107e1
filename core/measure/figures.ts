import { bucketHighest, bucketOf } from "../hot/histogram.js"
import type { HistogramTotals, LatencySummary, MetricsTotals, ProfileReading } from "../kernel/contract.js"
import { BucketSummary } from "./bucket-summary.js"
import { profileBetween } from "./profile-between.js"

/** What an engine did in a stretch of time. */
export interface IntervalFigures {
  seconds: number
  latency: Record<string, LatencySummary>
  throughput: { orders_per_second: number; market_updates_per_second: number }
  profile: ProfileReading
}

/** The figures of the time between two totals of one run: every sample of it and no other. */
export function figuresBetween(then: MetricsTotals, now: MetricsTotals): IntervalFigures {
  const seconds = now.at_seconds - then.at_seconds
  const counted = countersBetween(then, now)
  const rate = (counter: string): number => rounded((counted[counter] ?? 0) / seconds, 2)
  const latency = Object.entries(now.histograms).map(([name, histogram]) => {
    return [name, latencyBetween(then.histograms[name], histogram)] as const
  })
  return {
    seconds: rounded(seconds, 3),
    latency: Object.fromEntries(latency),
    throughput: { orders_per_second: rate("orders_sent"), market_updates_per_second: rate("market_updates") },
    profile: profileBetween(then.profile, now.profile),
  }
}

/** By how much each counter has grown. Those that say how much there is, such as open_orders, may have shrunk. */
export function countersBetween(then: MetricsTotals, now: MetricsTotals): Record<string, number> {
  return Object.fromEntries(
    Object.entries(now.counters).map(([name, value]) => [name, value - (then.counters[name] ?? 0)]),
  )
}

function latencyBetween(then: HistogramTotals | undefined, now: HistogramTotals): LatencySummary {
  const before = new Map(then?.lowest_ns.map((lowestNs, index) => [lowestNs, then.counts[index]]))
  const summary = new BucketSummary()
  let maxNs = 0
  for (const [index, lowestNs] of now.lowest_ns.entries()) {
    const count = now.counts[index] - (before.get(lowestNs) ?? 0)
    if (count <= 0) continue
    summary.add(lowestNs, count)
    // Which value of its bucket the largest had is not told: the highest is at most 0.1 % above it.
    maxNs = Math.max(maxNs, bucketHighest(bucketOf(lowestNs)))
  }
  return summary.take(maxNs)
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
