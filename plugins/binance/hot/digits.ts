/** Decimal digits written by hand: texts of numbers would be garbage, one or more a frame. */

/** Writes a whole number from 0 to 2^53 - 1 and returns the position behind it. */
export function writeUnsigned(out: Uint8Array, at: number, value: number): number {
  if (value < ONE_PART) return writeShort(out, at, value | 0)
  const high = Math.floor(value / ONE_PART)
  const low = (value - high * ONE_PART) | 0
  // 2^53 has 16 digits, so that the upper part is below ten to the eighth too.
  return writePadded(out, writeShort(out, at, high | 0), low, PART_DIGITS)
}

/** Writes `smallest` times ten to the power of minus `decimals`, with all decimals, as the venue's filters allow. */
export function writeDecimal(out: Uint8Array, at: number, smallest: number, decimals: number): number {
  if (decimals === 0) return writeUnsigned(out, at, smallest)
  const scale = POWERS_OF_TEN[decimals]
  const whole = Math.floor(smallest / scale)
  const fraction = smallest - whole * scale
  const point = writeUnsigned(out, at, whole)
  out[point] = POINT
  if (decimals <= PART_DIGITS) return writePadded(out, point + 1, fraction | 0, decimals)
  const high = Math.floor(fraction / ONE_PART)
  const behindHigh = writePadded(out, point + 1, high | 0, decimals - PART_DIGITS)
  return writePadded(out, behindHigh, (fraction - high * ONE_PART) | 0, PART_DIGITS)
}

/** Most decimals that a price or quantity may have. */
export const MAX_DECIMALS = 15

const PART_DIGITS = 8
const ONE_PART = 1e8
const POWERS_OF_TEN = Float64Array.from({ length: MAX_DECIMALS + 1 }, (_, exponent) => Number(`1e${exponent}`))
const ZERO = 0x30
const POINT = 0x2e
/** "00" to "99": halves the divisions. */
const PAIRS = new Uint8Array(200)
for (let i = 0; i < 100; i++) {
  PAIRS[2 * i] = ZERO + Math.floor(i / 10)
  PAIRS[2 * i + 1] = ZERO + (i % 10)
}

function writeShort(out: Uint8Array, at: number, value: number): number {
  let digits = 1
  for (let limit = 10; digits < PART_DIGITS && value >= limit; limit *= 10) digits++
  return writePadded(out, at, value, digits)
}

/** Writes an int32 with leading zeros. */
function writePadded(out: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value
  let position = at + digits
  while (position - at >= 2) {
    const next = (rest / 100) | 0
    const pair = 2 * (rest - next * 100)
    out[--position] = PAIRS[pair + 1]
    out[--position] = PAIRS[pair]
    rest = next
  }
  if (position > at) out[at] = ZERO + (rest % 10)
  return at + digits
}
