import type { Clock } from "../hot/clock.js"
import type { TransportHost } from "../io/transport-host.js"
import type { StageContext, VenueAdapter } from "../kernel/contract.js"
import { type HotPart, networkContext, type ThreadServices } from "../kernel/part-contexts.js"
import { NetworkRole } from "../pipeline/network-role.js"
import type { OwnedPool } from "../pipeline/pool-keeper.js"
import { composeStages, noStages, ORDER_STAGES, type StageChain } from "../pipeline/stages.js"
import { VenueFigure } from "../pipeline/venue-figures.js"
import { type Agent, type Composition, lastWish } from "./agent.js"
import type { Handover } from "./handover.js"
import type { PreparedAnswer } from "./messages.js"
import { RingLink } from "./ring-link.js"
import type { ScratchLink } from "./scratch-link.js"
import type { SharedMemory } from "./shared-memory.js"

export interface NetworkAgentOptions {
  readonly clock: Clock
  readonly transport: TransportHost
  readonly toEngine: ScratchLink
  readonly memory: SharedMemory
}

interface NetworkComposition extends Composition {
  readonly chain: StageChain
}

const ROUND_TRIP_TICKS = 10
/** More than the reports of one read of a socket. */
const ROOM_FOR_REPORTS_BYTES = 1 << 20
const NO_STAGES = noStages(() => undefined)

/** The network role on its thread: the venue adapter, its connections, and the stages of the order path. */
export class NetworkAgent implements Agent {
  readonly name = "network"
  readonly role: NetworkRole
  readonly outlets: readonly RingLink[]
  readonly pools: readonly OwnedPool[]
  /** Which the engine reads. */
  readonly #venueFigures: Float64Array
  #wholeDepthLevels = 0
  #ticks = 0
  #isReading = true
  #isReadingReports = true
  #isRetired = false

  constructor(private readonly options: NetworkAgentOptions) {
    const { clock, toEngine, memory } = options
    this.#venueFigures = new Float64Array(memory.venue)
    this.outlets = toEngine instanceof RingLink ? [toEngine] : []
    this.role = new NetworkRole(clock, toEngine, NO_STAGES)
    this.pools = [{ name: "market_event_pool", pool: toEngine.events, unwished: toEngine.events.capacity }]
  }

  idle(): void {
    this.role.idle()
    if (this.outlets.length > 0) this.#readWhileThereIsRoom(this.outlets[0])
  }

  tick(): void {
    this.#ticks += 1
    if (this.#ticks % ROUND_TRIP_TICKS === 0) this.#readRoundTrip()
  }

  compose(parts: readonly HotPart[], context: StageContext): NetworkComposition {
    const wishes = parts.flatMap(({ wishes: { stages } }) => stages)
    const chain = composeStages(ORDER_STAGES, wishes, () => this.role.flush(), context)
    return { chain, stages: { order: chain.names } }
  }

  letGo(): boolean {
    this.role.flush()
    return true
  }

  adopt({ chain }: NetworkComposition, parts: readonly HotPart[]): void {
    this.role.adopt(adapterOf(parts), chain)
  }

  applyWishes(parts: readonly HotPart[]): void {
    const levels = lastWish(parts, ({ wishes }) => wishes.wholeDepthLevels) ?? 0
    if (levels === this.#wholeDepthLevels) return
    this.#wholeDepthLevels = levels
    for (const part of parts) for (const listener of part.wholeDepthListeners) listener()
  }

  newReasons(): PreparedAnswer["reasons"] {
    return []
  }

  onLeave(): void {}

  onFault(): void {}

  hold(): number {
    return this.role.inFlight
  }

  /** What the venue sends from now on is read by others. */
  retire(): void {
    this.#isRetired = true
    for (const connection of this.options.transport.connections()) connection.setReading(false)
  }

  resume(): void {
    this.#isRetired = false
    this.#isReading = true
    this.#isReadingReports = true
    for (const connection of this.options.transport.connections()) connection.setReading(true)
  }

  share(): Partial<Handover> {
    return {}
  }

  stand(): void {}

  takeOver(): void {}

  succeed(): void {}

  catchUp(): void {}

  context(part: HotPart, options: object, services: ThreadServices): object {
    const { transport, toEngine } = this.options
    return networkContext(part, options, services, {
      transport: transport.prepare(part.instance.plugin),
      toEngine,
      wholeDepthLevels: () => this.#wholeDepthLevels,
      // Clocks that may agree are taken to agree: on one machine they do, and a correction would only add its doubt.
      setClockOffsetUs: (offsetUs, doubtUs) => {
        this.#venueFigures[VenueFigure.ClockOffsetUs] = Math.abs(offsetUs) <= doubtUs ? 0 : offsetUs
      },
    })
  }

  // The engine has no room: what is still in the kernel waits there. Reports have room of their own and are read on.
  #readWhileThereIsRoom(toEngine: RingLink): void {
    if (this.#isRetired) return
    // What the turn has brought goes first: only what then finds no room is behind.
    toEngine.flush()
    const isReading = !toEngine.isBehind
    const isReadingReports = isReading || toEngine.freeBytes > ROOM_FOR_REPORTS_BYTES
    if (isReading === this.#isReading && isReadingReports === this.#isReadingReports) return
    this.#isReading = isReading
    this.#isReadingReports = isReadingReports
    for (const connection of this.options.transport.connections()) {
      const isOfOrders = connection === this.role.adapter?.connection
      connection.setReading(isOfOrders ? isReadingReports : isReading)
    }
  }

  // The smallest round trip that the kernel has seen on the order connection: the network's share, without the venue.
  #readRoundTrip(): void {
    for (const connection of this.options.transport.connections()) {
      if (connection !== this.role.adapter?.connection) continue
      const info = connection.tcpInfo()
      if (info === undefined || info.minRttUs <= 0) continue
      this.#venueFigures[VenueFigure.RoundTripNs] = info.minRttUs * 1000
    }
  }
}

function adapterOf(parts: readonly HotPart[]): VenueAdapter | undefined {
  return parts.find(({ wishes }) => wishes.adapter !== undefined)?.wishes.adapter
}
