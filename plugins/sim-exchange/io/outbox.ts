import type { Duplex } from "node:stream"
import { LONGEST_HEADER, writeHeaderBefore } from "../hot/frame-header.js"
import type { DelayLine } from "./delay-line.js"

/**
 * The frames of one connection that wait for the end of the turn, so that a burst costs one system call. Whole frames
 * are written to the socket under the WebSocket library, whose own (pings, closes) go in between.
 */
export class Outbox {
  readonly #socket: Duplex
  readonly #delay: DelayLine
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
  #start = 0
  #end = 0

  constructor(socket: Duplex, delay: DelayLine) {
    this.#socket = socket
    this.#delay = delay
  }

  /** Bytes that the receiver has not taken yet. */
  get backlog(): number {
    return this.#socket.writableLength
  }

  appendFrame(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start
    if (this.#end + length > this.#slab.length) this.#replaceSlab(length)
    const slab = this.#slab
    const offset = this.#end - start
    // By hand: a frame of a hundred bytes is copied before `set` has made the view that it wants.
    if (length < COPY_BY_HAND) for (let i = start; i < end; i++) slab[offset + i] = bytes[i]
    else slab.set(bytes.subarray(start, end), this.#end)
    this.#end += length
  }

  appendText(text: string): void {
    const most = text.length * 3 + LONGEST_HEADER
    if (this.#end + most > this.#slab.length) this.#replaceSlab(most)
    const at = this.#end + LONGEST_HEADER
    const length = this.#slab.write(text, at)
    const start = writeHeaderBefore(this.#slab, at, length)
    // The header has its final length only now; what it did not need would be a hole.
    this.#slab.copyWithin(this.#end, start, at + length)
    this.#end += at + length - start
  }

  flush(): void {
    if (this.#start === this.#end) return
    const bytes = this.#slab.subarray(this.#start, this.#end)
    this.#start = this.#end
    if (this.#delay.isDirect) this.#write(bytes)
    else {
      const copy = Buffer.from(bytes)
      this.#delay.pass(() => this.#write(copy))
    }
    // Nothing left to write means that the kernel has a copy of all that came from the slab, so it is free again.
    if (this.#socket.writableLength === 0) this.#reuseSlab()
  }

  #write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  #reuseSlab(): void {
    this.#start = 0
    this.#end = 0
  }

  // The old slab lives on until the socket has written what it holds of it.
  #replaceSlab(needed: number): void {
    this.flush()
    if (this.#end === 0 && needed <= this.#slab.length) return
    this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, needed))
    this.#reuseSlab()
  }
}

const SLAB_BYTES = 64 * 1024
const COPY_BY_HAND = 256
