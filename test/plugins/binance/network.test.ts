import { test } from "uvu"
import * as assert from "uvu/assert"
import { DenyReason, DepthFlag, OrderStatus, OrderType, PongFrom, ReportKind, TimeInForce } from "veloz/hot"
import { type RunningExchange, startExchange } from "../../../plugins/sim-exchange/io/exchange.js"
import { until } from "../../support/until.js"
import { ASSETS, type ReportSeen, Rig } from "./support.js"

// End to end: the adapter against the embedded exchange, over loopback.

const KEY = "test-key"
const SECRET = "test-secret"

test("market data arrives as depth, trade and top records, and a snapshot when asked for", async () => {
  await withVenue({}, async (rig) => {
    await until(() => rig.of("depth").length > 3 && rig.of("trade").length > 3 && rig.of("top").length > 3)
    assert.equal(rig.of("status")[0], { type: "status", channel: 0, up: 1 })
    const diffs = rig.of("depth")
    for (let i = 1; i < diffs.length; i++) assert.is(diffs[i].first, diffs[i - 1].final + 1)
    assert.is(diffs[0].flags, DepthFlag.First | DepthFlag.Last)
    assert.ok(diffs[0].eventUs > 1e15 && diffs[0].receivedNs <= diffs[0].frameNs)
    assert.ok(diffs[0].frameNs <= diffs[0].decodedNs)

    rig.adapter.requestSnapshot(0, 5000)
    await until(() => rig.of("depth").some(({ flags }) => flags & DepthFlag.Snapshot))
    const slices = rig.of("depth").filter(({ flags }) => flags & DepthFlag.Snapshot)
    assert.ok(slices.length >= 1 && slices.every(({ final }) => final === slices[0].final))
    assert.ok(slices[0].flags & DepthFlag.First && slices.at(-1)!.flags & DepthFlag.Last)
    assert.not(slices[0].flags & DepthFlag.Stream)
    assert.ok(slices.flatMap(({ bids }) => bids).length > 5)
    assert.is(rig.counters.size, 0)
  })
})

test("whole books come instead of diffs when they are wished for, on a connection of their own", async () => {
  await withVenue({}, async (rig) => {
    await until(() => rig.of("depth").length > 1)
    rig.wishWholeDepth(10)
    await until(() => rig.of("depth").some(({ flags }) => flags & DepthFlag.Stream))
    const whole = rig.of("depth").find(({ flags }) => flags & DepthFlag.Stream)!
    assert.is(whole.flags, DepthFlag.Stream | DepthFlag.Snapshot | DepthFlag.First | DepthFlag.Last)
    assert.equal([whole.bids.length, whole.asks.length], [10, 10])
  })
})

test("a limit order is placed, acknowledged, reported, and canceled", async () => {
  await withVenue({}, async (rig) => {
    await rig.ordersUp()
    const order = rig.order({ clientId: "one-1", priceTicks: bestBid(rig) - 10_000 })
    assert.is(
      send(rig, () => rig.adapter.place(order)),
      0,
    )
    await until(() => reports(rig, "one-1").length >= 2)
    const answer = reports(rig, "one-1").find(({ requestId }) => requestId === order.requestId)!
    const event = reports(rig, "one-1").find(({ requestId }) => requestId === -1)!
    assert.equal(
      [answer.kind, answer.status, event.kind, event.status],
      [ReportKind.Ack, OrderStatus.New, ReportKind.Ack, OrderStatus.New],
    )
    assert.match(answer.venueId, /^\d+$/)
    assert.is(answer.venueId, event.venueId)
    assert.ok(answer.venueUs > 1e15)

    const cancel = rig.order({ clientId: "one-1" })
    assert.is(
      send(rig, () => rig.adapter.cancel(cancel)),
      0,
    )
    await until(() => reports(rig, "one-1").filter(({ kind }) => kind === ReportKind.Canceled).length === 2)
    assert.ok(reports(rig, "one-1").some(({ requestId }) => requestId === cancel.requestId))
  })
})

