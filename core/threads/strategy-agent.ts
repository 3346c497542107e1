import { type HotPart, strategyContext, type ThreadServices } from "../kernel/part-contexts.js"
import type { DenyText } from "../pipeline/deny-reasons.js"
import { composeStrategyHooks, type StrategyHooks } from "../pipeline/hooks.js"
import { Profile } from "../pipeline/profile.js"
import { StrategyRole, type StrategyRoleOptions } from "../pipeline/strategy-role.js"
import type { PartInstance } from "../pipeline/taps.js"
import type { Agent, Composition } from "./agent.js"
import type { MetricSlots } from "./metric-slots.js"
import { RingLink } from "./ring-link.js"
import type { SharedMemory } from "./shared-memory.js"

export interface StrategyAgentOptions extends Omit<StrategyRoleOptions, "processing" | "profile"> {
  readonly memory: SharedMemory
  readonly metrics: MetricSlots
}

interface StrategyComposition extends Composition {
  readonly hooks: StrategyHooks
}

/** The strategy role on its thread. */
export class StrategyAgent implements Agent {
  readonly name = "strategy"
  readonly role: StrategyRole
  readonly outlets: readonly RingLink[]
  readonly pools = []

  constructor({ memory, metrics, ...options }: StrategyAgentOptions) {
    const { toEngine } = options
    const processing = metrics.histogram("processing")
    const profile = new Profile(memory.marketProfile)
    this.role = new StrategyRole({ ...options, processing, profile }, composeStrategyHooks([]))
    this.outlets = toEngine instanceof RingLink ? [toEngine] : []
  }

  idle(): void {
    this.role.idle()
  }

  tick(): void {}

  compose(parts: readonly HotPart[]): StrategyComposition {
    return { hooks: composeStrategyHooks(parts.map(({ instance }) => instance)) }
  }

  letGo(): boolean {
    return this.role.tellAbandoned()
  }

  adopt({ hooks }: StrategyComposition): void {
    this.role.adopt(hooks)
  }

  applyWishes(): void {}

  newReasons(): readonly (readonly [number, DenyText])[] {
    return []
  }

  onLeave(owner: number): void {
    this.role.abandon(owner)
  }

  onFault({ owner }: PartInstance): void {
    this.role.abandon(owner)
  }

  context(part: HotPart, options: object, services: ThreadServices): object {
    return strategyContext(part, options, services, this.role)
  }
}
