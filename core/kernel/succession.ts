import type { SystemClock } from "../hot/clock.js"
import type { DenyReasons } from "../pipeline/deny-reasons.js"
import type { EventFedOrderDesk } from "../pipeline/order-desk.js"
import { Field } from "../pipeline/order-store.js"
import type { Handover } from "../threads/handover.js"
import { STANDING } from "../threads/hot-threads.js"
import type { PrepareRequest } from "../threads/messages.js"
import type { MetricNames } from "../threads/metric-slots.js"
import type { PositionReader, SymbolSpec } from "./contract.js"
import {
  handoverLateError,
  stateStuckError,
  successorNotReadyError,
  symbolInUseError,
  venueInUseError,
} from "./errors.js"
import type { HotSet, HotSetWish, PreparedHot } from "./hot-set.js"

export interface HandoverDeadlines {
  /** Until the books of the new threads are live and orders may be sent. */
  readonly readyMs: number
  /** Until the venue has answered what is on its way, while new wishes wait. */
  readonly answersMs: number
}

export interface SuccessionParts {
  readonly old: HotSet
  readonly next: HotSet
  readonly wish: HotSetWish
  readonly desk: EventFedOrderDesk
  readonly positions: PositionReader
  readonly reasons: DenyReasons
  readonly clock: SystemClock
  /** The new threads will measure under these names. */
  readonly expect: (names: MetricNames) => void
  /** What these threads measure counts from now on. */
  readonly measure: (set: HotSet, gauges: readonly string[]) => void
  /** Orders that are open stay where they are. */
  readonly isSameVenue: boolean
  readonly deadlines?: Partial<HandoverDeadlines> | undefined
}

const DEADLINES: HandoverDeadlines = { readyMs: 10_000, answersMs: 2_000 }
const LOOK_MS = 20
const ANSWERS_LOOK_MS = 1

/**
 * One set of hot threads takes over from another: for what cannot change on threads that run, such as the symbols, the
 * venue, and how roles are placed. The new set comes up beside the old one, with connections and books of its own, and
 * strategies that wait. When it is ready the old one takes no new wishes, waits for the answers to what is on its way,
 * and leaves its orders; the new one goes on with them, and with what the venue has said of them since it came up.
 */
export class Succession {
  readonly next: HotSet
  readonly isSameVenue: boolean
  readonly #deadlines: HandoverDeadlines
  #request: PrepareRequest | undefined

  constructor(private readonly parts: SuccessionParts) {
    this.next = parts.next
    this.isSameVenue = parts.isSameVenue
    this.#deadlines = { ...DEADLINES, ...parts.deadlines }
  }

  /** Makes the new threads and everything that runs on them. */
  async prepare(request: PrepareRequest): Promise<PreparedHot> {
    const { old, next, wish, reasons, expect } = this.parts
    const { stuck, owners } = await old.threads.survey()
    if (stuck.length > 0 && this.isSameVenue) throw stateStuckError(stuck)
    this.#refuseUse()
    await next.threads.start()
    await next.open(wish, { isSuccessor: true, owners, reasons: reasons.added() })
    this.#request = request
    const prepared = await next.prepare({ ...request, generation: STANDING })
    for (const names of next.names) expect(names)
    return { ...prepared, generation: request.generation }
  }

  channel(plugin: string, message: unknown): void {
    this.next.threads.channel(plugin, message)
  }

  /** Lets the new threads connect; `begin` tells their parts what they have to know. Resolves when they are ready. */
  async stand(begin: () => void): Promise<void> {
    const { old, next, clock } = this.parts
    const { readyMs } = this.#deadlines
    // Where nobody could send orders before, nobody has to.
    const mustTrade = !this.isSameVenue || (await old.threads.readiness()).mayTrade
    await next.threads.commit(STANDING)
    begin()
    const endNs = clock.nowNs() + readyMs * 1e6
    for (;;) {
      if (next.threads.death !== undefined) throw next.threads.death
      const { mayTrade, missing } = await next.threads.readiness()
      const isTrading = mayTrade || !mustTrade
      if (missing.length === 0 && isTrading) return
      if (clock.nowNs() > endNs) throw successorNotReadyError(missing, isTrading, readyMs)
      await sleep(LOOK_MS)
    }
  }

