import { MOST_UNITS, ONE, parseAmount } from "./amounts.js"
import { instrumentError, unknownSymbolError } from "./errors.js"

/** How a symbol is described in the options. Amounts are decimal text. */
export interface InstrumentOptions {
  base_asset: string
  quote_asset: string
  tick_size: string
  lot_size: string
  reference_price: string
  max_price: string
  max_quantity: string
  min_notional: string
  max_notional: string
}

/** A traded symbol. Units are 1e-8; a tick and a lot are whole numbers of them. */
export interface Instrument {
  readonly symbol: string
  readonly base: string
  readonly quote: string
  readonly tickUnits: number
  readonly lotUnits: number
  readonly maxTicks: number
  readonly maxLots: number
  readonly referenceTicks: number
  readonly minNotionalUnits: number
  readonly maxNotionalUnits: number
  /** Units of the quote asset that one lot costs at a price of one tick. */
  readonly quoteUnitsPerTickLot: number
}

export function instrumentOf(symbol: string, overrides: Partial<InstrumentOptions> | undefined): Instrument {
  const known = KNOWN[symbol]
  if (known === undefined && overrides === undefined) throw unknownSymbolError(symbol, Object.keys(KNOWN))
  const options = { ...COMMON, ...known, ...overrides }
  const amount = (option: keyof InstrumentOptions) => positiveAmount(symbol, option, options[option])
  const tickUnits = amount("tick_size")
  const lotUnits = amount("lot_size")
  const maxTicks = Math.floor(amount("max_price") / tickUnits)
  const quoteUnitsPerTickLot = (tickUnits * lotUnits) / ONE
  if (!Number.isInteger(quoteUnitsPerTickLot)) throw tooFine(symbol, options)
  if (maxTicks > MOST_TICKS) throw tooManyTicks(symbol, options, tickUnits)
  return {
    symbol,
    base: assetName(symbol, "base_asset", options.base_asset),
    quote: assetName(symbol, "quote_asset", options.quote_asset),
    tickUnits,
    lotUnits,
    maxTicks,
    maxLots: largestLots(symbol, options, amount("max_quantity") / lotUnits),
    referenceTicks: referenceTicks(symbol, options, tickUnits, maxTicks),
    minNotionalUnits: amount("min_notional"),
    maxNotionalUnits: amount("max_notional"),
    quoteUnitsPerTickLot,
  }
}

export function quoteUnits(instrument: Instrument, ticks: number, lots: number): number {
  return ticks * lots * instrument.quoteUnitsPerTickLot
}

/** The symbols that need no description. Ticks and lots are the real ones; the prices are only a place to start. */
const KNOWN: Record<
  string,
  Pick<InstrumentOptions, "base_asset" | "quote_asset" | "tick_size" | "lot_size" | "reference_price">
> = {
  BTCUSDT: pair("BTC", "0.01", "0.00001", "60000"),
  ETHUSDT: pair("ETH", "0.01", "0.0001", "3000"),
  BNBUSDT: pair("BNB", "0.01", "0.001", "600"),
  SOLUSDT: pair("SOL", "0.01", "0.001", "150"),
  XRPUSDT: pair("XRP", "0.0001", "0.1", "0.6"),
}

const COMMON = { max_price: "1000000", max_quantity: "9000", min_notional: "5", max_notional: "9000000" }

// A bitmap of this many prices takes 16 MB of address space.
const MOST_TICKS = 2 ** 27
const MOST_LOTS = 2 ** 31

function pair(base: string, tick: string, lot: string, reference: string) {
  return { base_asset: base, quote_asset: "USDT", tick_size: tick, lot_size: lot, reference_price: reference }
}

function positiveAmount(symbol: string, option: keyof InstrumentOptions, text: string | undefined): number {
  const units = typeof text === "string" ? parseAmount(text) : 0
  if (units <= 0 || units > MOST_UNITS) {
    throw instrumentError(symbol, option, text, "a decimal above 0, at most 90000000, with at most 8 decimals")
  }
  return units
}

function assetName(symbol: string, option: "base_asset" | "quote_asset", name: string | undefined): string {
  if (name === undefined || !/^[A-Z0-9]{1,20}$/.test(name)) {
    throw instrumentError(symbol, option, name, "capital letters and digits")
  }
  return name
}

function referenceTicks(
  symbol: string,
  options: Partial<InstrumentOptions>,
  tickUnits: number,
  maxTicks: number,
): number {
  const ticks = positiveAmount(symbol, "reference_price", options.reference_price) / tickUnits
  if (Number.isInteger(ticks) && ticks >= 2 && ticks <= maxTicks - 2) return ticks
  throw instrumentError(symbol, "reference_price", options.reference_price, "a multiple of tick_size below max_price")
}

function largestLots(symbol: string, options: Partial<InstrumentOptions>, lots: number): number {
  if (lots < MOST_LOTS) return Math.floor(lots)
  throw instrumentError(symbol, "max_quantity", options.max_quantity, "less than 2^31 times lot_size")
}

function tooFine(symbol: string, options: Partial<InstrumentOptions>): Error {
  const sizes = `${options.tick_size} x ${options.lot_size}`
  return instrumentError(symbol, "lot_size", sizes, "such that tick_size x lot_size is a multiple of 0.00000001")
}

function tooManyTicks(symbol: string, options: Partial<InstrumentOptions>, tickUnits: number): Error {
  const most = (MOST_TICKS * tickUnits) / ONE
  return instrumentError(symbol, "max_price", options.max_price, `at most ${most}, which is 2^27 ticks`)
}
