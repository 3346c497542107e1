/**
 * Chance from a seed: the small fast counting generator (sfc32), 32 bits at a time. The same seed gives the same
 * market on every machine. All draws are whole numbers, which are returned without an allocation.
 */
export class Random {
  readonly #state = new Int32Array(4)

  constructor(seed: number) {
    this.#state[0] = seed | 0
    this.#state[1] = Math.floor(seed / 2 ** 32) | 0
    this.#state[2] = 0x9e3779b9 | 0
    this.#state[3] = 1
    // Neighbouring seeds start alike; a few rounds take them apart.
    for (let i = 0; i < 16; i++) this.word()
  }

  /** 32 random bits. */
  word(): number {
    const state = this.#state
    const sum = (state[0] + state[1] + state[3]) | 0
    state[3] = (state[3] + 1) | 0
    state[0] = state[1] ^ (state[1] >>> 9)
    state[1] = (state[2] + (state[2] << 3)) | 0
    state[2] = (((state[2] << 21) | (state[2] >>> 11)) + sum) | 0
    return sum
  }

  /** A whole number from 0 up to, but not including, `bound`. */
  below(bound: number): number {
    return Math.floor((this.word() >>> 0) * 2 ** -32 * bound)
  }

  /** True in so many of a hundred cases. */
  happens(percent: number): boolean {
    return this.below(100) < percent
  }

  /** A whole number from 0 up, exponential around a mean: small ones are usual, large ones rare. */
  exponential(mean: number): number {
    return Math.floor(-Math.log(1 - (this.word() >>> 0) * 2 ** -32) * mean)
  }

  /**
   * A whole number around 0, nearly normal with a standard deviation of BELL_DEVIATION: the sum of four uniform draws
   * needs no logarithm and has no far tail.
   */
  bell(): number {
    const first = this.word()
    const second = this.word()
    return (first & 0xffff) + (first >>> 16) + (second & 0xffff) + (second >>> 16) - 2 * 0xffff
  }
}

// A uniform draw of 0 to n - 1 has the variance (n^2 - 1) / 12, and four of them are summed.
export const BELL_DEVIATION = Math.sqrt((4 * (2 ** 32 - 1)) / 12)
