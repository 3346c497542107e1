import { ManualClock } from "../../core/hot/clock.js"
import { CallMeters, METER_BYTES, type OnSlow } from "../../core/pipeline/call-meters.js"

/** Meters for parts of which a test does not ask what they cost. */
export function callMeters(onSlow: OnSlow = () => undefined): CallMeters {
  return new CallMeters(new ManualClock(), new SharedArrayBuffer(METER_BYTES), 1, onSlow)
}
