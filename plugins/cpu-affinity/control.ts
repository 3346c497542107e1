import type { ControlContext, CpuAffinityOptions } from "veloz"

const LISTS = [
  ["network", "network_thread_cores"],
  ["engine", "engine_thread_cores"],
  ["strategy", "strategy_thread_cores"],
] as const

/** Pins the thread of each role that has a list. Roles that share a thread have lists that agree: see check.ts. */
export function control({ options, threads, log }: ControlContext<CpuAffinityOptions>): void {
  if (!options.enabled) return
  for (const [role, option] of LISTS) {
    const wanted = options[option]
    if (wanted.length === 0) continue
    const cores = threads.pin(role, wanted)
    log.info(`the thread of the ${role} runs on core ${cores.join(", ")}`)
  }
}
