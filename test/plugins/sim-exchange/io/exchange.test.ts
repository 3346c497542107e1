import { test } from "uvu"
import * as assert from "uvu/assert"
import { type RunningExchange, startExchange } from "../../../../plugins/sim-exchange/io/exchange.js"
import type { ExchangeOptions } from "../../../../plugins/sim-exchange/options.js"
import { API_KEY, API_SECRET, Client, type Json, maskedFrame, signed, signedQuery } from "../support.js"

// Client ids keep their own sequence, so that orders of different tests in one process never meet.
const LIMIT_BUY = {
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  price: "50000.00",
  quantity: "0.00100",
}
const ALL_FIELDS = "e,E,s,c,S,o,f,q,p,P,F,g,C,x,X,r,i,l,z,L,n,N,T,t,I,w,m,M,O,Z,Y,Q,W,V"

async function withExchange(
  options: Partial<ExchangeOptions>,
  run: (exchange: RunningExchange, at: { http: string; ws: string }) => Promise<void>,
): Promise<void> {
  const exchange = await startExchange({ api_key: API_KEY, api_secret: API_SECRET, ...options })
  try {
    const address = `${exchange.host}:${exchange.port}`
    await run(exchange, { http: `http://${address}`, ws: `ws://${address}` })
  } finally {
    await exchange.close()
  }
}

/** Writes messages at once, so that the exchange reads them at once. */
function sendTogether(client: Client, messages: readonly object[]): void {
  const { _socket } = client.socket as Json
  _socket.write(Buffer.concat(messages.map((message) => maskedFrame(0x81, JSON.stringify(message)))))
}

async function rest(url: string, init: RequestInit = {}): Promise<{ status: number; body: Json; headers: Headers }> {
  const response = await fetch(url, { ...init, headers: { "x-mbx-apikey": API_KEY, ...init.headers } })
  return { status: response.status, body: await response.json(), headers: response.headers }
}

const isExecution = (type: string) => (message: Json) => message.event?.x === type

// ---- streams

test("a raw stream sends bare messages, a combined one names the stream, in the unit of the URL", async () => {
  await withExchange({}, async (_exchange, at) => {
    const raw = await Client.open(`${at.ws}/ws/btcusdt@trade`)
    const combined = await Client.open(`${at.ws}/stream?streams=btcusdt@trade/btcusdt@bookTicker&timeUnit=MICROSECOND`)
    const trade = await raw.next((message) => message.e === "trade")
    assert.is(Object.keys(trade).join(), "e,E,s,t,p,q,T,m,M")
    assert.is(String(trade.T).length, 13)
    const wrapped = await combined.next((message) => message.stream === "btcusdt@trade")
    assert.is(String(wrapped.data.T).length, 16)
    assert.ok(Math.abs(wrapped.data.E / 1000 - Date.now()) < 5_000)
    const ticker = await combined.next((message) => message.stream === "btcusdt@bookTicker")
    assert.is(Object.keys(ticker.data).join(), "u,s,b,B,a,A")
    assert.match(ticker.data.b, /^\d+\.\d{8}$/)
    await Promise.all([raw.close(), combined.close()])
  })
})

test("each generated event is a book ticker, and each of its trades a message with the next id", async () => {
  await withExchange({ events_per_second: 2000 }, async (_exchange, at) => {
    const client = await Client.open(`${at.ws}/stream?streams=btcusdt@trade/btcusdt@bookTicker`)
    await client.next((message) => message.data?.t > 200)
    await client.close()
    const of = (name: string) => client.messages.filter(({ stream }) => stream === name).map(({ data }) => data)
    const trades = of("btcusdt@trade")
    for (let i = 1; i < trades.length; i++) assert.is(trades[i].t, trades[i - 1].t + 1)
    const tickers = of("btcusdt@bookTicker")
    for (let i = 1; i < tickers.length; i++) assert.ok(tickers[i].u > tickers[i - 1].u)
    for (const { b, a } of tickers) assert.ok(Number(b) < Number(a))
  })
})

