import { type HotPart, strategyContext, type ThreadServices } from "../kernel/part-contexts.js"
import { composeStrategyHooks, type StrategyHooks } from "../pipeline/hooks.js"
import { Profile } from "../pipeline/profile.js"
import { StrategyRole, type StrategyRoleOptions } from "../pipeline/strategy-role.js"
import type { PartInstance } from "../pipeline/taps.js"
import type { Agent, Composition } from "./agent.js"
import type { Handover } from "./handover.js"
import type { PreparedAnswer } from "./messages.js"
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

const NO_HOOKS = composeStrategyHooks([])

/** The strategy role on its thread. */
export class StrategyAgent implements Agent {
  readonly name = "strategy"
  readonly role: StrategyRole
  readonly outlets: readonly RingLink[]
  readonly pools = []
  #hooks = NO_HOOKS
  /** Strategies are told nothing. */
  #isStanding = false

  constructor({ memory, metrics, ...options }: StrategyAgentOptions) {
    const { toEngine } = options
    const processing = metrics.histogram("processing")
    const profile = new Profile(memory.marketProfile)
    this.role = new StrategyRole({ ...options, processing, profile }, NO_HOOKS)
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
    this.#hooks = hooks
    if (!this.#isStanding) this.role.adopt(hooks)
  }

  applyWishes(): void {}

  newReasons(): PreparedAnswer["reasons"] {
    return []
  }

  onLeave(owner: number): void {
    this.role.abandon(owner)
  }

  onFault({ owner }: PartInstance): void {
    this.role.abandon(owner)
  }

  hold(): number {
    return 0
  }

  retire(): void {}

  resume(): void {}

  share(): Partial<Handover> {
    return { lastHandle: this.role.lastHandle }
  }

  stand(): void {
    this.#isStanding = true
  }

  takeOver({ lastHandle = 0 }: Handover): void {
    this.role.goOnFrom(lastHandle)
  }

  succeed(): void {
    this.#isStanding = false
    this.role.adopt(this.#hooks)
  }

  catchUp(): void {}

  context(part: HotPart, options: object, services: ThreadServices): object {
    return strategyContext(part, options, services, this.role)
  }
}
