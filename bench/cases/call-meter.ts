import { SystemClock } from "../../core/hot/clock.js"
import { type CallMeter, CallMeters, METER_BYTES } from "../../core/pipeline/call-meters.js"
import { composeEngineHooks } from "../../core/pipeline/hooks.js"
import { PartInstance } from "../../core/pipeline/taps.js"
import { compare, type Subject } from "../measure.js"

/** A hook with one tap, with the meter that an engine always has, and with one that never looks at the clock. */
export const callMeter = compare({
  name: "call-meter",
  operation: "call of a tap",
  prepare() {
    const clock = new SystemClock()
    const meters = new CallMeters(clock, new SharedArrayBuffer(METER_BYTES), 1000, () => undefined)
    const never = meters.make("tap", "never")
    never.left = 1 << 30
    return [
      subject("metered", meters.make("tap", "metered")),
      subject("never timed", never),
      subject("each call timed", everyCall(meters.make("tap", "each"))),
    ]
  },
})

function subject(name: string, meter: CallMeter): Subject {
  const part = new PartInstance(name, "engine", 0, fail, () => meter)
  const seen = new Float64Array(8)
  part.tap("market.booked", "tap", (_book: unknown, level: number) => {
    seen[level] += 1
  })
  const { booked } = composeEngineHooks([part], { deferRisk: false })
  return { name, run: (operation) => booked!(undefined as never, operation & 7) }
}

function everyCall(meter: CallMeter): CallMeter {
  return Object.defineProperty(meter, "left", { get: () => 0, set: () => undefined })
}

function fail(_part: unknown, _where: string, error: unknown): never {
  throw error
}
