/** What the engine part tells the control part. */
export interface LargeTrade {
  /** Its number. */
  readonly symbol: number
  readonly priceTicks: number
  readonly qtyLots: number
}
