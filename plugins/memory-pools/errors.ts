import { VelozError } from "veloz"

export function poolsTooLargeError(
  field: string,
  isPreallocated: boolean,
  wishedMb: number,
  limitMb: number,
): VelozError {
  const [verb, mend] = isPreallocated
    ? ["preallocate", `lower memory-pools.${field}, or set preallocate to false`]
    : ["size", `lower memory-pools.${field}`]
  return new VelozError(
    "VELOZ_POOLS_TOO_LARGE",
    `cannot ${verb} pools of ${Math.ceil(wishedMb)} MiB: this machine has ${Math.floor(limitMb)} MiB for them; ${mend}`,
    { status: 422, httpCode: "not_enough_memory", field },
  )
}
