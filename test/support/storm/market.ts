import type { Link } from "veloz"
import {
  DEPTH_ASK_COUNT,
  DEPTH_BID_COUNT,
  DEPTH_EVENT_US,
  DEPTH_FINAL_UPDATE_ID,
  DEPTH_FIRST_UPDATE_ID,
  DEPTH_FLAGS,
  DEPTH_LEVELS,
  DEPTH_RECEIVED_NS,
  DEPTH_SYMBOL,
  DepthFlag,
  depthBytes,
  NO_CAPACITY,
  RecordType,
  TOP_ASK_LOTS,
  TOP_ASK_TICKS,
  TOP_BID_LOTS,
  TOP_BID_TICKS,
  TOP_BYTES,
  TOP_RECEIVED_NS,
  TOP_SYMBOL,
  TOP_UPDATE_ID,
  TRADE_BUYER_IS_MAKER,
  TRADE_BYTES,
  TRADE_EVENT_US,
  TRADE_ID,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  TRADE_RECEIVED_NS,
  TRADE_SYMBOL,
} from "veloz/hot"
import { type Ledger, Sequence } from "./ledger.js"

/** What the market is to do. A rate of 0 is silence; a window of 0 lets any number of trades be on their way. */
export interface MarketWish {
  readonly rate: number
  readonly window: number
}

/** Who notes of each record that it goes. */
export interface Sender {
  readonly ledger: Ledger
  pass(kind: number, station: number, number: number): void
}

/** Of eight records in a row one is a top, one a depth update, and the others are trades. */
const IN_A_ROW = 8
const TOP_AT = 1
const DEPTH_AT = 5
/** A symbol a kind. */
const SYMBOL = { trade: 0, top: 1, depth: 2 } as const
/** What one turn publishes at most: a source that was held up does not hold up its thread in turn. */
const MOST_A_TURN = 2000
const TOUCH = [10_000, 5, 10_100, 5]

/** Numbered records on an intended schedule. What could not be published yet is owed, and none is left out. */
export class Market {
  #rate = 0
  #startNs = 0
  #published = 0

  publishDue(link: Link, sender: Sender, { rate, window }: MarketWish, nowNs: number): void {
    const { ledger } = sender
    if (rate !== this.#rate) this.#begin(rate, nowNs)
    const due = Math.floor(((nowNs - this.#startNs) * rate) / 1e9)
    const end = Math.min(due, this.#published + MOST_A_TURN)
    const lastTrade = window === 0 ? Number.POSITIVE_INFINITY : ledger.last(Sequence.Trade, 2) + window
    while (this.#published < end && ledger.last(Sequence.Trade, 0) < lastTrade) {
      if (!this.#writeNext(link, sender)) break
      this.#published += 1
    }
    link.publish()
  }

  #begin(rate: number, nowNs: number): void {
    this.#rate = rate
    this.#startNs = nowNs
    this.#published = 0
  }

  /** False without room for it. */
  #writeNext(link: Link, sender: Sender): boolean {
    const turn = this.#published % IN_A_ROW
    const kind = turn === TOP_AT ? Sequence.Top : turn === DEPTH_AT ? Sequence.Depth : Sequence.Trade
    const number = sender.ledger.last(kind, 0) + 1
    const intendedNs = this.#startNs + (this.#published * 1e9) / this.#rate
    if (WRITERS[kind](link, number, intendedNs) === NO_CAPACITY) return false
    sender.pass(kind, 0, number)
    return true
  }
}

type Write = (link: Link, number: number, receivedNs: number) => number

const writeTrade: Write = (link, number, receivedNs) => {
  const at = link.claim(RecordType.Trade, TRADE_BYTES)
  if (at === NO_CAPACITY) return at
  const { f64, i32 } = link
  i32[(at + TRADE_SYMBOL) >> 2] = SYMBOL.trade
  i32[(at + TRADE_BUYER_IS_MAKER) >> 2] = 0
  f64[(at + TRADE_ID) >> 3] = number
  f64[(at + TRADE_PRICE_TICKS) >> 3] = number
  f64[(at + TRADE_QTY_LOTS) >> 3] = 1
  f64[(at + TRADE_EVENT_US) >> 3] = 0
  f64.fill(receivedNs, (at + TRADE_RECEIVED_NS) >> 3, (at + TRADE_BYTES) >> 3)
  return at
}

const writeTop: Write = (link, number, receivedNs) => {
  const at = link.claim(RecordType.Top, TOP_BYTES)
  if (at === NO_CAPACITY) return at
  const { f64, i32 } = link
  i32[(at + TOP_SYMBOL) >> 2] = SYMBOL.top
  f64[(at + TOP_UPDATE_ID) >> 3] = number
  f64[(at + TOP_BID_TICKS) >> 3] = number
  f64[(at + TOP_BID_LOTS) >> 3] = 1
  f64[(at + TOP_ASK_TICKS) >> 3] = number + 1
  f64[(at + TOP_ASK_LOTS) >> 3] = 1
  f64.fill(receivedNs, (at + TOP_RECEIVED_NS) >> 3, (at + TOP_BYTES) >> 3)
  return at
}

/** The first one is the whole book, the others continue it: one that is missing makes a gap. */
const writeDepth: Write = (link, number, receivedNs) => {
  const at = link.claim(RecordType.Depth, depthBytes(2))
  if (at === NO_CAPACITY) return at
  const { f64, i32 } = link
  i32[(at + DEPTH_SYMBOL) >> 2] = SYMBOL.depth
  i32[(at + DEPTH_FLAGS) >> 2] = DepthFlag.First | DepthFlag.Last | (number === 1 ? DepthFlag.Snapshot : 0)
  f64[(at + DEPTH_FIRST_UPDATE_ID) >> 3] = number
  f64[(at + DEPTH_FINAL_UPDATE_ID) >> 3] = number
  f64[(at + DEPTH_EVENT_US) >> 3] = 0
  f64.fill(receivedNs, (at + DEPTH_RECEIVED_NS) >> 3, (at + DEPTH_BID_COUNT) >> 3)
  i32[(at + DEPTH_BID_COUNT) >> 2] = 1
  i32[(at + DEPTH_ASK_COUNT) >> 2] = 1
  f64.set(TOUCH, (at + DEPTH_LEVELS) >> 3)
  f64[((at + DEPTH_LEVELS) >> 3) + 1] = number
  return at
}

const WRITERS: Readonly<Record<number, Write>> = {
  [Sequence.Trade]: writeTrade,
  [Sequence.Top]: writeTop,
  [Sequence.Depth]: writeDepth,
}