test("a book built by the official rules equals the snapshot, through its updates without a gap", async () => {
  await withExchange({ events_per_second: 3000, depth_levels: 100 }, async (_exchange, at) => {
    const client = await Client.open(`${at.ws}/ws/btcusdt@depth@100ms`)
    const first = await client.next((message) => message.e === "depthUpdate")
    let snapshot: Json
    do snapshot = await (await fetch(`${at.http}/api/v3/depth?symbol=BTCUSDT&limit=5000`)).json()
    while (snapshot.lastUpdateId < first.U)
    const updates = () => client.messages.filter((message) => message.u > snapshot.lastUpdateId)
    await client.next(() => updates().length >= 15)
    // The book stands still for the comparison: the snapshot and the last update tell of the same moment.
    _exchange.retune({ events_per_second: 0 })
    const last: Json = await (await fetch(`${at.http}/api/v3/depth?symbol=BTCUSDT&limit=5000`)).json()
    await client.next((message) => message.u === last.lastUpdateId)

    const bids = new Map<string, string>(snapshot.bids)
    const asks = new Map<string, string>(snapshot.asks)
    let localId = snapshot.lastUpdateId
    for (const update of updates()) {
      assert.ok(update.U <= localId + 1 && update.u >= localId, `gap: ${update.U} after ${localId}`)
      for (const [price, quantity] of update.b) setLevel(bids, price, quantity)
      for (const [price, quantity] of update.a) setLevel(asks, price, quantity)
      localId = update.u
    }
    assert.is(localId, last.lastUpdateId)
    assert.equal(sorted(bids).reverse(), last.bids)
    assert.equal(sorted(asks), last.asks)
    await client.close()
  })
})

function setLevel(side: Map<string, string>, price: string, quantity: string): void {
  if (Number(quantity) === 0) side.delete(price)
  else side.set(price, quantity)
}

function sorted(side: Map<string, string>): [string, string][] {
  return [...side].sort((a, b) => Number(a[0]) - Number(b[0]))
}

test("both speeds of depth are contiguous, and partial books are the snapshot's head", async () => {
  await withExchange({ events_per_second: 1000 }, async (_exchange, at) => {
    const names = ["depth", "depth@100ms", "depth5@100ms", "depth10@100ms", "depth20"].map((name) => `btcusdt@${name}`)
    const client = await Client.open(`${at.ws}/stream?streams=${names.join("/")}`)
    const of = (name: string) => client.messages.filter(({ stream }) => stream === name).map(({ data }) => data)
    await client.next(() => of("btcusdt@depth").length >= 2)
    for (const name of ["btcusdt@depth", "btcusdt@depth@100ms"]) {
      const updates = of(name)
      for (let i = 1; i < updates.length; i++) assert.is(updates[i].U, updates[i - 1].u + 1)
    }
    assert.ok(of("btcusdt@depth@100ms").length >= 10)
    for (const levels of [5, 10]) {
      const partial = of(`btcusdt@depth${levels}@100ms`).at(-1)
      assert.is(Object.keys(partial).join(), "lastUpdateId,bids,asks")
      assert.is(partial.bids.length, levels)
      assert.is(partial.asks.length, levels)
    }
    assert.is(of("btcusdt@depth20").at(-1).bids.length, 20)
    await client.close()
  })
})

