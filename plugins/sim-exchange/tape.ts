export interface TapeTrade {
  readonly id: number
  readonly ticks: number
  readonly lots: number
  readonly timeUs: number
  readonly buyerIsMaker: boolean
}

/** The latest public trades of a symbol, the oldest overwritten. */
export class Tape {
  readonly #capacity: number
  readonly #ticks: Int32Array
  readonly #lots: Float64Array
  readonly #timesUs: Float64Array
  readonly #buyerIsMaker: Uint8Array
  /** The id of the next trade. */
  nextId = 1
  #firstId = 1

  constructor(capacity = 1024) {
    this.#capacity = capacity
    this.#ticks = new Int32Array(capacity)
    this.#lots = new Float64Array(capacity)
    this.#timesUs = new Float64Array(capacity)
    this.#buyerIsMaker = new Uint8Array(capacity)
  }

  /** Prints a trade and returns its id. */
  print(ticks: number, lots: number, buyerIsMaker: boolean, timeUs: number): number {
    const id = this.nextId++
    const index = id % this.#capacity
    this.#ticks[index] = ticks
    this.#lots[index] = lots
    this.#timesUs[index] = timeUs
    this.#buyerIsMaker[index] = buyerIsMaker ? 1 : 0
    if (id - this.#firstId >= this.#capacity) this.#firstId++
    return id
  }

  /** The price of the latest trade, 0 before the first. */
  get lastTicks(): number {
    return this.nextId === 1 ? 0 : this.#ticks[(this.nextId - 1) % this.#capacity]
  }

  /** The latest trades, oldest first. */
  latest(limit: number): TapeTrade[] {
    const trades: TapeTrade[] = []
    for (let id = Math.max(this.#firstId, this.nextId - limit); id < this.nextId; id++) {
      const index = id % this.#capacity
      trades.push({
        id,
        ticks: this.#ticks[index],
        lots: this.#lots[index],
        timeUs: this.#timesUs[index],
        buyerIsMaker: this.#buyerIsMaker[index] === 1,
      })
    }
    return trades
  }
}
