import { type CpuAffinityOptions, VelozError } from "veloz"

const LISTS = ["network_thread_cores", "engine_thread_cores", "strategy_thread_cores"] as const

/** Refuses what one thread for all three roles cannot have, and to leave cores out quietly. */
export function check(options: Readonly<CpuAffinityOptions>): void {
  if (options.fit) {
    throw notAvailable("fit", "cannot be true: this release pins to all cores of the lists or to none; leave it false")
  }
  const [first, ...others] = LISTS.filter((name) => options.enabled && options[name].length > 0)
  const other = others.find((name) => !isSameSet(options[name], options[first]))
  if (other === undefined) return
  throw notAvailable(
    other,
    `cannot be [${options[other]}] while ${first} is [${options[first]}]: in this release one thread runs the network, the engine and the strategies; leave all lists but one empty, or alike`,
  )
}

function isSameSet(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((core) => other.includes(core))
}

function notAvailable(name: string, reason: string): VelozError {
  return new VelozError("VELOZ_NOT_AVAILABLE", `cpu-affinity.${name} ${reason}`, {
    status: 409,
    httpCode: "not_available",
    field: name,
  })
}
