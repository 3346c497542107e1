import { equalBytes, hashBytes, writeAscii } from "veloz/hot"
import { Literal } from "./literal.js"

/** Finds the index of a name from its bytes: symbols as the venue spells them, without making a string. */
export class NameTable {
  /** Each name as it stands in JSON, in quotes. */
  readonly quoted: readonly Literal[]
  readonly #names: Uint8Array[]
  /** Index plus one; 0 is empty. */
  readonly #slots: Int32Array
  #last = 0

  constructor(names: readonly string[]) {
    this.quoted = names.map((name) => new Literal(`"${name}"`))
    this.#names = names.map((name) => {
      const bytes = new Uint8Array(name.length)
      writeAscii(name, bytes, 0)
      return bytes
    })
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * names.length + 2)))
    this.#names.forEach((name, index) => {
      let slot = this.#slotOf(name, 0, name.length)
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1)
      this.#slots[slot] = index + 1
    })
  }

  /** The index, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    if (this.#is(this.#last, bytes, start, end)) return this.#last
    let slot = this.#slotOf(bytes, start, end - start)
    while (this.#slots[slot] !== 0) {
      const index = this.#slots[slot] - 1
      if (this.#is(index, bytes, start, end)) {
        this.#last = index
        return index
      }
      slot = (slot + 1) & (this.#slots.length - 1)
    }
    return -1
  }

  #is(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const name = this.#names[index]
    return name !== undefined && name.length === end - start && equalBytes(bytes, start, name, 0, name.length)
  }

  #slotOf(bytes: Uint8Array, offset: number, length: number): number {
    return hashBytes(bytes, offset, length) & (this.#slots.length - 1)
  }
}
