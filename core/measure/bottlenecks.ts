import type { Bottleneck, ProfileAdvice, ProfileReading } from "../kernel/contract.js"

/** Below this share of its path a stage is not worth a change. */
const WORTH_PCT = 5

/** The stages that take 5 % or more of their path and that an option can change, the largest first. */
export function findBottlenecks(profile: ProfileReading, advice: ProfileAdvice): Bottleneck[] {
  return [
    ...bottlenecksOf(profile.order_path, advice.order_path),
    ...bottlenecksOf(profile.market_data_path, advice.market_data_path),
  ].sort((a, b) => b.pct_of_total - a.pct_of_total)
}

function bottlenecksOf(path: Record<string, number | null>, advice: Record<string, string>): Bottleneck[] {
  const totalUs = path.total_us ?? 0
  if (totalUs <= 0) return []
  const found: Bottleneck[] = []
  for (const [component, recommendation] of Object.entries(advice)) {
    const pct = ((path[`${component}_us`] ?? 0) / totalUs) * 100
    if (pct >= WORTH_PCT) found.push({ component, pct_of_total: Math.round(pct * 10) / 10, recommendation })
  }
  return found
}