test("subscriptions come and go by message; unknown names are accepted and silent", async () => {
  await withExchange({}, async (_exchange, at) => {
    const client = await Client.open(`${at.ws}/stream`)
    client.send({ method: "SUBSCRIBE", params: ["btcusdt@bookTicker", "nosuch@thing"], id: 1 })
    assert.equal(await client.next(({ id }) => id === 1), { result: null, id: 1 })
    await client.next(({ stream }) => stream === "btcusdt@bookTicker")
    client.send({ method: "LIST_SUBSCRIPTIONS", id: "list" })
    const list = await client.next(({ id }) => id === "list")
    assert.equal(list.result, ["btcusdt@bookTicker", "nosuch@thing"])
    client.send({ method: "UNSUBSCRIBE", params: ["btcusdt@bookTicker"], id: null })
    await client.next((message) => message.id === null)
    const heard = client.messages.length
    client.send({ method: "GET_PROPERTY", params: ["combined"], id: 4 })
    assert.equal(await client.next(({ id }) => id === 4), { result: true, id: 4 })
    assert.is(client.messages.length, heard + 1, "a message came after the unsubscription")
    await client.close()
  })
})

test("malformed control messages are answered with the venue's codes", async () => {
  await withExchange({ events_per_second: 0 }, async (_exchange, at) => {
    const client = await Client.open(`${at.ws}/ws`)
    for (const message of ["{", { id: 1 }, { id: 2, method: "NOPE" }, { method: "SUBSCRIBE", params: ["a"], id: 1.5 }])
      client.send(message)
    await client.next(() => client.messages.length === 4)
    assert.equal(
      client.messages.map(({ error }) => error.code),
      [3, 2, 2, 2],
    )
    await client.close()
  })
})

test("several symbols have markets of their own", async () => {
  await withExchange({ symbols: ["BTCUSDT", "ETHUSDT"] }, async (_exchange, at) => {
    const client = await Client.open(`${at.ws}/stream?streams=ethusdt@bookTicker/btcusdt@bookTicker`)
    const eth = await client.next(({ stream }) => stream === "ethusdt@bookTicker")
    const btc = await client.next(({ stream }) => stream === "btcusdt@bookTicker")
    assert.is(eth.data.s, "ETHUSDT")
    assert.ok(Number(btc.data.b) > 10 * Number(eth.data.b))
    await client.close()
  })
})

// ---- WebSocket API

test("an order is answered first, then reported with the venue's fields, then the balances", async () => {
  await withExchange({ events_per_second: 0 }, async (_exchange, at) => {
    const api = await Client.open(`${at.ws}/ws-api/v3?timeUnit=MICROSECOND`)
    const subscribed = await api.ask("userDataStream.subscribe.signature", signed())
    assert.equal(subscribed.result, { subscriptionId: 0 })
    const placed = await api.ask("order.place", signed({ ...LIMIT_BUY, newClientOrderId: "mine-1" }))
    assert.is(placed.status, 200)
    assert.is(
      Object.keys(placed.result).join(),
      "symbol,orderId,orderListId,clientOrderId,transactTime,price,origQty,executedQty,origQuoteOrderQty,cummulativeQuoteQty,status,timeInForce,type,side,workingTime,fills,selfTradePreventionMode",
    )
    assert.is(String(placed.result.transactTime).length, 16)
    assert.equal(
      placed.rateLimits.map(({ count }: Json) => count),
      [1, 1, 3],
    )
    const position = await api.next((message) => message.event?.e === "outboundAccountPosition")
    const report = await api.next(isExecution("NEW"))
    assert.ok(api.messages.indexOf(placed) < api.messages.indexOf(report))
    assert.ok(api.messages.indexOf(report) < api.messages.indexOf(position))
    assert.is(Object.keys(report.event).join(), ALL_FIELDS)
    assert.is(report.subscriptionId, 0)
    assert.is(report.event.c, "mine-1")
    assert.is(report.event.t, -1)
    assert.is(report.event.N, null)
    assert.is(report.event.T, placed.result.transactTime)
    assert.equal(
      position.event.B.find(({ a }: Json) => a === "USDT"),
      { a: "USDT", f: "999950.00000000", l: "50.00000000" },
    )
    await api.close()
  })
})

