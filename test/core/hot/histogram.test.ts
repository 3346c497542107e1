import { build } from "hdr-histogram-js"
import { test } from "uvu"
import * as assert from "uvu/assert"
import {
  BUCKETS_WORD,
  bucketHighest,
  bucketLowest,
  bucketOf,
  COUNT_WORD,
  HIGHEST_NS,
  HISTOGRAM_BUCKETS,
  HISTOGRAM_WORDS,
  HistogramRecorder,
  histogramMaximum,
  SATURATED_WORD,
} from "../../../core/hot/histogram.js"
import { seededRandom } from "../../support/random.js"

test("every value lies between the bounds of its bucket, which are within a thousandth of each other", () => {
  const random = seededRandom(1)
  for (let i = 0; i < 200_000; i++) {
    const value = Math.floor(2 ** (36 * random()))
    const bucket = bucketOf(value)
    assert.ok(bucketLowest(bucket) <= value && value <= bucketHighest(bucket), `${value} in ${bucket}`)
    assert.ok(bucketHighest(bucket) - bucketLowest(bucket) <= value / 1000)
  }
})

test("buckets follow each other without a hole from 0 to the highest value", () => {
  for (let bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
    assert.is(bucketOf(bucketLowest(bucket)), bucket)
    assert.is(bucketOf(bucketHighest(bucket)), bucket)
  }
  assert.is(bucketHighest(HISTOGRAM_BUCKETS - 1), HIGHEST_NS)
})

test("bucketOf takes fractions of a nanosecond for the whole one", () => {
  for (const value of [0.5, 2047.9, 2 ** 31 - 0.5, 2 ** 31 + 0.5]) {
    assert.is(bucketOf(value), bucketOf(Math.floor(value)))
  }
})

test("the percentiles are those of hdr-histogram-js for the same values", () => {
  const words = new Int32Array(HISTOGRAM_WORDS)
  const recorder = new HistogramRecorder(words)
  const reference = build({ highestTrackableValue: HIGHEST_NS, numberOfSignificantValueDigits: 3 })
  const random = seededRandom(2)
  for (let i = 0; i < 20_000; i++) {
    const value = Math.floor(2 ** (33 * random()))
    recorder.record(value)
    reference.recordValue(value)
  }
  for (const percentile of [1, 50, 90, 99, 99.9, 100]) {
    assert.is(bucketOf(reference.getValueAtPercentile(percentile)), bucketAt(words, percentile), `p${percentile}`)
  }
})

test("record keeps the exact maximum, counts, and takes negative durations for 0", () => {
  const words = new Int32Array(HISTOGRAM_WORDS)
  const recorder = new HistogramRecorder(words)
  for (const value of [5, 123_456_789, 77, -3]) recorder.record(value)
  assert.is(histogramMaximum(words)[0], 123_456_789)
  assert.is(words[COUNT_WORD], 4)
  assert.is(words[BUCKETS_WORD], 1)
})

test("record saturates at the top and counts it", () => {
  const words = new Int32Array(HISTOGRAM_WORDS)
  const recorder = new HistogramRecorder(words)
  for (const value of [HIGHEST_NS, HIGHEST_NS + 1, 1e15, Number.POSITIVE_INFINITY]) recorder.record(value)
  assert.is(words[SATURATED_WORD], 3)
  assert.is(words[BUCKETS_WORD + HISTOGRAM_BUCKETS - 1], 4)
  assert.is(histogramMaximum(words)[0], HIGHEST_NS)
})

test("two histograms in one buffer do not touch each other", () => {
  const words = new Int32Array(new SharedArrayBuffer(2 * HISTOGRAM_WORDS * 4))
  new HistogramRecorder(words, HISTOGRAM_WORDS).record(HIGHEST_NS)
  assert.ok(words.subarray(0, HISTOGRAM_WORDS).every((word) => word === 0))
})

test("a recorder refuses memory that is too small or not aligned", () => {
  assert.throws(() => new HistogramRecorder(new Int32Array(HISTOGRAM_WORDS - 1)), /VELOZ_HISTOGRAM_MEMORY/)
  assert.throws(() => new HistogramRecorder(new Int32Array(HISTOGRAM_WORDS + 1), 1), /VELOZ_HISTOGRAM_MEMORY/)
})

function bucketAt(words: Int32Array, percentile: number): number {
  const wanted = Math.round((percentile / 100) * words[COUNT_WORD])
  let sum = 0
  for (let bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
    sum += words[BUCKETS_WORD + bucket]
    if (sum >= wanted) return bucket
  }
  return -1
}

test.run()
