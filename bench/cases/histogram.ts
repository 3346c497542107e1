import { createHistogram } from "node:perf_hooks"
import { build } from "hdr-histogram-js"
import { HIGHEST_NS, HISTOGRAM_WORDS, HistogramRecorder } from "../../core/hot/histogram.js"
import { seededRandom } from "../../test/support/random.js"
import { compare } from "../measure.js"

/** One latency is recorded. They spread as latencies do: most near a microsecond, a tail up to milliseconds. */
export const histogram = compare({
  name: "histogram",
  operation: "record",
  prepare() {
    const random = seededRandom(1)
    const latencies = Float64Array.from({ length: VALUES }, () => Math.floor(600 + 3e6 * random() ** 12))
    const recorder = new HistogramRecorder(new Int32Array(new SharedArrayBuffer(HISTOGRAM_WORDS * 4)))
    const hdr = build({ highestTrackableValue: HIGHEST_NS, numberOfSignificantValueDigits: 3, useWebAssembly: false })
    const perfHooks = createHistogram({ lowest: 1, highest: HIGHEST_NS, figures: 3 })
    return [
      { name: "veloz HistogramRecorder", run: (operation) => recorder.record(latencies[operation & LAST_VALUE]) },
      { name: "hdr-histogram-js", run: (operation) => hdr.recordValue(latencies[operation & LAST_VALUE]) },
      { name: "perf_hooks", run: (operation) => perfHooks.record(latencies[operation & LAST_VALUE]) },
    ]
  },
})

const VALUES = 1 << 14
const LAST_VALUE = VALUES - 1
