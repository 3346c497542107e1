import { test } from "uvu"
import * as assert from "uvu/assert"
import { OrderStatus, ReportKind, TEXT_MAX_LENGTH, type Unit } from "veloz/hot"
import { BalanceWriter } from "../../../../plugins/binance/hot/balance-writer.js"
import { Decoded } from "../../../../plugins/binance/hot/decode-market.js"
import { UserDecoded, UserDecoder } from "../../../../plugins/binance/hot/decode-user.js"
import { NameTable } from "../../../../plugins/binance/hot/name-table.js"
import { ReportWriter } from "../../../../plugins/binance/hot/report-writer.js"
import { RequestKind } from "../../../../plugins/binance/hot/request-kind.js"
import { isObject, parseObject, SlowRead } from "../../../../plugins/binance/read-market.js"
import { UserReader } from "../../../../plugins/binance/read-user.js"
import { bytesPerCall, NO_ALLOCATION } from "../../../support/allocation.js"
import { below, seededRandom } from "../../../support/random.js"
import { type ReportSeen, recordingLink } from "../support.js"

const EXECUTION = {
  e: "executionReport",
  E: 1499405658658000,
  s: "BTCUSDT",
  c: "mUvoqJxFIILMdfAW5iGSOW",
  S: "BUY",
  o: "LIMIT",
  f: "GTC",
  q: "1.00000000",
  p: "61000.10000000",
  P: "0.00000000",
  F: "0.00000000",
  g: -1,
  C: "",
  x: "TRADE",
  X: "PARTIALLY_FILLED",
  r: "NONE",
  i: 4293153,
  l: "0.25000000",
  z: "0.50000000",
  L: "60999.99000000",
  n: "0",
  N: null,
  T: 1499405658657000,
  t: 77,
  I: 8641984,
  w: true,
  m: true,
  M: false,
}
const NEW = { ...EXECUTION, x: "NEW", X: "NEW", l: "0.00000000", z: "0.00000000", L: "0.00000000", t: -1 }

test("an execution report of a trade becomes one fill", () => {
  const { fast, reports } = rig()
  assert.is(fast(event(EXECUTION)), Decoded.Done)
  assert.equal(reports(), [
    {
      type: "report",
      kind: ReportKind.Fill,
      status: OrderStatus.PartiallyFilled,
      requestId: -1,
      tradeId: 77,
      lastPrice: 6099999,
      lastQty: 25000,
      cumulative: 50000,
      venueUs: 1499405658657000,
      code: 0,
      isMaker: 1,
      clientId: "mUvoqJxFIILMdfAW5iGSOW",
      venueId: "4293153",
      text: "",
    },
  ])
})

test("each execution type that concerns us becomes the report of its kind", () => {
  const cases: [object, number, number][] = [
    [NEW, ReportKind.Ack, OrderStatus.New],
    [{ ...EXECUTION, X: "FILLED" }, ReportKind.Fill, OrderStatus.Filled],
    [{ ...NEW, x: "CANCELED", X: "CANCELED" }, ReportKind.Canceled, OrderStatus.Canceled],
    [{ ...NEW, x: "EXPIRED", X: "EXPIRED" }, ReportKind.Expired, OrderStatus.Expired],
    [{ ...NEW, x: "EXPIRED", X: "EXPIRED_IN_MATCH" }, ReportKind.Expired, OrderStatus.Expired],
    [{ ...NEW, x: "REJECTED", X: "REJECTED", r: "INSUFFICIENT_BALANCE" }, ReportKind.Reject, OrderStatus.Rejected],
  ]
  for (const [message, kind, status] of cases) {
    const { fast, reports } = rig()
    assert.is(fast(event(message)), Decoded.Done)
    assert.equal([reports()[0].kind, reports()[0].status, reports()[0].tradeId], [kind, status, kind === 2 ? 77 : 0])
    if (kind === ReportKind.Reject) assert.is(reports()[0].text, "INSUFFICIENT_BALANCE")
  }
  const { fast, slow } = rig()
  for (const x of ["TRADE_PREVENTION", "REPLACED"]) {
    assert.is(fast(event({ ...EXECUTION, x })), Decoded.Unexpected)
    assert.is(slow(event({ ...EXECUTION, x })), SlowRead.Ignored)
  }
})

test("the report of a cancel names the order that was canceled, not the cancel", () => {
  const { fast, reports } = rig()
  fast(event({ ...NEW, x: "CANCELED", X: "CANCELED", c: "id-of-the-cancel", C: "id-of-the-order" }))
  assert.is(reports()[0].clientId, "id-of-the-order")
})

