/**
 * The prices whose quantity changed since the last depth update, each side of a price once, in the order of their
 * first change. A price can be on both sides of one update: its bids were taken and it became an ask.
 */
export class ChangeLog {
  /** Price times two plus side, of the `count` changes. */
  keys = new Int32Array(256)
  count = 0
  // An open-addressed set over the keys: a cell is in use when its round is the running one, so clearing is counting.
  #cells = new Int32Array(1024)
  #rounds = new Uint32Array(1024)
  #round = 1

  mark(ticks: number, side: number): void {
    this.markKey(ticks * 2 + side)
  }

  markKey(key: number): void {
    const mask = this.#cells.length - 1
    let cell = Math.imul(key, HASH_FACTOR) >>> 7
    for (cell &= mask; this.#rounds[cell] === this.#round; cell = (cell + 1) & mask) {
      if (this.#cells[cell] === key) return
    }
    this.#cells[cell] = key
    this.#rounds[cell] = this.#round
    if (this.count === this.keys.length) this.#grow()
    this.keys[this.count++] = key
  }

  clear(): void {
    this.count = 0
    this.#round++
  }

  // The set stays at most a quarter full: the keys are as many as it may hold.
  #grow(): void {
    const keys = this.keys
    this.keys = new Int32Array(keys.length * 2)
    this.keys.set(keys)
    this.#cells = new Int32Array(this.keys.length * 4)
    this.#rounds = new Uint32Array(this.keys.length * 4)
    const mask = this.#cells.length - 1
    for (let i = 0; i < keys.length; i++) {
      let cell = (Math.imul(keys[i], HASH_FACTOR) >>> 7) & mask
      while (this.#rounds[cell] === this.#round) cell = (cell + 1) & mask
      this.#cells[cell] = keys[i]
      this.#rounds[cell] = this.#round
    }
  }
}

const HASH_FACTOR = 0x9e3779b1
