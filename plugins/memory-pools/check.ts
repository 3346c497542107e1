import { type MemoryPoolsOptions, VelozError } from "veloz"

/** The pools of this release, which the engine sizes itself. */
const IN_FORCE: MemoryPoolsOptions = {
  order_pool_size: 16_384,
  market_event_pool_size: 65_536,
  string_pool_size_mb: 16,
  preallocate: false,
}

/** Refuses other sizes: an option that is taken and has no effect would be a lie. */
export function check(options: Readonly<MemoryPoolsOptions>): void {
  for (const name of Object.keys(IN_FORCE) as (keyof MemoryPoolsOptions)[]) {
    if (options[name] !== undefined && options[name] !== IN_FORCE[name]) throw notAvailable(name, options[name])
  }
}

function notAvailable(name: keyof MemoryPoolsOptions, value: unknown): VelozError {
  return new VelozError(
    "VELOZ_NOT_AVAILABLE",
    `memory-pools.${name} cannot be ${value}: the pools of this release have fixed sizes; leave it ${IN_FORCE[name]}`,
    { status: 409, httpCode: "not_available", field: name },
  )
}
