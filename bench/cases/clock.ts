import { SystemClock } from "../../core/hot/clock.js"
import { compare } from "../measure.js"

/** The monotonic time is read and kept. Bytes matter more than nanoseconds: this runs several times a message. */
export const clock = compare({
  name: "clock",
  operation: "read",
  prepare() {
    const system = new SystemClock()
    const time = new Float64Array(8)
    return [
      { name: "veloz SystemClock", run: (operation) => keep(time, operation, system.nowNs()) },
      { name: "performance.now", run: (operation) => keep(time, operation, performance.now()) },
      { name: "hrtime.bigint", run: (operation) => keep(time, operation, Number(process.hrtime.bigint())) },
    ]
  },
})

function keep(time: Float64Array, operation: number, now: number): void {
  time[operation & 7] = now
}
