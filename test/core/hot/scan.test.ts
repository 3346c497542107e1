import { test } from "uvu"
import * as assert from "uvu/assert"
import { asciiBytes, hashBytes, readAscii } from "../../../core/hot/bytes.js"
import { MALFORMED, OFF_STEP, parseUnits, TOO_LARGE, type Unit, unitOf } from "../../../core/hot/decimal.js"
import { Scanner } from "../../../core/hot/scan.js"
import { below, seededRandom } from "../../support/random.js"

const CENT = unitOf("0.01")
const SATOSHI = unitOf("0.00000001")
const out = new Float64Array(64)

test("readUnits reads the usual eight decimals into ticks and steps over the closing quote", () => {
  const scanner = scannerOf('"61737.63000000",')
  assert.ok(scanner.readUnits(CENT, out, 3))
  assert.is(out[3], 6173763)
  assert.is(scanner.peek(), 0x2c)
})

test("readUnits agrees with parseUnits on everything, usual or not", () => {
  const random = seededRandom(11)
  const units = ["0.01", "0.00000001", "0.05", "1", "10", "0.00001", "0.000000001", "2.5"].map(unitOf)
  for (let i = 0; i < 60_000; i++) {
    const text = decimalText(random)
    const unit = units[below(random, units.length)]
    assert.is(
      unitsByScanner(`"${text}"`, unit, i % 2 === 0),
      parseUnits(text, unit),
      `${text} in ${JSON.stringify(unit)}`,
    )
  }
})

test("readUnits tells malformed text, off-step and too large numbers apart", () => {
  const cases: [string, number][] = [
    ['"', MALFORMED],
    ['""', MALFORMED],
    ['".5"', MALFORMED],
    ['"1."', MALFORMED],
    ['"-1.00000000"', MALFORMED],
    ['"1.0000x000"', MALFORMED],
    ['"1.000.0000"', MALFORMED],
    ['"1.00000000', MALFORMED],
    ['"1,00000000"', MALFORMED],
    ["1.00000000", MALFORMED],
    ['"1.00100000"', OFF_STEP],
    ['"1.001"', OFF_STEP],
    ['"1.00000000000000000001"', OFF_STEP],
    ['"90071992547409.92"', TOO_LARGE],
    ['"99999999999999999999.00000000"', TOO_LARGE],
  ]
  for (const [text, failure] of cases) {
    assert.is(unitsByScanner(text, CENT, true), failure, text)
    assert.is(unitsByScanner(text, CENT, false), failure, `${text} at the end of its buffer`)
  }
})

test("readUnits never reads a number out of the bytes behind the message", () => {
  const bytes = asciiBytes('"1.00000000"]]} and older bytes')
  const scanner = new Scanner()
  for (let length = 0; length < 12; length++) {
    scanner.start(bytes, 0, length)
    assert.not(scanner.readUnits(CENT, out, 0))
    assert.is(scanner.failure, MALFORMED)
  }
  scanner.start(bytes, 0, 12)
  assert.ok(scanner.readUnits(CENT, out, 0))
})

test("readLevels writes pairs of ticks and lots and ends behind the array", () => {
  const scanner = scannerOf('["61737.63000000","0.00000000"],["61730.17","1.5"]],"a"')
  assert.is(scanner.readLevels(CENT, SATOSHI, out, 2, 10), 2)
  assert.equal([...out.subarray(2, 6)], [6173763, 0, 6173017, 150000000])
  assert.is(scanner.peek(), 0x2c)
  assert.not(scanner.moreLevels)
})

test("readLevels reads an empty array as no levels", () => {
  const scanner = scannerOf("]}")
  assert.is(scanner.readLevels(CENT, SATOSHI, out, 0, 10), 0)
  assert.is(scanner.peek(), 0x7d)
})

test("readLevels stops at its limit and goes on when called again", () => {
  const scanner = scannerOf('["1.00","1"],["2.00","2"],["3.00","3"]]')
  assert.is(scanner.readLevels(CENT, SATOSHI, out, 0, 2), 2)
  assert.ok(scanner.moreLevels)
  assert.is(scanner.readLevels(CENT, SATOSHI, out, 4, 2), 1)
  assert.not(scanner.moreLevels)
  assert.equal([out[0], out[2], out[4]], [100, 200, 300])
  assert.is(scanner.position, scanner.end)
})

test("readLevels fails on every damaged byte or yields levels, and never leaves the message", () => {
  const text = '["61737.63000000","0.10000000"],["61730.17000000","2.00000000"]]'
  const random = seededRandom(5)
  for (let i = 0; i < 20_000; i++) {
    const bytes = asciiBytes(text)
    bytes[below(random, bytes.length)] = 32 + below(random, 95)
    const scanner = new Scanner()
    scanner.start(bytes, 0, below(random, bytes.length + 1))
    const count = scanner.readLevels(CENT, SATOSHI, out, 0, 10)
    assert.is(count < 0, scanner.failed)
    assert.ok(scanner.position <= scanner.end)
    if (count > 0) assert.equal(JSON.parse(`[${readAscii(bytes, 0, scanner.position)}`).length, count)
  }
})

