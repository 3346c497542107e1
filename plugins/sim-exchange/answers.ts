import type { Account } from "./account.js"
import { formatAmount } from "./amounts.js"
import { NO_ASK } from "./hot/order-book.js"
import { type Instrument, quoteUnits } from "./instrument.js"
import { isOpen, type OrderFill, type UserOrder } from "./order.js"
import { DEFAULT_SELF_TRADE_MODE, type ResponseType, SELF_TRADE_MODES } from "./order-request.js"
import { ORDER_LIMITS, type RateLimit, WEIGHT_LIMIT } from "./rate-limits.js"
import type { ExecutionReport, PositionReport } from "./report.js"
import type { SymbolMarket } from "./symbol-market.js"
import type { TapeTrade } from "./tape.js"
import type { UserTrade } from "./user-trades.js"

// The venue's JSON, in its order of fields. Times are in the unit that the client asked for.

export type TimeUnit = "MILLISECOND" | "MICROSECOND"

/** Milliseconds when nothing is said; undefined for a unit that there is not. */
export function parseTimeUnit(text: string | null | undefined): TimeUnit | undefined {
  const unit = (text ?? "MILLISECOND").toUpperCase()
  return unit === "MILLISECOND" || unit === "MICROSECOND" ? unit : undefined
}

export function timeIn(unit: TimeUnit, us: number): number {
  return unit === "MICROSECOND" ? us : Math.floor(us / 1000)
}

function priceText(instrument: Instrument, ticks: number): string {
  return formatAmount(ticks * instrument.tickUnits)
}

function quantityText(instrument: Instrument, lots: number): string {
  return formatAmount(lots * instrument.lotUnits)
}

// ---- market data

export function depthAnswer(market: SymbolMarket, limit: number): string {
  const { book } = market
  return `{"lastUpdateId":${book.updateId},"bids":${levels(market, 0, limit)},"asks":${levels(market, 1, limit)}}`
}

export function tradesAnswer(market: SymbolMarket, limit: number, unit: TimeUnit): string {
  const { instrument } = market
  const rows = market.tape.latest(limit).map(({ id, ticks, lots, timeUs, buyerIsMaker }) => {
    const quote = formatAmount(quoteUnits(instrument, ticks, lots))
    return `{"id":${id},"price":"${priceText(instrument, ticks)}","qty":"${quantityText(instrument, lots)}","quoteQty":"${quote}","time":${timeIn(unit, timeUs)},"isBuyerMaker":${buyerIsMaker},"isBestMatch":true}`
  })
  return `[${rows.join(",")}]`
}

/** Every trade is an aggregate of its own: the tape does not know which of them one order made. */
export function aggregateTradesAnswer(instrument: Instrument, trades: readonly TapeTrade[], unit: TimeUnit): string {
  const rows = trades.map(({ id, ticks, lots, timeUs, buyerIsMaker }) => {
    return `{"a":${id},"p":"${priceText(instrument, ticks)}","q":"${quantityText(instrument, lots)}","f":${id},"l":${id},"T":${timeIn(unit, timeUs)},"m":${buyerIsMaker},"M":true}`
  })
  return `[${rows.join(",")}]`
}

export function bookTickerAnswer({ instrument, book }: SymbolMarket): string {
  const ask = book.bestAskTicks === NO_ASK ? 0 : book.bestAskTicks
  const bidLots = quantityText(instrument, book.lotsAt(book.bestBidTicks))
  const askLots = quantityText(instrument, book.lotsAt(ask))
  return `{"symbol":"${instrument.symbol}","bidPrice":"${priceText(instrument, book.bestBidTicks)}","bidQty":"${bidLots}","askPrice":"${priceText(instrument, ask)}","askQty":"${askLots}"}`
}

export function priceAnswer(market: SymbolMarket): string {
  return `{"symbol":"${market.instrument.symbol}","price":"${priceText(market.instrument, market.lastTicks())}"}`
}

