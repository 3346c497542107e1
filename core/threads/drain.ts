import type { Clock } from "../hot/clock.js"
import type { EngineAgent } from "./engine-agent.js"
import type { DrainedAnswer } from "./messages.js"
import type { Scheduler } from "./scheduler.js"

const LOOK_AGAIN_MS = 5

/** Denies what is new, cancels what is open if so configured, and waits for the venue's word for at most `graceMs`. */
export async function drainOrders(
  { role: { orders }, isCancelOnStop: isCancelling }: EngineAgent,
  around: { clock: Clock; scheduler: Scheduler; graceMs: number; endTurn: () => void },
): Promise<DrainedAnswer> {
  const { clock, scheduler, graceMs, endTurn } = around
  orders.isOpen = false
  if (isCancelling) {
    orders.cancelAll()
    endTurn()
    const deadlineNs = clock.nowNs() + graceMs * 1e6
    while (orders.openCount > 0 && clock.nowNs() < deadlineNs) {
      await new Promise<void>((resolve) => scheduler.after(LOOK_AGAIN_MS, resolve))
    }
  }
  return { type: "drained", openOrders: orders.openCount, isCancelling }
}
