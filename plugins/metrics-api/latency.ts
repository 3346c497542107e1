import type { LatencySummary, MetricsReader } from "veloz"

interface Quantiles {
  p50_us: number | null
  p95_us: number | null
  p99_us: number | null
  max_us: number | null
}

/** Latencies over the last minute, and over the whole run under `total`. No sample is null, not 0. */
export function readLatency(metrics: MetricsReader): object {
  const orderToAck = metrics.latency("order_to_ack")
  const orderToFill = metrics.latency("order_to_fill")
  const exchange = metrics.latency("exchange_to_engine")
  const processing = metrics.latency("processing")
  const { latency, throughput } = metrics.figures()
  const { market_data_age_ms } = latency
  return {
    latency: {
      order_to_ack: { ...withCount(orderToAck), total: withCount(orderToAck.total) },
      order_to_fill: { ...withCount(orderToFill), total: withCount(orderToFill.total) },
      market_data: {
        ...marketData(exchange, processing),
        market_data_age_ms,
        total: marketData(exchange.total, processing.total),
      },
    },
    throughput,
  }
}

function withCount({ count, p50_us, p95_us, p99_us, max_us }: LatencySummary): Quantiles & { count: number } {
  return { p50_us, p95_us, p99_us, max_us, count }
}

function marketData(exchange: LatencySummary, processing: LatencySummary): Record<string, number | null> {
  return {
    exchange_to_engine_p50_us: exchange.p50_us,
    exchange_to_engine_p95_us: exchange.p95_us,
    processing_p50_us: processing.p50_us,
    processing_p99_us: processing.p99_us,
    count: processing.count,
  }
}
