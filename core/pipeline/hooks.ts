import { SyncHook } from "tapable"
import { DenyReason } from "../hot/deny.js"
import type { RecordViews } from "../hot/records.js"
import type { BookView, Fill, OrderUpdate, OrderView, PublicTrade, TopView } from "../kernel/contract.js"
import { DenyHook } from "./deny-hook.js"
import type { HookName, PartInstance, Tap } from "./taps.js"

/** A compiled hook. Null when nobody taps it, so that an empty hook costs one comparison. */
export type Emit<Arguments extends unknown[]> = ((...args: Arguments) => void) | null
export type Check = ((order: OrderView) => number) | null

/** What the engine calls in one generation: tapped, compiled, and never changed again. */
export interface EngineHooks {
  readonly validate: Check
  readonly risk: Check
  /** Checks that may run after the send. Part of `risk` unless risk is deferred. */
  readonly deferredRisk: Check
  readonly sent: Emit<[OrderView]>
  readonly report: Emit<[OrderView, number]>
  readonly decoded: Emit<[number, number, RecordViews]>
  readonly booked: Emit<[BookView, number]>
}

/** What the strategies hear in one generation. */
export interface StrategyHooks {
  readonly onBook: Emit<[BookView]>
  readonly onTop: Emit<[TopView]>
  readonly onTrade: Emit<[PublicTrade]>
  /** Of its orders, each strategy by its number: the events of an order go to its owner alone. */
  readonly orders: readonly (OrderHooks | undefined)[]
}

/** What one strategy hears of its own orders. */
export interface OrderHooks {
  readonly onUpdate: Emit<[OrderUpdate]>
  readonly onFill: Emit<[Fill]>
}

/** Composes the hooks of a generation from what its parts tapped, in the order of the parts. */
export function composeEngineHooks(parts: readonly PartInstance[], options: { deferRisk: boolean }): EngineHooks {
  const isDeferred = (tap: Tap): boolean => options.deferRisk && tap.deferrable
  return {
    validate: denyHook(parts, "order.validate", () => true),
    risk: denyHook(parts, "order.risk", (tap) => !isDeferred(tap)),
    deferredRisk: denyHook(parts, "order.risk", isDeferred),
    sent: emitHook(parts, "order.sent", ["order"]),
    report: emitHook(parts, "order.report", ["order", "cause"]),
    decoded: emitHook(parts, "market.decoded", ["type", "offset", "views"]),
    booked: emitHook(parts, "market.booked", ["book", "level"]),
  }
}

export function composeStrategyHooks(parts: readonly PartInstance[]): StrategyHooks {
  const orders: OrderHooks[] = []
  for (const part of parts) orders[part.owner] = composeOrderHooks(part)
  return {
    onBook: emitHook(parts, "market.onBook", ["book"]),
    onTop: emitHook(parts, "market.onTop", ["top"]),
    onTrade: emitHook(parts, "market.onTrade", ["trade"]),
    orders,
  }
}

function composeOrderHooks(part: PartInstance): OrderHooks {
  return {
    onUpdate: emitHook([part], "orders.onUpdate", ["update"]),
    onFill: emitHook([part], "orders.onFill", ["fill"]),
  }
}

function denyHook(parts: readonly PartInstance[], name: HookName, wanted: (tap: Tap) => boolean): Check {
  const hook = new DenyHook<[OrderView]>(["order"], name)
  let count = 0
  for (const { part, tap } of tapsOf(parts, name)) {
    if (!wanted(tap)) continue
    hook.tap(`${part.plugin}/${tap.name}`, guardCheck(part, name, tap))
    count += 1
  }
  return count === 0 ? null : compiled(hook)
}

function emitHook<Arguments extends unknown[]>(
  parts: readonly PartInstance[],
  name: HookName,
  argumentNames: readonly string[],
): Emit<Arguments> {
  const hook = new SyncHook<Arguments>(argumentNames as never, name)
  let count = 0
  for (const { part, tap } of tapsOf(parts, name)) {
    hook.tap(`${part.plugin}/${tap.name}`, guardListener(part, name, tap) as never)
    count += 1
  }
  return count === 0 ? null : compiled(hook as unknown as Callable<Arguments, void>)
}

function* tapsOf(parts: readonly PartInstance[], name: HookName): Generator<{ part: PartInstance; tap: Tap }> {
  for (const part of parts) for (const tap of part.taps) if (tap.hook === name) yield { part, tap }
}

interface Callable<Arguments extends unknown[], Result> {
  call(...args: Arguments): Result
}

// Tapable generates code at the first call. Ask it for that code now, while the old generation still runs, and
// without calling a tap: an invented order must not reach anybody's counters.
function compiled<Arguments extends unknown[], Result>(
  hook: Callable<Arguments, Result>,
): (...args: Arguments) => Result {
  const internal = hook as unknown as { _createCall(type: "sync"): (...args: Arguments) => Result }
  return internal._createCall("sync").bind(hook) as (...args: Arguments) => Result
}

// A check that throws, or answers what is no reason, has failed as a safeguard: from then on everything is denied.
function guardCheck(part: PartInstance, hook: HookName, tap: Tap): (order: OrderView) => number {
  const { fn, meter } = tap
  const where = `${hook} "${tap.name}"`
  return (order) => {
    if (part.failed) return DenyReason.RiskHalted
    try {
      const reason = meter.call(fn, order)
      if (Number.isInteger(reason) && reason >= 0) return reason
      part.follow(where, reason)
      part.fault(where, new TypeError(`a check answers 0 or a deny reason, not ${String(reason)}`))
    } catch (error) {
      part.fault(where, error)
    }
    return DenyReason.RiskHalted
  }
}

function guardListener(part: PartInstance, hook: HookName, tap: Tap): (...args: unknown[]) => void {
  const { fn, meter } = tap
  const where = `${hook} "${tap.name}"`
  return (first, second, third) => {
    if (part.failed) return
    try {
      const answer: unknown = meter.call(fn, first, second, third)
      if (answer !== undefined) part.follow(where, answer)
    } catch (error) {
      part.fault(where, error)
    }
  }
}
