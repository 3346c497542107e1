import type { Part, QuoterOptions, StrategyContext } from "veloz"
import { QuoteTable } from "./hot/quote-table.js"
import { Quoter } from "./hot/quoter.js"

/** The market drives the quoter; the timer serves when the market is quiet. */
const TURN_MS = 10

export function strategy(context: StrategyContext<QuoterOptions>): Part {
  const { options, symbols, books, tops, orders, clock, market, timers, counter, keep, log } = context
  const spec = options.symbol === undefined ? symbols.all[0] : symbols.get(options.symbol)
  const quoter = new Quoter({
    symbol: spec.index,
    options,
    book: books.get(spec.index),
    top: tops.get(spec.index),
    orders,
    clock,
    // Kept over reloads: the quotes of the generation before are still open at the venue.
    quotes: keep("quotes", 1, () => new QuoteTable(), {
      save: ({ handles, sides, touchedNs, isCancelling }) => ({ handles, sides, touchedNs, isCancelling }),
      load: (saved) => Object.assign(new QuoteTable(), saved),
    }),
    counters: { placed: counter("placed"), refused: counter("refused"), skipped: counter("skipped") },
  })

  const derive = (): void => {
    const lots = symbols.lots(spec.name, options.qty)
    quoter.qtyLots = Math.max(lots, spec.minQtyLots)
    if (lots < spec.minQtyLots) log.warn(`quoter.qty ${options.qty} is below what the venue takes; quoting its minimum`)
  }
  derive()

  const turn = (): void => quoter.turn()
  market.onTop(turn)
  market.onBook(turn)
  timers.every(TURN_MS, turn)
  orders.onUpdate((update) => quoter.onUpdate(update))
  return {
    retune() {
      try {
        derive()
      } catch (error) {
        log.warn(`quoter.qty stays as it was: ${error instanceof Error ? error.message : error}`)
      }
    },
  }
}
