import { type ControlContext, type CpuAffinityOptions, formatCpuList } from "veloz"
import { coresMissingError } from "./errors.js"
import { fitCores, otherCores } from "./fit.js"

const LISTS = [
  ["network", "network_thread_cores"],
  ["engine", "engine_thread_cores"],
  ["strategy", "strategy_thread_cores"],
] as const

/** Pins the thread of each role that has a list, and keeps all other threads of the process away from them. */
export function control(context: ControlContext<CpuAffinityOptions>): void {
  const { options, threads, log } = context
  const lists = LISTS.filter(([, option]) => options[option].length > 0)
  if (!options.enabled) {
    if (lists.length > 0) log.warn("no thread is pinned: there are lists of cores, and cpu-affinity.enabled is false")
    return
  }
  const places = new Map<string, readonly number[]>()
  for (const [role, option] of lists) {
    const cores = coresOf(option, context)
    if (cores.length > 0) places.set(role, threads.pin(role, cores))
  }
  if (places.size === 0) return log.warn("no thread is pinned: no list of cores names one that is here")
  const others = otherCores(threads.topology(), [...places.values()].flat())
  if (others.length === 0) log.warn("no core is left for the other threads of this process: they stay where they are")
  else {
    threads.housekeep(others)
    places.set("everything else", others)
  }
  log.info(`threads by CPU: ${[...places].map(([name, cores]) => `${name} ${formatCpuList(cores)}`).join(", ")}`)
}

/** The cores of a list that are here: all of them, unless `fit` takes what there is. */
function coresOf(
  option: (typeof LISTS)[number][1],
  { options, threads, log }: ControlContext<CpuAffinityOptions>,
): readonly number[] {
  const topology = threads.topology()
  const { cores, missing } = fitCores(options[option], topology)
  if (missing.length === 0) return cores
  if (!options.fit) throw coresMissingError(option, missing, topology)
  const rest =
    cores.length === 0 ? "its thread stays where the scheduler puts it" : `it is fitted to ${formatCpuList(cores)}`
  log.warn(`${option} ${formatCpuList(options[option])} is more than this machine has: ${rest}`)
  return cores
}
