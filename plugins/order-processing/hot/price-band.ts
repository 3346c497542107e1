/**
 * Whether a price is further from the middle of the market than `bandPct` percent of it. A side that is missing is
 * passed over; an empty market has no middle, and nothing is outside.
 */
export function isOutsideBand(priceTicks: number, bidTicks: number, askTicks: number, bandPct: number): boolean {
  const bid = bidTicks === 0 ? askTicks : bidTicks
  const ask = askTicks === 0 ? bidTicks : askTicks
  const twiceMiddle = bid + ask
  return twiceMiddle > 0 && Math.abs(2 * priceTicks - twiceMiddle) * 100 > bandPct * twiceMiddle
}