export function exchangeInfoAnswer(instruments: Iterable<Instrument>, maxOpenOrders: number, nowMs: number): string {
  return JSON.stringify({
    timezone: "UTC",
    serverTime: nowMs,
    rateLimits: [WEIGHT_LIMIT, ...ORDER_LIMITS].map(rateLimitRule),
    exchangeFilters: [],
    symbols: Array.from(instruments, (instrument) => symbolInfo(instrument, maxOpenOrders)),
  })
}

// ---- orders

export function placedAnswer(
  order: UserOrder,
  fills: readonly OrderFill[],
  type: ResponseType,
  unit: TimeUnit,
): string {
  const { wish } = order
  const time = timeIn(unit, order.createdUs)
  const head = `{"symbol":"${wish.instrument.symbol}","orderId":${order.id},"orderListId":-1,"clientOrderId":"${wish.clientOrderId}","transactTime":${time}`
  if (type === "ACK") return `${head}}`
  const result = `${head},${amounts(order)},"workingTime":${time}`
  const tail = `${optionalFields(order)},"selfTradePreventionMode":"${wish.selfTradeMode}"}`
  if (type === "RESULT") return result + tail
  return `${result},"fills":[${fills.map((fill) => fillText(order, fill)).join(",")}]${tail}`
}

export function canceledAnswer(order: UserOrder, unit: TimeUnit): string {
  const { wish } = order
  return `{"symbol":"${wish.instrument.symbol}","origClientOrderId":"${wish.clientOrderId}","orderId":${order.id},"orderListId":-1,"clientOrderId":"${order.cancelId}","transactTime":${timeIn(unit, order.updatedUs)},${amounts(order)}${optionalFields(order)},"selfTradePreventionMode":"${wish.selfTradeMode}"}`
}

export function orderAnswer(order: UserOrder, unit: TimeUnit): string {
  const { wish } = order
  const { instrument } = wish
  const created = timeIn(unit, order.createdUs)
  return (
    `{"symbol":"${instrument.symbol}","orderId":${order.id},"orderListId":-1,"clientOrderId":"${wish.clientOrderId}",` +
    `"price":"${priceText(instrument, wish.priceTicks)}","origQty":"${quantityText(instrument, order.lots)}",` +
    `"executedQty":"${quantityText(instrument, order.filledLots)}","cummulativeQuoteQty":"${formatAmount(order.filledQuoteUnits)}",` +
    `"status":"${order.status}","timeInForce":"${wish.timeInForce}","type":"${wish.type}","side":"${wish.side}",` +
    `"stopPrice":"${ZERO}","icebergQty":"${ZERO}","time":${created},"updateTime":${timeIn(unit, order.updatedUs)},` +
    `"isWorking":true,"workingTime":${created},"origQuoteOrderQty":"${formatAmount(wish.quoteUnits)}"` +
    `${optionalFields(order)},"selfTradePreventionMode":"${wish.selfTradeMode}"}`
  )
}

export function userTradesAnswer(trades: readonly UserTrade[], unit: TimeUnit): string {
  const rows = trades.map(({ order, tradeId, ticks, lots, isMaker, timeUs }) => {
    const { instrument, side } = order.wish
    const quote = formatAmount(quoteUnits(instrument, ticks, lots))
    return `{"symbol":"${instrument.symbol}","id":${tradeId},"orderId":${order.id},"orderListId":-1,"price":"${priceText(instrument, ticks)}","qty":"${quantityText(instrument, lots)}","quoteQty":"${quote}","commission":"${ZERO}","commissionAsset":"${receivedAsset(order)}","time":${timeIn(unit, timeUs)},"isBuyer":${side === "BUY"},"isMaker":${isMaker},"isBestMatch":true}`
  })
  return `[${rows.join(",")}]`
}

