import { OrderType, Side } from "../hot/records.js"
import type { OrderView, SymbolSpec } from "../kernel/contract.js"
import { ASSET_DECIMALS } from "./assets.js"
import type { SymbolTable } from "./symbols.js"

/**
 * What may still be spent. The venue's word is absolute; what orders on their way may take is held back from it until
 * the venue's next word includes them. When in doubt it errs on the small side.
 */
export class Account {
  readonly #names: readonly string[]
  readonly #free: Float64Array
  /** Held back for orders that were sent and not yet acknowledged. */
  readonly #onTheWay: Float64Array
  /** Numbers of the quote and the base asset, per symbol. */
  readonly #assetBySide: Int32Array
  /** Units of quote for one tick x lot, per symbol. */
  readonly #quoteUnitsPerNotional: Float64Array
  /** Units of base for one lot, per symbol. */
  readonly #baseUnitsPerLot: Float64Array
  // In memory, because as a result that is no small integer it would be boxed.
  readonly #required = new Float64Array(1)

  constructor(symbols: SymbolTable) {
    const { all, assets } = symbols
    const { length } = assets.names
    this.#names = assets.names
    this.#free = new Float64Array(length).fill(-1)
    this.#onTheWay = new Float64Array(length)
    this.#assetBySide = Int32Array.from(
      all.flatMap(({ quoteAsset, baseAsset }) => [assets.indexOf(quoteAsset), assets.indexOf(baseAsset)]),
    )
    this.#quoteUnitsPerNotional = Float64Array.from(all, ({ index }) => {
      const tick = symbols.tickUnit(index)
      const lot = symbols.lotUnit(index)
      return tick.step * lot.step * 10 ** (ASSET_DECIMALS - tick.decimals - lot.decimals)
    })
    this.#baseUnitsPerLot = Float64Array.from(all, ({ index }) => {
      const lot = symbols.lotUnit(index)
      return lot.step * 10 ** (ASSET_DECIMALS - lot.decimals)
    })
  }

  /** What an order of this side takes: the quote asset when buying, the base asset when selling. */
  assetOf(spec: SymbolSpec, side: number): number {
    return this.#assetBySide[2 * spec.index + (side === Side.Buy ? 0 : 1)]
  }

  nameOf(asset: number): string {
    return this.#names[asset]
  }

  onBalance(asset: number, freeUnits: number): void {
    if (asset >= 0 && asset < this.#free.length) this.#free[asset] = freeUnits
  }

  /** -1 when the venue has said nothing of the asset. */
  freeUnits(asset: number): number {
    if (asset < 0 || this.#free[asset] < 0) return -1
    return Math.max(0, this.#free[asset] - this.#onTheWay[asset])
  }

  /** What the order may take at the worst, rounded up. */
  requiredUnits(order: OrderView): number {
    this.#require(order)
    return this.#required[0]
  }

  /** True when that much is free, or when the venue has said nothing of the asset: then it decides. */
  covers(asset: number, order: OrderView): boolean {
    if (asset < 0 || this.#free[asset] < 0) return true
    this.#require(order)
    return this.#required[0] <= this.#free[asset] - this.#onTheWay[asset]
  }

  /** The order leaves: holds back what it may take, and writes down in `row[field]` how much that is. */
  hold(asset: number, order: OrderView, row: Float64Array, field: number): void {
    this.#require(order)
    row[field] = this.#required[0]
    if (asset >= 0) this.#onTheWay[asset] += row[field]
  }

  /** What is held back already for an order that was taken over. */
  holdAgain(asset: number, units: number): void {
    if (asset >= 0) this.#onTheWay[asset] += units
  }

  #require(order: OrderView): void {
    const { symbol } = order
    const rest = order.qtyLots - order.filledLots
    if (order.side === Side.Sell) this.#required[0] = Math.ceil(rest * this.#baseUnitsPerLot[symbol])
    else {
      const notional = order.type === OrderType.Market ? order.notional : order.priceTicks * rest
      this.#required[0] = Math.ceil(notional * this.#quoteUnitsPerNotional[symbol])
    }
  }

  /** The venue has spoken of the order (or it never left): its own balance counts from now on. */
  release(asset: number, row: Float64Array, field: number, isAccepted: boolean): void {
    const units = row[field]
    row[field] = 0
    if (asset < 0) return
    this.#onTheWay[asset] = Math.max(0, this.#onTheWay[asset] - units)
    // Until the venue's next balance the accepted order is taken off here.
    if (isAccepted && this.#free[asset] >= 0) this.#free[asset] = Math.max(0, this.#free[asset] - units)
  }
}
