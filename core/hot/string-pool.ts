import { copyBytes, equalBytes, readAscii, writeAscii } from "./bytes.js"
import { touchPages } from "./pages.js"
import { FIRST_HEAP_SLOT, SlotPool } from "./pool.js"
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
  readonly #heap: Uint8Array[] = []

  constructor(capacity: number) {
    this.slots = new SlotPool(capacity, {
      shift: SHIFT,
      bytesPerSlot: ID_BYTES,
      owner: {
        onSegment: (index, cells) => {
          const memory = new Uint8Array(cells * ID_BYTES)
          memory.set(this.#bytes[index]?.subarray(0, memory.length) ?? [])
          this.#bytes[index] = memory
          this.#lengths[index] = new Int32Array(memory.buffer)
        },
        onTouch: (index) => touchPages(this.#bytes[index]),
      },
    })
  }

  /** Ids that live on the heap now. */
  get heapCount(): number {
    return this.slots.onHeap
  }

  /** Puts an id of up to 40 ASCII bytes into a new cell and returns the number of it. */
  add(bytes: Uint8Array, offset: number, length: number): number {
    const cell = this.#newCell(length)
    copyBytes(bytes, offset, this.#cellBytes(cell), textOffset(cell), length)
    return cell
  }

  /** The same for a string. One that is longer or not ASCII goes to the heap as UTF-8. */
  addText(text: string): number {
    if (text.length > ID_MAX_LENGTH || !isAscii(text)) {
      const bytes = new TextEncoder().encode(text)
      const cell = this.slots.acquireHeap()
      this.#heap[cell - FIRST_HEAP_SLOT] = bytes
      return cell
    }
    const cell = this.#newCell(text.length)
    writeAscii(text, this.#cellBytes(cell), textOffset(cell))
    return cell
  }

  /** Writes another id of up to 40 bytes into a cell that is in use. */
  set(cell: number, bytes: Uint8Array, offset: number, length: number): void {
    if (cell >= FIRST_HEAP_SLOT) {
      this.#heap[cell - FIRST_HEAP_SLOT] = bytes.slice(offset, offset + length)
      return
    }
    this.#lengths[cell >> SHIFT][lengthWord(cell)] = length
    copyBytes(bytes, offset, this.#cellBytes(cell), textOffset(cell), length)
  }

  release(cell: number): void {
    this.slots.release(cell)
    if (cell >= FIRST_HEAP_SLOT) this.#heap[cell - FIRST_HEAP_SLOT] = NO_BYTES
  }

  length(cell: number): number {
    if (cell >= FIRST_HEAP_SLOT) return this.#cellBytes(cell).length
    return this.#lengths[cell >> SHIFT][lengthWord(cell)]
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
    if (cell >= FIRST_HEAP_SLOT) return new TextDecoder().decode(this.#cellBytes(cell))
    return readAscii(this.#cellBytes(cell), textOffset(cell), this.length(cell))
  }

  #newCell(length: number): number {
    const cell = length > ID_MAX_LENGTH ? this.slots.acquireHeap() : this.slots.acquireOrHeap()
    if (cell >= FIRST_HEAP_SLOT) this.#heap[cell - FIRST_HEAP_SLOT] = new Uint8Array(length)
    else this.#lengths[cell >> SHIFT][lengthWord(cell)] = length
    return cell
  }

  #cellBytes(cell: number): Uint8Array {
    return cell >= FIRST_HEAP_SLOT ? this.#heap[cell - FIRST_HEAP_SLOT] : this.#bytes[cell >> SHIFT]
  }
}

/** 8,192 cells a segment, 384 KiB: allocators map that much anew, so that what is not used takes no memory. */
const SHIFT = 13
const MASK = 2 ** SHIFT - 1
const TEXT_OFFSET = 4
const NO_BYTES = new Uint8Array(0)

function textOffset(cell: number): number {
  return cell >= FIRST_HEAP_SLOT ? 0 : (cell & MASK) * ID_BYTES + TEXT_OFFSET
}

function lengthWord(cell: number): number {
  return ((cell & MASK) * ID_BYTES) >> 2
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return false
  }
  return true
}