test("a market order is reported as accepted, then as filled, with trade ids and cumulative lots", async () => {
  await withVenue({}, async (rig) => {
    await rig.ordersUp()
    send(rig, () => rig.adapter.place(rig.order({ clientId: "m-1", type: OrderType.Market, qtyLots: 1000 })))
    await until(() => reports(rig, "m-1").some(({ status }) => status === OrderStatus.Filled))
    const fills = reports(rig, "m-1").filter(({ kind }) => kind === ReportKind.Fill)
    assert.is(
      fills.reduce((sum, fill) => sum + fill.lastQty, 0),
      1000,
    )
    assert.is(fills.at(-1)!.cumulative, 1000)
    assert.ok(fills.every(({ tradeId, lastPrice, isMaker }) => tradeId >= 0 && lastPrice > 0 && isMaker === 0))
    // Each fill moves both balances, and the records say which asset is meant.
    await until(() => rig.of("balance").length >= 4)
    assert.equal([...new Set(rig.of("balance").map(({ asset }) => ASSETS[asset]))].sort(), ["BTC", "USDT"])
  })
})

test("refusals of the venue are rejects with its code and words", async () => {
  await withVenue({}, async (rig) => {
    await rig.ordersUp()
    const tooLarge = rig.order({ clientId: "big", priceTicks: bestBid(rig) - 1000, qtyLots: 800_000_000 })
    send(rig, () => rig.adapter.place(tooLarge))
    const missing = rig.order({ clientId: "not-there" })
    send(rig, () => rig.adapter.cancel(missing))
    await until(() => rig.of("report").length >= 2)
    const reject = rig.of("report").find(({ requestId }) => requestId === tooLarge.requestId)!
    assert.is(reject.kind, ReportKind.Reject)
    assert.ok(reject.code < -1000 && reject.text.length > 5)
    const cancelReject = rig.of("report").find(({ requestId }) => requestId === missing.requestId)!
    assert.equal([cancelReject.kind, cancelReject.code], [ReportKind.CancelReject, -2011])
  })
})

test("a FOK order that cannot be filled is accepted, then expires", async () => {
  await withVenue({}, async (rig) => {
    await rig.ordersUp()
    const order = rig.order({ clientId: "fok", priceTicks: bestBid(rig) - 20_000, tif: TimeInForce.Fok })
    send(rig, () => rig.adapter.place(order))
    await until(() => reports(rig, "fok").some(({ kind }) => kind === ReportKind.Expired))
    assert.is(reports(rig, "fok").at(-1)!.status, OrderStatus.Expired)
  })
})

test("an order whose answer is lost is reported as lost after the timeout, and a query finds it", async () => {
  await withVenue({ request_timeout_ms: 200 }, async (rig, exchange) => {
    await rig.ordersUp()
    exchange.faults.swallowOrderAnswers(1)
    const order = rig.order({ clientId: "lost-1", priceTicks: bestBid(rig) - 10_000 })
    send(rig, () => rig.adapter.place(order))
    await until(() => reports(rig, "lost-1").length > 0)
    const lost = reports(rig, "lost-1")[0]
    assert.equal([lost.kind, lost.status, lost.requestId], [ReportKind.Lost, OrderStatus.Unknown, order.requestId])
    const query = rig.order({ clientId: "lost-1" })
    send(rig, () => rig.adapter.query(query))
    await until(() => reports(rig, "lost-1").length > 1)
    const status = reports(rig, "lost-1").find(({ requestId }) => requestId === query.requestId)!
    assert.equal([status.kind, status.status], [ReportKind.Status, OrderStatus.New])
    const unknown = rig.order({ clientId: "never-sent" })
    send(rig, () => rig.adapter.query(unknown))
    await until(() => rig.of("report").some(({ requestId }) => requestId === unknown.requestId))
    assert.is(rig.of("report").find(({ requestId }) => requestId === unknown.requestId)!.kind, ReportKind.NotFound)
    assert.is(exchange.venue.counts.ordersPlaced, 1)
  })
})

