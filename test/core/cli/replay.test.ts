import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Writable } from "node:stream"
import { gunzipSync, gzipSync } from "node:zlib"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { runCommandLine } from "../../../core/cli/program.js"
import { runVeloz } from "../../support/run-veloz.js"
import { testUnless } from "../../support/skip.js"

const folder = mkdtempSync(join(tmpdir(), "veloz-replay-"))
test.after(() => rmSync(folder, { recursive: true }))

// A made-up market. Two updates come before the snapshot: one is older than it, one continues it.
const MESSAGES = [
  depth(95, 99, [["60000.00", "9"]], []),
  depth(100, 102, [["59999.50", "1.25"]], []),
  { lastUpdateId: 100, bids: [["59999.00", "2"]], asks: [["60001.00", "3"]] },
  depth(103, 103, [], [["60000.75", "0.5"]]),
  {
    stream: "btcusdt@trade",
    data: { e: "trade", E: 1, s: "BTCUSDT", t: 1, p: "60000.75", q: "0.5", T: 1, m: false, M: true },
  },
  depth(104, 106, [["59999.50", "0"]], [["60000.75", "0"]]),
  { stream: "btcusdt@bookTicker", data: { u: 107, s: "BTCUSDT", b: "59999.00", B: "2", a: "60001.00", A: "3" } },
]

test("--print-top prints the best levels after each depth update that the book takes, then a summary", async () => {
  const { code, err, lines } = await replay(recording(MESSAGES), "--print-top")
  assert.is(code, 0)
  assert.is(err, "")
  assert.equal(lines.slice(0, -1), [
    { u: 102, bid: "59999.5", bidQty: "1.25", ask: "60001", askQty: "3" },
    { u: 103, bid: "59999.5", bidQty: "1.25", ask: "60000.75", askQty: "0.5" },
    { u: 106, bid: "59999", bidQty: "2", ask: "60001", askQty: "3" },
  ])
  const { messages, seconds, messages_per_second, gaps, bad_lines } = lines.at(-1) as Record<string, number>
  assert.equal({ messages, gaps, bad_lines }, { messages: 7, gaps: 0, bad_lines: 0 })
  assert.ok(seconds > 0 && messages_per_second > 0)
})

test("without --print-top the summary is all", async () => {
  const { lines } = await replay(recording(MESSAGES))
  assert.is(lines.length, 1)
  assert.is(lines[0].messages, 7)
})

test("a recording that is gzipped gives the same, whatever its name", async () => {
  const plain = await replay(recording(MESSAGES), "--print-top")
  const file = join(folder, "packed.dat")
  writeFileSync(file, gzipSync(text(MESSAGES)))
  const packed = await replay(file, "--print-top")
  assert.equal(packed.lines.slice(0, -1), plain.lines.slice(0, -1))
})

test("a recording of more than one piece of the file loses nothing where pieces meet", async () => {
  const many = Array.from({ length: 6000 }, (_, i) => depth(101 + i, 101 + i, [["59999.50", `${i + 1}.5`]], []))
  const { lines } = await replay(recording([{ lastUpdateId: 100, bids: [], asks: [] }, ...many]), "--print-top")
  const updates = lines.filter(({ u }) => Number(u) > 100)
  assert.is(updates.length, 6000)
  for (const [i, line] of updates.entries()) {
    assert.equal(line, { u: 101 + i, bid: "59999.5", bidQty: `${i + 1}.5`, ask: null, askQty: null })
  }
  assert.is(lines.at(-1)?.messages, 6001)
})

test("an update that is missing is counted as a gap, and the book is not printed until a snapshot has come", async () => {
  const messages = [...MESSAGES.slice(0, 4), depth(110, 111, [["59998.00", "1"]], [])]
  const { lines } = await replay(recording(messages), "--print-top")
  assert.equal(
    lines.slice(0, -1).map((line) => line.u),
    [102, 103],
  )
  assert.is(lines.at(-1)?.gaps, 1)
})

test("--tick and --lot are used where prices allow it, and refused where they are no sizes", async () => {
  const coarse = await replay(recording(MESSAGES), "--print-top", "--tick", "0.25", "--lot", "0.01")
  assert.is(coarse.lines[0].bid, "59999.5")
  const wrong = await runVeloz("replay", recording(MESSAGES), "--tick", "a bit")
  assert.is(wrong.code, 1)
  assert.match(wrong.err, "VELOZ_STEP_SIZE")
})

test("a file that is not there, or names no symbol, is refused in a sentence", async () => {
  const missing = await runVeloz("replay", join(folder, "nowhere.jsonl"))
  assert.is(missing.code, 1)
  assert.match(missing.err, /VELOZ_RECORDING_UNREADABLE: cannot read the recording .*nowhere\.jsonl/)
  const anonymous = await runVeloz("replay", recording([MESSAGES[2]]))
  assert.match(anonymous.err, "--symbol")
  assert.is((await runVeloz("replay", recording([MESSAGES[2]]), "--symbol", "BTCUSDT")).code, 0)
})

test("a line that is no message is passed over, counted, and told with its number", async () => {
  const file = join(folder, "letter.txt")
  writeFileSync(file, `${text(MESSAGES)}Dear exchange,\n`)
  const { code, lines, err } = await replay(file)
  assert.is(code, 0)
  assert.is(lines[0].bad_lines, 1)
  assert.match(err, `line ${MESSAGES.length + 1} of ${file}`)
})

