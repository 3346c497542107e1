import { NO_CAPACITY } from "./ring.js"

/**
 * The frames of RFC 6455 as a client speaks them. FrameWriter builds masked frames one behind the other in a buffer
 * that is sent whole; FrameReader takes what a socket read and hands over messages, in place when a frame lies whole
 * within the read. Neither allocates once its buffers have grown to what the venue sends.
 */

export const Opcode = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const

/** Why a connection is closed, as close frames say it. */
export const CloseCode = {
  Normal: 1000,
  GoingAway: 1001,
  ProtocolError: 1002,
  /** What `onClose` reports for a close frame without a code. */
  NoCode: 1005,
  MessageTooBig: 1009,
} as const

const FIN = 0x80
const RESERVED_BITS = 0x70
const OPCODE_BITS = 0x0f
const MASKED = 0x80
const LENGTH_BITS = 0x7f
const LENGTH_16 = 126
const LENGTH_64 = 127
const FIRST_CONTROL_OPCODE = 8
const MAX_CONTROL_LENGTH = 125
const LONGEST_SERVER_HEADER = 10
const TWO_TO_32 = 2 ** 32
const INITIAL_BYTES = 64 * 1024
const MAX_OUT_BYTES = 4 * 1024 * 1024
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024

/** Mask keys made ahead by a good source of chance: drawing one a frame would be a system call a frame. */
export class MaskPool {
  readonly keys: Int32Array
  #next = 0

  /** `keys` has a power of two of entries. Fill it anew with `fill` whenever there is time. */
  constructor(keys: Int32Array) {
    this.keys = keys
  }

  next(): number {
    this.#next = (this.#next + 1) & (this.keys.length - 1)
    return this.keys[this.#next]
  }
}

/** Frames waiting to be sent: bytes 0 to `length` of `bytes`. */
export class FrameWriter {
  bytes: Uint8Array = new Uint8Array(INITIAL_BYTES)
  length = 0
  #words = new Int32Array(this.bytes.buffer)
  #claimedHeader = 0
  readonly #masks: MaskPool

  constructor(masks: MaskPool) {
    this.#masks = masks
  }

  /** Where a message of at most `length` bytes may be written, or NO_CAPACITY. */
  claim(length: number): number {
    const header = clientHeaderBytes(length)
    const needed = this.length + header + length
    if (needed > this.bytes.length && !this.#grow(needed)) return NO_CAPACITY
    this.#claimedHeader = header
    return this.length + header
  }

  /** Makes a frame of the first `length` bytes that were written behind the last `claim`. */
  commit(length: number, opcode: number = Opcode.Text): void {
    const bytes = this.bytes
    const header = clientHeaderBytes(length)
    const payload = this.length + header
    if (header !== this.#claimedHeader) {
      // The message is shorter than its claim by a size of header: close the gap, a peer would read it as a frame.
      const written = this.length + this.#claimedHeader
      bytes.copyWithin(payload, written, written + length)
    }
    const key = this.#masks.next()
    writeClientHeader(bytes, this.length, opcode, length, key)
    mask(bytes, this.#words, payload, length, key)
    this.length = payload + length
  }

  /** Everything was sent, or is lost. */
  clear(): void {
    this.length = 0
  }

  #grow(needed: number): boolean {
    if (needed > MAX_OUT_BYTES) return false
    const grown = new Uint8Array(Math.min(MAX_OUT_BYTES, 2 ** Math.ceil(Math.log2(needed))))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
    this.#words = new Int32Array(grown.buffer)
    return true
  }
}

/** What comes out of a FrameReader. Ranges are valid until the call returns. */
export interface FrameSink {
  onMessage(bytes: Uint8Array, offset: number, length: number): void
  onPing(bytes: Uint8Array, offset: number, length: number): void
  onPong(bytes: Uint8Array, offset: number, length: number): void
  onClose(code: number): void
}

/** Takes server frames from reads of any size. */
export class FrameReader {
  readonly #sink: FrameSink
  readonly #maxMessageBytes: number
  /** A frame whose end has not been read yet, header and all. */
  #partial: Uint8Array = new Uint8Array(INITIAL_BYTES)
  #partialLength = 0
  /** The fragments so far of a message that comes in several frames. */
  #message: Uint8Array = new Uint8Array(0)
  #messageLength = 0
  #inMessage = false
  #stopped = false
  #failure = 0
  // What `#readHeader` found.
  #headerLength = 0
  #payloadLength = 0

