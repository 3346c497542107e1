/** Numbers as ASCII digits, written straight into bytes. Each function returns the offset behind what it wrote. */

/** A whole number from 0 to 2^53 - 1. */
export function writeInteger(to: Uint8Array, offset: number, value: number): number {
  if (value < 1e8) return writeShort(to, offset, value)
  const high = Math.floor(value / 1e8)
  return writeEight(to, writeInteger(to, offset, high), value - high * 1e8)
}

/**
 * An amount, `count` times a `unit` in units of 1e-8, with its eight decimals: 6183763 of 1000000 is "61837.63000000".
 * The product stays in here: a double that is handed to a function is a double on the heap.
 */
export function writeAmount(to: Uint8Array, offset: number, count: number, unit: number): number {
  const units = count * unit
  const whole = Math.floor(units / 1e8)
  const point = writeInteger(to, offset, whole)
  to[point] = POINT
  return writeEight(to, point + 1, units - whole * 1e8)
}

export function writeBytes(to: Uint8Array, offset: number, bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i++) to[offset + i] = bytes[i]
  return offset + bytes.length
}

const ZERO = 48
const POINT = 46
// The digits of 00 to 99, side by side.
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) => ZERO + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10))

function writeEight(to: Uint8Array, offset: number, value: number): number {
  let left = value | 0
  for (let at = offset + 6; at >= offset; at -= 2) {
    const rest = (left / 100) | 0
    const pair = (left - rest * 100) << 1
    to[at] = PAIRS[pair]
    to[at + 1] = PAIRS[pair + 1]
    left = rest
  }
  return offset + 8
}

function writeShort(to: Uint8Array, offset: number, value: number): number {
  let left = value | 0
  const end = offset + digitCount(left)
  for (let at = end - 1; at >= offset; at--) {
    const rest = (left / 10) | 0
    to[at] = ZERO + left - rest * 10
    left = rest
  }
  return end
}

function digitCount(value: number): number {
  if (value < 10000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4
  return value < 1000000 ? (value < 100000 ? 5 : 6) : value < 10000000 ? 7 : 8
}
