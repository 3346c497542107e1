import assert from "node:assert/strict"
import { SystemClock } from "../../core/hot/clock.js"
import { unitOf } from "../../core/hot/decimal.js"
import type { Link } from "../../core/hot/link.js"
import { DEPTH_LEVELS, MAX_RECORD_BYTES } from "../../core/hot/records.js"
import { Decoded, MarketDecoder } from "../../plugins/binance/hot/decode-market.js"
import { MarketRecords } from "../../plugins/binance/hot/market-records.js"
import { NameTable } from "../../plugins/binance/hot/name-table.js"
import { below, seededRandom } from "../../test/support/random.js"
import { type BenchCase, compare, type Subject } from "../measure.js"

/** A depth update of a quiet moment, 2 + 2 levels, from the bytes of a frame to a record in integer ticks and lots. */
export const decode = decodeCase("decode", 2)

/** The same in a busy moment, 20 + 20 levels. */
export const decodeDeep = decodeCase("decode-deep", 20)

const MESSAGES = 4096
const LAST_MESSAGE = MESSAGES - 1

interface Input {
  /** All messages one behind the other, as a socket's buffer holds them. */
  bytes: Buffer
  starts: Int32Array
}

interface DecodeSubject extends Subject {
  /** The sum of all prices and quantities, in ticks and lots, that the last operation decoded. */
  checksum(): number
}

function decodeCase(name: string, levelsOfSide: number): BenchCase {
  return compare({
    name,
    operation: `${levelsOfSide}+${levelsOfSide} levels`,
    batch: 16,
    prepare() {
      const input = makeInput(levelsOfSide)
      const subjects = [scannerSubject(input), jsonSubject(input)]
      assertSameWork(subjects)
      return subjects
    },
  })
}

/** Messages as the venue writes them: prices of a wandering market, quantities of every length, some levels deleted. */
function makeInput(levelsOfSide: number): Input {
  const random = seededRandom(20240808)
  const starts = new Int32Array(MESSAGES + 1)
  const messages: string[] = []
  let updateId = 50_093_239_189
  let eventMs = 1_723_161_255_208
  let touch = 6_183_763
  let end = 0
  for (let i = 0; i < MESSAGES; i++) {
    touch += below(random, 41) - 20
    const first = updateId
    updateId += 1 + below(random, 300)
    eventMs += 100
    const bids = levels(random, touch, -1, levelsOfSide)
    const asks = levels(random, touch + 1, 1, levelsOfSide)
    const data = `{"e":"depthUpdate","E":${eventMs},"s":"BTCUSDT","U":${first},"u":${updateId - 1},"b":[${bids}],"a":[${asks}]}`
    messages.push(`{"stream":"btcusdt@depth@100ms","data":${data}}`)
    starts[i] = end
    end += messages[i].length
  }
  starts[MESSAGES] = end
  return { bytes: Buffer.from(messages.join("")), starts }
}

function levels(random: () => number, touch: number, direction: number, count: number): string {
  const texts: string[] = []
  let ticks = touch
  for (let i = 0; i < count; i++) {
    ticks += direction * below(random, 60)
    const lots = below(random, 4) === 0 ? 0 : below(random, 10 ** (1 + below(random, 7)))
    texts.push(`["${(ticks / 100).toFixed(8)}","${(lots / 1e5).toFixed(8)}"]`)
  }
  return texts.join(",")
}

/** VeloZ's own: one pass over the bytes, into a record. */
function scannerSubject({ bytes, starts }: Input): DecodeSubject {
  const sink = oneRecord()
  const symbols = { priceUnits: [unitOf("0.01")], lotUnits: [unitOf("0.00001")] }
  const names = { names: new NameTable(["BTCUSDT"]), streams: new NameTable(["btcusdt"]) }
  const records = new MarketRecords(sink, new SystemClock())
  const decoder = new MarketDecoder(records, { ...symbols, ...names })
  return {
    name: "veloz decoder",
    run(operation) {
      const start = starts[operation & LAST_MESSAGE]
      const decoded = decoder.decode(bytes, start, starts[(operation & LAST_MESSAGE) + 1] - start, 0)
      if (decoded !== Decoded.Done) throw new Error("a message was not decoded")
    },
    checksum() {
      const first = DEPTH_LEVELS >> 3
      return sink.f64.subarray(first, first + sink.length).reduce((sum, value) => sum + value, 0)
    },
  }
}

/** The naive way: text, objects, and a double for every number. */
function jsonSubject({ bytes, starts }: Input): DecodeSubject {
  let bids: [number, number][] = []
  let asks: [number, number][] = []
  const level = ([price, quantity]: [string, string]): [number, number] => [Number(price), Number(quantity)]
  return {
    name: "JSON.parse, Number",
    run(operation) {
      const at = operation & LAST_MESSAGE
      const { data } = JSON.parse(bytes.toString("utf8", starts[at], starts[at + 1]))
      bids = data.b.map(level)
      asks = data.a.map(level)
    },
    checksum() {
      let sum = 0
      for (const [price, quantity] of [...bids, ...asks]) sum += Math.round(price * 100) + Math.round(quantity * 1e5)
      return sum
    },
  }
}

/** A sink that holds the last record. */
function oneRecord(): Link & { length: number } {
  const memory = new ArrayBuffer(MAX_RECORD_BYTES)
  return {
    f64: new Float64Array(memory),
    i32: new Int32Array(memory),
    u8: new Uint8Array(memory),
    length: 0,
    claim(_type, length) {
      this.length = (length - DEPTH_LEVELS) >> 3
      return 0
    },
    publish() {},
    abort() {},
  }
}

function assertSameWork(subjects: readonly DecodeSubject[]): void {
  for (let operation = 0; operation < MESSAGES; operation++) {
    for (const subject of subjects) subject.run(operation)
    assert.equal(subjects[1].checksum(), subjects[0].checksum())
  }
}