test("a taker hears NEW and TRADE, its answer lists the fills, and the public sees the trade", async () => {
  await withExchange({ events_per_second: 0 }, async (_exchange, at) => {
    const api = await Client.open(`${at.ws}/ws-api/v3`)
    const stream = await Client.open(`${at.ws}/stream?streams=btcusdt@trade/btcusdt@bookTicker`)
    await api.ask("userDataStream.subscribe.signature", signed())
    const order = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.5" }
    const { result } = await api.ask("order.place", signed(order))
    assert.is(result.status, "FILLED")
    assert.is(result.executedQty, "0.50000000")
    const filled = result.fills.reduce((sum: number, { qty }: Json) => sum + Number(qty), 0)
    assert.is(filled.toFixed(8), "0.50000000")
    const last = await api.next((message) => message.event?.X === "FILLED")
    assert.is(last.event.z, "0.50000000")
    assert.is(last.event.Z, result.cummulativeQuoteQty)
    assert.is(last.event.N, "BTC")
    const trade = await stream.next((message) => message.data?.t === last.event.t)
    assert.is(trade.data.p, last.event.L)
    assert.is(trade.data.m, false)
    await stream.next((message) => message.stream === "btcusdt@bookTicker")
    await Promise.all([api.close(), stream.close()])
  })
})

test("requests of one read are answered first; then come all reports in their order, and the public misses no trade", async () => {
  await withExchange({ events_per_second: 0 }, async (_exchange, at) => {
    const api = await Client.open(`${at.ws}/ws-api/v3`)
    const stream = await Client.open(`${at.ws}/ws/btcusdt@trade`)
    await api.ask("userDataStream.subscribe.signature", signed())
    const market = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.2" }
    sendTogether(api, [
      { id: "first", method: "order.place", params: signed({ ...market, newClientOrderId: "first" }) },
      { id: "second", method: "order.place", params: signed({ ...market, newClientOrderId: "second" }) },
    ])
    const last = await api.next(({ event }) => event?.c === "second" && event.X === "FILLED")
    const heard = api.messages.filter(({ id, event }) => id?.length < 7 || event?.e === "executionReport")
    const names = heard.map(({ id, event }) => (id === undefined ? `${event.c} ${event.x}` : `answer ${id}`))
    const inOrder = ["answer first", "answer second", "first NEW", "first TRADE", "second NEW", "second TRADE"]
    assert.equal([...new Set(names)], inOrder)
    await stream.next(({ t }) => t === last.event.t)
    assert.equal(
      stream.messages.map(({ t }) => t),
      heard.filter(({ event }) => event?.x === "TRADE").map(({ event }) => event.t),
    )
    await Promise.all([api.close(), stream.close()])
  })
})

test("who subscribes or leaves behind an order of the same read hears what was due until then", async () => {
  await withExchange({ events_per_second: 0 }, async (_exchange, at) => {
    const api = await Client.open(`${at.ws}/ws-api/v3`)
    sendTogether(api, [
      { id: 1, method: "order.place", params: signed({ ...LIMIT_BUY, newClientOrderId: "too-early" }) },
      { id: 2, method: "userDataStream.subscribe.signature", params: signed() },
      { id: 3, method: "order.place", params: signed({ ...LIMIT_BUY, newClientOrderId: "heard" }) },
      { id: 4, method: "userDataStream.unsubscribe" },
      { id: 5, method: "order.place", params: signed({ ...LIMIT_BUY, newClientOrderId: "too-late" }) },
    ])
    await api.next(({ id }) => id === 5)
    await api.ask("ping")
    assert.equal(
      api.messages.filter(({ event }) => event?.e === "executionReport").map(({ event }) => event.c),
      ["heard"],
    )
    await api.close()
  })
})

