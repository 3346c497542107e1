import { type ControlContext, type CpuAffinityOptions, formatCpuList } from "veloz"
import { coresMissingError } from "./errors.js"
import { fitCores, otherCores } from "./fit.js"
import { LISTS, type ListOption } from "./lists.js"

type HotRole = (typeof LISTS)[number][0]

/** Pins the thread of each role that has a list, and keeps all other threads away. Returns the cores of the roles. */
export function takePlaces(context: ControlContext<CpuAffinityOptions>): ReadonlyMap<HotRole, readonly number[]> {
  const { options, threads, log } = context
  const places = new Map<HotRole, readonly number[]>()
  const lists = LISTS.filter(([, option]) => options[option].length > 0)
  if (!options.enabled) {
    if (lists.length > 0) log.warn("no thread is pinned: there are lists of cores, and cpu-affinity.enabled is false")
    return places
  }
  for (const [role, option] of lists) {
    const cores = coresOf(option, context)
    if (cores.length > 0) places.set(role, threads.pin(role, cores, option))
  }
  if (places.size === 0) {
    log.warn("no thread is pinned: no list of cores names one that is here")
    return places
  }
  const others = otherCores(threads.topology(), [...places.values()].flat())
  if (others.length === 0) log.warn("no core is left for the other threads of this process: they stay where they are")
  else threads.housekeep(others)
  const told = [...places, ...(others.length === 0 ? [] : [["everything else", others] as const])]
  log.info(`threads by CPU: ${told.map(([name, cores]) => `${name} ${formatCpuList(cores)}`).join(", ")}`)
  return places
}

/** The cores of a list that are here: all of them, unless `fit` takes what there is. */
function coresOf(option: ListOption, { options, threads, log }: ControlContext<CpuAffinityOptions>): readonly number[] {
  const topology = threads.topology()
  const { cores, missing } = fitCores(options[option], topology)
  if (missing.length === 0) return cores
  if (!options.fit) throw coresMissingError(option, missing, topology)
  const rest =
    cores.length === 0 ? "its thread stays where the scheduler puts it" : `it is fitted to ${formatCpuList(cores)}`
  log.warn(`${option} ${formatCpuList(options[option])} is more than this machine has: ${rest}`)
  return cores
}