  constructor(sink: FrameSink, maxMessageBytes: number = MAX_MESSAGE_BYTES) {
    this.#sink = sink
    this.#maxMessageBytes = maxMessageBytes
  }

  /** Takes what was read. Returns 0, or the code to close the connection with; then nothing more is taken. */
  push(bytes: Uint8Array, start: number, end: number): number {
    let position = start
    while (position < end && !this.#stopped) {
      if (this.#partialLength > 0) {
        position = this.#complete(bytes, position, end)
        continue
      }
      const frameLength = this.#readHeader(bytes, position, end)
      if (frameLength === 0 || position + frameLength > end) {
        if (this.#failure === 0) this.#keep(bytes, position, end, frameLength)
        break
      }
      this.#deliver(bytes, position)
      position += frameLength
    }
    return this.#failure
  }

  /** Takes nothing more: the connection is being dropped, perhaps by the very message that is being handed over. */
  stop(): void {
    this.#stopped = true
  }

  /** Begins again, for a new connection. */
  reset(): void {
    this.#partialLength = 0
    this.#messageLength = 0
    this.#inMessage = false
    this.#stopped = false
    this.#failure = 0
  }

  /** Adds to the partial frame what it lacks, and delivers it once it is whole. Returns how far the read was used. */
  #complete(bytes: Uint8Array, start: number, end: number): number {
    let position = start
    let frameLength = this.#readHeader(this.#partial, 0, this.#partialLength)
    while (frameLength === 0 && position < end && this.#failure === 0) {
      this.#partial[this.#partialLength++] = bytes[position++]
      frameLength = this.#readHeader(this.#partial, 0, this.#partialLength)
    }
    if (frameLength === 0 || this.#failure !== 0) return position
    const missing = Math.min(frameLength - this.#partialLength, end - position)
    this.#partial = withRoom(this.#partial, this.#partialLength, frameLength)
    copy(bytes, position, this.#partial, this.#partialLength, missing)
    this.#partialLength += missing
    if (this.#partialLength === frameLength) {
      this.#partialLength = 0
      this.#readHeader(this.#partial, 0, frameLength)
      this.#deliver(this.#partial, 0)
    }
    return position + missing
  }

  #keep(bytes: Uint8Array, start: number, end: number, frameLength: number): void {
    const length = end - start
    this.#partial = withRoom(this.#partial, 0, Math.max(length, frameLength, LONGEST_SERVER_HEADER))
    copy(bytes, start, this.#partial, 0, length)
    this.#partialLength = length
  }

  /** The length of the frame that begins here, header included, or 0 while the header is not whole, or is refused. */
  #readHeader(bytes: Uint8Array, start: number, end: number): number {
    const available = end - start
    if (available < 2) return 0
    const first = bytes[start]
    const second = bytes[start + 1]
    const opcode = first & OPCODE_BITS
    // Extensions were not offered, and a server does not mask.
    if ((first & RESERVED_BITS) !== 0 || (second & MASKED) !== 0) return this.#fail(CloseCode.ProtocolError)
    if (opcode > Opcode.Pong || (opcode > Opcode.Binary && opcode < FIRST_CONTROL_OPCODE)) {
      return this.#fail(CloseCode.ProtocolError)
    }
    let payload = second & LENGTH_BITS
    let header = 2
    if (opcode >= FIRST_CONTROL_OPCODE) {
      if ((first & FIN) === 0 || payload > MAX_CONTROL_LENGTH) return this.#fail(CloseCode.ProtocolError)
    } else if ((opcode === Opcode.Continuation) !== this.#inMessage) {
      return this.#fail(CloseCode.ProtocolError)
    }
    if (payload === LENGTH_16) {
      header = 4
      if (available < header) return 0
      payload = (bytes[start + 2] << 8) | bytes[start + 3]
    } else if (payload === LENGTH_64) {
      header = 10
      if (available < header) return 0
      payload = bigEndian32(bytes, start + 2) * TWO_TO_32 + bigEndian32(bytes, start + 6)
    }
    if (payload + this.#messageLength > this.#maxMessageBytes) return this.#fail(CloseCode.MessageTooBig)
    this.#headerLength = header
    this.#payloadLength = payload
    return header + payload
  }

  #deliver(bytes: Uint8Array, start: number): void {
    const first = bytes[start]
    const offset = start + this.#headerLength
    const length = this.#payloadLength
    const opcode = first & OPCODE_BITS
    if (opcode === Opcode.Ping) this.#sink.onPing(bytes, offset, length)
    else if (opcode === Opcode.Pong) this.#sink.onPong(bytes, offset, length)
    else if (opcode === Opcode.Close) this.#deliverClose(bytes, offset, length)
    else if ((first & FIN) !== 0 && !this.#inMessage) this.#sink.onMessage(bytes, offset, length)
    else this.#append(bytes, offset, length, (first & FIN) !== 0)
  }

  #append(bytes: Uint8Array, offset: number, length: number, isLast: boolean): void {
    this.#message = withRoom(this.#message, this.#messageLength, this.#messageLength + length)
    copy(bytes, offset, this.#message, this.#messageLength, length)
    this.#messageLength += length
    this.#inMessage = !isLast
    if (!isLast) return
    const whole = this.#messageLength
    this.#messageLength = 0
    this.#sink.onMessage(this.#message, 0, whole)
  }

  #deliverClose(bytes: Uint8Array, offset: number, length: number): void {
    if (length === 1) {
      this.#fail(CloseCode.ProtocolError)
      return
    }
    this.#stopped = true
    this.#sink.onClose(length === 0 ? CloseCode.NoCode : (bytes[offset] << 8) | bytes[offset + 1])
  }

  #fail(code: number): number {
    this.#failure = code
    this.#stopped = true
    return 0
  }
}

/** Masks in place, four bytes at a time. `words` covers the same buffer from its start. */
export function mask(bytes: Uint8Array, words: Int32Array, offset: number, length: number, key: number): void {
  const end = offset + length
  let position = offset
  let rotated = key
  while (position < end && (position & 3) !== 0) {
    bytes[position++] ^= rotated & 0xff
    rotated = (rotated >>> 8) | (rotated << 24)
  }
  const lastWord = end >> 2
  let word = position >> 2
  for (; word < lastWord; word++) words[word] ^= rotated
  if (word << 2 > position) position = word << 2
  while (position < end) {
    bytes[position++] ^= rotated & 0xff
    rotated = (rotated >>> 8) | (rotated << 24)
  }
}

/** Header and mask key of a client frame. */
function clientHeaderBytes(length: number): number {
  if (length < LENGTH_16) return 6
  return length < 0x10000 ? 8 : 14
}

function writeClientHeader(bytes: Uint8Array, start: number, opcode: number, length: number, key: number): void {
  let position = start
  bytes[position++] = FIN | opcode
  if (length < LENGTH_16) {
    bytes[position++] = MASKED | length
  } else if (length < 0x10000) {
    bytes[position++] = MASKED | LENGTH_16
    bytes[position++] = length >> 8
    bytes[position++] = length
  } else {
    bytes[position++] = MASKED | LENGTH_64
    // Four zeros: no frame of ours reaches 2^32 bytes.
    for (let i = 0; i < 4; i++) bytes[position++] = 0
    for (let shift = 24; shift >= 0; shift -= 8) bytes[position++] = length >>> shift
  }
  for (let shift = 0; shift < 32; shift += 8) bytes[position++] = key >>> shift
}

function bigEndian32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}

/** Copies with one call of the engine: `subarray` allocates, but this is the path of frames that came in pieces. */
function copy(from: Uint8Array, fromOffset: number, to: Uint8Array, toOffset: number, length: number): void {
  to.set(from.subarray(fromOffset, fromOffset + length), toOffset)
}

function withRoom(bytes: Uint8Array, used: number, needed: number): Uint8Array {
  if (needed <= bytes.length) return bytes
  const grown = new Uint8Array(2 ** Math.ceil(Math.log2(needed)))
  grown.set(bytes.subarray(0, used))
  return grown
}