export function accountAnswer(account: Account, omitZeroBalances: boolean, unit: TimeUnit): string {
  const balances = [...account.balances.values()].filter((each) => !omitZeroBalances || each.free + each.locked > 0)
  return JSON.stringify({
    makerCommission: 0,
    takerCommission: 0,
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: { maker: ZERO, taker: ZERO, buyer: ZERO, seller: ZERO },
    canTrade: true,
    canWithdraw: false,
    canDeposit: false,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: timeIn(unit, account.updatedUs),
    accountType: "SPOT",
    balances: balances.map(({ asset, free, locked }) => ({
      asset,
      free: formatAmount(free),
      locked: formatAmount(locked),
    })),
    permissions: ["SPOT"],
    uid: account.owner,
  })
}

function rateLimitRule(rule: RateLimit) {
  return { rateLimitType: rule.type, interval: rule.interval, intervalNum: rule.intervalNum, limit: rule.limit }
}

// ---- user data events

export function executionReportEvent(report: ExecutionReport, eventUs: number, unit: TimeUnit): string {
  const { order } = report
  const { wish } = order
  const { instrument } = wish
  const isCancel = report.executionType === "CANCELED"
  const isTrade = report.executionType === "TRADE"
  const isWorking = report.status === "NEW" || report.status === "PARTIALLY_FILLED"
  const created = timeIn(unit, order.createdUs)
  const lastQuote = quoteUnits(instrument, report.lastTicks, report.lastLots)
  return (
    `{"e":"executionReport","E":${timeIn(unit, eventUs)},"s":"${instrument.symbol}",` +
    `"c":"${isCancel ? order.cancelId : wish.clientOrderId}","S":"${wish.side}","o":"${wish.type}","f":"${wish.timeInForce}",` +
    `"q":"${quantityText(instrument, order.lots)}","p":"${priceText(instrument, wish.priceTicks)}","P":"${ZERO}","F":"${ZERO}",` +
    `"g":-1,"C":"${isCancel ? wish.clientOrderId : ""}","x":"${report.executionType}","X":"${report.status}","r":"${report.rejectReason}",` +
    `"i":${order.id},"l":"${quantityText(instrument, report.lastLots)}","z":"${quantityText(instrument, report.filledLots)}",` +
    `"L":"${priceText(instrument, report.lastTicks)}","n":"${isTrade ? ZERO : "0"}","N":${isTrade ? `"${receivedAsset(order)}"` : "null"},` +
    `"T":${timeIn(unit, report.timeUs)},"t":${report.tradeId},${preventionFields(report)}"I":${report.executionId},` +
    `"w":${isWorking},"m":${report.isMaker},"M":false,"O":${created},"Z":"${formatAmount(report.filledQuoteUnits)}",` +
    `"Y":"${formatAmount(lastQuote)}","Q":"${formatAmount(wish.quoteUnits)}",${strategyFields(order)}"W":${created},` +
    `"V":"${wish.selfTradeMode}"${report.executionType === "EXPIRED" ? `,"eR":"${order.expiryReason}"` : ""}}`
  )
}

export function accountPositionEvent(report: PositionReport, eventUs: number, unit: TimeUnit): string {
  const balances = report.balances.map(
    ({ asset, free, locked }) => `{"a":"${asset}","f":"${formatAmount(free)}","l":"${formatAmount(locked)}"}`,
  )
  return `{"e":"outboundAccountPosition","E":${timeIn(unit, eventUs)},"u":${timeIn(unit, report.timeUs)},"B":[${balances.join(",")}]}`
}

const ZERO = "0.00000000"

function levels({ instrument, book }: SymbolMarket, side: number, limit: number): string {
  const rows: string[] = []
  let ticks = side === 0 ? book.bestBidTicks : book.bestAskTicks
  while (ticks > 0 && ticks !== NO_ASK && rows.length < limit) {
    rows.push(`["${priceText(instrument, ticks)}","${quantityText(instrument, book.lotsAt(ticks))}"]`)
    ticks = book.nextLevel(side, ticks)
  }
  return `[${rows.join(",")}]`
}

