import { formatUnits } from "../hot/decimal.js"
import { readRecordText } from "../hot/record-text.js"
import {
  EVENT_CLIENT_ID,
  EVENT_FILLED_LOTS,
  EVENT_FILLED_NOTIONAL,
  EVENT_SIDE,
  EVENT_STATUS,
  EVENT_SYMBOL,
  OrderStatus,
  type RecordViews,
  Side,
} from "../hot/records.js"
import type { PositionReader, PositionState, SymbolSpec } from "../kernel/contract.js"
import { AverageCost, nearest } from "./average-cost.js"
import type { SymbolTable } from "./symbols.js"

/** Twice the price at which a position is valued, in ticks (the middle of two may lie on a half); 0 when there is none. */
export type TwicePriceTicks = (symbol: number) => number

/**
 * What the engine's own orders have bought less sold since it started. It is added up from what each order has filled
 * in all, and not from its events, of which some may have joined: no fill is lost, and none counts twice.
 */
export class PositionBook implements PositionReader {
  #positions: readonly AverageCost[]
  /** What of an open order is in its position already, by client order id. */
  readonly #counted = new Map<string, { readonly lots: number; readonly notional: number }>()

  constructor(
    private symbols: SymbolTable,
    private twicePriceTicks: TwicePriceTicks,
    /** Takes the events that wait, so that who reads sees everything that has happened. */
    private readonly takeEvents: () => void,
  ) {
    this.#positions = symbols.all.map(() => new AverageCost())
  }

  /** Other threads go on with the orders. At another venue every position begins anew. */
  moveTo(symbols: SymbolTable, twicePriceTicks: TwicePriceTicks, isSameVenue: boolean): void {
    const kept = this.symbols.all.filter((spec) => isSameVenue && symbols.hasAsIs(spec))
    const positions = new Map(kept.map(({ name, index }) => [name, this.#positions[index]]))
    this.#positions = symbols.all.map(({ name }) => positions.get(name) ?? new AverageCost())
    this.symbols = symbols
    this.twicePriceTicks = twicePriceTicks
  }

  /** An order event. */
  take(views: RecordViews, offset: number): void {
    const { f64, i32 } = views
    const lots = f64[(offset + EVENT_FILLED_LOTS) >> 3]
    if (lots === 0) return
    // An amount that was estimated, or is beyond what a double counts, need not be whole.
    const notional = Math.round(f64[(offset + EVENT_FILLED_NOTIONAL) >> 3])
    const id = readRecordText(views, offset + EVENT_CLIENT_ID)
    const counted = this.#counted.get(id) ?? NOTHING
    if (isFinal(i32[(offset + EVENT_STATUS) >> 2])) this.#counted.delete(id)
    else this.#counted.set(id, { lots, notional })
    if (lots === counted.lots) return
    const sign = i32[(offset + EVENT_SIDE) >> 2] === Side.Buy ? 1 : -1
    const position = this.#positions[i32[(offset + EVENT_SYMBOL) >> 2]]
    position.add(BigInt(sign * (lots - counted.lots)), BigInt(sign * (notional - counted.notional)))
  }

  list(): PositionState[] {
    this.takeEvents()
    return this.symbols.all.map((spec) => this.#read(spec, this.#positions[spec.index]))
  }

  #read({ index, name }: SymbolSpec, { sizeLots, cost, realized }: AverageCost): PositionState {
    const tick = this.symbols.tickUnit(index)
    const lot = this.symbols.lotUnit(index)
    const twicePrice = BigInt(this.twicePriceTicks(index))
    const amount = { decimals: tick.decimals + lot.decimals, step: tick.step * lot.step }
    const isValued = sizeLots === 0n || twicePrice !== 0n
    return {
      symbol: name,
      size: formatUnits(sizeLots, lot),
      entry_price: sizeLots === 0n ? null : this.#average(index, cost, sizeLots),
      current_price: twicePrice === 0n ? null : formatUnits(twicePrice, half(tick), tick.decimals),
      unrealized_pnl: isValued ? formatUnits(sizeLots * twicePrice - 2n * cost, half(amount), tick.decimals) : null,
      realized_pnl: formatUnits(realized, amount, tick.decimals),
    }
  }

  /** To eight decimals: an average need not lie on the tick. */
  #average(symbol: number, cost: bigint, sizeLots: bigint): string {
    const { decimals, step } = this.symbols.tickUnit(symbol)
    const places = Math.max(decimals, AVERAGE_DECIMALS)
    const [dividend, divisor] = sizeLots < 0n ? [-cost, -sizeLots] : [cost, sizeLots]
    const scaled = nearest(dividend * BigInt(step) * 10n ** BigInt(places - decimals), divisor)
    return formatUnits(scaled, { decimals: places, step: 1 }, decimals)
  }
}

const NOTHING = { lots: 0, notional: 0 }
const AVERAGE_DECIMALS = 8

const isFinal = (status: number): boolean => status >= OrderStatus.Filled && status <= OrderStatus.Expired

/** A unit of half the size. */
const half = ({ decimals, step }: { decimals: number; step: number }) => ({ decimals: decimals + 1, step: 5 * step })
