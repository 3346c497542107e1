import { type CpuTopology, describeCpus, formatCpuList, VelozError } from "veloz"

export function coresMissingError(option: string, missing: readonly number[], topology: CpuTopology): VelozError {
  const lines = describeCpus(topology).map((line) => `  ${line}`)
  return new VelozError(
    "VELOZ_CORES_MISSING",
    `cpu-affinity.${option} names CPU ${formatCpuList(missing)}, which a thread of this process cannot run on:\n${lines.join("\n")}\nName CPUs that are permitted, or set cpu-affinity.fit to true: then the ones of a list that are permitted are used.`,
    { status: 422, httpCode: "cores_missing", field: option },
  )
}