test("answers to place and cancel are told apart by their id, and refusals carry code and words", () => {
  const { fast, reports, decoder } = rig()
  const placed = { symbol: "BTCUSDT", orderId: 12, orderListId: -1, clientOrderId: "a-1", transactTime: 1700000000000 }
  assert.is(fast(answer("p17", 200, placed)), Decoded.Done)
  assert.equal([decoder.requestKind, decoder.requestId], [RequestKind.Place, 17])
  const canceled = { ...placed, origClientOrderId: "a-1", clientOrderId: "x", executedQty: "0.10000000" }
  fast(answer("c18", 200, canceled))
  fast(refusal("p19", 400, -2010, "Account has insufficient balance for requested action."))
  fast(refusal("c20", 400, -2011, "Unknown order sent."))
  const brief = reports().map(({ kind, requestId, clientId, venueId, code, cumulative, venueUs }) => {
    return { kind, requestId, clientId, venueId, code, cumulative, venueUs }
  })
  const none = { clientId: "", venueId: "", cumulative: 0, venueUs: 0 }
  const known = { clientId: "a-1", venueId: "12", code: 0, venueUs: 1700000000000000 }
  assert.equal(brief, [
    { kind: ReportKind.Ack, requestId: 17, ...known, cumulative: 0 },
    { kind: ReportKind.Canceled, requestId: 18, ...known, cumulative: 10000 },
    { kind: ReportKind.Reject, requestId: 19, code: -2010, ...none },
    { kind: ReportKind.CancelReject, requestId: 20, code: -2011, ...none },
  ])
  assert.is(reports()[2].text, "Account has insufficient balance for requested action.")
})

test("a refusal that says nothing of the outcome is lost, not rejected", () => {
  const cases: [string, number, number][] = [
    ["p1", 500, -1000],
    ["p1", 400, -1006],
    ["p1", 408, -1007],
    ["p1", 503, -1],
    ["c1", 400, -1007],
  ]
  for (const [id, status, code] of cases) {
    const { fast, slow, reports } = rig()
    fast(refusal(id, status, code, "?"))
    slow(refusal(id, status, code, "?"))
    for (const report of reports()) {
      assert.equal([report.kind, report.status, report.code], [ReportKind.Lost, OrderStatus.Unknown, code])
    }
    assert.is(reports().length, 2)
  }
})

test("an answer to a query tells the whole order, or that there is none, or nothing", () => {
  const { fast, slow, reports } = rig()
  const order = {
    symbol: "BTCUSDT",
    orderId: 12,
    clientOrderId: "a-1",
    price: "61000.00000000",
    origQty: "1.00000000",
    executedQty: "0.50000000",
    cummulativeQuoteQty: "30499.99500000",
    status: "PARTIALLY_FILLED",
    time: 1700000000000000,
    updateTime: 1700000000000001,
  }
  for (const message of [
    answer("q1", 200, order),
    refusal("q2", 400, -2013, "Order does not exist."),
    refusal("q3", 429, -1003, "Too many requests."),
  ]) {
    assert.is(fast(message), Decoded.Unexpected)
    assert.is(slow(message), SlowRead.Done)
  }
  const [status, notFound, lost] = reports()
  assert.equal(
    [status.kind, status.status, status.cumulative, status.lastPrice, status.venueUs, status.venueId],
    [ReportKind.Status, OrderStatus.PartiallyFilled, 50000, 6099999, 1700000000000001, "12"],
  )
  assert.equal(
    [notFound.kind, notFound.requestId, lost.kind, lost.requestId],
    [ReportKind.NotFound, 2, ReportKind.Lost, 3],
  )
})

test("an account position becomes a balance for each asset that the engine knows", () => {
  const position = {
    e: "outboundAccountPosition",
    E: 1,
    u: 1,
    B: [
      { a: "BTC", f: "1.50000000", l: "0.25000000" },
      { a: "DOGE", f: "9.00000000", l: "0.00000000" },
      { a: "USDT", f: "1000.00000001", l: "0.00000000" },
    ],
  }
  const expected = [
    { type: "balance", asset: 4, free: 150000000, locked: 25000000 },
    { type: "balance", asset: 5, free: 100000000001, locked: 0 },
  ]
  const { fast, slow, seen } = rig()
  assert.is(fast(event(position)), Decoded.Done)
  assert.equal(seen, expected)
  seen.length = 0
  assert.is(slow(event(position)), SlowRead.Done)
  assert.equal(seen, expected)
  seen.length = 0
  // More than a double counts exactly: at least that much.
  const huge = { ...position, B: [{ a: "USDT", f: "99999999999.00000000", l: "0.00000000" }] }
  assert.is(fast(event(huge)), Decoded.Unexpected)
  slow(event(huge))
  assert.equal(seen, [{ type: "balance", asset: 5, free: Number.MAX_SAFE_INTEGER, locked: 0 }])
})

test("the answer to a depth request is handed on where it lies", () => {
  const { fast, decoder, lastBytes } = rig()
  const book = { lastUpdateId: 5, bids: [["1.00", "2.0"]], asks: [] }
  assert.is(fast(answer("s3", 200, book, ',"rateLimits":[]')), UserDecoded.Snapshot)
  assert.is(decoder.requestId, 3)
  assert.is(lastBytes().subarray(decoder.resultStart, decoder.resultEnd).toString(), JSON.stringify(book))
})