function amounts(order: UserOrder): string {
  const { wish } = order
  const { instrument } = wish
  return `"price":"${priceText(instrument, wish.priceTicks)}","origQty":"${quantityText(instrument, order.lots)}","executedQty":"${quantityText(instrument, order.filledLots)}","origQuoteOrderQty":"${formatAmount(wish.quoteUnits)}","cummulativeQuoteQty":"${formatAmount(order.filledQuoteUnits)}","status":"${order.status}","timeInForce":"${wish.timeInForce}","type":"${wish.type}","side":"${wish.side}"`
}

function optionalFields(order: UserOrder): string {
  const { strategyId, strategyType, instrument } = order.wish
  let text = ""
  if (strategyId !== undefined) text += `,"strategyId":${strategyId}`
  if (strategyType !== undefined) text += `,"strategyType":${strategyType}`
  if (order.status === "EXPIRED_IN_MATCH") {
    text += `,"preventedMatchId":${order.preventedMatchId},"preventedQuantity":"${quantityText(instrument, order.preventedLots)}"`
  }
  if (order.expiryReason !== "" && !isOpen(order)) text += `,"expiryReason":"${order.expiryReason}"`
  return text
}

function strategyFields({ wish }: UserOrder): string {
  const id = wish.strategyId === undefined ? "" : `"j":${wish.strategyId},`
  return wish.strategyType === undefined ? id : `${id}"J":${wish.strategyType},`
}

function preventionFields({ executionType, order, counterOrderId }: ExecutionReport): string {
  if (executionType !== "TRADE_PREVENTION") return ""
  const prevented = quantityText(order.wish.instrument, order.preventedLots)
  return `"v":${order.preventedMatchId},"A":"${prevented}","B":"${prevented}","u":-1,"U":${counterOrderId},`
}

function fillText(order: UserOrder, { ticks, lots, tradeId }: OrderFill): string {
  const { instrument } = order.wish
  return `{"price":"${priceText(instrument, ticks)}","qty":"${quantityText(instrument, lots)}","commission":"${ZERO}","commissionAsset":"${receivedAsset(order)}","tradeId":${tradeId}}`
}

function receivedAsset({ wish }: UserOrder): string {
  return wish.side === "BUY" ? wish.instrument.base : wish.instrument.quote
}

function symbolInfo(instrument: Instrument, maxOpenOrders: number) {
  return {
    symbol: instrument.symbol,
    status: "TRADING",
    baseAsset: instrument.base,
    baseAssetPrecision: 8,
    quoteAsset: instrument.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ["LIMIT", "LIMIT_MAKER", "MARKET"],
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: false,
    amendAllowed: false,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: symbolFilters(instrument, maxOpenOrders),
    permissions: [],
    permissionSets: [["SPOT"]],
    defaultSelfTradePreventionMode: DEFAULT_SELF_TRADE_MODE,
    allowedSelfTradePreventionModes: SELF_TRADE_MODES,
  }
}

function symbolFilters(instrument: Instrument, maxOpenOrders: number) {
  const tickSize = formatAmount(instrument.tickUnits)
  const stepSize = formatAmount(instrument.lotUnits)
  return [
    { filterType: "PRICE_FILTER", minPrice: tickSize, maxPrice: priceText(instrument, instrument.maxTicks), tickSize },
    { filterType: "LOT_SIZE", minQty: stepSize, maxQty: quantityText(instrument, instrument.maxLots), stepSize },
    {
      filterType: "NOTIONAL",
      minNotional: formatAmount(instrument.minNotionalUnits),
      applyMinToMarket: true,
      maxNotional: formatAmount(instrument.maxNotionalUnits),
      applyMaxToMarket: false,
      avgPriceMins: 0,
    },
    { filterType: "MAX_NUM_ORDERS", maxNumOrders: maxOpenOrders },
  ]
}
