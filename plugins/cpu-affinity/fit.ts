import type { CpuTopology } from "veloz"

/** A list of cores, and what this machine has of it. */
export interface Fitted {
  readonly cores: readonly number[]
  readonly missing: readonly number[]
}

export function fitCores(wanted: readonly number[], { permitted }: CpuTopology): Fitted {
  return {
    cores: wanted.filter((cpu) => permitted.includes(cpu)),
    missing: wanted.filter((cpu) => !permitted.includes(cpu)),
  }
}

/**
 * Where everything else may run: CPUs that this process was started on and that no role is pinned to. The other thread
 * of a pinned role's physical core is spared too, unless nothing would be left.
 */
export function otherCores({ usable, cores }: CpuTopology, pinned: readonly number[]): readonly number[] {
  const free = usable.filter((cpu) => !pinned.includes(cpu))
  const siblings = cores.filter((core) => core.some((cpu) => pinned.includes(cpu))).flat()
  const apart = free.filter((cpu) => !siblings.includes(cpu))
  return apart.length > 0 ? apart : free
}
