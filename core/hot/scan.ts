import { equalBytes, hashBytes } from "./bytes.js"
import { MALFORMED, OFF_STEP, TOO_LARGE, type Unit } from "./decimal.js"

/**
 * A cursor over JSON text that a machine wrote: no white space between tokens, no escapes in the strings that matter.
 * It reads the shapes that are expected and nothing else. The first surprise is kept in `failure`, and the caller,
 * who looks once at the end, reads the whole message again the slow way. Nothing here allocates or throws.
 *
 * Numbers are written into a Float64Array of the caller instead of being returned: a double that crosses a call
 * which the compiler does not inline would be boxed.
 */
export class Scanner {
  bytes: Uint8Array = NOTHING
  /** The same bytes, for reading four of them at once. */
  view: DataView = new DataView(NOTHING.buffer)
  /** The next byte to read. */
  position = 0
  /** One past the last byte of the message. */
  end = 0
  /** 0, or the first of MALFORMED, OFF_STEP and TOO_LARGE that was met. */
  failure = 0
  /** Where the text that `readString` found lies, without its quotes. */
  textStart = 0
  textEnd = 0
  /** True when `readLevels` stopped at its limit with levels still to come. */
  moreLevels = false

  /** Begins a message. The same buffer should come again and again: another one costs a new view. */
  start(bytes: Uint8Array, offset: number, length: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    this.position = offset
    this.end = offset + length
    this.failure = 0
    this.moreLevels = false
  }

  get failed(): boolean {
    return this.failure !== 0
  }

  /** The next byte, or 0 at the end. */
  peek(): number {
    return this.position < this.end ? this.bytes[this.position] : 0
  }

  /** Steps over one byte that must be there. */
  expect(byte: number): boolean {
    if (this.position < this.end && this.bytes[this.position] === byte) {
      this.position++
      return true
    }
    return this.fail(MALFORMED)
  }

  /** Steps over bytes that must be there. */
  expectBytes(expected: Uint8Array): boolean {
    return this.accept(expected) || this.fail(MALFORMED)
  }

  /** Steps over bytes if they are there. This is how a key is compared: accept(asciiBytes('"u":')). */
  accept(expected: Uint8Array): boolean {
    const length = expected.length
    const position = this.position
    if (position + length > this.end || !equalBytes(this.bytes, position, expected, 0, length)) return false
    this.position = position + length
    return true
  }

  /** Steps over one byte if it is there. */
  acceptByte(byte: number): boolean {
    if (this.position >= this.end || this.bytes[this.position] !== byte) return false
    this.position++
    return true
  }

  /** A whole number without a sign, exact to 2^53 - 1. */
  readUnsigned(into: Float64Array, at: number): boolean {
    const bytes = this.bytes
    const start = this.position
    const end = this.end
    let position = start
    let high = 0
    if (start + 8 <= end) {
      const left = this.view.getInt32(start, true) ^ FOUR_ZEROS
      const right = this.view.getInt32(start + 4, true) ^ FOUR_ZEROS
      if (((left | (left + FOUR_SIXES) | right | (right + FOUR_SIXES)) & FOUR_HIGH_NIBBLES) === 0) {
        high = joinFour(left) * 10_000 + joinFour(right)
        position = start + 8
      }
    }
    // Up to 8 digits more in integer arithmetic: a shorter chain than multiplying a double for each digit.
    const lowStart = position
    const lowEnd = end - position > 8 ? position + 8 : end
    let low = 0
    let digit = 0
    while (position < lowEnd && (digit = bytes[position] - ZERO) >= 0 && digit <= 9) {
      low = Math.imul(low, 10) + digit
      position++
    }
    if (position === start) return this.fail(MALFORMED)
    const value = high * POWERS_OF_TEN[position - lowStart] + low
    if (value > Number.MAX_SAFE_INTEGER || (position < end && isDigit(bytes[position]))) return this.fail(TOO_LARGE)
    into[at] = value
    this.position = position
    return true
  }

  /** A whole number that may be negative, as in "t":-1. */
  readInteger(into: Float64Array, at: number): boolean {
    const negative = this.acceptByte(MINUS)
    if (!this.readUnsigned(into, at)) return false
    if (negative) into[at] = -into[at]
    return true
  }

  /** A decimal in quotes, as a count of the unit. */
  readUnits(unit: Unit, into: Float64Array, at: number): boolean {
    return scanDecimals(this, this.bytes, this.position, unit, unit, into, at, 1) === 1
  }

  /**
   * Levels such as ["61737.63000000","0.00000000"], each written as a pair of ticks and lots from `at` on. Begins
   * behind the opening bracket of their array, steps over its closing one, and returns how many it read: at most
   * `limit`, with `moreLevels` set when it should be called again. Returns -1 after a failure.
   */
  readLevels(price: Unit, quantity: Unit, into: Float64Array, at: number, limit: number): number {
    this.moreLevels = false
    if (this.acceptByte(CLOSE_BRACKET)) return 0
    if (!this.expect(OPEN_BRACKET)) return -1
    const count = scanDecimals(this, this.bytes, this.position, price, quantity, into, at, 2 * limit)
    return count < 0 ? -1 : count >> 1
  }

