import { histogramMemoryError } from "./errors.js"

/**
 * An HDR histogram of nanoseconds with three significant digits, written in place into memory that control reads. The
 * buckets are those of the HDR histogram of the same precision: values up to 2,047 have a bucket each, and from there
 * every doubling has 1,024 buckets.
 *
 * One thread writes, one reader takes differences once a second. The exact maximum is kept per epoch: the reader begins
 * an epoch, the writer goes on in the other of two cells, and the reader has the first for itself.
 *
 * | 0 epoch i32, by the reader | 1 epoch of the newest maximum i32 | 2 maximum of even epochs f64 | 4 of odd epochs f64 |
 * | 6 count i32 | 7 saturated i32 | 8 counts i32 ... |   (words of 4 bytes; counts are modulo 2^32)
 */
export const HISTOGRAM_BUCKETS = 27 * 1024
export const HISTOGRAM_WORDS = 8 + HISTOGRAM_BUCKETS
/** About 68.7 s. What took longer is recorded as this, and counted as saturated. */
export const HIGHEST_NS = 2 ** 36 - 1

export const EPOCH_WORD = 0
export const MAXIMUM_EPOCH_WORD = 1
export const MAXIMUM_WORD = 2
export const COUNT_WORD = 6
export const SATURATED_WORD = 7
export const BUCKETS_WORD = 8

export class HistogramRecorder {
  readonly #words: Int32Array
  readonly #maxima: Float64Array

  /** Records into `words` from word `offset` on, which must be even. */
  constructor(words: Int32Array, offset = 0) {
    this.#words = histogramWords(words, offset)
    this.#maxima = histogramMaxima(this.#words)
  }

  /** Negative durations are recorded as 0. */
  record(valueNs: number): void {
    let value = valueNs > 0 ? valueNs : 0
    if (value > HIGHEST_NS) {
      value = HIGHEST_NS
      this.#words[SATURATED_WORD]++
    }
    const words = this.#words
    words[BUCKETS_WORD + bucketOf(value)]++
    words[COUNT_WORD]++
    const epoch = words[EPOCH_WORD]
    const cell = epoch & 1
    if (words[MAXIMUM_EPOCH_WORD] !== epoch) {
      words[MAXIMUM_EPOCH_WORD] = epoch
      this.#maxima[cell] = value
    } else if (value > this.#maxima[cell]) {
      this.#maxima[cell] = value
    }
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

/** The two maxima of a histogram, by the parity of their epoch. */
export function histogramMaxima(words: Int32Array): Float64Array {
  return new Float64Array(words.buffer, words.byteOffset + MAXIMUM_WORD * 4, 2)
}

const INT32_LIMIT = 2 ** 31
/** Values up to 11 bits have a bucket each. */
const EXACT_MASK = 2047
const EXACT_BITS = 32 - 11
