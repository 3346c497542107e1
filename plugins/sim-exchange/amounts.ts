import { formatUnits, MALFORMED, OFF_STEP, parseUnits, TOO_LARGE, type Unit } from "veloz/hot"

/**
 * The venue's amounts: whole units of 1e-8, exact up to 90 million of an asset. Every amount that it prints has eight
 * decimals, so one unit serves prices, quantities and balances alike.
 */
const DECIMALS = 8
export const ONE = 10 ** DECIMALS
/** Of one asset; beyond it 1e-8 is no longer exact in a double. */
export const MOST_UNITS = 90_000_000 * ONE

const UNIT: Unit = { decimals: DECIMALS, step: 1 }

/** The units that a decimal text says, or MALFORMED, OFF_STEP (more than eight decimals) or TOO_LARGE. */
export function parseAmount(text: string): number {
  const units = parsePlainAmount(text)
  return units >= 0 ? units : parseUnits(text, UNIT)
}

/** The same for a text as orders carry it, 61837.63 or 0.00100000; MALFORMED for one that deserves a closer look. */
export function parsePlainAmount(text: string): number {
  const { length } = text
  if (length === 0 || length > LONGEST_PLAIN) return MALFORMED
  let units = 0
  let point = length
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - ZERO
    if (digit >= 0 && digit <= 9) units = units * 10 + digit
    else if (digit === POINT - ZERO && point === length && i > 0 && i < length - 1) point = i
    else return MALFORMED
  }
  const places = point === length ? 0 : length - point - 1
  if (places > DECIMALS) return MALFORMED
  units *= 10 ** (DECIMALS - places)
  return units <= Number.MAX_SAFE_INTEGER ? units : MALFORMED
}

export function formatAmount(units: number): string {
  if (units < 0) return formatUnits(units, UNIT, DECIMALS)
  const whole = Math.floor(units / ONE)
  // The leading one keeps the fraction's zeros.
  return `${whole}.${String(ONE + units - whole * ONE).slice(1)}`
}

const ZERO = 0x30
const POINT = 0x2e
/** So many digits are exact in a double until they are compared with the largest exact one. */
const LONGEST_PLAIN = 16

export { MALFORMED, OFF_STEP, TOO_LARGE }