  /** A string without escapes. Its range is left in `textStart` and `textEnd`. */
  readString(): boolean {
    const bytes = this.bytes
    const end = this.end
    let position = this.position
    if (position >= end || bytes[position] !== QUOTE) return this.fail(MALFORMED)
    const start = ++position
    while (position < end && bytes[position] !== QUOTE) {
      if (bytes[position] === BACKSLASH) return this.fail(MALFORMED)
      position++
    }
    if (position >= end) return this.fail(MALFORMED)
    this.textStart = start
    this.textEnd = position
    this.position = position + 1
    return true
  }

  /** Whether the text that `readString` found is this. */
  textIs(expected: Uint8Array): boolean {
    const length = this.textEnd - this.textStart
    return length === expected.length && equalBytes(this.bytes, this.textStart, expected, 0, length)
  }

  /** The hash of the text that `readString` found, the same that `hashBytes` gives. */
  textHash(): number {
    return hashBytes(this.bytes, this.textStart, this.textEnd - this.textStart)
  }

  /** true or false: 1 or 0, or -1 after a failure. */
  readBoolean(): number {
    if (this.accept(TRUE)) return 1
    if (this.accept(FALSE)) return 0
    this.fail(MALFORMED)
    return -1
  }

  /** Steps over any value: a string, a number, a word, or an array or object with all that is in it. */
  skipValue(): boolean {
    const bytes = this.bytes
    const end = this.end
    let position = this.position
    let depth = 0
    // It returns from within: V8 keeps what it compiled while this loop ran, even where each call falls out of it behind
    // the loop, and then each did, hundreds of times, until the whole function was compiled.
    while (position < end) {
      const byte = bytes[position]
      if (byte === QUOTE) {
        position = stringEnd(bytes, position, end)
        if (position < 0) return this.fail(MALFORMED)
      } else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
        depth++
        position++
      } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) {
        // At depth 0 this bracket closes what the value stands in.
        if (depth === 0) return this.#stepTo(position)
        depth--
        position++
      } else {
        if (byte === COMMA && depth === 0) return this.#stepTo(position)
        position++
        continue
      }
      if (depth === 0) return this.#stepTo(position)
    }
    return depth === 0 ? this.#stepTo(position) : this.fail(MALFORMED)
  }

  /** False when there is nothing before it. */
  #stepTo(position: number): boolean {
    if (position === this.position) return this.fail(MALFORMED)
    this.position = position
    return true
  }

  /** Keeps the first failure. The cursor stays before what could not be read. */
  fail(failure: number): boolean {
    if (this.failure === 0) this.failure = failure
    return false
  }

  failDecimals(failure: number): number {
    this.fail(failure)
    return -1
  }
}

const NOTHING = new Uint8Array(0)
const POWERS_OF_TEN = Float64Array.from({ length: 17 }, (_, exponent) => Number(`1e${exponent}`))
const INVERSE_POWERS = Float64Array.from({ length: 9 }, (_, exponent) => Number(`1e-${exponent}`))
const ZERO = 0x30
const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const TRUE = Uint8Array.of(0x74, 0x72, 0x75, 0x65)
const FALSE = Uint8Array.of(0x66, 0x61, 0x6c, 0x73, 0x65)
const USUAL_DECIMALS = 8
/** The point, the usual decimals and the closing quote. */
const USUAL_TAIL = USUAL_DECIMALS + 2
/** As many digits as an int32 always holds. */
const MOST_WHOLE_DIGITS = 9
const USUAL_LENGTH = 1 + MOST_WHOLE_DIGITS + USUAL_TAIL
const FOUR_ZEROS = 0x30303030
const FOUR_SIXES = 0x06060606
const FOUR_HIGH_NIBBLES = 0xf0f0f0f0 | 0
/** 10 * 2^8 + 1 and 100 * 2^16 + 1: each puts ten (a hundred) times a byte (a pair) onto its right neighbour. */
const JOIN_DIGITS = 2561
const JOIN_PAIRS = 6553601
const TWO_PAIRS = 0x00ff00ff

/**
 * Reads `count` quoted decimals: one, or pairs as levels carry them, up to the end of their array. The first of a pair
 * is in units of `first`, the other in units of `second`. Returns how many it read, or -1.
 *
 * One function with one copy of the arithmetic, and too large to be inlined anywhere: measured, it is a third faster
 * than the same lines as a function a decimal, which the compiler inlines in some callers and not in others.
 */
