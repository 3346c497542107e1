import type { CheckContext, CpuAffinityOptions } from "veloz"
import { coresClaimedError, coresDifferError } from "./errors.js"
import { LISTS } from "./lists.js"

/** Two lists are the same, for roles that share a thread or its cores, or have no core in common. */
export function check(options: Readonly<CpuAffinityOptions>, { report, config }: CheckContext): void {
  // What `fit` leaves of a list is known on the machine alone.
  if (!options.enabled || options.fit) return
  const lists = LISTS.map(([role, option]) => ({ role, option, cores: sorted(options[option]) }))
  const given = lists.filter(({ cores }) => cores.length > 0)
  for (const [index, one] of given.entries()) {
    for (const other of given.slice(0, index)) {
      if (String(one.cores) === String(other.cores)) continue
      const shared = one.cores.filter((cpu) => other.cores.includes(cpu))
      if (config.topology === "fused") report(coresDifferError(other, one))
      else if (shared.length > 0) report(coresClaimedError(other, one, shared))
    }
  }
}

function sorted(cores: readonly number[]): readonly number[] {
  return [...new Set(cores)].sort((a, b) => a - b)
}
