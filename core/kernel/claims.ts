import { bounded } from "../config/bounded.js"
import { formatPath } from "../config/path.js"
import type { Place } from "../config/place.js"
import { type CpuTopology, formatCpuList, readCpuTopology } from "../os/cpus.js"
import { missingGuards, type RealtimeWish } from "../threads/realtime-guards.js"
import { decideShape, type PinWish, type Shape, type TopologyWish } from "../threads/topology.js"
import { checkedClaims } from "./check-definition.js"
import type { Claims, Surroundings } from "./contract.js"
import {
  pinRefusedError,
  pluginThrewError,
  realtimeRefusedError,
  realtimeUnguardedError,
  VelozError,
} from "./errors.js"
import type { Candidate } from "./generation.js"
import type { HttpAddress } from "./http.js"
import { checkAddress } from "./http-guard.js"

/** What claims are judged by: facts of this machine, and of this process. */
export interface Ground {
  readonly cpus: CpuTopology
  /** The real-time policy that all threads of this process have from outside, if they do. */
  readonly inheritedRealtime?: string | undefined
  /** Why no thread may have such a priority; left out where nobody tries. */
  readonly realtimeRefusal?: (wish: RealtimeWish) => string | undefined
}

/** The ground of a command: it tries nothing. */
export const readGround = (): Ground => ({ cpus: readCpuTopology() })

/** By the name of the plugin, in the order of the plugins. */
export type ClaimsByPlugin = ReadonlyMap<string, Claims>

/** What the claims of all plugins come to for the threads. */
export interface PlaceWishes {
  readonly pins: readonly PinWish[]
  readonly realtime: readonly RealtimeWish[]
  /** Where all other threads are kept, if they are. */
  readonly housekeeping: readonly number[] | undefined
  /** Of the heaps of hot threads, from their start on; undefined leaves it to V8. */
  readonly semiSpaceMb: number | undefined
}

export function placesOf(claims: ClaimsByPlugin): PlaceWishes {
  const all = [...claims.values()]
  return {
    pins: all.flatMap(({ pins = [] }) => pins),
    realtime: all.flatMap(({ realtime }) => realtime ?? []),
    housekeeping: all.flatMap(({ housekeeping }) => (housekeeping === undefined ? [] : [housekeeping])).at(-1),
    semiSpaceMb: all.flatMap(({ semiSpaceMb }) => semiSpaceMb ?? []).at(-1),
  }
}

/** Where routes are to be served, and who says so: of several plugins, the last. */
export function httpOf(claims: ClaimsByPlugin): { plugin?: string; address?: HttpAddress } {
  const found = [...claims].flatMap(([plugin, { http }]) => (http === undefined ? [] : [{ plugin, address: http }]))
  return found.at(-1) ?? {}
}

/** Asks a plugin. What it names of its options is a whole path afterwards. Throws what the plugin throws. */
export function claimsOf(
  { name, entry, definition, found }: Candidate,
  around: Surroundings,
  locate?: (error: unknown) => Place | undefined,
): Claims {
  const { claims } = definition
  if (claims === undefined) return {}
  const ask = (): Claims => checkedClaims(claims(entry.options as never, around))
  try {
    // What stands beside core needs no guard, which takes a while.
    const { pins = [], ports = [], realtime, ...others } = found.source.kind === "module" ? ask() : bounded(ask)
    const whole = <T extends { option?: string | undefined }>(claim: T): T => {
      return { ...claim, ...(claim.option !== undefined && { option: formatPath(["plugins", name, claim.option]) }) }
    }
    return { ...others, pins: pins.map(whole), ports: ports.map(whole), realtime: realtime && whole(realtime) }
  } catch (error) {
    throw error instanceof VelozError ? error : pluginThrewError(name, "claims", error, locate?.(error))
  }
}

/** Judges what all plugins claim together. Returns how the roles are placed, or undefined when that cannot be. */
export function judgeClaims(
  claims: ClaimsByPlugin,
  wish: TopologyWish,
  ground: Ground,
  report: (error: VelozError, plugin?: string) => void,
): Shape | undefined {
  const errors = [...claims].flatMap(([plugin, claim]) => faultsOf(claim, ground).map((error) => ({ error, plugin })))
  for (const { error, plugin } of errors) report(error, plugin)
  if (errors.length > 0) return undefined
  const { pins, realtime, housekeeping } = placesOf(claims)
  const { inheritedRealtime: inherited } = ground
  try {
    const policy = inherited === undefined ? realtime[0]?.policy : `the inherited policy ${inherited}`
    const shape = decideShape(wish, pins, ground.cpus, policy)
    for (const each of realtime) checkRealtime(each, { ...shape, pins, housekeeping }, ground)
    return shape
  } catch (error) {
    if (!(error instanceof VelozError)) throw error
    report(error)
    return undefined
  }
}

/** What is wrong with the claims of one plugin, whatever others claim. */
function faultsOf({ pins = [], http }: Claims, { cpus: { permitted } }: Ground): VelozError[] {
  const faults = pins.flatMap(({ role, cores, option }) => {
    const missing = cores.filter((cpu) => !permitted.includes(cpu))
    if (missing.length === 0) return []
    const reason = `a thread of this process may run on CPU ${formatCpuList(permitted)} alone`
    return pinRefusedError(role, missing, reason, option)
  })
  return [...faults, ...(http === undefined ? [] : checkAddress(http))]
}

/** Objects to real-time threads that nobody could stop, or that the kernel does not permit. */
function checkRealtime(
  wish: RealtimeWish,
  around: Parameters<typeof missingGuards>[1],
  { realtimeRefusal }: Ground,
): void {
  const missing = missingGuards(wish, around)
  if (missing.length > 0) throw realtimeUnguardedError(wish, missing)
  const refusal = realtimeRefusal?.(wish)
  if (refusal !== undefined) throw realtimeRefusedError(wish, refusal)
}
