import type { Attempt } from "./attempt.js"

/**
 * How much is kept. Generations and the attempts that became none are counted apart: a night of refused saves drives out no
 * generation. An attempt is 1.5 KB, the values of all options 1.5 KB and their origins 7 KB, so that a thousand attempts
 * which share nothing take 10 MB, or 20 MB in blocks of 4 KB; sources and the code of plugins meet the bound of bytes.
 */
const GENERATIONS = 500
const OTHERS = 500
const BYTES = 64 * 1024 * 1024
/** Kept whatever it takes: what runs, and what it could go back to. */
const AT_LEAST = 2

/** The attempts to keep, of all, the newest first; and the objects that they name. */
export function keptAttempts(
  attempts: readonly Attempt[],
  sizeOf: (object: string) => number,
): { readonly numbers: ReadonlySet<number>; readonly objects: ReadonlySet<string> } {
  const numbers = new Set<number>()
  const objects = new Set<string>()
  let [generations, others, bytes] = [0, 0, 0]
  for (const attempt of attempts) {
    const isGeneration = attempt.outcome === "committed"
    if ((isGeneration ? generations : others) >= (isGeneration ? GENERATIONS : OTHERS)) continue
    const added = objectsOf(attempt).filter((name) => !objects.has(name))
    const more = added.reduce((sum, name) => sum + sizeOf(name), 0)
    if (bytes + more > BYTES && !(isGeneration && generations < AT_LEAST)) continue
    if (isGeneration) generations++
    else others++
    bytes += more
    numbers.add(attempt.number)
    for (const name of added) objects.add(name)
  }
  return { numbers, objects }
}

export function objectsOf({ values, origins, plugins, sources }: Attempt): string[] {
  const bundles = plugins.flatMap(({ bundle }) => bundle?.object ?? [])
  return [...new Set([values ?? [], origins ?? [], ...bundles, ...Object.values(sources)].flat())]
}
