import type { CpuAffinityOptions, CpuTopology } from "veloz"
import { fitCores, otherCores } from "./fit.js"
import { LISTS, type ListOption } from "./lists.js"

type HotRole = (typeof LISTS)[number][0]

export interface Place {
  readonly role: HotRole
  readonly option: ListOption
  /** As the option says, and what this machine has of them. */
  readonly wanted: readonly number[]
  readonly cores: readonly number[]
  readonly missing: readonly number[]
}

/** Where the options put the thread of each role that has a list, on this machine. */
export function placesOf(options: Readonly<CpuAffinityOptions>, cpus: CpuTopology): Place[] {
  if (!options.enabled) return []
  return LISTS.flatMap(([role, option]) => {
    const wanted = options[option]
    return wanted.length === 0 ? [] : { role, option, wanted, ...fitCores(wanted, cpus) }
  })
}

/** Where all other threads go; undefined where nothing is pinned, or no core is left. */
export function othersOf(places: readonly Place[], cpus: CpuTopology): readonly number[] | undefined {
  const pinned = places.flatMap(({ cores }) => cores)
  const others = pinned.length === 0 ? [] : otherCores(cpus, pinned)
  return others.length === 0 ? undefined : others
}