  /**
   * The change itself. Returns how long wishes waited, in microseconds. Rejects when the old threads go on. `moveControl` is
   * told what went wrong when that was too late for a way back.
   */
  async take(generation: number, moveControl: (error?: Error) => void): Promise<number> {
    const { old, next, desk, clock, measure } = this.parts
    const startedNs = clock.nowNs()
    // At another venue the wishes of this moment would be wrong: they are denied.
    if (this.isSameVenue) desk.pause()
    let gauges: readonly string[] | undefined
    try {
      const handover = await this.#leave()
      gauges = handover.gauges
      // Here nobody handles anything that would count twice, or not at all.
      measure(next, gauges)
      await this.#enter(generation, handover)
      moveControl()
      return (clock.nowNs() - startedNs) / 1e3
    } catch (error) {
      if (gauges !== undefined) {
        if (await this.#isCut(generation)) {
          moveControl(error as Error)
          return (clock.nowNs() - startedNs) / 1e3
        }
        measure(old, gauges)
      }
      old.threads.resume()
      throw error
    } finally {
      desk.goOn()
    }
  }

  /** The old threads come to rest, and say what they leave. */
  async #leave(): Promise<Handover> {
    const { threads } = this.parts.old
    const { answersMs } = this.#deadlines
    if (!this.isSameVenue) return this.#leaveVenue()
    const endNs = this.parts.clock.nowNs() + answersMs * 1e6
    for (;;) {
      for (let waiting = await threads.hold(); waiting > 0; waiting = await threads.hold()) {
        if (this.parts.clock.nowNs() > endNs) throw handoverLateError(answersMs)
        await sleep(ANSWERS_LOOK_MS)
      }
      await threads.retire()
      const { handover, unanswered } = await threads.share(true)
      this.#refuseUse(handover)
      if (unanswered === 0) return handover
      // A request left with the cut itself: its answer comes on the old connection.
      threads.resume()
    }
  }

  /** Orders do not go from one venue to another: they are cancelled as at a stop. */
  async #leaveVenue(): Promise<Handover> {
    const { threads } = this.parts.old
    const drained = await threads.drain(this.#deadlines.answersMs)
    if (drained === undefined || drained.openOrders > 0) throw venueInUseError(drained?.openOrders)
    await threads.retire()
    // What is kept is about the venue that is left.
    const { engine, ...handover } = (await threads.share(false)).handover
    return { ...handover, engine: { ...engine!, wishes: [] } }
  }

  async #enter(generation: number, handover: Handover): Promise<void> {
    const { threads } = this.next
    threads.succeed(handover)
    // Parts that keep state are made again, now that it is there.
    const keeping = new Set(handover.kept.map(({ owner }) => owner.slice(0, owner.lastIndexOf("/"))))
    const plugins = this.#request!.plugins.map((plugin) => {
      return { ...plugin, action: keeping.has(plugin.name) ? ("remake" as const) : ("keep" as const) }
    })
    await this.next.prepare({ generation, plugins })
    await threads.commit(generation)
  }

  /** Whether the new threads may have sent already what the old ones would send again. If not, they will not any more. */
  async #isCut(generation: number): Promise<boolean> {
    const { threads } = this.next
    if (!threads.hasCutTo(generation)) await threads.stop()
    return threads.hasCutTo(generation)
  }

  /** A symbol that goes must not take orders or a position along. */
  #refuseUse(handover?: Handover): void {
    const { old, wish, positions, desk } = this.parts
    if (!this.isSameVenue) return
    const gone = old.ends.symbols.all.filter((spec) => !wish.specs.some((other) => isSameInstrument(spec, other)))
    const rows = handover?.engine?.orders.rows
    refuseUse(gone, positions, ({ name, index }) => {
      return rows?.filter((row) => row[Field.Symbol] === index).length ?? desk.openCountOf(name)
    })
  }
}

/** Throws when one of these symbols, which are to go, has open orders or a position. */
export function refuseUse(
  gone: readonly SymbolSpec[],
  positions: PositionReader,
  openCountOf: (spec: SymbolSpec) => number,
): void {
  const held = gone.length === 0 ? [] : positions.list()
  for (const spec of gone) {
    const open = openCountOf(spec)
    const size = held.find(({ symbol }) => symbol === spec.name)?.size ?? "0"
    if (open > 0 || Number(size) !== 0) throw symbolInUseError(spec.name, open, size)
  }
}

const isSameInstrument = (one: SymbolSpec, other: SymbolSpec): boolean =>
  one.name === other.name && one.tickSize === other.tickSize && one.lotSize === other.lotSize

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
