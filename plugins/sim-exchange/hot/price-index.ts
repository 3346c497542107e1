/**
 * Which prices hold orders: a bitmap with a bit for each tick, under summaries that have a bit for each word below.
 * The nearest price above or below is found in at most six steps however wide the gap, and nothing is allocated.
 */
export const NOT_FOUND = -1

const WORD_BITS = 5
const WORD_MASK = 31

export class PriceIndex {
  // layers[0] has the ticks; a bit of layers[n] says that a word of layers[n - 1] is not empty. The pages of a wide
  // layer that nobody touched cost address space only.
  readonly #layers: Int32Array[] = []

  constructor(maxTicks: number) {
    let bits = maxTicks + 1
    do {
      bits = (bits + WORD_MASK) >>> WORD_BITS
      this.#layers.push(new Int32Array(bits))
    } while (bits > 1)
  }

  add(ticks: number): void {
    for (let depth = 0, at = ticks; depth < this.#layers.length; depth++, at >>>= WORD_BITS) {
      const layer = this.#layers[depth]
      const word = at >>> WORD_BITS
      const before = layer[word]
      layer[word] = before | (1 << (at & WORD_MASK))
      // A word that was in use is known to its summary already.
      if (before !== 0) return
    }
  }

  remove(ticks: number): void {
    for (let depth = 0, at = ticks; depth < this.#layers.length; depth++, at >>>= WORD_BITS) {
      const layer = this.#layers[depth]
      const word = at >>> WORD_BITS
      layer[word] &= ~(1 << (at & WORD_MASK))
      if (layer[word] !== 0) return
    }
  }

  /** The lowest indexed price above `ticks`, or NOT_FOUND. */
  above(ticks: number): number {
    let at = ticks
    for (let depth = 0; depth < this.#layers.length; depth++, at >>>= WORD_BITS) {
      const bit = at & WORD_MASK
      // A shift by 32 is a shift by 0 here, so the last bit of a word needs its own answer: nothing is above it.
      const higher = bit === WORD_MASK ? 0 : this.#layers[depth][at >>> WORD_BITS] & (-1 << (bit + 1))
      if (higher !== 0) return this.#lowestUnder(depth, ((at >>> WORD_BITS) << WORD_BITS) | lowestBit(higher))
    }
    return NOT_FOUND
  }

  /** The highest indexed price below `ticks`, or NOT_FOUND. */
  below(ticks: number): number {
    let at = ticks
    for (let depth = 0; depth < this.#layers.length; depth++, at >>>= WORD_BITS) {
      const lower = this.#layers[depth][at >>> WORD_BITS] & ((1 << (at & WORD_MASK)) - 1)
      if (lower !== 0) return this.#highestUnder(depth, ((at >>> WORD_BITS) << WORD_BITS) | highestBit(lower))
    }
    return NOT_FOUND
  }

  #lowestUnder(from: number, position: number): number {
    let at = position
    for (let depth = from - 1; depth >= 0; depth--) at = (at << WORD_BITS) | lowestBit(this.#layers[depth][at])
    return at
  }

  #highestUnder(from: number, position: number): number {
    let at = position
    for (let depth = from - 1; depth >= 0; depth--) at = (at << WORD_BITS) | highestBit(this.#layers[depth][at])
    return at
  }
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}

function highestBit(word: number): number {
  return 31 - Math.clz32(word)
}