test("a lost connection makes what is in flight lost, and open orders are told before orders are up again", async () => {
  await withVenue({}, async (rig, exchange) => {
    await rig.ordersUp()
    const resting = rig.order({ clientId: "rest", priceTicks: bestBid(rig) - 10_000 })
    send(rig, () => rig.adapter.place(resting))
    await until(() => reports(rig, "rest").length === 2)
    exchange.faults.swallowOrderAnswers(1)
    const flying = rig.order({ clientId: "fly", priceTicks: bestBid(rig) - 10_000 })
    send(rig, () => rig.adapter.place(flying))
    rig.seen.length = 0
    exchange.faults.dropConnections()
    await rig.ordersUp()
    const orders = rig.seen.filter(({ type }) => type === "report" || type === "status")
    const story = orders.map((record) => {
      if (record.type === "status") return `${record.channel === 0 ? "market" : "orders"} ${record.up ? "up" : "away"}`
      return record.type === "report" ? `${record.clientId} ${record.kind}` : ""
    })
    const away = story.indexOf("orders away")
    assert.ok(away >= 0 && away < story.indexOf(`fly ${ReportKind.Lost}`), story.join(", "))
    assert.ok(story.indexOf(`rest ${ReportKind.Status}`) < story.indexOf("orders up"), story.join(", "))
    assert.ok(story.includes(`rest ${ReportKind.Status}`) && story.at(-1) !== "orders away")
  })
})

test("a part that is started anew takes over open connections, requests on the wire, and the subscription", async () => {
  await withVenue({}, async (old, exchange) => {
    await old.ordersUp()
    exchange.faults.delayMs = 20
    const flying = old.order({ clientId: "fly", priceTicks: bestBid(old) - 10_000 })
    send(old, () => old.adapter.place(flying))
    old.leave()
    const oldSeen = old.seen.length
    const next = new Rig({ kept: old.kept, transport: old.transport, options: { request_timeout_ms: 500 } })
    await next.ordersUp()
    await until(() => reports(next, "fly").length >= 2)
    assert.ok(
      reports(next, "fly").some(({ requestId, kind }) => requestId === flying.requestId && kind === ReportKind.Ack),
    )
    assert.is(old.seen.length, oldSeen)
    const order = next.order({ requestId: 99, clientId: "next", type: OrderType.Market, qtyLots: 1000 })
    send(next, () => next.adapter.place(order))
    await until(() => reports(next, "next").some(({ status }) => status === OrderStatus.Filled))
    // One subscription: each event comes once.
    assert.is(
      reports(next, "next").filter(({ requestId, kind }) => requestId === -1 && kind === ReportKind.Ack).length,
      1,
    )
    assert.ok([...next.transport.connections()].every(({ opened }) => opened === 1))
    next.leave()
  })
})

test("orders are denied while the venue is away, and without credentials for good", async () => {
  await withVenue({}, async (rig, exchange) => {
    await rig.ordersUp()
    exchange.faults.refuseConnections = true
    exchange.faults.dropConnections()
    await until(() => !rig.adapter.isReady)
    const order = rig.order({ clientId: "no", priceTicks: 100 })
    assert.is(rig.adapter.place(order), DenyReason.VenueAway)
    assert.is(rig.adapter.cancel(order), DenyReason.VenueAway)
    exchange.faults.refuseConnections = false
    await rig.ordersUp()
  })
  const exchange = await startExchange({ seed: 3 })
  const rig = new Rig()
  rig.connect({ streamUrl: urlOf(exchange), apiUrl: `${urlOf(exchange)}/ws-api/v3` })
  await until(() => rig.of("top").length > 0)
  rig.adapter.requestSnapshot(0, 100)
  await until(() => rig.of("depth").some(({ flags }) => flags & DepthFlag.Snapshot))
  assert.is(rig.adapter.place(rig.order({ clientId: "no", priceTicks: 100 })), DenyReason.VenueAway)
  assert.not(rig.of("status").some(({ channel }) => channel === 1))
  rig.stop()
  await exchange.close()
})

