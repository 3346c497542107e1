import { type Account, type Balance, balanceOf } from "./account.js"
import { BUY, NO_ASK, SELL, SelfTrade } from "./hot/order-book.js"
import { NO_ORDER } from "./hot/price-levels.js"
import { quoteUnits } from "./instrument.js"
import { isOpen, type OrderFill, type OrderStatus, type OrderWish, type UserOrder } from "./order.js"
import { OrderRegistry } from "./order-registry.js"
import type { ExecutionReport, ExecutionType, UserReport } from "./report.js"
import { fundsOf, lockFunds, releaseFunds, settle } from "./settlement.js"
import type { SymbolMarket } from "./symbol-market.js"
import { UserTrades } from "./user-trades.js"
import {
  cancelRestricted,
  duplicateOrder,
  emptyBook,
  filterFailure,
  insufficientBalance,
  unknownOrderSent,
  wouldMatchImmediately,
} from "./venue-error.js"

export interface PlacedOrder {
  readonly order: UserOrder
  /** The trades that it made at once. */
  readonly fills: readonly OrderFill[]
}

/** Counters since start. */
export interface VenueCounts {
  events: number
  trades: number
  ordersPlaced: number
  ordersRejected: number
  ordersCanceled: number
}

/**
 * The trading floor: accounts, their orders and the markets. It does no I/O: what users must hear of is left in
 * `reports`, what the public must hear of in the market's book, fills and tape, until the caller publishes it.
 */
export class Venue {
  readonly #markets: Map<string, SymbolMarket>
  readonly accounts: ReadonlyMap<string, Account>
  readonly orders = new OrderRegistry()
  readonly userTrades = new UserTrades()
  readonly counts: VenueCounts = { events: 0, trades: 0, ordersPlaced: 0, ordersRejected: 0, ordersCanceled: 0 }
  /** What happened to users' orders and balances since the caller last took it, in order. */
  reports: UserReport[] = []
  readonly #maxOpenOrders: number
  #nextOrderId = 1
  #nextExecutionId = 1
  #nextPreventedMatchId = 1
  readonly #touched = new Map<Account, Set<Balance>>()

  constructor(markets: Iterable<SymbolMarket>, accounts: Iterable<Account>, maxOpenOrders: number) {
    this.#markets = new Map(Array.from(markets, (market) => [market.instrument.symbol, market]))
    this.accounts = new Map(Array.from(accounts, (account) => [account.apiKey, account]))
    this.#maxOpenOrders = maxOpenOrders
  }

  get markets(): ReadonlyMap<string, SymbolMarket> {
    return this.#markets
  }

  /** One more market. */
  open(market: SymbolMarket): void {
    this.#markets.set(market.instrument.symbol, market)
  }

  /** One event of the generated flow. */
  step(market: SymbolMarket, nowUs: number): void {
    this.counts.events++
    const { flow, book } = market
    const bidBefore = book.bestBidTicks
    flow.step()
    // A generated taker is told by what it took: it sold when it met bids.
    if (book.fills.count > 0) market.takerSide = book.fills.ticks[0] <= bidBefore ? SELL : BUY
    this.#applyFills(market, undefined, nowUs)
    this.#reportPositions(nowUs)
  }

