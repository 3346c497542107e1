/** Takes a state of SHA-256 on by the block of 64 bytes that begins at `offset`. */
export type Compress = (state: Int32Array, bytes: Uint8Array, offset: number) => void

/**
 * HMAC-SHA256 (RFC 2104, FIPS 180-4) without allocation: node:crypto makes an object, a buffer and a string for each
 * signature. The key's own blocks are hashed once, and so is the prefix that all messages share. Measured on an order:
 * 2.3 µs against 2.9 in a loop, and 10 against 100 at the pace of real orders, with nothing in the caches; with the
 * processor's own instructions for `compress` a fifth of that.
 */
export class HmacSha256 {
  readonly #inner = new Int32Array(8)
  readonly #outer = new Int32Array(8)
  readonly #state = new Int32Array(8)
  readonly #compress: Compress
  readonly #tail = new Uint8Array(2 * BLOCK_BYTES)
  /** Bytes of message that `#inner` holds already: whole blocks of the prefix. */
  readonly #prefixLength: number

  constructor(key: Uint8Array, prefix: Uint8Array = NOTHING, compress: Compress = makeCompress()) {
    this.#compress = compress
    const block = new Uint8Array(BLOCK_BYTES)
    if (key.length > BLOCK_BYTES) block.set(this.#digestOf(key))
    else block.set(key)
    this.#inner.set(INITIAL_STATE)
    const innerBlock = block.map((byte) => byte ^ 0x36)
    compress(this.#inner, innerBlock, 0)
    this.#outer.set(INITIAL_STATE)
    const outerBlock = block.map((byte) => byte ^ 0x5c)
    compress(this.#outer, outerBlock, 0)
    this.#prefixLength = prefix.length - (prefix.length % BLOCK_BYTES)
    for (let at = 0; at < this.#prefixLength; at += BLOCK_BYTES) compress(this.#inner, prefix, at)
  }

  /**
   * Writes the signature of `message` as 64 hexadecimal digits and returns the position behind them. The message
   * begins with the prefix, if one was given.
   */
  sign(message: Uint8Array, length: number, out: Uint8Array, at: number): number {
    const state = this.#state
    state.set(this.#inner)
    this.#finish(message, this.#prefixLength, length, BLOCK_BYTES)
    const tail = this.#tail
    for (let i = 0; i < 8; i++) writeBigEndian(tail, 4 * i, state[i])
    state.set(this.#outer)
    this.#pad(tail, DIGEST_BYTES, BLOCK_BYTES + DIGEST_BYTES)
    this.#compress(state, tail, 0)
    return writeHex(state, out, at)
  }

  /** Hashes the message from `from` on and its padding. `before` bytes of key went before the message. */
  #finish(message: Uint8Array, from: number, length: number, before: number): void {
    let position = from
    for (; position + BLOCK_BYTES <= length; position += BLOCK_BYTES) {
      this.#compress(this.#state, message, position)
    }
    const tail = this.#tail
    let rest = 0
    while (position < length) tail[rest++] = message[position++]
    const padded = this.#pad(tail, rest, before + length)
    for (let at = 0; at < padded; at += BLOCK_BYTES) this.#compress(this.#state, tail, at)
  }

  /** Puts the end mark, zeros and the bit count of all `total` bytes behind `rest` bytes. Returns the padded length. */
  #pad(tail: Uint8Array, rest: number, total: number): number {
    const padded = rest + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES
    tail[rest] = 0x80
    for (let i = rest + 1; i < padded - 4; i++) tail[i] = 0
    writeBigEndian(tail, padded - 4, total << 3)
    return padded
  }

  #digestOf(bytes: Uint8Array): Uint8Array {
    this.#state.set(INITIAL_STATE)
    this.#finish(bytes, 0, bytes.length, 0)
    const digest = new Uint8Array(DIGEST_BYTES)
    for (let i = 0; i < 8; i++) writeBigEndian(digest, 4 * i, this.#state[i])
    return digest
  }
}

/** The compression in plain arithmetic, for where the processor's own is not to be had. */
export function makeCompress(): Compress {
  const schedule = new Int32Array(64)
  return (state, bytes, offset) => compress(state, schedule, bytes, offset)
}

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32
const NOTHING = new Uint8Array(0)

const PRIMES = firstPrimes(64)
/** The fractional parts of the square roots of the first 8 primes, and of the cube roots of the first 64. */
const INITIAL_STATE = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)))
const ROUND_CONSTANTS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)))

function compress(state: Int32Array, w: Int32Array, bytes: Uint8Array, offset: number): void {
  for (let i = 0, at = offset; i < 16; i++, at += 4) {
    w[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
  }
  for (let i = 16; i < 64; i++) {
    const early = w[i - 15]
    const late = w[i - 2]
    const s0 = ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3)
    const s1 = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10)
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0
  }
  let a = state[0]
  let b = state[1]
  let c = state[2]
  let d = state[3]
  let e = state[4]
  let f = state[5]
  let g = state[6]
  let h = state[7]
  for (let i = 0; i < 64; i++) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const first = (h + sum1 + (g ^ (e & (f ^ g))) + ROUND_CONSTANTS[i] + w[i]) | 0
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const second = (sum0 + ((a & b) | (c & (a | b)))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  state[0] = (state[0] + a) | 0
  state[1] = (state[1] + b) | 0
  state[2] = (state[2] + c) | 0
  state[3] = (state[3] + d) | 0
  state[4] = (state[4] + e) | 0
  state[5] = (state[5] + f) | 0
  state[6] = (state[6] + g) | 0
  state[7] = (state[7] + h) | 0
}

function writeBigEndian(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24
  bytes[at + 1] = word >>> 16
  bytes[at + 2] = word >>> 8
  bytes[at + 3] = word
}

function writeHex(state: Int32Array, out: Uint8Array, at: number): number {
  let position = at
  for (let i = 0; i < 8; i++) {
    for (let shift = 28; shift >= 0; shift -= 4) {
      const digit = (state[i] >>> shift) & 15
      out[position++] = digit < 10 ? 0x30 + digit : 0x57 + digit
    }
  }
  return position
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) | 0
}

function firstPrimes(count: number): number[] {
  const primes: number[] = []
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate)
  }
  return primes
}
