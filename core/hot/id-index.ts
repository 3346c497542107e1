import { copyBytes, equalBytes, hashBytes } from "./bytes.js"
import { idLengthError } from "./errors.js"
import { touchPages } from "./pages.js"
import { NO_SLOT } from "./pool.js"
import { ID_MAX_LENGTH } from "./records.js"

/**
 * Finds the slot of an order by its id: a hash table with open addressing and linear probing. Ids are kept in the
 * table, so that a probe needs nothing else. Removing moves later entries of the same run back into the hole instead
 * of leaving a tombstone: lookups stay as short after a million orders as after the first.
 */
export class IdIndex {
  count = 0
  /** Bytes of the table whose pages were touched ahead. */
  touchedBytes = 0
  #mask: number
  // An entry is a hash, a slot and a key. Slots are kept as their number and 1, so that new memory is free entries.
  #hashes: Int32Array
  #slots: Int32Array
  #lengths: Uint8Array
  #keys: Uint8Array

  /** Holds `capacity` ids before it has to grow. */
  constructor(capacity = 1024) {
    const entries = entriesFor(capacity)
    const memory = new ArrayBuffer(entries * ENTRY_BYTES)
    this.#mask = entries - 1
    this.#hashes = new Int32Array(memory, 0, entries)
    this.#slots = new Int32Array(memory, 4 * entries, entries)
    this.#lengths = new Uint8Array(memory, 8 * entries, entries)
    this.#keys = new Uint8Array(memory, 9 * entries)
  }

  /** How many ids it holds before it has to grow. */
  get capacity(): number {
    return (this.#mask + 1) >> 1
  }

  /** Bytes of the table. */
  get bytes(): number {
    return this.#keys.buffer.byteLength
  }

  /** Adds an id. False if it is there already; then nothing changes. */
  insert(bytes: Uint8Array, offset: number, length: number, slot: number): boolean {
    if (length < 1 || length > ID_MAX_LENGTH) throw idLengthError(length, ID_MAX_LENGTH)
    if (this.count >= this.capacity) this.resize(2 * this.capacity)
    const hash = hashBytes(bytes, offset, length)
    const entry = this.#probe(bytes, offset, length, hash)
    if (this.#slots[entry] !== FREE) return false
    this.#hashes[entry] = hash
    this.#slots[entry] = slot + 1
    this.#lengths[entry] = length
    copyBytes(bytes, offset, this.#keys, entry * ID_MAX_LENGTH, length)
    this.count++
    return true
  }

  /** The slot of an id, or NO_SLOT. */
  find(bytes: Uint8Array, offset: number, length: number): number {
    return this.#slots[this.#probe(bytes, offset, length, hashBytes(bytes, offset, length))] - 1
  }

  /** Takes an id out and returns the slot it had, or NO_SLOT. */
  remove(bytes: Uint8Array, offset: number, length: number): number {
    const entry = this.#probe(bytes, offset, length, hashBytes(bytes, offset, length))
    const slot = this.#slots[entry] - 1
    if (slot === NO_SLOT) return NO_SLOT
    this.#closeHole(entry)
    this.count--
    return slot
  }

  clear(): void {
    this.#slots.fill(FREE)
    this.count = 0
  }

  /** The table is no larger and no smaller than it has to be for so many ids, or for those that there are. */
  fits(capacity: number): boolean {
    return entriesFor(Math.max(capacity, this.count)) === this.#mask + 1
  }

  /** Cold: a table for `capacity` ids, but no fewer than there are. Call it when the pool of the slots is resized. */
  resize(capacity: number): void {
    const other = new IdIndex(Math.max(capacity, this.count))
    for (let entry = 0; entry <= this.#mask; entry++) {
      if (this.#slots[entry] === FREE) continue
      other.insert(this.#keys, entry * ID_MAX_LENGTH, this.#lengths[entry], this.#slots[entry] - 1)
    }
    this.#mask = other.#mask
    this.#hashes = other.#hashes
    this.#slots = other.#slots
    this.#lengths = other.#lengths
    this.#keys = other.#keys
    this.touchedBytes = 0
  }

  /** Cold: touches the next pages of the table. */
  touch(): void {
    const from = this.touchedBytes
    this.touchedBytes = Math.min(this.bytes, from + TOUCH_BYTES)
    touchPages(new Uint8Array(this.#keys.buffer), from, this.touchedBytes)
  }

  /** The entry of an id, or the free one where it belongs. The table is at most half full, so there is one. */
  #probe(bytes: Uint8Array, offset: number, length: number, hash: number): number {
    let entry = hash & this.#mask
    while (this.#slots[entry] !== FREE && !this.#isAt(entry, bytes, offset, length, hash)) {
      entry = (entry + 1) & this.#mask
    }
    return entry
  }

  #isAt(entry: number, bytes: Uint8Array, offset: number, length: number, hash: number): boolean {
    return (
      this.#hashes[entry] === hash &&
      this.#lengths[entry] === length &&
      equalBytes(this.#keys, entry * ID_MAX_LENGTH, bytes, offset, length)
    )
  }

  /** Moves into the hole each later entry of the run that may stand there: one whose home does not lie behind it. */
  #closeHole(freed: number): void {
    let hole = freed
    let entry = (hole + 1) & this.#mask
    while (this.#slots[entry] !== FREE) {
      const distanceFromHome = (entry - this.#hashes[entry]) & this.#mask
      const distanceFromHole = (entry - hole) & this.#mask
      if (distanceFromHome >= distanceFromHole) {
        this.#move(entry, hole)
        hole = entry
      }
      entry = (entry + 1) & this.#mask
    }
    this.#slots[hole] = FREE
  }

  #move(from: number, to: number): void {
    this.#hashes[to] = this.#hashes[from]
    this.#slots[to] = this.#slots[from]
    this.#lengths[to] = this.#lengths[from]
    copyBytes(this.#keys, from * ID_MAX_LENGTH, this.#keys, to * ID_MAX_LENGTH, this.#lengths[from])
  }
}

const FREE = 0
/** A hash, a slot, a length and a key. */
const ENTRY_BYTES = 4 + 4 + 1 + ID_MAX_LENGTH
/** So much is touched in one go. */
const TOUCH_BYTES = 2 ** 18

/** A power of two of which `capacity` is at most half. */
function entriesFor(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(2 * Math.max(capacity, 8)))
}
