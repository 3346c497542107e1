/**
 * A position by average cost, in exact integers: sizes in lots, amounts in ticks x lots. What is taken off a position
 * takes its share of the cost along, to the nearest unit; what a position gained in all is exact whenever it is flat,
 * and the gain and the cost together always are.
 */
export class AverageCost {
  /** What is held: more than 0 when bought, less when sold. */
  sizeLots = 0n
  /** What that has cost, with the sign of the size. */
  cost = 0n
  realized = 0n

  /** Takes fills of one side: lots bought (or, below 0, sold) and what they were paid for, with the same sign. */
  add(lots: bigint, notional: bigint): void {
    const isReducing = lots > 0n !== this.sizeLots > 0n && this.sizeLots !== 0n
    const closing = isReducing ? smaller(abs(lots), abs(this.sizeLots)) : 0n
    // What goes beyond zero opens anew at the price of these fills.
    const closingNotional = closing === 0n ? 0n : nearest(notional * closing, abs(lots))
    const closedCost = closing === 0n ? 0n : nearest(this.cost * closing, abs(this.sizeLots))
    this.realized -= closedCost + closingNotional
    this.cost += notional - closingNotional - closedCost
    this.sizeLots += lots
  }
}

/** The whole number nearest to a quotient, halves away from zero; the divisor is above 0. */
export function nearest(dividend: bigint, divisor: bigint): bigint {
  const half = dividend < 0n ? -divisor : divisor
  return (2n * dividend + half) / (2n * divisor)
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value)
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b)
