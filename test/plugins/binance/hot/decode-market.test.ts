import { existsSync, readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { DEPTH_MAX_LEVELS, DepthFlag, type Unit } from "veloz/hot"
import { Decoded, MarketDecoder, type MarketSymbols } from "../../../../plugins/binance/hot/decode-market.js"
import { MarketRecords } from "../../../../plugins/binance/hot/market-records.js"
import { NameTable } from "../../../../plugins/binance/hot/name-table.js"
import { readMarketMessage, SlowRead } from "../../../../plugins/binance/read-market.js"
import { bytesPerCall, NO_ALLOCATION } from "../../../support/allocation.js"
import { below, seededRandom } from "../../../support/random.js"
import { testUnless } from "../../../support/skip.js"
import { recordingLink, type Seen } from "../support.js"

const DEPTH =
  '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":101,"u":109,"b":[["61737.63000000","0.00000000"],["61730.17000000","1.50000000"]],"a":[["61837.64000000","1.54698000"]]}}'
const TRADE =
  '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343001,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000","q":"0.02000000","T":1723161255342000,"m":true,"M":true}}'
const TOP =
  '{"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}}'
const WHOLE =
  '{"stream":"btcusdt@depth5@100ms","data":{"lastUpdateId":160,"bids":[["61737.63000000","2.00000000"]],"asks":[["61737.64000000","3.00000000"],["61737.65000000","4.00000000"]]}}'
const BARE = '{"lastUpdateId":160,"bids":[["61737.63","2.0"]],"asks":[]}'
const MESSAGES = [DEPTH, TRADE, TOP, WHOLE, BARE]

test("a depth update becomes one record with its sequence, time, ticks and lots", () => {
  const { fast, seen } = rig()
  assert.is(fast(DEPTH), Decoded.Done)
  const [{ receivedNs, frameNs, decodedNs, ...depth }] = seen as Extract<Seen, { type: "depth" }>[]
  assert.equal(depth, {
    type: "depth",
    symbol: 0,
    flags: DepthFlag.First | DepthFlag.Last,
    first: 101,
    final: 109,
    eventUs: 1723161255208000,
    bids: [
      [6173763, 0],
      [6173017, 150000],
    ],
    asks: [[6183764, 154698]],
  })
  assert.equal([receivedNs, frameNs, decodedNs], [5, 7, 7])
})

test("a trade, a top of book and whole books become records", () => {
  const { fast, seen } = rig()
  for (const message of [TRADE, TOP, WHOLE, BARE]) assert.is(fast(message), Decoded.Done)
  const whole = { symbol: 0, first: 160, final: 160, eventUs: 0, receivedNs: 5, frameNs: 7, decodedNs: 7 }
  const isWhole = DepthFlag.Snapshot | DepthFlag.First | DepthFlag.Last
  assert.equal(seen, [
    { type: "trade", symbol: 0, buyerIsMaker: 1, id: 3735683259, price: 6183763, qty: 2000, eventUs: 1723161255343001 },
    { type: "top", symbol: 0, updateId: 50093239212, bid: 6183763, bidQty: 378826, ask: 6183764, askQty: 154698 },
    {
      type: "depth",
      ...whole,
      flags: isWhole | DepthFlag.Stream,
      bids: [[6173763, 200000]],
      asks: [
        [6173764, 300000],
        [6173765, 400000],
      ],
    },
    { type: "depth", ...whole, flags: isWhole, bids: [[6173763, 200000]], asks: [] },
  ])
})

test("messages without an envelope are read like those within", () => {
  const { fast, seen } = rig()
  for (const message of [DEPTH, TRADE, TOP]) {
    fast(message)
    assert.is(fast(JSON.stringify(JSON.parse(message).data)), Decoded.Done)
    assert.equal(seen[1], seen[0])
    seen.length = 0
  }
})

test("a book larger than a record travels in slices that add up to it", () => {
  const { fast, seen } = rig()
  const level = (i: number): [string, string] => [`${50_000 + i}.00000000`, `${i}.00000000`]
  const bids = Array.from({ length: DEPTH_MAX_LEVELS + 100 }, (_, i) => level(i))
  const asks = Array.from({ length: 5000 }, (_, i) => level(i))
  assert.is(fast(JSON.stringify({ lastUpdateId: 7, bids, asks })), Decoded.Done)
  const slices = seen as Extract<Seen, { type: "depth" }>[]
  const flags = slices.map((slice) => slice.flags & (DepthFlag.First | DepthFlag.Last))
  assert.equal(flags, [DepthFlag.First, ...flags.slice(1, -1).fill(0), DepthFlag.Last])
  assert.ok(slices.every((slice) => slice.bids.length + slice.asks.length <= DEPTH_MAX_LEVELS && slice.final === 7))
  const ticks = (levels: [string, string][]) => levels.map(([price, qty]) => [Number(price) * 100, Number(qty) * 1e5])
  assert.equal(
    slices.flatMap((slice) => slice.bids),
    ticks(bids),
  )
  assert.equal(
    slices.flatMap((slice) => slice.asks),
    ticks(asks),
  )
})

test("a sink without room leaves no half of a book behind, and says so", () => {
  const { link, seen } = recordingLink()
  let claims = 0
  const claim = link.claim.bind(link)
  link.claim = (type, length) => (++claims === 3 ? -1 : claim(type, length))
  const records = new MarketRecords(link, { nowNs: () => 0 })
  const bids = Array.from({ length: 3 * DEPTH_MAX_LEVELS }, () => ["1.0", "1.0"])
  const bytes = Buffer.from(JSON.stringify({ lastUpdateId: 7, bids, asks: [] }))
  assert.is(new MarketDecoder(records, SYMBOLS).decode(bytes, 0, bytes.length, 5), Decoded.NoCapacity)
  link.publish()
  assert.is(seen.length, 0)
})

test("another order of keys, and white space, are read the slow way into the same records", () => {
  const random = seededRandom(11)
  for (let round = 0; round < 200; round++) {
    const message = MESSAGES[below(random, MESSAGES.length)]
    const shuffled = JSON.stringify(shuffle(JSON.parse(message), random), null, below(random, 3))
    const { fast, slow, seen } = rig()
    fast(message)
    const outcome = fast(shuffled)
    if (outcome !== Decoded.Done) assert.is(slow(shuffled), SlowRead.Done, shuffled)
    assert.equal(seen[1], seen[0], shuffled)
  }
})

test("what is not ours is ignored, and what is broken is malformed, never half taken", () => {
  const { fast, slow, seen } = rig()
  const cases: [string, number][] = [
    ['{"result":null,"id":1}', SlowRead.Ignored],
    ['{"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1}}', SlowRead.Ignored],
    [DEPTH.replace('"s":"BTCUSDT"', '"s":"ETHUSDT"'), SlowRead.Ignored],
    [WHOLE.replace("btcusdt@", "ethusdt@"), SlowRead.Ignored],
    ["", SlowRead.Malformed],
    ["[]", SlowRead.Malformed],
    ["null", SlowRead.Malformed],
    [DEPTH.replace('"U":101', '"U":-1'), SlowRead.Malformed],
    [DEPTH.replace('"U":101', '"U":1e300'), SlowRead.Malformed],
    [DEPTH.replace("61737.63000000", "61737.63500000"), SlowRead.Malformed],
    [DEPTH.replace("61737.63000000", "-1"), SlowRead.Malformed],
    [DEPTH.replace('["61737.63000000","0.00000000"]', "[]"), SlowRead.Malformed],
    [DEPTH.replace('["61737.63000000","0.00000000"]', '"x"'), SlowRead.Malformed],
    [TRADE.replace('"m":true', '"m":1'), SlowRead.Malformed],
    [TOP.replace('"61837.63000000"', "61837.63"), SlowRead.Malformed],
  ]
  for (const [message, expected] of cases) {
    assert.is.not(fast(message), Decoded.Done, message)
    assert.is(slow(message), expected, message)
  }
  assert.is(seen.length, 0)
})

test("truncated and garbled messages never throw, never read beyond their end, and agree with JSON.parse", () => {
  const random = seededRandom(12)
  for (let round = 0; round < 20_000; round++) {
    const { fast, slow, seen } = shared
    seen.length = 0
    const bytes = Buffer.from(MESSAGES[below(random, MESSAGES.length)])
    const length = below(random, 2) === 0 ? below(random, bytes.length) : bytes.length
    for (let edits = below(random, 4); edits > 0; edits--) {
      bytes[below(random, bytes.length)] =
        below(random, 3) === 0 ? below(random, 256) : HOSTILE[below(random, HOSTILE.length)]
    }
    const text = bytes.subarray(0, length).toString("latin1")
    // What follows in the buffer would complete a truncated message, if it were read.
    const outcome = fast(text, bytes.subarray(length).toString("latin1"))
    if (outcome !== Decoded.Done) {
      slow(text)
      continue
    }
    // The scanner forgives what cannot change a meaning: control characters in texts that nobody reads, leading zeros.
    const strict = [...text]
      .map((char) => (char < " " ? "?" : char))
      .join("")
      .replace(/:0+(?=\d)/g, ":")
    const byFast = seen.slice()
    seen.length = 0
    assert.is(slow(strict), SlowRead.Done, text)
    assert.equal(byFast, seen, text)
  }
})

const RECORDING = new URL("../../../../../../shared/data/btcusdt-20240808.jsonl.gz", import.meta.url)

testUnless(existsSync(RECORDING) ? undefined : "the recording is not on this machine")(
  "every line of the recording decodes on the fast path to what JSON.parse and exact arithmetic say",
  () => {
    const { seen, fast } = rig(FINEST_SYMBOLS)
    let lines = 0
    for (const line of gunzipSync(readFileSync(RECORDING)).toString().split("\n")) {
      if (line === "") continue
      lines++
      const text = line.slice(line.indexOf(" ") + 1)
      seen.length = 0
      assert.is(fast(text), Decoded.Done, text.slice(0, 200))
      compare(JSON.parse(text), seen)
    }
    assert.is(lines, 41_249)
  },
)

test("decoding allocates nothing", () => {
  const random = seededRandom(13)
  const buffer = Buffer.alloc(64 * 1024)
  const offsets: number[] = []
  let end = 0
  for (let i = 0; i < 64; i++) {
    offsets.push(end)
    end += buffer.write([DEPTH, TRADE, TOP, WHOLE][below(random, 4)], end, "latin1")
  }
  offsets.push(end)
  const { link } = recordingLink()
  link.connect(() => true)
  const decoder = new MarketDecoder(new MarketRecords(link, { nowNs: () => 1 }), SYMBOLS)
  let done = 0
  const bytes = bytesPerCall((i) => {
    const at = offsets[i & 63]
    if (decoder.decode(buffer, at, offsets[(i & 63) + 1] - at, 5) === Decoded.Done) done++
  })
  assert.ok(done > 100_000)
  assert.ok(bytes < NO_ALLOCATION, `${bytes} bytes a message`)
})

const HOSTILE = Buffer.from('{}[],:"0123456789.\\-eE ')
const CENT: Unit = { decimals: 2, step: 1 }
const SMALL_LOT: Unit = { decimals: 5, step: 1 }
const FINEST: Unit = { decimals: 8, step: 1 }
const SYMBOLS = symbolsWith(CENT, SMALL_LOT)
const FINEST_SYMBOLS = symbolsWith(FINEST, FINEST)
const shared = rig()

test.run()

function symbolsWith(price: Unit, lot: Unit): MarketSymbols {
  return {
    names: new NameTable(["BTCUSDT"]),
    streams: new NameTable(["btcusdt"]),
    priceUnits: [price],
    lotUnits: [lot],
  }
}

function rig(symbols = SYMBOLS) {
  const { link, seen } = recordingLink()
  const records = new MarketRecords(link, { nowNs: () => 7 })
  const decoder = new MarketDecoder(records, symbols)
  return {
    seen,
    /** Decodes a message that stands somewhere within a buffer, with other bytes before and behind it. */
    fast(message: string, behind = "}}}}"): number {
      const bytes = Buffer.from(`{{"${message}${behind}`, "latin1")
      return decoder.decode(bytes, 3, message.length, 5)
    },
    slow: (message: string) => {
      records.begin(5)
      return readMarketMessage(message, records, symbols)
    },
  }
}

function shuffle(value: unknown, random: () => number): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).map(([key, inner]) => ({ key, inner, rank: random() }))
  entries.sort((a, b) => a.rank - b.rank)
  return Object.fromEntries(entries.map(({ key, inner }) => [key, shuffle(inner, random)]))
}

