import { test } from "uvu"
import * as assert from "uvu/assert"
import { ManualClock } from "../../../core/hot/clock.js"
import { Counters } from "../../../core/hot/counters.js"
import { HISTOGRAM_WORDS, HistogramRecorder } from "../../../core/hot/histogram.js"
import { EngineMetrics } from "../../../core/measure/engine-metrics.js"
import { countersBetween, figuresBetween } from "../../../core/measure/figures.js"
import { Profile } from "../../../core/pipeline/profile.js"
import { COLLECTIONS_BYTES } from "../../../core/threads/collections.js"
import { createSharedMemory } from "../../../core/threads/shared-memory.js"
import { seededRandom } from "../../support/random.js"

/** The figures of an engine, and the pens that a hot thread writes them with. */
function engine() {
  const memory = createSharedMemory(1)
  const clock = new ManualClock()
  const market = { lastFrameMs: () => 0 }
  const control = new Counters(new Float64Array(1))
  const collections = new SharedArrayBuffer(COLLECTIONS_BYTES)
  const metrics = new EngineMetrics({ memory, clock, market, control, collections, readThreads: () => [] })
  metrics.learn(0, {
    counters: ["orders_sent", "market_updates", "open_orders"],
    histograms: ["order_to_ack", "processing"],
  })
  const words = new Int32Array(memory.metrics[0].histograms)
  return {
    metrics,
    counters: new Float64Array(memory.metrics[0].counters),
    ack: new HistogramRecorder(words),
    processing: new HistogramRecorder(words, HISTOGRAM_WORDS),
    profile: new Profile(memory.orderProfile),
    pass: (ms: number): void => clock.advanceMs(ms),
  }
}

test("figures hold every sample between the two totals and no other, wherever the ticks lie", () => {
  const { metrics, ack, pass } = engine()
  const random = seededRandom(3)
  for (let round = 0; round < 30; round += 1) {
    for (let i = 0; i < 50; i += 1) ack.record(Math.floor(2_000 * random()))
    if (random() < 0.5) metrics.tick()
    const then = metrics.totals()
    const samples = Array.from({ length: 1 + Math.floor(300 * random()) }, () => Math.floor(2_000 * random()))
    for (const sample of samples) {
      ack.record(sample)
      if (random() < 0.01) metrics.tick()
    }
    pass(700)
    const { count, p50_us, p95_us, max_us } = figuresBetween(then, metrics.totals()).latency.order_to_ack
    const sorted = samples.sort((a, b) => a - b)
    const at = (percentile: number): number => sorted[Math.ceil(sorted.length * percentile) - 1] / 1000
    assert.equal([count, p50_us, p95_us, max_us], [samples.length, at(0.5), at(0.95), sorted.at(-1)! / 1000])
  }
})

test("without a sample between them a latency is null, whatever there was before", () => {
  const { metrics, ack, processing, pass } = engine()
  ack.record(5_000)
  const then = metrics.totals()
  processing.record(70_000)
  pass(1000)
  const { latency } = figuresBetween(then, metrics.totals())
  assert.equal(latency.order_to_ack, { p50_us: null, p95_us: null, p99_us: null, max_us: null, count: 0 })
  assert.is(latency.processing.count, 1)
  assert.ok(Math.abs(latency.processing.max_us! - 70) <= 0.07, `${latency.processing.max_us}`)
})

test("rates are by the engine's own clock, and counters are differences", () => {
  const { metrics, counters, pass } = engine()
  counters.set([100, 5000, 7])
  const then = metrics.totals()
  counters.set([150, 6000, 4])
  pass(2500)
  const now = metrics.totals()
  const { seconds, throughput } = figuresBetween(then, now)
  assert.is(seconds, 2.5)
  assert.equal(throughput, { orders_per_second: 20, market_updates_per_second: 400 })
  assert.equal(countersBetween(then, now), { orders_sent: 50, market_updates: 1000, open_orders: -3 })
})

test("the profile is of the orders between them, and its stages add up to the total", () => {
  const { metrics, profile, pass } = engine()
  const addOrder = (validationNs: number, sendNs: number): void => {
    profile.stagesNs.fill(0)
    profile.stagesNs[1] = validationNs
    profile.stagesNs[4] = sendNs
    profile.add()
  }
  addOrder(900_000, 900_000)
  const then = metrics.totals()
  addOrder(1000, 5000)
  addOrder(3000, 7000)
  pass(1000)
  const { orders, order_path, updates, market_data_path } = figuresBetween(then, metrics.totals()).profile
  assert.is(orders, 2)
  assert.equal([order_path.validation_us, order_path.network_send_us, order_path.total_us], [2, 6, 8])
  assert.equal([updates, market_data_path.total_us], [0, null])
})

test("totals of two engines name two runs", () => {
  assert.is.not(engine().metrics.totals().run, engine().metrics.totals().run)
})

test.run()