test("newOrderRespType chooses how much is answered, and LIMIT_MAKER answers ACK by itself", async () => {
  await withExchange({ events_per_second: 0 }, async (_exchange, at) => {
    const api = await Client.open(`${at.ws}/ws-api/v3?returnRateLimits=false`)
    const ack = await api.ask("order.place", signed({ ...LIMIT_BUY, newOrderRespType: "ACK" }))
    assert.is(Object.keys(ack).join(), "id,status,result")
    assert.is(Object.keys(ack.result).join(), "symbol,orderId,orderListId,clientOrderId,transactTime")
    const { result } = await api.ask("order.place", signed({ ...LIMIT_BUY, newOrderRespType: "RESULT" }))
    assert.is(result.status, "NEW")
    assert.is(result.fills, undefined)
    const { timeInForce: _, ...maker } = { ...LIMIT_BUY, type: "LIMIT_MAKER" }
    const made = await api.ask("order.place", signed(maker))
    assert.is(made.result.status, undefined)
    await api.close()
  })
})

test("an order is cancelled once, and its states can be asked for by both ids", async () => {
  await withExchange({ events_per_second: 0 }, async (_exchange, at) => {
    const api = await Client.open(`${at.ws}/ws-api/v3`)
    await api.ask("userDataStream.subscribe.signature", signed())
    const symbol = "BTCUSDT"
    const { result: placed } = await api.ask("order.place", signed({ ...LIMIT_BUY, newClientOrderId: "it" }))
    const open = await api.ask("openOrders.status", signed({ symbol }))
    assert.equal(
      open.result.map(({ clientOrderId }: Json) => clientOrderId),
      ["it"],
    )
    const canceled = await api.ask(
      "order.cancel",
      signed({ symbol, origClientOrderId: "it", newClientOrderId: "gone" }),
    )
    assert.is(canceled.result.origClientOrderId, "it")
    assert.is(canceled.result.clientOrderId, "gone")
    assert.is(canceled.result.status, "CANCELED")
    const report = await api.next(isExecution("CANCELED"))
    assert.is(report.event.c, "gone")
    assert.is(report.event.C, "it")
    const again = await api.ask("order.cancel", signed({ symbol, origClientOrderId: "it" }))
    assert.equal([again.status, again.error], [400, { code: -2011, msg: "Unknown order sent." }])
    const byIds: Record<string, string | number>[] = [{ orderId: placed.orderId }, { origClientOrderId: "it" }]
    for (const by of byIds) {
      const { result } = await api.ask("order.status", signed({ symbol, ...by }))
      assert.equal([result.status, result.orderId], ["CANCELED", placed.orderId])
    }
    const unknown = await api.ask("order.status", signed({ symbol, orderId: 999 }))
    assert.equal(unknown.error, { code: -2013, msg: "Order does not exist." })
    await api.close()
  })
})

test("openOrders.cancelAll leaves nothing open", async () => {
  await withExchange({ events_per_second: 0 }, async (_exchange, at) => {
    const api = await Client.open(`${at.ws}/ws-api/v3`)
    for (let i = 0; i < 3; i++) await api.ask("order.place", signed(LIMIT_BUY))
    const { result } = await api.ask("openOrders.cancelAll", signed({ symbol: "BTCUSDT" }))
    assert.equal(
      result.map(({ status }: Json) => status),
      ["CANCELED", "CANCELED", "CANCELED"],
    )
    const open = await api.ask("openOrders.status", signed())
    assert.equal(open.result, [])
    const account = await api.ask("account.status", signed({ omitZeroBalances: "true" }))
    const usdt = account.result.balances.find(({ asset }: Json) => asset === "USDT")
    assert.equal(usdt, { asset: "USDT", free: "1000000.00000000", locked: "0.00000000" })
    await api.close()
  })
})

