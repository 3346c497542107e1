/** How many whole steps an amount holds: 0.0259 in steps of 0.01 is 2. Both are decimal text, and the count is exact. */
export function wholeSteps(amount: string | number, step: string): number {
  const wanted = decimalOf(String(amount))
  const unit = decimalOf(step)
  const decimals = Math.max(wanted.decimals, unit.decimals)
  const scaled = ({ digits, decimals: own }: Decimal): bigint => digits * 10n ** BigInt(decimals - own)
  const count = scaled(wanted) / scaled(unit)
  return count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(count)
}

interface Decimal {
  readonly digits: bigint
  readonly decimals: number
}

/** Reads "12.5" and, since JavaScript writes small numbers so, "1e-7". The schema has seen that it is a decimal. */
function decimalOf(text: string): Decimal {
  const [, whole, fraction = "", exponent = "0"] = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [text, "0"]
  const decimals = fraction.length - Number(exponent)
  const digits = BigInt(whole + fraction)
  return decimals >= 0 ? { digits, decimals } : { digits: digits * 10n ** BigInt(-decimals), decimals: 0 }
}
