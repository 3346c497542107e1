import { OrderStatus, ReportKind } from "veloz/hot"

/** What this venue says: the whole book, or what became of an order. */
export type Message = BookMessage | ReportMessage

export interface BookMessage {
  type: "book"
  symbol: string
  id: number
  /** Price and quantity, the best first. */
  bids: [string, string][]
  asks: [string, string][]
}

export interface ReportMessage {
  type: "report"
  /** Of the request that it answers. The venue speaks of fills unasked. */
  id?: number
  symbol: string
  client: string
  order: string
  status: keyof typeof MEANINGS
  text?: string
  fill?: { trade: number; price: string; qty: string; total: string }
}

/** What the words of the venue are to the engine. */
export const MEANINGS = {
  open: { kind: ReportKind.Ack, status: OrderStatus.New },
  rejected: { kind: ReportKind.Reject, status: OrderStatus.Rejected },
  canceled: { kind: ReportKind.Canceled, status: OrderStatus.Canceled },
  partly: { kind: ReportKind.Fill, status: OrderStatus.PartiallyFilled },
  filled: { kind: ReportKind.Fill, status: OrderStatus.Filled },
  unknown: { kind: ReportKind.NotFound, status: OrderStatus.Unknown },
} as const