test("request ids of each kind are echoed, and bad requests are refused by code", async () => {
  await withExchange({ events_per_second: 0 }, async (_exchange, at) => {
    const api = await Client.open(`${at.ws}/ws-api/v3?returnRateLimits=false`)
    for (const id of [7, "seven", null]) api.send({ id, method: "ping" })
    await api.next(() => api.messages.length === 3)
    assert.equal(
      api.texts,
      [7, '"seven"', null].map((id) => `{"id":${id},"status":200,"result":{}}`),
    )
    const codeOf = async (params: object, method = "order.place") => (await api.ask(method, params)).error?.code
    const { symbol: _, ...noSymbol } = LIMIT_BUY
    assert.is(await codeOf(signed(noSymbol)), -1102)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, symbol: "NOPE" })), -1121)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, side: "HOLD" })), -1117)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, type: "WISH" })), -1116)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, timeInForce: "GTX" })), -1115)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, price: "1e5" })), -1100)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, price: "50000.000000001" })), -1111)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, price: "50000.001" })), -1013)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, newClientOrderId: "no spaces" })), -1100)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, prize: "1" })), -1104)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, type: "MARKET" })), -1106)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, quantity: "1000" })), -1013)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, quantity: "100" })), -2010)
    assert.is(await codeOf(signed(LIMIT_BUY, "wrong")), -1022)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, timestamp: 1 })), -1021)
    assert.is(await codeOf(signed({ ...LIMIT_BUY, apiKey: "other" })), -2015)
    assert.is(await codeOf({}, "order.dance"), -1020)
    api.send("not json")
    const answer = await api.next(({ id, error }) => id === null && error !== undefined)
    assert.is(answer.error.code, -1135)
    await api.close()
  })
})

test("a number in the parameters is signed as it is written", async () => {
  await withExchange({ events_per_second: 0 }, async (_exchange, at) => {
    const api = await Client.open(`${at.ws}/ws-api/v3`)
    const { status } = await api.ask(
      "order.place",
      signed({ ...LIMIT_BUY, price: 50000.5, quantity: 0.001, recvWindow: 6000.346 }),
    )
    assert.is(status, 200)
    await api.close()
  })
})

test("a subscription is one per account and connection, and ends when asked", async () => {
  await withExchange({ events_per_second: 0 }, async (_exchange, at) => {
    const api = await Client.open(`${at.ws}/ws-api/v3`)
    await api.ask("userDataStream.subscribe.signature", signed())
    const twice = await api.ask("userDataStream.subscribe.signature", signed())
    assert.is(twice.error.code, -2035)
    const ended = await api.ask("userDataStream.unsubscribe", { subscriptionId: 0 })
    assert.equal(ended.result, {})
    await api.next((message) => message.event?.e === "eventStreamTerminated")
    await api.ask("order.place", signed(LIMIT_BUY))
    const again = await api.ask("userDataStream.subscribe.signature", signed())
    assert.equal(again.result, { subscriptionId: 1 })
    assert.is(api.messages.filter(isExecution("NEW")).length, 0)
    await api.close()
  })
})

// ---- REST

test("REST answers public requests in the venue's shapes", async () => {
  await withExchange({ events_per_second: 100 }, async (_exchange, at) => {
    assert.equal((await rest(`${at.http}/api/v3/ping`)).body, {})
    const { body: time } = await rest(`${at.http}/api/v3/time`, { headers: { "x-mbx-time-unit": "MICROSECOND" } })
    assert.ok(Math.abs(time.serverTime / 1000 - Date.now()) < 5_000)
    const { body: info } = await rest(`${at.http}/api/v3/exchangeInfo?symbol=BTCUSDT`)
    const filters = Object.fromEntries(info.symbols[0].filters.map((each: Json) => [each.filterType, each]))
    assert.is(filters.PRICE_FILTER.tickSize, "0.01000000")
    assert.is(filters.LOT_SIZE.stepSize, "0.00001000")
    assert.is(filters.NOTIONAL.minNotional, "5.00000000")
    const { body: depth } = await rest(`${at.http}/api/v3/depth?symbol=BTCUSDT&limit=7`)
    assert.is(depth.bids.length, 7)
    const { body: ticker } = await rest(`${at.http}/api/v3/ticker/bookTicker?symbol=BTCUSDT`)
    assert.is(Object.keys(ticker).join(), "symbol,bidPrice,bidQty,askPrice,askQty")
    const { body: trades } = await rest(`${at.http}/api/v3/trades?symbol=BTCUSDT&limit=3`)
    const { body: aggregates } = await rest(`${at.http}/api/v3/aggTrades?symbol=BTCUSDT&limit=1000`)
    for (const { id, price } of trades) assert.is(aggregates.find(({ a }: Json) => a === id).p, price)
    assert.is((await rest(`${at.http}/api/v3/nothing`)).status, 404)
    const { status, body } = await rest(`${at.http}/api/v3/depth`)
    assert.equal([status, body.code], [400, -1102])
  })
})

