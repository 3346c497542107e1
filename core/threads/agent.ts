import type { StageContext } from "../kernel/contract.js"
import type { HotPart, ThreadServices } from "../kernel/part-contexts.js"
import type { OwnedPool } from "../pipeline/pool-keeper.js"
import type { PartInstance } from "../pipeline/taps.js"
import type { Handover } from "./handover.js"
import type { PreparedAnswer, ReadinessAnswer } from "./messages.js"
import type { RingLink } from "./ring-link.js"

/** The roles that run on hot threads. */
export type HotRole = "network" | "engine" | "strategy"

/** The four roles. A role is code that knows its links, not its thread. */
export type Role = "control" | HotRole

/** What a role calls in one generation: hooks and stages. What is in it is the role's own affair. */
export interface Composition {
  /** The stages of its path, with the plugins that put them there. */
  readonly stages?: { readonly market?: readonly string[]; readonly order?: readonly string[] }
}

/** A role as a thread runs it: its work in turns, and its share of a generation. */
export interface Agent {
  readonly name: HotRole
  /** Rings that it hands records to. None where all links are calls. */
  readonly outlets: readonly RingLink[]
  /** Pools that it owns. */
  readonly pools: readonly OwnedPool[]

  /** The end of a turn: stages let go of what need not wait. */
  idle(): void
  /** Called ten times a second. */
  tick(nowNs: number): void

  /** Composes hooks and stages, while the old generation runs. Throws when they do not fit together. */
  compose(parts: readonly HotPart[], context: StageContext): Composition
  /**
   * Lets go of everything that is held back, whatever the stages say: the last act of a generation. False when there was
   * no room for all of it, and this has to be called again.
   */
  letGo(): boolean
  adopt(composition: Composition, parts: readonly HotPart[]): void
  /** Does what plugins wish of core. The last one that wishes something wins: such wishes are few and exclusive. */
  applyWishes(parts: readonly HotPart[]): void
  /** Reasons for denials that parts have added since the last call, by number. */
  newReasons(): PreparedAnswer["reasons"]
  /** A plugin with this number is not there any more. */
  onLeave(owner: number): void
  /** A part of this role threw, and is passed over from now on. */
  onFault(part: PartInstance): void

  // ---- handing over to another set of threads

  /** Takes nothing new on. Returns how much of what is on its way has no answer yet: 0 when this role can hand over. */
  hold(): number
  /** The cut has come: takes no input at all. */
  retire(): void
  /** Goes on as if nothing had been asked. */
  resume(): void
  /** This role's share of what the others go on with. */
  share(): Partial<Handover>
  /** This role is made beside one that runs: it makes itself ready, and acts when it has succeeded that one. */
  stand(): void
  takeOver(handover: Handover): void
  /** What was taken over is its own from now on. */
  succeed(): void
  /** The first act after that: what has happened meanwhile. */
  catchUp(): void
  /** Of the role that owns books and orders: what is not ready. */
  readiness?(): Omit<ReadinessAnswer, "type">

  /** What a part of this role is given. */
  context(part: HotPart, options: object, services: ThreadServices): object
}

/** The last of the wishes of one kind. */
export function lastWish<T>(parts: readonly HotPart[], read: (part: HotPart) => T | undefined): T | undefined {
  return parts.reduce<T | undefined>((found, part) => read(part) ?? found, undefined)
}