function units(text: string): number {
  const [whole, fraction] = text.split(".")
  return Number(BigInt(whole) * 100_000_000n + BigInt(fraction.padEnd(8, "0")))
}

interface Captured {
  data?: Captured
  e?: string
  lastUpdateId?: number
  [key: string]: unknown
}

function compare(message: Captured, seen: Seen[]): void {
  const data = message.data ?? message
  const levels = (side: unknown) => (side as [string, string][]).map(([price, qty]) => [units(price), units(qty)])
  const slices = seen as Extract<Seen, { type: "depth" }>[]
  if (data.e === "trade") {
    const { t: id, p, q, E, m } = data as { t: number; p: string; q: string; E: number; m: boolean }
    const expected = { symbol: 0, buyerIsMaker: m ? 1 : 0, id, price: units(p), qty: units(q), eventUs: E * 1000 }
    assert.equal(seen, [{ type: "trade", ...expected }])
  } else if (data.e === "depthUpdate") {
    assert.equal(
      slices.flatMap(({ bids }) => bids),
      levels(data.b),
    )
    assert.equal(
      slices.flatMap(({ asks }) => asks),
      levels(data.a),
    )
    assert.equal([slices[0].first, slices[0].final, slices[0].eventUs], [data.U, data.u, (data.E as number) * 1000])
  } else if (data.lastUpdateId !== undefined) {
    assert.equal(
      slices.flatMap(({ bids }) => bids),
      levels(data.bids),
    )
    assert.equal(
      slices.flatMap(({ asks }) => asks),
      levels(data.asks),
    )
    assert.is(slices[0].final, data.lastUpdateId)
  } else {
    const { u: updateId, b, B, a, A } = data as { u: number; b: string; B: string; a: string; A: string }
    const sides = { bid: units(b), bidQty: units(B), ask: units(a), askQty: units(A) }
    assert.equal(seen, [{ type: "top", symbol: 0, updateId, ...sides }])
  }
}
