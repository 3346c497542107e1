import { ONE } from "./amounts.js"
import { BUY, OrderBook } from "./hot/order-book.js"
import { OrderFlow } from "./hot/order-flow.js"
import { Random } from "./hot/random.js"
import type { Instrument } from "./instrument.js"
import type { UserOrder } from "./order.js"
import { Tape } from "./tape.js"

export interface FlowOptions {
  seed: number
  /** Generated events a second; the reference's step in one event follows from it. */
  eventsPerSecond: number
  levelsPerSide: number
  /** Standard deviation of the reference over a second, in basis points. */
  volatilityBps: number
}

/** One symbol's market: the book that everybody trades in, the generated flow, the tape, and whose orders rest. */
export class SymbolMarket {
  readonly instrument: Instrument
  readonly book: OrderBook
  readonly flow: OrderFlow
  readonly tape = new Tape()
  /** The orders of users that rest in the book, by slot. */
  readonly users = new Map<number, UserOrder>()
  /** The side of the order that made the latest fills, and the id of the first trade among them. */
  takerSide: number = BUY
  firstTradeId = 0
  /** When the latest change happened. */
  changedUs = 0

  constructor(instrument: Instrument, options: FlowOptions) {
    this.instrument = instrument
    this.book = new OrderBook(instrument.maxTicks)
    this.flow = new OrderFlow(this.book, new Random(options.seed), flowSettings(instrument, options))
    this.flow.populate()
  }

  lastTicks(): number {
    return this.tape.lastTicks || Math.round(this.flow.referenceTicks)
  }
}

// 10,000 of the quote asset is a usual size near the touch of a liquid pair.
const MEAN_NOTIONAL_UNITS = 10_000 * ONE
// Ten prices a basis point apart: the density that captured books of liquid pairs show near the touch.
const GAP_OF_REFERENCE = 1e-5
// The reference loses its distance from home with this time constant: it wanders, but stays in a range.
const REVERSION_SECONDS = 2_000

function flowSettings(instrument: Instrument, options: FlowOptions) {
  const { referenceTicks } = instrument
  const stepsPerSecond = Math.max(options.eventsPerSecond, 1)
  const lotPrice = referenceTicks * instrument.quoteUnitsPerTickLot
  return {
    referenceTicks,
    levelsPerSide: options.levelsPerSide,
    gapTicks: Math.max(1, Math.round(referenceTicks * GAP_OF_REFERENCE)),
    stepTicks: (referenceTicks * options.volatilityBps * 1e-4) / Math.sqrt(stepsPerSecond),
    reversion: 1 / (REVERSION_SECONDS * stepsPerSecond),
    meanLots: Math.max(1, Math.round(MEAN_NOTIONAL_UNITS / lotPrice)),
    maxTicks: instrument.maxTicks,
  }
}
