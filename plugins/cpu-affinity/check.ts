import { type CpuAffinityOptions, VelozError } from "veloz"

/** Refuses to leave cores out quietly, until the machine's own cores can be asked for what fits. */
export function check({ fit }: Readonly<CpuAffinityOptions>): void {
  if (!fit) return
  throw new VelozError(
    "VELOZ_NOT_AVAILABLE",
    "cpu-affinity.fit cannot be true: this release pins to the cores of the lists, all of them or none; leave it false",
    { status: 409, httpCode: "not_available", field: "fit" },
  )
}
