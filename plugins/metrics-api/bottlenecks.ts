import type { ProfileReading } from "veloz"
import { type Advice, MARKET_ADVICE, ORDER_ADVICE, type PipelineOptions } from "./advice.js"

export interface Bottleneck {
  component: string
  pct_of_total: number
  recommendation: string
}

/** Below this share of its path a stage is not worth a change. */
const WORTH_PCT = 5

/** The stages that take 5 % or more of their path and that an option can change, the largest first. */
export function findBottlenecks(profile: ProfileReading, config: Record<string, unknown>): Bottleneck[] {
  const options = optionsOf(config)
  return [
    ...bottlenecksOf(profile.order_path, ORDER_ADVICE, options),
    ...bottlenecksOf(profile.market_data_path, MARKET_ADVICE, options),
  ].sort((a, b) => b.pct_of_total - a.pct_of_total)
}

function bottlenecksOf(
  path: Record<string, number | null>,
  advice: Record<string, Advice>,
  options: PipelineOptions,
): Bottleneck[] {
  const totalUs = path.total_us ?? 0
  if (totalUs <= 0) return []
  const found: Bottleneck[] = []
  for (const [component, advise] of Object.entries(advice)) {
    const pct = ((path[`${component}_us`] ?? 0) / totalUs) * 100
    const recommendation = pct < WORTH_PCT ? undefined : advise(options)
    if (recommendation !== undefined) found.push({ component, pct_of_total: Math.round(pct * 10) / 10, recommendation })
  }
  return found
}

function optionsOf(config: Record<string, unknown>): PipelineOptions {
  const plugins = (config.plugins ?? {}) as Record<string, unknown>
  const of = (name: string): object => (typeof plugins[name] === "object" ? (plugins[name] ?? {}) : {})
  return {
    orders: of("order-processing") as PipelineOptions["orders"],
    market: of("market-data") as PipelineOptions["market"],
    affinity: of("cpu-affinity") as PipelineOptions["affinity"],
  }
}
