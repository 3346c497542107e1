import { formatUnits, MALFORMED, OFF_STEP, parseUnits, type Unit, unitOf } from "../hot/decimal.js"
import type { SymbolSpec, Symbols } from "../kernel/contract.js"
import { decimalError, unknownSymbolError } from "../kernel/errors.js"
import { AssetTable } from "./assets.js"

/** The instruments of an engine, and the way between decimal text and integer ticks and lots. */
export class SymbolTable implements Symbols {
  readonly assets: AssetTable
  readonly #byName = new Map<string, SymbolSpec>()
  readonly #ticks: Unit[] = []
  readonly #lots: Unit[] = []

  constructor(readonly all: readonly SymbolSpec[]) {
    this.assets = new AssetTable(all)
    for (const spec of all) {
      this.#byName.set(spec.name, spec)
      this.#ticks[spec.index] = unitOf(spec.tickSize)
      this.#lots[spec.index] = unitOf(spec.lotSize)
    }
  }

  get(name: string): SymbolSpec {
    const spec = this.#byName.get(name)
    if (spec === undefined) throw unknownSymbolError(name, [...this.#byName.keys()])
    return spec
  }

  indexOf(name: string): number {
    return this.#byName.get(name)?.index ?? -1
  }

  /** Whether it has this very instrument, counted in the same ticks and lots. */
  hasAsIs({ name, tickSize, lotSize }: SymbolSpec): boolean {
    const own = this.#byName.get(name)
    return own?.tickSize === tickSize && own.lotSize === lotSize
  }

  tickUnit(symbol: number): Unit {
    return this.#ticks[symbol]
  }

  lotUnit(symbol: number): Unit {
    return this.#lots[symbol]
  }

  ticks(symbol: string, price: string | number): number {
    const spec = this.get(symbol)
    return this.#units("price", price, this.#ticks[spec.index], spec.tickSize)
  }

  lots(symbol: string, qty: string | number): number {
    const spec = this.get(symbol)
    return this.#units("qty", qty, this.#lots[spec.index], spec.lotSize)
  }

  notional(symbol: string, amount: string | number): number {
    const { index } = this.get(symbol)
    const tick = this.#ticks[index]
    const lot = this.#lots[index]
    // Exact in integers: amount / (tick x lot), with everything at the scale of their decimals together.
    const decimals = tick.decimals + lot.decimals
    const scaled = scaledInteger(String(amount), decimals)
    if (scaled === undefined)
      throw decimalError("notional", String(amount), `0.${"0".repeat(decimals - 1)}1`, "malformed")
    const units = scaled / (BigInt(tick.step) * BigInt(lot.step))
    return units > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(units)
  }

  price(symbol: number, ticks: number): string {
    return formatUnits(ticks, this.#ticks[symbol])
  }

  qty(symbol: number, lots: number): string {
    return formatUnits(lots, this.#lots[symbol])
  }

  #units(field: string, text: string | number, unit: Unit, size: string): number {
    const units = parseUnits(String(text), unit)
    if (units >= 0) return units
    const fault = units === MALFORMED ? "malformed" : units === OFF_STEP ? "off-step" : "too-large"
    throw decimalError(field, String(text), size, fault)
  }
}

// Digits beyond the scale are cut off: a notional is a limit, and a limit is rounded down.
function scaledInteger(text: string, decimals: number): bigint | undefined {
  const match = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text)
  if (match === null) return undefined
  const [, whole = "", fraction = "", exponent = "0"] = match
  const shift = decimals + Number(exponent) - fraction.length
  const digits = BigInt(whole + fraction)
  return shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift)
}
