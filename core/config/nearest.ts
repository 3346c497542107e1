/** The candidate that was most likely meant, or `undefined` where none is within `limit` slips of the finger. */
export function nearest(
  wish: string,
  candidates: Iterable<string>,
  limit = Math.max(1, Math.floor(wish.length / 3)),
): string | undefined {
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    const distance = editDistance(fold(wish), fold(candidate))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** All candidates, the one that was most likely meant first. */
export function nearestFirst(wish: string, candidates: readonly string[]): string[] {
  const distances = new Map(candidates.map((candidate) => [candidate, editDistance(fold(wish), fold(candidate))]))
  return candidates.toSorted((a, b) => distances.get(a)! - distances.get(b)!)
}

/** `orderBookDepth`, `order-book-depth` and `order_book_depth` are one name to a reader. */
function fold(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toLowerCase()
}

/** Insertions, deletions, replacements and swaps of neighbours (Damerau, restricted). */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      current[j] = Math.min(previous[j] + 1, current[j - 1] + 1, replaced)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) current[j] = Math.min(current[j], beforePrevious[j - 2] + 1)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.length]
}
