import type { Reading } from "../measure/reading.js"
import { cell, columns } from "./columns.js"

/** A reading as it is printed. */
export function describeReading(reading: Reading, savedTo: string | undefined): string {
  const { url, seconds, started_at, version, configuration, profile, throughput, bottlenecks } = reading
  const lines = [
    `${seconds.toFixed(1)} s from ${started_at} at ${url}: VeloZ ${version}, generation ${configuration.last_generation}`,
    "",
    ...columns([["latency, us", "samples", "p50", "p95", "p99", "max"], ...latencyRows(reading)]),
    "",
    ...columns(Object.entries(throughput).map(([name, rate]) => [`  ${name}`, rate.toFixed(1)])),
    "",
    ...columns([[`the way of ${profile.orders} orders`, "mean us", "%"], ...stageRows(profile.order_path)]),
    "",
    ...columns([[`the way of ${profile.updates} updates`, "mean us", "%"], ...stageRows(profile.market_data_path)]),
  ]
  if (bottlenecks.length > 0) lines.push("", "bottlenecks")
  for (const { component, pct_of_total, recommendation } of bottlenecks) {
    lines.push(`  ${component} (${pct_of_total} %): ${recommendation}`)
  }
  if (savedTo !== undefined) lines.push("", `saved to ${savedTo}`)
  return `${lines.join("\n")}\n`
}

function latencyRows({ latency }: Reading): string[][] {
  return Object.entries(latency).map(([name, { count, p50_us, p95_us, p99_us, max_us }]) => {
    return [`  ${name}`, `${count}`, ...[p50_us, p95_us, p99_us, max_us].map((us) => cell(us, 1))]
  })
}

function stageRows(path: Record<string, number | null>): string[][] {
  const totalUs = path.total_us ?? 0
  return Object.entries(path).map(([stage, us]) => {
    const share = us === null || totalUs === 0 ? null : (us / totalUs) * 100
    return [`  ${stage.replace(/_us$/, "")}`, cell(us, 1), cell(share, 1)]
  })
}
