import type { ProfileReading, ProfileTotals } from "../kernel/contract.js"

/** Where the time went between two readings of the sums. */
export function profileBetween(then: ProfileTotals, now: ProfileTotals): ProfileReading {
  const orders = now.orders - then.orders
  const updates = now.updates - then.updates
  return {
    orders,
    order_path: meansUs(then.order_path_ns, now.order_path_ns, orders),
    updates,
    market_data_path: meansUs(then.market_data_path_ns, now.market_data_path_ns, updates),
    exchange_method: "kernel_min_rtt",
  }
}

/** Means over the same orders or updates, so that the stages add up to the total. Null without any. */
function meansUs(
  then: Record<string, number>,
  now: Record<string, number>,
  count: number,
): Record<string, number | null> {
  const means: Record<string, number | null> = {}
  let totalUs = 0
  for (const [stage, sumNs] of Object.entries(now)) {
    const meanUs = count === 0 ? null : roundedUs((sumNs - (then[stage] ?? 0)) / count)
    means[`${stage}_us`] = meanUs
    totalUs += meanUs ?? 0
  }
  means.total_us = count === 0 ? null : Math.round(totalUs * 1000) / 1000
  return means
}

const roundedUs = (ns: number): number => Math.round(ns) / 1000
