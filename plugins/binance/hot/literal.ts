import { asciiBytes, type Scanner } from "veloz/hot"

/** Text that messages are expected to have, compared four bytes at a time: most of a message is such text. */
export class Literal {
  readonly #length: number
  /** The text, but for its last 0 to 3 bytes. */
  readonly #words: Int32Array
  readonly #tail: Uint8Array

  constructor(text: string) {
    const bytes = asciiBytes(text)
    const view = new DataView(bytes.buffer)
    this.#length = bytes.length
    this.#words = Int32Array.from({ length: bytes.length >> 2 }, (_, word) => view.getInt32(4 * word, true))
    this.#tail = bytes.slice(4 * this.#words.length)
  }

  /** Steps over the text if it is there. */
  accept(scanner: Scanner): boolean {
    const { view, bytes } = scanner
    const words = this.#words
    const tail = this.#tail
    let position = scanner.position
    if (position + this.#length > scanner.end) return false
    for (let i = 0; i < words.length; i++) {
      if (view.getInt32(position, true) !== words[i]) return false
      position += 4
    }
    for (let i = 0; i < tail.length; i++) {
      if (bytes[position] !== tail[i]) return false
      position++
    }
    scanner.position = position
    return true
  }
}

/** Steps over `,"X":`, a key of one letter, if it is there. */
export function acceptKey(scanner: Scanner, letter: number): boolean {
  const { bytes, position } = scanner
  if (
    position + 5 > scanner.end ||
    bytes[position] !== COMMA ||
    bytes[position + 1] !== QUOTE ||
    bytes[position + 2] !== letter ||
    bytes[position + 3] !== QUOTE ||
    bytes[position + 4] !== COLON
  ) {
    return false
  }
  scanner.position = position + 5
  return true
}

/** The codes of the keys, by their letter. */
export const Key = {
  A: 0x41,
  B: 0x42,
  M: 0x4d,
  T: 0x54,
  U: 0x55,
  a: 0x61,
  b: 0x62,
  m: 0x6d,
  p: 0x70,
  q: 0x71,
  s: 0x73,
  t: 0x74,
  u: 0x75,
} as const

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