test("a text longer than a record holds is cut, an id that long is left out", () => {
  const { fast, reports } = rig()
  fast(refusal("p1", 400, -1013, "x".repeat(300)))
  assert.is(reports()[0].text, "x".repeat(TEXT_MAX_LENGTH))
  fast(event({ ...NEW, c: "y".repeat(41) }))
  assert.is(reports()[1].clientId, "")
})

test("keys in any order are read to the same report, on the fast path or on the slow", () => {
  const random = seededRandom(21)
  for (let round = 0; round < 300; round++) {
    const { fast, slow, reports } = rig()
    fast(event(EXECUTION))
    const entries = Object.entries(EXECUTION).map((entry) => ({ entry, rank: random() }))
    const shuffled = Object.fromEntries(entries.sort((a, b) => a.rank - b.rank).map(({ entry }) => entry))
    const message = event(shuffled)
    if (fast(message) !== Decoded.Done) slow(message)
    const restOnly = event({ e: "executionReport", ...shuffled })
    assert.is(fast(restOnly), Decoded.Done)
    assert.equal(reports()[1], reports()[0])
    assert.equal(reports()[2], reports()[0])
  }
})

test("truncated and garbled messages never throw, and never report what JSON.parse would not", () => {
  const random = seededRandom(22)
  const messages = [
    event(EXECUTION),
    event(NEW),
    answer("p17", 200, { symbol: "BTCUSDT", orderId: 12, clientOrderId: "a-1", transactTime: 1 }),
    refusal("c20", 400, -2011, "Unknown order sent."),
  ]
  const { fast, slow, reports, clear } = rig()
  for (let round = 0; round < 20_000; round++) {
    clear()
    const bytes = Buffer.from(messages[below(random, messages.length)])
    const length = below(random, 2) === 0 ? below(random, bytes.length) : bytes.length
    for (let edits = below(random, 4); edits > 0; edits--) {
      bytes[below(random, bytes.length)] = HOSTILE[below(random, HOSTILE.length)]
    }
    const text = bytes.subarray(0, length).toString("latin1")
    const decoded = fast(text)
    assert.ok(decoded === Decoded.Done ? reports().length === 1 : reports().length === 0, text)
    const before = reports().length
    slow(text)
    assert.ok(reports().length <= before + 1)
  }
})

test("decoding a report or an answer allocates nothing", () => {
  const { decoder, link } = rig()
  link.connect(() => true)
  const messages = [
    event(EXECUTION),
    event(NEW),
    answer("p17", 200, { symbol: "BTCUSDT", orderId: 12, orderListId: -1, clientOrderId: "a-1", transactTime: 17e14 }),
    refusal("p18", 400, -2010, "Account has insufficient balance for requested action."),
  ]
  const buffer = Buffer.from(messages.join(""))
  let end = 0
  const ends = messages.map((message) => (end += message.length))
  let done = 0
  const bytes = bytesPerCall((i) => {
    const at = i & 3
    const start = at === 0 ? 0 : ends[at - 1]
    if (decoder.decode(buffer, start, ends[at] - start, 5) === Decoded.Done) done++
  })
  assert.ok(done > 100_000)
  assert.ok(bytes < NO_ALLOCATION, `${bytes} bytes a message`)
})

const HOSTILE = Buffer.from('{}[],:"0123456789.\\-eE ')
const CENT: Unit = { decimals: 2, step: 1 }
const SMALL_LOT: Unit = { decimals: 5, step: 1 }

test.run()

function rig() {
  const { link, seen } = recordingLink()
  const symbols = { names: new NameTable(["BTCUSDT"]), priceUnits: [CENT], lotUnits: [SMALL_LOT] }
  const report = new ReportWriter(link, { nowNs: () => 7 })
  const balances = new BalanceWriter(link, new NameTable(["BTC", "USDT"]), [4, 5])
  const decoder = new UserDecoder(report, balances, symbols)
  const reader = new UserReader(report, balances, symbols)
  let bytes = Buffer.alloc(0)
  return {
    link,
    seen,
    decoder,
    lastBytes: () => bytes,
    clear: () => {
      seen.length = 0
    },
    reports: () => seen as ReportSeen[],
    fast(message: string): number {
      bytes = Buffer.from(`{"${message}}}}}`, "latin1")
      return decoder.decode(bytes, 2, message.length, 5)
    },
    slow(text: string): number {
      const message = parseObject(text)
      if (message === undefined) return SlowRead.Malformed
      if (typeof message.id === "string") {
        return reader.readAnswer(message.id.charCodeAt(0), Number(message.id.slice(1)), message, 5)
      }
      return reader.readEvent(isObject(message.event) ? message.event : message, 5)
    },
  }
}

function event(content: object): string {
  return JSON.stringify({ subscriptionId: 0, event: content })
}

function answer(id: string, status: number, result: object, behind = ""): string {
  return `{"id":"${id}","status":${status},"result":${JSON.stringify(result)}${behind}}`
}

function refusal(id: string, status: number, code: number, msg: string): string {
  return JSON.stringify({ id, status, error: { code, msg } })
}
