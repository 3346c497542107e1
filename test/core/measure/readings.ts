import type { IntervalFigures } from "../../../core/measure/figures.js"
import type { Reading } from "../../../core/measure/reading.js"

const MARKET = { websocket_receive_us: 8, total_us: 8 }

/** IntervalFigures with these order latencies in the middle; other percentiles in proportion. */
export function figures(p50: number | null, count = 150, changes: Partial<IntervalFigures> = {}): IntervalFigures {
  const scaled = (factor: number): number | null => (p50 === null ? null : p50 * factor)
  return {
    seconds: 3,
    latency: {
      order_to_ack: { p50_us: p50, p95_us: scaled(2), p99_us: scaled(3), max_us: scaled(4), count },
      order_to_fill: { p50_us: null, p95_us: null, p99_us: null, max_us: null, count: 0 },
    },
    throughput: { orders_per_second: 50, market_updates_per_second: 700 },
    profile: {
      orders: count,
      order_path: { validation_us: p50, total_us: p50 },
      updates: 2100,
      market_data_path: MARKET,
      exchange_method: "kernel_min_rtt",
    },
    ...changes,
  }
}

/** A reading whose ten pieces lie around `p50`, 1 % apart. */
export function reading(p50: number, changes: Partial<Reading> = {}): Reading {
  return {
    kind: "veloz-reading",
    format: 1,
    started_at: "2026-01-02T03:04:05.000Z",
    ended_at: "2026-01-02T03:04:35.000Z",
    url: "http://127.0.0.1:8080",
    version: "1.0.0",
    machine: { cores: 2, cpu_model: "a model" },
    configuration: {
      first_generation: 1,
      last_generation: 1,
      values: { symbols: ["BTCUSDT"], plugins: { "order-processing": { batch_size: 1 }, alerts: false } },
    },
    ...figures(p50, 1500, { seconds: 30 }),
    bottlenecks: [],
    counters: { orders_sent: 1500 },
    slices: Array.from({ length: 10 }, (_, index) => figures(p50 * (0.95 + index / 100))),
    ...changes,
  }
}
