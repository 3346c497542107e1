import { pinsDifferError, spinRefusedError } from "../kernel/errors.js"
import type { CpuTopology } from "../os/cpus.js"
import { formatCpuList } from "../os/cpus.js"
import type { HotRole, Role } from "./agent.js"
import type { IdleStrategy } from "./runner.js"

/** The cores that a plugin wants the thread of a role to have. */
export interface PinWish {
  readonly role: Role
  readonly cores: readonly number[]
  /** The path of the option that says so, for errors. */
  readonly option?: string
}

export interface TopologyWish {
  readonly topology: "auto" | "fused" | "split"
  readonly idle_strategy: "auto" | IdleStrategy
}

/** How the roles are placed on threads. */
export interface Shape {
  readonly topology: "fused" | "split"
  readonly idleStrategy: IdleStrategy
  /** Why, for the log. */
  readonly reason: string
}

/** From so many CPUs on, three threads that look for work all the time leave two for everything else. */
const CPUS_FOR_SPLIT = 5

/**
 * Decides the shape of an engine. Throws when what is wished cannot be had. `realtime` names what gives its threads a
 * real-time priority, if anything does: they must not spin then, for nobody else would ever run.
 */
export function decideShape(wish: TopologyWish, pins: readonly PinWish[], cpus: CpuTopology, realtime?: string): Shape {
  const count = Math.min(cpus.usable.length, Math.max(1, Math.floor(cpus.quota ?? Number.POSITIVE_INFINITY)))
  const [one, other] = differingPins(pins)
  if (wish.topology === "fused" && other !== undefined) throw pinsDifferError(one, other)
  const isSplit = wish.topology === "split" || other !== undefined || count >= CPUS_FOR_SPLIT
  const topology = wish.topology === "fused" || !isSplit ? "fused" : "split"
  const agents = topology === "split" ? 3 : 1
  if (realtime !== undefined) {
    return {
      topology,
      idleStrategy: "park",
      reason: `${reasonOf(wish, other, count)}; no thread spins with ${realtime}`,
    }
  }
  const canSpin = count > agents + 1
  if (wish.idle_strategy === "spin" && !canSpin) throw spinRefusedError(agents, count)
  const own = topology === "split" && canSpin ? "backoff" : "park"
  const idleStrategy = wish.idle_strategy === "auto" ? own : wish.idle_strategy
  return { topology, idleStrategy, reason: reasonOf(wish, other, count) }
}

function differingPins(pins: readonly PinWish[]): [PinWish, PinWish | undefined] {
  const [first, ...others] = pins.filter((pin): pin is PinWish & { role: HotRole } => pin.role !== "control")
  const text = first === undefined ? "" : formatCpuList(first.cores)
  return [first, others.find(({ cores }) => formatCpuList(cores) !== text)]
}

function reasonOf({ topology }: TopologyWish, differing: PinWish | undefined, count: number): string {
  if (topology !== "auto") return "as configured"
  return differing === undefined ? `${count} CPUs are usable` : "the roles are given differing cores"
}
