import { copyBytes, equalBytes, readAscii, writeAscii } from "./bytes.js"
import { NO_SLOT, SEGMENT_MASK, SEGMENT_SHIFT, SLOTS_PER_SEGMENT, SlotPool } from "./pool.js"
import { ID_BYTES, ID_MAX_LENGTH } from "./records.js"

/**
 * Client and venue order ids in cells of a fixed size, addressed by number. A cell has the layout of an id in a record,
 * so that it is copied whole: | 0 length i32 | 4 bytes ...40 | padded to 48.
 *
 * When all cells are taken an id still gets a number, of a string on the heap. That is slower and counted
 * (`slots.fallbacks`), but no caller has a second case to handle.
 */
export class StringPool {
  readonly slots: SlotPool
  readonly #bytes: Uint8Array[] = []
  readonly #lengths: Int32Array[] = []
  readonly #heap = new Map<number, Uint8Array>()
  #nextHeapCell = FIRST_HEAP_CELL

  constructor(capacity: number) {
    this.slots = new SlotPool(capacity, {
      onSegment: (index) => {
        const memory = new ArrayBuffer(SLOTS_PER_SEGMENT * ID_BYTES)
        this.#bytes[index] = new Uint8Array(memory)
        this.#lengths[index] = new Int32Array(memory)
      },
      onSegmentReleased: (index) => {
        this.#bytes.length = index
        this.#lengths.length = index
      },
    })
  }

  /** Ids that live on the heap now. */
  get heapCount(): number {
    return this.#heap.size
  }

  /** Puts an id of up to 40 ASCII bytes into a new cell and returns the number of it. */
  add(bytes: Uint8Array, offset: number, length: number): number {
    const cell = this.#newCell(length)
    copyBytes(bytes, offset, this.#cellBytes(cell), textOffset(cell), length)
    return cell
  }

  /** The same for a string. One that is longer or not ASCII goes to the heap as UTF-8. */
  addText(text: string): number {
    if (text.length > ID_MAX_LENGTH || !isAscii(text)) return this.#addToHeap(new TextEncoder().encode(text))
    const cell = this.#newCell(text.length)
    writeAscii(text, this.#cellBytes(cell), textOffset(cell))
    return cell
  }

  /** Writes another id of up to 40 bytes into a cell that is in use. */
  set(cell: number, bytes: Uint8Array, offset: number, length: number): void {
    if (cell >= FIRST_HEAP_CELL) {
      this.#heap.set(cell, bytes.slice(offset, offset + length))
      return
    }
    this.#lengths[cell >> SEGMENT_SHIFT][lengthWord(cell)] = length
    copyBytes(bytes, offset, this.#cellBytes(cell), textOffset(cell), length)
  }

  release(cell: number): void {
    if (cell >= FIRST_HEAP_CELL) this.#heap.delete(cell)
    else this.slots.release(cell)
  }

  length(cell: number): number {
    if (cell >= FIRST_HEAP_CELL) return this.#cellBytes(cell).length
    return this.#lengths[cell >> SEGMENT_SHIFT][lengthWord(cell)]
  }

  equals(cell: number, bytes: Uint8Array, offset: number, length: number): boolean {
    return this.length(cell) === length && equalBytes(this.#cellBytes(cell), textOffset(cell), bytes, offset, length)
  }

  /** Copies the text of a cell and returns its length. */
  copyTo(cell: number, into: Uint8Array, at: number): number {
    const length = this.length(cell)
    copyBytes(this.#cellBytes(cell), textOffset(cell), into, at, length)
    return length
  }

  /** Cold: a JavaScript string is made. */
  text(cell: number): string {
    if (cell >= FIRST_HEAP_CELL) return new TextDecoder().decode(this.#cellBytes(cell))
    return readAscii(this.#cellBytes(cell), textOffset(cell), this.length(cell))
  }

  resize(capacity: number): void {
    this.slots.resize(capacity)
  }

  #newCell(length: number): number {
    const cell = length > ID_MAX_LENGTH ? NO_SLOT : this.slots.acquire()
    if (cell === NO_SLOT) return this.#addToHeap(new Uint8Array(length))
    this.#lengths[cell >> SEGMENT_SHIFT][lengthWord(cell)] = length
    return cell
  }

  #addToHeap(bytes: Uint8Array): number {
    const cell = this.#nextHeapCell++
    this.#heap.set(cell, bytes)
    return cell
  }

  #cellBytes(cell: number): Uint8Array {
    return cell >= FIRST_HEAP_CELL ? this.#heap.get(cell)! : this.#bytes[cell >> SEGMENT_SHIFT]
  }
}

/** Above any slot of a pool. */
const FIRST_HEAP_CELL = 2 ** 30
const TEXT_OFFSET = 4

function textOffset(cell: number): number {
  return cell >= FIRST_HEAP_CELL ? 0 : (cell & SEGMENT_MASK) * ID_BYTES + TEXT_OFFSET
}

function lengthWord(cell: number): number {
  return ((cell & SEGMENT_MASK) * ID_BYTES) >> 2
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return false
  }
  return true
}
