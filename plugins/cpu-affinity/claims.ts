import type { Claims, CpuAffinityOptions, Surroundings } from "veloz"
import { LISTS } from "./lists.js"
import { othersOf, type Place, placesOf } from "./places.js"

/** The thread of each role on its list, all others on what is left, and the priority of the pinned. */
export function claims(options: Readonly<CpuAffinityOptions>, { cpus }: Surroundings): Claims {
  const places = placesOf(options, cpus).filter(({ cores }) => cores.length > 0)
  return {
    pins: places.map(({ role, cores, option }) => ({ role, cores, option })),
    housekeeping: othersOf(places, cpus),
    realtime: priorityOf(options, places),
  }
}

function priorityOf(options: Readonly<CpuAffinityOptions>, places: readonly Place[]): Claims["realtime"] {
  const { scheduler: policy, priority, helper_priority: helperPriority, run_limit_ms: limitMs } = options
  if (policy === "other") return undefined
  return { policy, priority, helperPriority, limitMs, roles: raisedRoles(places), option: "scheduler" }
}

/** Without cores all of them are meant, so that the engine can say what is missing. */
export const raisedRoles = (places: readonly Place[]): Place["role"][] =>
  places.length > 0 ? places.map(({ role }) => role) : LISTS.map(([role]) => role)
