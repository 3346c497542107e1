import { type CpuTopology, describeCpus, formatCpuList, VelozError } from "veloz"

export function coresMissingError(option: string, missing: readonly number[], topology: CpuTopology): VelozError {
  const lines = describeCpus(topology).map((line) => `  ${line}`)
  return new VelozError(
    "VELOZ_CORES_MISSING",
    `cpu-affinity.${option} names CPU ${formatCpuList(missing)}, which a thread of this process cannot run on:\n${lines.join("\n")}\nName CPUs that are permitted, or set cpu-affinity.fit to true: then the ones of a list that are permitted are used.`,
    { status: 422, httpCode: "cores_missing", field: option },
  )
}

/** A role and the cores that it is given. */
export interface CoreList {
  readonly role: string
  readonly option: string
  readonly cores: readonly number[]
}

export function coresClaimedError(one: CoreList, other: CoreList, shared: readonly number[]): VelozError {
  return new VelozError(
    "VELOZ_CORES_CLAIMED",
    `the ${one.role} and the ${other.role} thread both claim CPU ${formatCpuList(shared)}: give each cores of its own, or both the same list`,
    { status: 422, httpCode: "cores_claimed", field: other.option, clashes: [one.option] },
  )
}
