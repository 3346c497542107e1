import { histogramMemoryError } from "./errors.js"

/**
 * An HDR histogram of nanoseconds with three significant digits, written in place into memory that control reads. The
 * buckets are those of the HDR histogram of the same precision: values up to 2,047 have a bucket each, and from there
 * every doubling has 1,024 buckets.
 *
 * One thread writes; one reader takes differences, once a second, and sets the maximum back to 0 to have one of every
 * second. A value recorded in the nanoseconds between its reading and its clearing may lose its maximum, not its count.
 *
 * | 0 maximum f64 | 8 count i32 | 12 saturated i32 | 16 counts i32 ... |   (counts are modulo 2^32)
 */
export const HISTOGRAM_BUCKETS = 27 * 1024
export const HISTOGRAM_WORDS = 4 + HISTOGRAM_BUCKETS
/** About 68.7 s. What took longer is recorded as this, and counted as saturated. */
export const HIGHEST_NS = 2 ** 36 - 1

export const COUNT_WORD = 2
export const SATURATED_WORD = 3
export const BUCKETS_WORD = 4

export class HistogramRecorder {
  readonly #words: Int32Array
  readonly #maximum: Float64Array
  readonly #value = new Float64Array(1)

  /** Records into `words` from word `offset` on, which must be even. */
  constructor(words: Int32Array, offset = 0) {
    this.#words = histogramWords(words, offset)
    this.#maximum = histogramMaximum(this.#words)
  }

  /** Negative durations are recorded as 0. */
  record(valueNs: number): void {
    this.#value[0] = valueNs
    this.recordAt(this.#value, 0)
  }

  /** The same for a duration that lies in memory: as an argument, one that is no small integer would be boxed. */
  recordAt(valuesNs: Float64Array, index: number): void {
    const words = this.#words
    let value = valuesNs[index] > 0 ? Math.floor(valuesNs[index]) : 0
    if (value > HIGHEST_NS) {
      value = HIGHEST_NS
      words[SATURATED_WORD]++
    }
    words[BUCKETS_WORD + bucketOf(value)]++
    words[COUNT_WORD]++
    if (value > this.#maximum[0]) this.#maximum[0] = value
  }
}

/** The bucket of a value from 0 to HIGHEST_NS. */
export function bucketOf(valueNs: number): number {
  if (valueNs < INT32_LIMIT) {
    const value = valueNs | 0
    const shift = EXACT_BITS - Math.clz32(value | EXACT_MASK)
    return (shift << 10) + (value >>> shift)
  }
  const shift = 16 + EXACT_BITS - Math.clz32(valueNs / 65_536)
  return (shift << 10) + Math.floor(valueNs / 2 ** shift)
}

/** The lowest value of a bucket. */
export function bucketLowest(bucket: number): number {
  if (bucket <= EXACT_MASK) return bucket
  const shift = (bucket >> 10) - 1
  return (1024 + (bucket & 1023)) * 2 ** shift
}

/** The highest whole value of a bucket. */
export function bucketHighest(bucket: number): number {
  return bucketLowest(bucket + 1) - 1
}

/** The words of one histogram within a larger array. */
export function histogramWords(words: Int32Array, offset: number): Int32Array {
  const isAligned = (words.byteOffset + offset * 4) % 8 === 0
  if (!isAligned || offset < 0 || words.length - offset < HISTOGRAM_WORDS) {
    throw histogramMemoryError(HISTOGRAM_WORDS, words.length - offset)
  }
  return words.subarray(offset, offset + HISTOGRAM_WORDS)
}

/** The cell of the maximum since the reader cleared it. */
export function histogramMaximum(words: Int32Array): Float64Array {
  return new Float64Array(words.buffer, words.byteOffset, 1)
}

const INT32_LIMIT = 2 ** 31
/** Values up to 11 bits have a bucket each. */
const EXACT_MASK = 2047
const EXACT_BITS = 32 - 11
