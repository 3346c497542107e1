/**
 * Chance from a seed: the small fast counting generator (sfc32), 32 bits at a time. The same seed gives the same
 * market on every machine.
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

  /** From 0 up to, but not including, 1. */
  unit(): number {
    return (this.word() >>> 0) * 2 ** -32
  }

  /** A whole number from 0 up to, but not including, `bound`. */
  below(bound: number): number {
    return Math.floor(this.unit() * bound)
  }

  /** Mean 0 and variance 1, nearly normal: the sum of four uniform draws needs no logarithm and has no far tail. */
  gaussian(): number {
    return (this.unit() + this.unit() + this.unit() + this.unit() - 2) * Math.sqrt(3)
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.unit())
  }
}
