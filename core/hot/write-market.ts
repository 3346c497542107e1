import type { Link } from "./link.js"
import {
  BALANCE_ASSET,
  BALANCE_BYTES,
  BALANCE_FREE_UNITS,
  BALANCE_LOCKED_UNITS,
  DEPTH_ASK_COUNT,
  DEPTH_BID_COUNT,
  DEPTH_DECODED_NS,
  DEPTH_EVENT_US,
  DEPTH_FINAL_UPDATE_ID,
  DEPTH_FIRST_UPDATE_ID,
  DEPTH_FLAGS,
  DEPTH_FRAME_NS,
  DEPTH_LEVELS,
  DEPTH_RECEIVED_NS,
  DEPTH_SYMBOL,
  depthBytes,
  RecordType,
  TOP_ASK_LOTS,
  TOP_ASK_TICKS,
  TOP_BID_LOTS,
  TOP_BID_TICKS,
  TOP_BYTES,
  TOP_DECODED_NS,
  TOP_FRAME_NS,
  TOP_RECEIVED_NS,
  TOP_SYMBOL,
  TOP_UPDATE_ID,
  TRADE_BUYER_IS_MAKER,
  TRADE_BYTES,
  TRADE_DECODED_NS,
  TRADE_EVENT_US,
  TRADE_FRAME_NS,
  TRADE_ID,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  TRADE_RECEIVED_NS,
  TRADE_SYMBOL,
} from "./records.js"

/** Ticks and lots of one price. */
export type Level = readonly [priceTicks: number, qtyLots: number]

export interface DepthFields {
  readonly symbol: number
  readonly flags: number
  readonly firstUpdateId: number
  readonly finalUpdateId: number
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
  readonly nowNs?: number
}

/** Records of the market as an adapter writes them, received and decoded at the same instant. */
export function writeDepth(link: Link, depth: DepthFields): void {
  const { bids, asks } = depth
  const at = link.claim(RecordType.Depth, depthBytes(bids.length + asks.length))
  const { f64, i32 } = link
  i32[(at + DEPTH_SYMBOL) >> 2] = depth.symbol
  i32[(at + DEPTH_FLAGS) >> 2] = depth.flags
  f64[(at + DEPTH_FIRST_UPDATE_ID) >> 3] = depth.firstUpdateId
  f64[(at + DEPTH_FINAL_UPDATE_ID) >> 3] = depth.finalUpdateId
  f64[(at + DEPTH_EVENT_US) >> 3] = 0
  f64[(at + DEPTH_RECEIVED_NS) >> 3] =
    f64[(at + DEPTH_FRAME_NS) >> 3] =
    f64[(at + DEPTH_DECODED_NS) >> 3] =
      depth.nowNs ?? 0
  i32[(at + DEPTH_BID_COUNT) >> 2] = bids.length
  i32[(at + DEPTH_ASK_COUNT) >> 2] = asks.length
  writeLevels(f64, (at + DEPTH_LEVELS) >> 3, bids)
  writeLevels(f64, ((at + DEPTH_LEVELS) >> 3) + 2 * bids.length, asks)
  link.publish()
}

export interface TopFields {
  readonly symbol: number
  readonly updateId: number
  readonly bid: Level
  readonly ask: Level
  readonly nowNs?: number
}

export function writeTop(link: Link, top: TopFields): void {
  const at = link.claim(RecordType.Top, TOP_BYTES)
  const { f64, i32 } = link
  i32[(at + TOP_SYMBOL) >> 2] = top.symbol
  f64[(at + TOP_UPDATE_ID) >> 3] = top.updateId
  f64[(at + TOP_BID_TICKS) >> 3] = top.bid[0]
  f64[(at + TOP_BID_LOTS) >> 3] = top.bid[1]
  f64[(at + TOP_ASK_TICKS) >> 3] = top.ask[0]
  f64[(at + TOP_ASK_LOTS) >> 3] = top.ask[1]
  f64[(at + TOP_RECEIVED_NS) >> 3] = f64[(at + TOP_FRAME_NS) >> 3] = f64[(at + TOP_DECODED_NS) >> 3] = top.nowNs ?? 0
  link.publish()
}

export interface TradeFields {
  readonly symbol: number
  readonly tradeId: number
  readonly priceTicks: number
  readonly qtyLots: number
  readonly buyerIsMaker: boolean
  readonly nowNs?: number
}

export function writeTrade(link: Link, trade: TradeFields): void {
  const at = link.claim(RecordType.Trade, TRADE_BYTES)
  const { f64, i32 } = link
  i32[(at + TRADE_SYMBOL) >> 2] = trade.symbol
  i32[(at + TRADE_BUYER_IS_MAKER) >> 2] = trade.buyerIsMaker ? 1 : 0
  f64[(at + TRADE_ID) >> 3] = trade.tradeId
  f64[(at + TRADE_PRICE_TICKS) >> 3] = trade.priceTicks
  f64[(at + TRADE_QTY_LOTS) >> 3] = trade.qtyLots
  f64[(at + TRADE_EVENT_US) >> 3] = 0
  f64[(at + TRADE_RECEIVED_NS) >> 3] =
    f64[(at + TRADE_FRAME_NS) >> 3] =
    f64[(at + TRADE_DECODED_NS) >> 3] =
      trade.nowNs ?? 0
  link.publish()
}

export function writeBalance(link: Link, asset: number, freeUnits: number, lockedUnits: number): void {
  const at = link.claim(RecordType.Balance, BALANCE_BYTES)
  link.i32[(at + BALANCE_ASSET) >> 2] = asset
  link.f64[(at + BALANCE_FREE_UNITS) >> 3] = freeUnits
  link.f64[(at + BALANCE_LOCKED_UNITS) >> 3] = lockedUnits
  link.publish()
}

function writeLevels(f64: Float64Array, index: number, levels: readonly Level[]): void {
  let to = index
  for (const [priceTicks, qtyLots] of levels) {
    f64[to++] = priceTicks
    f64[to++] = qtyLots
  }
}
