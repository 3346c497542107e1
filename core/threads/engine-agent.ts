import type { StageContext } from "../kernel/contract.js"
import { engineContext, type HotPart, type ThreadServices } from "../kernel/part-contexts.js"
import { EngineRole, type EngineRoleOptions } from "../pipeline/engine-role.js"
import { composeEngineHooks, type EngineHooks } from "../pipeline/hooks.js"
import type { OwnedPool } from "../pipeline/pool-keeper.js"
import { composeStages, MARKET_STAGES, noStages, type StageChain } from "../pipeline/stages.js"
import { type Agent, type Composition, lastWish } from "./agent.js"
import type { Handover } from "./handover.js"
import type { PreparedAnswer, ReadinessAnswer } from "./messages.js"
import { RingLink } from "./ring-link.js"

interface EngineComposition extends Composition {
  readonly hooks: EngineHooks
  readonly chain: StageChain
}

const BOOK_DEPTH_UNWISHED = 20
const NO_HOOKS = composeEngineHooks([], { deferRisk: false })
const NO_STAGES = noStages(() => undefined)

/** The engine role on its thread: books, risk, the state of orders, and the stages of the market path. */
export class EngineAgent implements Agent {
  readonly name = "engine"
  readonly role: EngineRole
  readonly outlets: readonly RingLink[]
  readonly pools: readonly OwnedPool[]
  /** What is open is cancelled when the engine stops. */
  isCancelOnStop = false

  constructor(options: EngineRoleOptions) {
    const { toNetwork, toStrategy, orderPoolSize } = options
    this.role = new EngineRole(options, NO_HOOKS, NO_STAGES)
    this.outlets = [toNetwork, toStrategy].filter((link) => link instanceof RingLink)
    const { store } = this.role.orders
    this.pools = [
      { name: "order_pool", pool: store, unwished: orderPoolSize },
      { name: "string_pool", pool: store.strings.slots, unwished: store.strings.slots.capacity },
    ]
  }

  idle(): void {
    this.role.idle()
  }

  tick(nowNs: number): void {
    this.role.tick(nowNs)
  }

  compose(parts: readonly HotPart[], context: StageContext): EngineComposition {
    const wishes = parts.flatMap(({ wishes: { stages } }) => stages)
    const deferRisk = parts.some(({ wishes }) => wishes.deferRisk)
    const instances = parts.map(({ instance }) => instance)
    const hooks = composeEngineHooks(instances, { deferRisk })
    const chain = composeStages(MARKET_STAGES, wishes, (symbol) => this.role.market.notify(symbol), context)
    return { hooks, chain, stages: { market: chain.names } }
  }

  letGo(): boolean {
    return this.role.market.flush()
  }

  adopt({ hooks, chain }: EngineComposition): void {
    this.role.adopt(hooks, chain)
    this.role.orders.isOpen = true
  }

  applyWishes(parts: readonly HotPart[]): void {
    this.role.orders.trustsTyped = lastWish(parts, ({ wishes }) => wishes.trustTyped) ?? false
    this.role.market.publishDepth(lastWish(parts, ({ wishes }) => wishes.publishDepth) ?? BOOK_DEPTH_UNWISHED)
    this.isCancelOnStop = lastWish(parts, ({ wishes }) => wishes.cancelOnStop) ?? false
  }

  newReasons(): PreparedAnswer["reasons"] {
    return this.role.reasons.added()
  }

  onLeave(): void {}

  onFault(): void {}

  hold(): number {
    return this.role.hold()
  }

  retire(): void {}

  resume(): void {
    this.role.resume()
    this.role.orders.isOpen = true
  }

  share(): Partial<Handover> {
    return { engine: this.role.handOver() }
  }

  stand(): void {
    this.role.awaitOrders()
  }

  takeOver({ engine }: Handover): void {
    if (engine !== undefined) this.role.takeOver(engine)
  }

  succeed(): void {}

  catchUp(): void {
    this.role.succeed()
  }

  readiness(): Omit<ReadinessAnswer, "type"> {
    const { market, orders } = this.role
    const missing = market.books.filter(({ isLive }) => !isLive).map(({ symbol }) => symbol.name)
    return { mayTrade: orders.isVenueUp, missing }
  }

  context(part: HotPart, options: object, services: ThreadServices): object {
    return engineContext(part, options, services, this.role)
  }
}
