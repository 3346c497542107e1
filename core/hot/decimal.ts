import { unitTextError } from "./errors.js"

/**
 * Decimal text to whole units and back, exactly. This is the edge: strings in, strings out. Text that arrives as
 * bytes on the market path is read by `Scanner`, which agrees with `parseUnits` to the last digit.
 */

/** One tick or lot: `step` times ten to the power of minus `decimals`. "0.05" is { decimals: 2, step: 5 }. */
export interface Unit {
  readonly decimals: number
  readonly step: number
}

/** The text is not a decimal number without a sign. */
export const MALFORMED = -1
/** The number is not a whole count of the unit. */
export const OFF_STEP = -2
/** The count is beyond 2^53 - 1 of the unit's last decimal, where a double stops being exact. */
export const TOO_LARGE = -3

/** The unit of a tick or lot size such as "0.01", "0.05000000", "100" or "1e-8". */
export function unitOf(text: string): Unit {
  for (let decimals = 0; decimals <= MOST_DIGITS; decimals++) {
    const step = parseUnits(text, { decimals, step: 1 })
    if (step > 0) return { decimals, step }
    if (step !== OFF_STEP) break
  }
  throw unitTextError(text)
}

/** The count of units that `text` says, or MALFORMED, OFF_STEP, TOO_LARGE, all of which are negative. */
export function parseUnits(text: string, unit: Unit): number {
  const match = DECIMAL.exec(text)
  if (match === null) return MALFORMED
  const [, whole, fraction = "", exponent = "0"] = match
  const digits = (whole + fraction).replace(/^0+/, "")
  if (digits === "") return 0

  // The number is digits x 10^-decimals x 10^zeros: a positive `zeros` appends, a negative one must find zeros to drop.
  const zeros = Number(exponent) - fraction.length + unit.decimals
  if (digits.length + zeros > MOST_DIGITS) return TOO_LARGE
  const smallest = Number(zeros < 0 ? digits.slice(0, zeros) : digits + "0".repeat(zeros))
  if (smallest > Number.MAX_SAFE_INTEGER) return TOO_LARGE
  if (zeros < 0 && !endsWithZeros(digits, -zeros)) return OFF_STEP
  return smallest % unit.step === 0 ? smallest / unit.step : OFF_STEP
}

/** Exact text with `decimals` places, and with more where fewer would lose a digit. */
export function formatUnits(count: number | bigint, unit: Unit, decimals = unit.decimals): string {
  const sign = count < 0 ? "-" : ""
  const digits = timesStep(count < 0 ? -count : count, unit.step).padStart(unit.decimals + 1, "0")
  const whole = digits.slice(0, digits.length - unit.decimals)
  const fraction = withPlaces(digits.slice(digits.length - unit.decimals), decimals)
  return fraction === "" ? sign + whole : `${sign}${whole}.${fraction}`
}

/** Exact text without trailing zeros: "61837.63", "3". */
export function formatTrimmed(count: number, unit: Unit): string {
  return formatUnits(count, unit, 0)
}

const DECIMAL = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
const MOST_DIGITS = 16

function endsWithZeros(digits: string, count: number): boolean {
  if (count >= digits.length) return false
  for (let i = digits.length - count; i < digits.length; i++) {
    if (digits[i] !== "0") return false
  }
  return true
}

function timesStep(count: number | bigint, step: number): string {
  const product = Number(count) * step
  return Number.isSafeInteger(product) ? String(product) : String(BigInt(count) * BigInt(step))
}

function withPlaces(fraction: string, decimals: number): string {
  let end = fraction.length
  while (end > decimals && fraction[end - 1] === "0") end--
  return fraction.slice(0, end).padEnd(decimals, "0")
}