test("a message that the adapter cannot read is told with its number, and the rest is applied", async () => {
  const file = join(folder, "hurt.jsonl")
  const [first, ...rest] = text(MESSAGES).trimEnd().split("\n")
  writeFileSync(file, [first, '1 {"stream":"btcusdt@trade","data":{"e":"tra', "", ...rest].join("\r\n"))
  const { code, lines, err } = await replay(file)
  assert.is(code, 0)
  assert.equal([lines[0].messages, lines[0].depth_updates, lines[0].bad_lines], [8, 3, 1])
  assert.match(err, `line 2 of ${file} is passed over`)
})

test("a file that is something else altogether is refused, and does not fill the screen", async () => {
  const file = join(folder, "novel.txt")
  writeFileSync(file, "It was a dark and stormy night.\n".repeat(500))
  const { code, out, err } = await runVeloz("replay", file, "--symbol", "BTCUSDT")
  assert.is(code, 1)
  assert.is(JSON.parse(out).bad_lines, 500)
  assert.match(err, "VELOZ_RECORDING_USELESS")
  assert.ok(err.split("\n").length < 20, err)
})

test("an empty file is refused as empty, gzipped or not", async () => {
  for (const bytes of [Buffer.alloc(0), gzipSync("")]) {
    const file = join(folder, "empty")
    writeFileSync(file, bytes)
    const { code, out, err } = await runVeloz("replay", file)
    assert.equal([code, out], [1, ""])
    assert.match(err, "VELOZ_RECORDING_EMPTY")
  }
})

test("a gzip file that was cut off is refused with the last line that could be read", async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => depth(101 + i, 101 + i, [["59999.50", `${i + 1}.5`]], []))
  const packed = gzipSync(text(many))
  const file = join(folder, "cut-off.gz")
  writeFileSync(file, packed.subarray(0, packed.length >> 1))
  const { code, err } = await runVeloz("replay", file)
  assert.is(code, 1)
  assert.match(err, /VELOZ_RECORDING_UNREADABLE: cannot read the recording .* beyond line [1-9]\d*: .*it was cut off/)
})

test("a gap is told with the line at which the book was lost", async () => {
  const file = recording([...MESSAGES.slice(0, 4), depth(110, 111, [["59998.00", "1"]], [])])
  const { err } = await replay(file)
  assert.match(err, `from line 5 of ${file} on the book waits for a whole depth`)
})

test("a reader that leaves early ends the replay without an error", async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => depth(101 + i, 101 + i, [["59999.50", `${i + 1}.5`]], []))
  const file = recording([{ lastUpdateId: 100, bids: [], asks: [] }, ...many])
  let writes = 0
  const closed = new Writable({
    write: (_chunk, _encoding, done) => {
      writes++
      done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }))
    },
  })
  const errors = new Writable({ write: (chunk) => assert.unreachable(String(chunk)) })
  const words = ["replay", file, "--print-top"]
  assert.is(await runCommandLine(words, { stdout: closed, stderr: errors, env: {} }), 0)
  assert.is(writes, 1)
})

const RECORDING = new URL("../../../../../shared/data/btcusdt-20240808.jsonl.gz", import.meta.url)

testUnless(existsSync(RECORDING) ? undefined : "the recording is not on this machine")(
  "the book of a recorded market agrees with the recorded best bid and ask after every depth update",
  async () => {
    const { code, lines } = await replay(RECORDING.pathname, "--print-top")
    assert.is(code, 0)
    assert.equal(disagreements(lines.slice(0, -1), recordedTops()), [])
    // Of 3,451 depth updates two are older than the snapshot.
    assert.equal([lines.length - 1, lines.at(-1)?.depth_updates, lines.at(-1)?.gaps], [3449, 3449, 0])
  },
)

test.run()

interface Ticker {
  u: number
  b: string
  B: string
  a: string
  A: string
}

function recordedTops(): Ticker[] {
  const messages = gunzipSync(readFileSync(RECORDING)).toString().trimEnd().split("\n")
  return messages
    .filter((line) => line.includes("@bookTicker"))
    .map((line) => JSON.parse(line.slice(line.indexOf(" "))).data)
}

/** What was printed other than the newest recorded bookTicker that is not newer than the depth update. */
function disagreements(printed: readonly Record<string, unknown>[], tickers: readonly Ticker[]): unknown[] {
  let next = 0
  return printed.filter(({ u, ...top }) => {
    while (next < tickers.length && tickers[next].u <= (u as number)) next++
    const { b, B, a, A } = tickers[next - 1]
    const recorded = { bid: trimmed(b), bidQty: trimmed(B), ask: trimmed(a), askQty: trimmed(A) }
    return JSON.stringify(top) !== JSON.stringify(recorded)
  })
}

function trimmed(decimal: string): string {
  return decimal.replace(/\.?0+$/, "")
}

type Level = readonly [price: string, qty: string]

function depth(first: number, last: number, bids: Level[], asks: Level[]): object {
  const data = { e: "depthUpdate", E: 1723161255208, s: "BTCUSDT", U: first, u: last, b: bids, a: asks }
  return { stream: "btcusdt@depth@100ms", data }
}

let files = 0

function recording(messages: readonly object[]): string {
  const file = join(folder, `recording-${files++}.jsonl`)
  writeFileSync(file, text(messages))
  return file
}

function text(messages: readonly object[]): string {
  return messages.map((message, i) => `${1723161253937085768n + BigInt(i)} ${JSON.stringify(message)}\n`).join("")
}

async function replay(file: string, ...words: string[]) {
  const { code, out, err } = await runVeloz("replay", file, ...words)
  const lines = out.trimEnd().split("\n")
  return { code, err, lines: lines.map((line): Record<string, unknown> => JSON.parse(line)) }
}