test("what no venue would understand is denied before it is sent", async () => {
  await withVenue({}, async (rig) => {
    await rig.ordersUp()
    for (const nonsense of [{ side: 2 }, { type: 3 }, { tif: -1 }, { symbol: 1 }]) {
      assert.is(rig.adapter.place(rig.order({ clientId: "x", ...nonsense })), DenyReason.Unencodable)
    }
  })
})

test("the venue's clock is measured, and told as an offset", async () => {
  await withVenue({}, async (rig) => {
    await rig.ordersUp()
    // Both ends are on this machine.
    assert.ok(Math.abs(rig.clockOffsetUs!) < 50_000)
  })
})

test("no key and no secret is ever logged", async () => {
  await withVenue({}, async (rig, exchange) => {
    await rig.ordersUp()
    exchange.faults.dropConnections()
    await until(() => rig.of("status").length > 3)
    assert.ok(rig.logs.length > 0)
    assert.not(rig.logs.some((line) => line.includes(KEY) || line.includes(SECRET)))
  })
})

test("a wrong secret keeps orders away and says why", async () => {
  const exchange = await startExchange({ seed: 3, api_key: KEY, api_secret: SECRET })
  const rig = new Rig()
  rig.connect({ ...endpointOf(exchange), secret: "another" })
  await until(() => rig.logs.some((line) => line.includes("-1022")))
  assert.not(rig.adapter.isReady)
  rig.stop()
  await exchange.close()
})

test("a ping is answered with its token and the times of its round trip, and refused while the connection is away", async () => {
  await withVenue({}, async (rig, exchange) => {
    await rig.ordersUp()
    const beforeNs = rig.clock.nowNs()
    assert.is(rig.adapter.ping!(7), 0)
    assert.is(rig.adapter.ping!(8), 0)
    await until(() => rig.of("pong").length === 2)
    const [first, second] = rig.of("pong")
    assert.equal([first.token, second.token, first.from, first.isUp], [7, 8, PongFrom.Venue, 1])
    assert.ok(beforeNs <= first.sentNs && first.sentNs < first.receivedNs, JSON.stringify(first))
    assert.ok(first.receivedNs <= rig.clock.nowNs())
    await exchange.close()
    await until(() => !rig.connection.isOpen)
    assert.is(rig.adapter.ping!(9), DenyReason.VenueAway)
  })
})

test.run()

async function withVenue(options: object, body: (rig: Rig, exchange: RunningExchange) => Promise<void>): Promise<void> {
  const exchange = await startExchange({ seed: 3, api_key: KEY, api_secret: SECRET })
  const rig = new Rig({ options })
  rig.connect(endpointOf(exchange))
  try {
    await until(() => rig.of("top").length > 0)
    await body(rig, exchange)
  } finally {
    rig.stop()
    await exchange.close()
  }
}

function urlOf(exchange: RunningExchange): string {
  return `ws://${exchange.host}:${exchange.port}`
}

function endpointOf(exchange: RunningExchange) {
  return { streamUrl: urlOf(exchange), apiUrl: `${urlOf(exchange)}/ws-api/v3`, apiKey: KEY, secret: SECRET }
}

function send(rig: Rig, append: () => number): number {
  const denied = append()
  rig.connection.flush()
  return denied
}

function bestBid(rig: Rig): number {
  return rig.of("top").at(-1)!.bid
}

function reports(rig: Rig, clientId: string): ReportSeen[] {
  return rig.of("report").filter((report) => report.clientId === clientId)
}