function scanDecimals(
  scanner: Scanner,
  bytes: Uint8Array,
  start: number,
  first: Unit,
  second: Unit,
  into: Float64Array,
  at: number,
  count: number,
): number {
  const view = scanner.view
  const end = scanner.end
  let position = start
  let read = 0
  while (true) {
    const unit = (read & 1) === 0 ? first : second
    const decimals = unit.decimals
    let after = -1
    // What is read beyond `end` is still inside the buffer, and refused below: one comparison instead of one a digit.
    if (position + USUAL_LENGTH <= bytes.length && bytes[position] === QUOTE && decimals <= USUAL_DECIMALS) {
      let point = position + 1
      const wholeEnd = point + MOST_WHOLE_DIGITS
      let whole = 0
      let digit = bytes[point] - ZERO
      while (digit >= 0 && digit <= 9 && point < wholeEnd) {
        whole = Math.imul(whole, 10) + digit
        digit = bytes[++point] - ZERO
      }
      // Four digits a word: after the exclusive or each byte is 0 to 9, or has a high bit once 6 is added.
      const high = view.getInt32(point + 1, true) ^ FOUR_ZEROS
      const low = view.getInt32(point + 5, true) ^ FOUR_ZEROS
      const stray = (high | (high + FOUR_SIXES) | low | (low + FOUR_SIXES)) & FOUR_HIGH_NIBBLES
      if (
        stray === 0 &&
        bytes[point] === POINT &&
        bytes[point + USUAL_TAIL - 1] === QUOTE &&
        point + USUAL_TAIL <= end &&
        point > position + 1
      ) {
        const fraction = joinFour(high) * 10_000 + joinFour(low)
        let part = fraction
        if (decimals !== USUAL_DECIMALS) {
          // Multiplying by the inverse and testing the product back costs a third of an integer division.
          part = (fraction * INVERSE_POWERS[USUAL_DECIMALS - decimals] + 0.5) | 0
          if (part * POWERS_OF_TEN[USUAL_DECIMALS - decimals] !== fraction) return scanner.failDecimals(OFF_STEP)
        }
        const smallest = whole * POWERS_OF_TEN[decimals] + part
        if (smallest <= Number.MAX_SAFE_INTEGER && unit.step === 1) {
          into[at + read] = smallest
          after = point + USUAL_TAIL
        }
      }
    }
    if (after < 0) {
      after = scanAnyDecimal(bytes, position, end, unit, into, at + read)
      if (after < 0) return scanner.failDecimals(after)
    }
    position = after
    read++
    if ((read & 1) === 1) {
      if (read === count) break
      if (position >= end || bytes[position] !== COMMA) return scanner.failDecimals(MALFORMED)
      position++
      continue
    }
    if (position + 1 >= end || bytes[position] !== CLOSE_BRACKET) return scanner.failDecimals(MALFORMED)
    const next = bytes[position + 1]
    position += 2
    if (next === CLOSE_BRACKET) break
    if (next !== COMMA) return scanner.failDecimals(MALFORMED)
    if (read === count) {
      scanner.moreLevels = true
      break
    }
    if (position >= end || bytes[position] !== OPEN_BRACKET) return scanner.failDecimals(MALFORMED)
    position++
  }
  scanner.position = position
  return read
}

/**
 * The same for one decimal with any number of digits, a digit at a time. Returns the position behind the closing quote,
 * or why there is none: MALFORMED, OFF_STEP or TOO_LARGE, all of which are negative.
 */
function scanAnyDecimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  unit: Unit,
  into: Float64Array,
  at: number,
): number {
  if (start >= end || bytes[start] !== QUOTE) return MALFORMED
  let position = start + 1
  let smallest = 0
  let digits = 0
  let decimals = -1
  let offStep = false
  for (; position < end; position++) {
    const byte = bytes[position]
    if (byte === POINT && decimals < 0 && digits > 0) {
      decimals = 0
      continue
    }
    const digit = byte - ZERO
    if (digit < 0 || digit > 9) break
    digits++
    if (decimals >= unit.decimals) {
      if (digit !== 0) offStep = true
      decimals++
      continue
    }
    if (decimals >= 0) decimals++
    smallest = smallest * 10 + digit
  }
  const pointless = decimals < 0
  if (position >= end || bytes[position] !== QUOTE || digits === 0 || (!pointless && decimals === 0)) return MALFORMED
  for (let missing = unit.decimals - (pointless ? 0 : decimals); missing > 0; missing--) smallest *= 10
  if (smallest > Number.MAX_SAFE_INTEGER) return TOO_LARGE
  const count = Math.round(smallest / unit.step)
  if (offStep || count * unit.step !== smallest) return OFF_STEP
  into[at] = count
  return position + 1
}

/** The number that four digits in a little-endian word make: neighbours to two digits, then these to four. */
function joinFour(digits: number): number {
  const pairs = (Math.imul(digits, JOIN_DIGITS) >>> 8) & TWO_PAIRS
  return Math.imul(pairs, JOIN_PAIRS) >>> 16
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9
}

/** The position behind the closing quote of the string that starts here, or -1. */
function stringEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let position = start + 1; position < end; position++) {
    if (bytes[position] === QUOTE) return position + 1
    if (bytes[position] === BACKSLASH) position++
  }
  return -1
}
