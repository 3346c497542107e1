import { test } from "uvu"
import * as assert from "uvu/assert"
import { BUCKETS_WORD, COUNT_WORD, HISTOGRAM_WORDS, HistogramRecorder } from "../../../core/hot/histogram.js"
import { LatencyWindow } from "../../../core/measure/latency-window.js"
import { seededRandom } from "../../support/random.js"

const NOTHING = { p50_us: null, p95_us: null, p99_us: null, max_us: null, count: 0 }

test("without a sample the latencies are null, not 0", () => {
  const { window } = recording()
  assert.equal(window.summary(), NOTHING)
  window.tick()
  assert.equal(window.summary(), NOTHING)
  assert.equal(window.total(), NOTHING)
})

test("summary answers percentiles and the exact maximum in decimal microseconds", () => {
  const { recorder, window } = recording()
  for (let i = 1; i <= 1000; i++) recorder.record(i)
  recorder.record(1_234_567)
  window.tick()
  assert.equal(window.summary(), { p50_us: 0.501, p95_us: 0.951, p99_us: 0.991, max_us: 1234.567, count: 1001 })
})

test("one sample is its own percentile and maximum", () => {
  const { recorder, window } = recording()
  recorder.record(123_457)
  window.tick()
  assert.equal(window.summary(), { p50_us: 123.457, p95_us: 123.457, p99_us: 123.457, max_us: 123.457, count: 1 })
})

test("samples leave the window after its ticks and stay in the total", () => {
  const { recorder, window } = recording(3)
  recorder.record(9_000_000)
  window.tick()
  recorder.record(50)
  window.tick()
  window.tick()
  assert.is(window.summary().max_us, 9000)
  assert.is(window.summary().count, 2)
  window.tick()
  assert.equal(window.summary(), { p50_us: 0.05, p95_us: 0.05, p99_us: 0.05, max_us: 0.05, count: 1 })
  window.tick()
  assert.equal(window.summary(), NOTHING)
  assert.is(window.total().count, 2)
  assert.is(window.total().max_us, 9000)
})

test("the maximum of an interval does not leak into the next", () => {
  const { recorder, window } = recording(1)
  for (const value of [5_000, 70, 3_000, 20, 9]) {
    recorder.record(value)
    window.tick()
    assert.is(window.summary().max_us, value / 1000)
  }
})

test("regions are merged", () => {
  const words = new Int32Array(new SharedArrayBuffer(2 * HISTOGRAM_WORDS * 4))
  const window = new LatencyWindow([
    { words, offset: 0 },
    { words, offset: HISTOGRAM_WORDS },
  ])
  new HistogramRecorder(words).record(100)
  new HistogramRecorder(words, HISTOGRAM_WORDS).record(300)
  window.tick()
  assert.equal(window.summary(), { p50_us: 0.1, p95_us: 0.3, p99_us: 0.3, max_us: 0.3, count: 2 })
})

test("counts that pass 2^32 in the shared words are still differences", () => {
  const { words, recorder, window } = recording()
  recorder.record(100)
  window.tick()
  words[BUCKETS_WORD + 100] = -1
  words[COUNT_WORD] = -1
  window.tick()
  recorder.record(100)
  recorder.record(100)
  window.tick()
  assert.is(window.total().count, 2 ** 32 + 1)
})

test("the window equals one that is computed from the samples themselves", () => {
  const { recorder, window } = recording(5)
  const random = seededRandom(9)
  const seconds: number[][] = []
  for (let tick = 0; tick < 40; tick++) {
    const samples = Array.from({ length: Math.floor(400 * random()) }, () => Math.floor(2_000 * random()))
    for (const sample of samples) recorder.record(sample)
    seconds.push(samples)
    window.tick()
    const all = seconds
      .slice(-5)
      .flat()
      .sort((a, b) => a - b)
    const { p50_us, p99_us, max_us, count } = window.summary()
    assert.is(count, all.length)
    assert.is(max_us, all[all.length - 1] / 1000)
    assert.is(p50_us, all[Math.ceil(all.length * 0.5) - 1] / 1000)
    assert.is(p99_us, all[Math.ceil(all.length * 0.99) - 1] / 1000)
  }
})

function recording(windowTicks?: number) {
  const words = new Int32Array(new SharedArrayBuffer(HISTOGRAM_WORDS * 4))
  return {
    words,
    recorder: new HistogramRecorder(words),
    window: new LatencyWindow([{ words, offset: 0 }], windowTicks),
  }
}

test.run()
