import { formatUnits, MALFORMED, OFF_STEP, parseUnits, TOO_LARGE, type Unit } from "veloz/hot"

/**
 * The venue's amounts: whole units of 1e-8, exact up to 90 million of an asset. Every amount that it prints has eight
 * decimals, so one unit serves prices, quantities and balances alike.
 */
export const DECIMALS = 8
export const ONE = 10 ** DECIMALS
/** Of one asset; beyond it 1e-8 is no longer exact in a double. */
export const MOST_UNITS = 90_000_000 * ONE

const UNIT: Unit = { decimals: DECIMALS, step: 1 }

/** The units that a decimal text says, or MALFORMED, OFF_STEP (more than eight decimals) or TOO_LARGE. */
export function parseAmount(text: string): number {
  return parseUnits(text, UNIT)
}

export function formatAmount(units: number): string {
  return formatUnits(units, UNIT, DECIMALS)
}

export { MALFORMED, OFF_STEP, TOO_LARGE }