test("a signed REST order goes by query, by form body, and by both together", async () => {
  await withExchange({ events_per_second: 0 }, async (_exchange, at) => {
    const url = `${at.http}/api/v3/order`
    const byQuery = await rest(`${url}?${signedQuery(LIMIT_BUY)}`, { method: "POST" })
    assert.is(byQuery.body.status, "NEW")
    assert.is(byQuery.headers.get("x-mbx-order-count-10s"), "1")
    assert.is(byQuery.headers.get("x-mbx-used-weight-1m"), "1")
    const form = { "content-type": "application/x-www-form-urlencoded" }
    const byBody = await rest(url, { method: "POST", headers: form, body: signedQuery(LIMIT_BUY) })
    assert.is(byBody.body.status, "NEW")
    const wrong = await rest(`${url}?${signedQuery(LIMIT_BUY, "wrong")}`, { method: "POST" })
    assert.equal([wrong.status, wrong.body.code], [400, -1022])
    const noKey = await rest(`${url}?${signedQuery(LIMIT_BUY)}`, {
      method: "POST",
      headers: { "x-mbx-apikey": "other" },
    })
    assert.equal([noKey.status, noKey.body.code], [401, -2015])

    const open = await rest(`${at.http}/api/v3/openOrders?${signedQuery({ symbol: "BTCUSDT" })}`)
    assert.is(open.body.length, 2)
    const canceled = await rest(`${url}?${signedQuery({ symbol: "BTCUSDT", orderId: open.body[0].orderId })}`, {
      method: "DELETE",
    })
    assert.is(canceled.body.status, "CANCELED")
    const state = await rest(`${url}?${signedQuery({ symbol: "BTCUSDT", orderId: open.body[0].orderId })}`)
    assert.is(state.body.status, "CANCELED")
    const account = await rest(`${at.http}/api/v3/account?${signedQuery()}`)
    assert.equal(account.body.balances.find(({ asset }: Json) => asset === "USDT").locked, "50.00000000")
    const rest2 = await rest(`${at.http}/api/v3/openOrders?${signedQuery({ symbol: "BTCUSDT" })}`, { method: "DELETE" })
    assert.is(rest2.body.length, 1)
  })
})

test("an order over REST is reported on the WebSocket API, and its trades can be asked for", async () => {
  await withExchange({ events_per_second: 0 }, async (_exchange, at) => {
    const api = await Client.open(`${at.ws}/ws-api/v3`)
    await api.ask("userDataStream.subscribe.signature", signed())
    const order = { symbol: "BTCUSDT", side: "SELL", type: "MARKET", quantity: "0.001" }
    const { body } = await rest(`${at.http}/api/v3/order?${signedQuery(order)}`, { method: "POST" })
    const report = await api.next(isExecution("TRADE"))
    assert.is(report.event.i, body.orderId)
    const { body: trades } = await rest(`${at.http}/api/v3/myTrades?${signedQuery({ symbol: "BTCUSDT" })}`)
    assert.is(trades.at(-1).id, report.event.t)
    assert.is(trades.at(-1).isBuyer, false)
    await api.close()
  })
})