test("readUnsigned is exact to 2^53 - 1 and refuses more", () => {
  for (const value of [0, 7, 99999999, 100000000, 2 ** 31, 50093239189, 1723161255208, Number.MAX_SAFE_INTEGER]) {
    for (const behind of ["", ",", "}       "]) {
      const scanner = scannerOf(value + behind)
      assert.ok(scanner.readUnsigned(out, 0))
      assert.is(out[0], value)
      assert.is(scanner.position, String(value).length)
    }
  }
  for (const text of ["9007199254740992", "12345678901234567", "99999999999999999999999"]) {
    const scanner = scannerOf(text)
    assert.not(scanner.readUnsigned(out, 0))
    assert.is(scanner.failure, TOO_LARGE, text)
  }
  assert.not(scannerOf("x1").readUnsigned(out, 0))
  assert.not(scannerOf("").readUnsigned(out, 0))
})

test("readUnsigned agrees with Number for any digits", () => {
  const random = seededRandom(3)
  for (let i = 0; i < 20_000; i++) {
    const value = Math.floor(Number.MAX_SAFE_INTEGER * random() ** (1 + below(random, 20)))
    assert.ok(scannerOf(`${value},"next":1`).readUnsigned(out, 0))
    assert.is(out[0], value)
  }
})

test("readInteger reads the -1 that stands for no trade", () => {
  assert.ok(scannerOf("-1,").readInteger(out, 0))
  assert.is(out[0], -1)
  assert.ok(scannerOf("42,").readInteger(out, 0))
  assert.is(out[0], 42)
})

test("accept compares a key and leaves the cursor when it is another one", () => {
  const scanner = scannerOf('"u":5')
  assert.not(scanner.accept(asciiBytes('"U":')))
  assert.is(scanner.position, 0)
  assert.ok(scanner.accept(asciiBytes('"u":')))
  assert.is(scanner.peek(), 0x35)
  assert.not(scanner.failed)
})

test("expect and expectBytes keep the first failure", () => {
  const scanner = scannerOf("ab")
  assert.ok(scanner.expect(0x61))
  assert.not(scanner.expectBytes(asciiBytes("bc")))
  scanner.fail(OFF_STEP)
  assert.is(scanner.failure, MALFORMED)
})

test("readString leaves the range of the text, which can be compared and hashed", () => {
  const scanner = scannerOf('"BTCUSDT",')
  assert.ok(scanner.readString())
  assert.is(readAscii(scanner.bytes, scanner.textStart, scanner.textEnd - scanner.textStart), "BTCUSDT")
  assert.ok(scanner.textIs(asciiBytes("BTCUSDT")))
  assert.not(scanner.textIs(asciiBytes("BTCUSD")))
  assert.is(scanner.textHash(), hashBytes(asciiBytes("BTCUSDT"), 0, 7))
})

test("readString leaves escapes and open strings to the slow path", () => {
  assert.not(scannerOf('"a\\"b"').readString())
  assert.not(scannerOf('"abc').readString())
})

test("readBoolean reads both words and nothing else", () => {
  assert.is(scannerOf("true}").readBoolean(), 1)
  assert.is(scannerOf("false,").readBoolean(), 0)
  assert.is(scannerOf("null").readBoolean(), -1)
})

test("skipValue steps over any JSON value", () => {
  const values = [
    0,
    -1.5e3,
    "a",
    'quote " backslash \\',
    true,
    null,
    [],
    {},
    [[1, "]"], { a: "}" }],
    { a: [1, { b: 2 }] },
  ]
  for (const value of values) {
    const text = JSON.stringify(value)
    for (const behind of [",", "]", "}"]) {
      const scanner = scannerOf(text + behind)
      assert.ok(scanner.skipValue(), text)
      assert.is(scanner.position, text.length, text + behind)
    }
  }
})

test("skipValue fails where no value ends", () => {
  for (const text of ["", "[1", '{"a":1', '"abc', ",", "]"]) assert.not(scannerOf(text).skipValue(), text)
})

function scannerOf(text: string): Scanner {
  const scanner = new Scanner()
  scanner.start(asciiBytes(text), 0, text.length)
  return scanner
}

/** With room behind the message the fast path reads it; at the end of the buffer the careful one does. */
function unitsByScanner(text: string, unit: Unit, roomy: boolean): number {
  const bytes = asciiBytes(roomy ? text + "9".repeat(32) : text)
  const scanner = new Scanner()
  scanner.start(bytes, 0, text.length)
  return scanner.readUnits(unit, out, 0) ? out[0] : scanner.failure
}

function decimalText(random: () => number): string {
  const whole = digits(random, 1 + below(random, 18))
  const decimals = random() < 0.7 ? 8 : below(random, 14)
  const significant = below(random, decimals + 1)
  return decimals === 0 ? whole : `${whole}.${digits(random, significant).padEnd(decimals, "0")}`
}

function digits(random: () => number, count: number): string {
  let text = ""
  for (let i = 0; i < count; i++) text += below(random, 10)
  return text
}

test.run()
