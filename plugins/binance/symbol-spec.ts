import type { SymbolSpec } from "veloz"
import { formatTrimmed, type Unit, unitOf } from "veloz/hot"
import { isObject, type JsonObject } from "./read-market.js"

/** What the engine needs of one symbol of an exchangeInfo answer, or undefined when it is none. */
export function symbolSpecOf(entry: unknown, index: number): SymbolSpec | undefined {
  if (!isObject(entry)) return undefined
  const { symbol: name, baseAsset, quoteAsset } = entry
  if (typeof name !== "string" || typeof baseAsset !== "string" || typeof quoteAsset !== "string") return undefined
  const price = filterOf(entry, "PRICE_FILTER")
  const lot = filterOf(entry, "LOT_SIZE")
  const notional = filterOf(entry, "NOTIONAL") ?? filterOf(entry, "MIN_NOTIONAL")
  const tick = stepOf(price?.tickSize)
  const step = stepOf(lot?.stepSize)
  return {
    index,
    name,
    baseAsset,
    quoteAsset,
    tickSize: stepText(tick),
    lotSize: stepText(step),
    minPriceTicks: Math.max(1, unitsUp(price?.minPrice, tick) ?? 1),
    maxPriceTicks: unitsDown(price?.maxPrice, tick) || Number.MAX_SAFE_INTEGER,
    minQtyLots: Math.max(1, unitsUp(lot?.minQty, step) ?? 1),
    maxQtyLots: unitsDown(lot?.maxQty, step) || Number.MAX_SAFE_INTEGER,
    minNotional: unitsUp(notional?.minNotional, productOf(tick, step)) ?? 0,
  }
}

function filterOf(entry: JsonObject, type: string): JsonObject | undefined {
  const filters = Array.isArray(entry.filters) ? entry.filters : []
  return filters.filter(isObject).find((filter) => filter.filterType === type)
}

/** A size of "0.00000000" turns the rule off: then the venue's finest unit is the step. */
function stepOf(text: unknown): Unit {
  return typeof text === "string" && Number(text) > 0 ? unitOf(text) : FINEST
}

function stepText(unit: Unit): string {
  return formatTrimmed(1, unit)
}

/** One tick times one lot: what a notional is counted in. */
function productOf(tick: Unit, lot: Unit): Unit {
  return { decimals: tick.decimals + lot.decimals, step: tick.step * lot.step }
}

/** A limit as a count of units, rounded down where it lies between two. */
function unitsDown(text: unknown, unit: Unit): number | undefined {
  const exact = exactly(text, unit)
  return exact === undefined ? undefined : Number(exact.smallest / exact.step)
}

/** The same, rounded up. */
function unitsUp(text: unknown, unit: Unit): number | undefined {
  const exact = exactly(text, unit)
  return exact === undefined ? undefined : Number((exact.smallest + exact.step - 1n) / exact.step)
}

function exactly(text: unknown, { decimals, step }: Unit): { smallest: bigint; step: bigint } | undefined {
  if (typeof text !== "string") return undefined
  const match = /^(\d+)(?:\.(\d*))?$/.exec(text)
  if (match === null) return undefined
  const fraction = (match[2] ?? "").replace(/0+$/, "")
  const places = Math.max(decimals, fraction.length)
  return {
    smallest: BigInt(match[1] + fraction.padEnd(places, "0")),
    step: BigInt(step) * 10n ** BigInt(places - decimals),
  }
}

const FINEST: Unit = { decimals: 8, step: 1 }