  /** Checks, locks and matches. Throws a VenueError when the order is refused. */
  place(account: Account, wish: OrderWish, nowUs: number): PlacedOrder {
    const market = this.marketOf(wish.instrument.symbol)
    this.#checkPlace(account, wish, market)
    const order = this.#newOrder(account, wish, market, nowUs)
    this.#checkEngine(order, market, nowUs)
    lockFunds(order, this.#fundsFor(order, market))
    this.orders.add(order)
    this.counts.ordersPlaced++
    this.#report(order, "NEW", nowUs)
    const fills = this.#match(order, market, nowUs)
    this.#touch(order)
    this.#reportPositions(nowUs)
    return { order, fills }
  }

  /** The checks of `place`, without the order. */
  test(account: Account, wish: OrderWish): void {
    this.#checkPlace(account, wish, this.marketOf(wish.instrument.symbol))
  }

  cancel(order: UserOrder, cancelId: string, restriction: string | undefined, nowUs: number): void {
    if (!isOpen(order)) throw unknownOrderSent()
    if (restriction === "ONLY_NEW" && order.status !== "NEW") throw cancelRestricted()
    if (restriction === "ONLY_PARTIALLY_FILLED" && order.status !== "PARTIALLY_FILLED") throw cancelRestricted()
    const market = this.marketOf(order.wish.instrument.symbol)
    market.book.fills.count = 0
    market.book.cancel(order.slot)
    market.users.delete(order.slot)
    market.changedUs = nowUs
    order.cancelId = cancelId
    this.counts.ordersCanceled++
    this.#finish(order, "CANCELED", "CANCELED", nowUs)
    this.#reportPositions(nowUs)
  }

  marketOf(symbol: string): SymbolMarket {
    return this.#markets.get(symbol)!
  }

  // ---- checks, in the venue's order: filters, then the matching engine's own

  #checkPlace(account: Account, wish: OrderWish, market: SymbolMarket): void {
    this.#checkFilters(wish, market)
    if (this.orders.hasOpen(account, wish.instrument.symbol, wish.clientOrderId)) throw duplicateOrder()
    const open = this.#openCount(account, market)
    if (wish.type !== "MARKET" && open >= this.#maxOpenOrders) throw filterFailure("MAX_NUM_ORDERS")
  }

  #checkFilters(wish: OrderWish, market: SymbolMarket): void {
    const { instrument } = wish
    if (wish.type !== "MARKET" && (wish.priceTicks < 1 || wish.priceTicks > instrument.maxTicks)) {
      throw filterFailure("PRICE_FILTER")
    }
    if (wish.quoteUnits === 0 && (wish.lots < 1 || wish.lots > instrument.maxLots)) throw filterFailure("LOT_SIZE")
    const ticks = wish.type === "MARKET" ? market.lastTicks() : wish.priceTicks
    const notional = wish.quoteUnits || quoteUnits(instrument, ticks, wish.lots)
    if (notional < instrument.minNotionalUnits) throw filterFailure("NOTIONAL")
    if (wish.type !== "MARKET" && notional > instrument.maxNotionalUnits) throw filterFailure("NOTIONAL")
  }

