import { formatCpuList } from "../os/cpus.js"
import type { HotRole } from "./agent.js"
import type { IdleStrategy } from "./runner.js"
import type { PinWish } from "./topology.js"

/** A wish that the threads of hot roles go before everything else on their cores. */
export interface RealtimeWish {
  readonly policy: "fifo" | "rr"
  /** From 1 to 99. */
  readonly priority: number
  /** Of the threads of Node itself, whose garbage collection hot threads wait for. Below `priority`. */
  readonly helperPriority: number
  /** A thread that has run for so long without waiting for anything is demoted. */
  readonly limitMs: number
  /** The roles whose threads are meant. */
  readonly roles: readonly HotRole[]
  /** The path of the option that says so, for errors. */
  readonly option?: string
}

export interface RealtimeSurroundings {
  readonly pins: readonly PinWish[]
  /** Where all other threads are kept; undefined when they are not. */
  readonly housekeeping: readonly number[] | undefined
  readonly topology: "fused" | "split"
  readonly idleStrategy: IdleStrategy
}

/**
 * A thread with a real-time policy that does not wait takes its CPU from everybody, the one that could stop it among them.
 * So there are conditions: each that is not met, with its mend.
 */
export function missingGuards(wish: RealtimeWish, around: RealtimeSurroundings): string[] {
  const { pins, housekeeping = [], topology, idleStrategy } = around
  const missing: string[] = []
  const pinned = pins.filter(({ role }) => role !== "control")
  const loose = topology === "fused" && pinned.length > 0 ? [] : wish.roles.filter(isLoose)
  function isLoose(role: HotRole): boolean {
    return !pinned.some((pin) => pin.role === role)
  }
  if (loose.length > 0) {
    missing.push(`no cores of its own for ${loose.join(", ")}: give each a list, or it could take every CPU`)
  }
  const cores = pinned.flatMap((pin) => pin.cores)
  const shared = housekeeping.filter((cpu) => cores.includes(cpu))
  if (housekeeping.length === 0 || shared.length > 0) {
    const which = shared.length > 0 ? ` (CPU ${formatCpuList(shared)} is shared)` : ""
    missing.push(
      `no core for control and everything else${which}: leave one out of the lists, it has to be able to demote`,
    )
  }
  if (idleStrategy !== "park") {
    missing.push(
      `threads that sleep when they are idle: idle_strategy is "${idleStrategy}", set it to "park" and restart`,
    )
  }
  if (wish.helperPriority >= wish.priority) {
    missing.push(`a helper_priority (${wish.helperPriority}) below the priority (${wish.priority})`)
  }
  return missing
}
