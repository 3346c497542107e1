import type { MarketReader } from "../kernel/contract.js"
import { MarketBoard } from "./market-board.js"
import type { SymbolTable } from "./symbols.js"

/** The market as control reads it, from the copies that the engine publishes. */
export class BoardReader implements MarketReader {
  readonly #boards: readonly MarketBoard[]

  constructor(
    memory: SharedArrayBuffer,
    private readonly symbols: SymbolTable,
  ) {
    this.#boards = symbols.all.map(({ index }) => new MarketBoard(memory, index))
  }

  top(symbol: string): ReturnType<MarketReader["top"]> {
    const { index } = this.symbols.get(symbol)
    const { lastPriceTicks, bidTicks, askTicks, timestampMs } = this.#boards[index].read(0)
    const price = (ticks: number): string | null => (ticks === 0 ? null : this.symbols.price(index, ticks))
    return {
      symbol,
      price: price(lastPriceTicks),
      bid: price(bidTicks),
      ask: price(askTicks),
      timestamp: timestampMs === 0 ? null : Math.floor(timestampMs),
    }
  }

  /** Twice the middle of the best bid and ask, or else twice the last trade's price; 0 when neither is known. */
  readonly twicePriceTicks = (symbol: number): number => {
    const { bidTicks, askTicks, lastPriceTicks } = this.#boards[symbol].read(0)
    return bidTicks > 0 && askTicks > 0 ? bidTicks + askTicks : 2 * lastPriceTicks
  }

  /** The time of day at which the newest market frame was received, or 0. */
  lastFrameMs(): number {
    return Math.max(0, ...this.#boards.map((board) => board.read(0).timestampMs))
  }

  book(symbol: string, depth?: number): ReturnType<MarketReader["book"]> {
    const { index } = this.symbols.get(symbol)
    const { lastUpdateId, bids, asks } = this.#boards[index].read(depth)
    const text = ([ticks, lots]: [number, number]): [string, string] => [
      this.symbols.price(index, ticks),
      this.symbols.qty(index, lots),
    ]
    return { symbol, last_update_id: lastUpdateId, bids: bids.map(text), asks: asks.map(text) }
  }
}
