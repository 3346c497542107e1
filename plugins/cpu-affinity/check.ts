import type { CheckContext, CpuAffinityOptions } from "veloz"
import { coresClaimedError, coresMissingError } from "./errors.js"
import { placesOf } from "./places.js"

/** Lists name what is here, and two of them are the same, for roles that share cores, or have none in common. */
export function check(options: Readonly<CpuAffinityOptions>, { report, cpus }: CheckContext): void {
  const places = placesOf(options, cpus)
  for (const { option, missing } of options.fit ? [] : places) {
    if (missing.length > 0) report(coresMissingError(option, missing, cpus))
  }
  // What is left of lists that are fitted may overlap as it will: they were written for another machine.
  const given = options.fit ? [] : places.map((place) => ({ ...place, cores: sorted(place.wanted) }))
  for (const [index, one] of given.entries()) {
    for (const other of given.slice(0, index)) {
      const shared = one.cores.filter((cpu) => other.cores.includes(cpu))
      const isSame = String(one.cores) === String(other.cores)
      if (!isSame && shared.length > 0) report(coresClaimedError(other, one, shared))
    }
  }
}

function sorted(cores: readonly number[]): readonly number[] {
  return [...new Set(cores)].sort((a, b) => a - b)
}