  #openCount(account: Account, market: SymbolMarket): number {
    let count = 0
    for (const order of market.users.values()) if (order.account === account) count++
    return count
  }

  // What the matching engine itself refuses is told on the user stream too.
  #checkEngine(order: UserOrder, market: SymbolMarket, nowUs: number): void {
    const { wish } = order
    const side = sideOf(wish)
    if (wish.type === "LIMIT_MAKER" && market.book.crosses(side, wish.priceTicks)) {
      this.#reject(order, "WOULD_MATCH_IMMEDIATELY", nowUs)
      throw wouldMatchImmediately()
    }
    if (wish.quoteUnits > 0 && order.lots < 1) throw emptyBook()
    if (this.#fundsFor(order, market) > fundsOf(order).free) {
      this.#reject(order, "INSUFFICIENT_BALANCES", nowUs)
      throw insufficientBalance()
    }
  }

  #reject(order: UserOrder, reason: string, nowUs: number): void {
    this.counts.ordersRejected++
    order.status = "REJECTED"
    this.#report(order, "REJECTED", nowUs, { rejectReason: reason })
  }

  #fundsFor(order: UserOrder, market: SymbolMarket): number {
    const { instrument, side, type, priceTicks } = order.wish
    if (side === "SELL") return order.lots * instrument.lotUnits
    if (type !== "MARKET") return quoteUnits(instrument, priceTicks, order.lots)
    return market.book.quoteFor(BUY, order.lots) * instrument.quoteUnitsPerTickLot
  }

  // ---- matching

  #newOrder(account: Account, wish: OrderWish, market: SymbolMarket, nowUs: number): UserOrder {
    const ticksTimesLots = Math.floor(wish.quoteUnits / wish.instrument.quoteUnitsPerTickLot)
    return {
      id: this.#nextOrderId++,
      account,
      wish,
      lots: wish.lots || Math.min(market.book.lotsWithin(sideOf(wish), ticksTimesLots), wish.instrument.maxLots),
      filledLots: 0,
      filledQuoteUnits: 0,
      lockedUnits: 0,
      status: "NEW",
      slot: NO_ORDER,
      createdUs: nowUs,
      updatedUs: nowUs,
      cancelId: "",
      preventedMatchId: 0,
      preventedLots: 0,
      expiryReason: "",
      isMuted: false,
    }
  }

  #match(order: UserOrder, market: SymbolMarket, nowUs: number): OrderFill[] {
    const { wish, account, lots } = order
    const { book } = market
    const side = sideOf(wish)
    const limit = limitTicks(wish)
    const selfTrade = SELF_TRADE[wish.selfTradeMode]
    market.takerSide = side
    book.fills.count = 0
    if (wish.timeInForce === "FOK" && book.availableLots(side, limit, lots, account.owner, selfTrade) < lots) {
      this.#expire(order, "UNFILLED_FOK_ORDER_EXPIRED", nowUs)
      return []
    }
    const mayRest = wish.type !== "MARKET" && wish.timeInForce === "GTC"
    const slot = book.submit(side, limit, lots, account.owner, selfTrade, mayRest)
    const left = book.unfilledLots
    const prevented = book.takerPrevented
    const fills = this.#applyFills(market, order, nowUs)
    if (slot !== NO_ORDER) {
      order.slot = slot
      market.users.set(slot, order)
    } else if (prevented) this.#finish(order, "TRADE_PREVENTION", "EXPIRED_IN_MATCH", nowUs)
    else if (left > 0) this.#expire(order, EXPIRY_REASON[wish.type === "MARKET" ? "MARKET" : "IOC"], nowUs)
    return fills
  }

  // Makers are looked up here, before the taker's own slot is known: it may be one that a maker has just left.
  #applyFills(market: SymbolMarket, taker: UserOrder | undefined, nowUs: number): OrderFill[] {
    const { fills } = market.book
    const made: OrderFill[] = []
    market.changedUs = nowUs
    market.firstTradeId = market.tape.nextId
    for (let row = 0; row < fills.count; row++) {
      if (fills.lots[row] === 0) this.#prevent(market, taker!, row, nowUs)
      else this.#trade(market, taker, row, made, nowUs)
    }
    return made
  }

  #trade(market: SymbolMarket, taker: UserOrder | undefined, row: number, made: OrderFill[], nowUs: number): void {
    const { fills } = market.book
    const ticks = fills.ticks[row]
    const lots = fills.lots[row]
    const slot = fills.makerSlot[row]
    const isGone = fills.makerLots[row] === 0
    const tradeId = market.tape.print(ticks, lots, market.takerSide === SELL, nowUs)
    this.counts.trades++
    const maker = market.users.get(slot)
    if (maker !== undefined) {
      if (isGone) market.users.delete(slot)
      this.#fill(maker, ticks, lots, tradeId, true, nowUs)
    } else if (isGone) market.flow.forget(slot)
    if (taker === undefined) return
    this.#fill(taker, ticks, lots, tradeId, false, nowUs)
    made.push({ ticks, lots, tradeId })
  }

  #fill(order: UserOrder, ticks: number, lots: number, tradeId: number, isMaker: boolean, nowUs: number): void {
    settle(order, ticks, lots)
    order.updatedUs = nowUs
    order.status = order.filledLots === order.lots ? "FILLED" : "PARTIALLY_FILLED"
    if (order.status === "FILLED") this.#close(order)
    this.#touch(order)
    this.userTrades.add({ order, tradeId, ticks, lots, isMaker, timeUs: nowUs })
    this.#report(order, "TRADE", nowUs, { lastTicks: ticks, lastLots: lots, tradeId, isMaker })
  }

  // The orders of one owner met. Who expires is told by the book: the maker is gone from its level, or the taker stops.
  #prevent(market: SymbolMarket, taker: UserOrder, row: number, nowUs: number): void {
    const { fills, takerPrevented } = market.book
    const maker = market.users.get(fills.makerSlot[row])!
    const matchId = this.#nextPreventedMatchId++
    if (taker.wish.selfTradeMode !== "EXPIRE_TAKER") {
      market.users.delete(fills.makerSlot[row])
      maker.preventedMatchId = matchId
      maker.preventedLots = fills.makerLots[row]
      this.#finish(maker, "TRADE_PREVENTION", "EXPIRED_IN_MATCH", nowUs, taker.id)
    }
    if (takerPrevented) {
      taker.preventedMatchId = matchId
      taker.preventedLots = fills.takerLots[row]
    }
  }

  #expire(order: UserOrder, reason: string, nowUs: number): void {
    order.expiryReason = reason
    this.#finish(order, "EXPIRED", "EXPIRED", nowUs)
  }

  #finish(order: UserOrder, type: ExecutionType, status: OrderStatus, nowUs: number, counterOrderId = 0): void {
    order.status = status
    order.updatedUs = nowUs
    this.#close(order)
    this.#touch(order)
    this.#report(order, type, nowUs, { counterOrderId })
  }

  #close(order: UserOrder): void {
    order.slot = NO_ORDER
    releaseFunds(order)
    this.orders.finish(order)
  }

  // ---- what users hear

  #report(order: UserOrder, executionType: ExecutionType, timeUs: number, more: Partial<ExecutionReport> = {}): void {
    const {
      rejectReason = "NONE",
      lastLots = 0,
      lastTicks = 0,
      tradeId = -1,
      isMaker = false,
      counterOrderId = 0,
    } = more
    this.reports.push({
      kind: "execution",
      order,
      executionType,
      status: order.status,
      rejectReason,
      executionId: this.#nextExecutionId++,
      timeUs,
      lastLots,
      lastTicks,
      filledLots: order.filledLots,
      filledQuoteUnits: order.filledQuoteUnits,
      tradeId,
      isMaker,
      counterOrderId,
    })
  }

  #touch({ account, wish }: UserOrder): void {
    const { base, quote } = wish.instrument
    const balances = this.#touched.get(account) ?? new Set()
    this.#touched.set(account, balances.add(balanceOf(account, base)).add(balanceOf(account, quote)))
  }

  #reportPositions(timeUs: number): void {
    if (this.#touched.size === 0) return
    for (const [account, touched] of this.#touched) {
      account.updatedUs = timeUs
      const balances: Balance[] = []
      for (const { asset, free, locked } of touched) balances.push({ asset, free, locked })
      this.reports.push({ kind: "position", account, timeUs, balances })
    }
    this.#touched.clear()
  }
}

const SELF_TRADE = {
  NONE: SelfTrade.Allow,
  EXPIRE_TAKER: SelfTrade.ExpireTaker,
  EXPIRE_MAKER: SelfTrade.ExpireMaker,
  EXPIRE_BOTH: SelfTrade.ExpireBoth,
} as const

const EXPIRY_REASON = { MARKET: "INSUFFICIENT_LIQUIDITY", IOC: "UNFILLED_IOC_QUANTITY_EXPIRED" } as const

function sideOf(wish: OrderWish): number {
  return wish.side === "BUY" ? BUY : SELL
}

function limitTicks(wish: OrderWish): number {
  if (wish.type !== "MARKET") return wish.priceTicks
  return wish.side === "BUY" ? NO_ASK - 1 : 1
}