test("limits are counted always, and enforced when asked", async () => {
  await withExchange({ events_per_second: 0, rate_limits: true }, async (_exchange, at) => {
    const api = await Client.open(`${at.ws}/ws-api/v3`)
    const answers = await Promise.all(
      Array.from({ length: 101 }, () => api.ask("order.place", signed({ ...LIMIT_BUY, price: "10000.00" }))),
    )
    // The window may turn in between; at the most two of them take all.
    const refused = answers.filter(({ status }) => status === 429)
    for (const { error } of refused) assert.is(error.code, -1015)
    const counted = answers.filter(({ status }) => status === 200).map(({ rateLimits }) => rateLimits[0].count)
    assert.is(Math.max(...counted) <= 100, true)
    assert.ok(refused.length === 1 || counted.includes(1), "neither refused nor a new window")
    await api.close()
  })
})

test("weight beyond the limit is refused over REST with the time to wait", async () => {
  await withExchange({ events_per_second: 0, rate_limits: true }, async (_exchange, at) => {
    // Twice as many as a minute allows, in case one turns in between.
    let last = await rest(`${at.http}/api/v3/exchangeInfo`)
    for (let i = 0; i < 620 && last.status === 200; i++) last = await rest(`${at.http}/api/v3/exchangeInfo`)
    assert.equal([last.status, last.body.code], [429, -1003])
    assert.ok(Number(last.headers.get("retry-after")) >= 1)
  })
})

// ---- connections

test("a client that does not answer pings is cut off; one that does stays", async () => {
  await withExchange({ ping_interval_ms: 100 }, async (_exchange, at) => {
    const silent = await Client.open(`${at.ws}/ws`, { autoPong: false })
    const polite = await Client.open(`${at.ws}/ws`)
    await silent.closed()
    assert.not.ok(polite.isClosed)
    await polite.close()
  })
})

test("unknown endpoints and units are refused before the upgrade", async () => {
  await withExchange({}, async (_exchange, at) => {
    for (const [path, status] of [
      ["/nowhere", "404"],
      ["/ws/btcusdt@trade?timeUnit=HOURS", "400"],
    ]) {
      const message = await Client.open(`${at.ws}${path}`).then(
        () => "opened",
        (error) => error.message,
      )
      assert.match(message, status)
    }
  })
})

test("closing says goodbye to its clients", async () => {
  const exchange = await startExchange()
  const client = await Client.open(`ws://${exchange.host}:${exchange.port}/ws`)
  const code = new Promise((resolve) => client.socket.once("close", resolve))
  await exchange.close()
  assert.is(await code, 1001)
})

test("a port that is taken is named", async () => {
  await withExchange({}, async (exchange) => {
    const message = await startExchange({ port: exchange.port }).then(
      () => "",
      (error) => error.message,
    )
    assert.match(message, `127.0.0.1:${exchange.port}: the port is taken`)
  })
})

test("options that cannot be are refused with the way to mend them", async () => {
  const refusal = (options: Partial<ExchangeOptions>) =>
    startExchange(options).then(
      () => "",
      (error) => `${error.code}: ${error.message}`,
    )
  assert.match(await refusal({ symbols: ["ABCXYZ"] }), /VELOZ_EXCHANGE_SYMBOL.*"instruments"/)
  assert.match(
    await refusal({ instruments: { BTCUSDT: { tick_size: "0.00001", lot_size: "0.00001" } } }),
    /INSTRUMENT.*multiple of 0.00000001/,
  )
  assert.match(await refusal({ instruments: { BTCUSDT: { reference_price: "0.001" } } }), /INSTRUMENT.*reference_price/)
  assert.match(await refusal({ api_key: "k", api_secret: "s", balances: { USDT: "-1" } }), /VELOZ_EXCHANGE_BALANCE/)
  assert.match(await refusal({ api_key: "k" }), /VELOZ_EXCHANGE_ACCOUNT/)
})

test.run()
