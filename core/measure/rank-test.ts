/**
 * Mann and Whitney's test: how probable it is, if two samples come from the same source, that their ranks lie at least
 * as far apart as they do. Two-sided, by the normal approximation with corrections for ties and continuity, which is
 * close from five values a side on. It asks nothing of the distribution, so that percentiles and means may go in.
 */
export function rankTest(a: readonly number[], b: readonly number[]): number {
  const { rankSumOfA, tieSum } = rank(a, b)
  const all = a.length + b.length
  const pairs = a.length * b.length
  const distance = Math.abs(rankSumOfA - (a.length * (a.length + 1)) / 2 - pairs / 2)
  const variance = (pairs / 12) * (all + 1 - tieSum / (all * (all - 1)))
  if (!(variance > 0)) return 1
  return Math.min(1, 2 * upperTail(Math.max(0, distance - 0.5) / Math.sqrt(variance)))
}

/** Equal values share the mean of their ranks. */
function rank(a: readonly number[], b: readonly number[]): { rankSumOfA: number; tieSum: number } {
  const sorted = [...a, ...b].sort((x, y) => x - y)
  let tieSum = 0
  const rankOf = new Map<number, number>()
  for (let first = 0, next = 0; first < sorted.length; first = next) {
    while (next < sorted.length && sorted[next] === sorted[first]) next++
    rankOf.set(sorted[first], (first + 1 + next) / 2)
    tieSum += (next - first) ** 3 - (next - first)
  }
  return { rankSumOfA: a.reduce((sum, value) => sum + rankOf.get(value)!, 0), tieSum }
}

/** The share of a normal distribution above `z`, by Abramowitz and Stegun 26.2.17; off by at most 7.5e-8. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series
}
