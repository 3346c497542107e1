import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { Attempt } from "../../../core/history/attempt.js"
import { HistoryFolder } from "../../../core/history/folder.js"
import { runVelozIn } from "../../support/run-veloz.js"
import { attempt } from "../history/attempts.js"

const cwd = mkdtempSync(join(tmpdir(), "veloz-history-"))
test.after(() => rmSync(cwd, { recursive: true, force: true }))
writeFileSync(join(cwd, "package.json"), "{}")
writeFileSync(join(cwd, "veloz.config.json"), "{}")
const veloz = (...words: string[]) => runVelozIn({ cwd }, ...words)

test("without a history it says that there is none", async () => {
  const { code, err } = await veloz("history")
  assert.is(code, 1)
  assert.match(err, "VELOZ_HISTORY_EMPTY: there is no history in .veloz/history")
})

test("a history that cannot be read is told by its folder", async () => {
  const folder = join(cwd, ".veloz/history")
  mkdirSync(folder, { recursive: true })
  // A link to itself is closed to root too.
  symlinkSync("attempts", join(folder, "attempts"))
  const { code, err } = await veloz("history")
  rmSync(folder, { recursive: true })
  assert.is(code, 1)
  assert.match(err, "VELOZ_HISTORY_FOREIGN: the history in .veloz/history cannot be read: ELOOP")
})

test("veloz history lists the attempts, the newest first, without an engine", async () => {
  const folder = new HistoryFolder(cwd)
  const kept: Attempt[] = [
    attempt(1, { author: "start", layer: "start", summary: "start", time: Date.UTC(2026, 10, 26, 21, 0) }),
    attempt(2, {
      time: Date.UTC(2026, 10, 26, 22, 0),
      changes: [{ path: "plugins.market-data.order_book_depth", from: 10, to: 5, reload: "live" }],
    }),
    attempt(3, {
      outcome: "rejected",
      generation: 2,
      summary: "VELOZ_CONFIG_WRONG_VALUE: order_book_depth must be an integer",
      diagnostics: [
        {
          code: "VELOZ_CONFIG_WRONG_VALUE",
          message: "order_book_depth must be an integer",
          path: "plugins.market-data.order_book_depth",
          file: "veloz.config.json",
          line: 5,
          column: 3,
          frame: "> 5 | five",
        },
      ],
    }),
  ]
  for (const one of kept) await folder.claim(one)
  const { code, out } = await veloz("history")
  assert.is(code, 0)
  assert.equal(out.trimEnd().split("\n"), [
    "number  time                  by      outcome    ms  summary",
    "3       2023-11-14T22:13:20Z  a save  rejected   13  VELOZ_CONFIG_WRONG_VALUE: order_book_depth must be an integer",
    "2       2026-11-26T22:00:00Z  a save  committed  13  market-data.order_book_depth 10 -> 5 (live)",
    "1       2026-11-26T21:00:00Z  start   committed  13  start",
  ])
  assert.is((await veloz("history", "-n", "1")).out.trimEnd().split("\n").length, 2)
  const { attempts } = JSON.parse((await veloz("history", "--json")).out)
  assert.equal(attempts, kept.toReversed())
})

test("it is found from a folder of the project too, and with --config from anywhere", async () => {
  mkdirSync(join(cwd, "plugins"))
  assert.is((await runVelozIn({ cwd: join(cwd, "plugins") }, "history")).code, 0)
  assert.is((await runVelozIn({ cwd: tmpdir() }, "history", "-c", join(cwd, "veloz.config.json"))).code, 0)
})

test("veloz history show prints what was changed, or why it was rejected", async () => {
  const changed = await veloz("history", "show", "2")
  assert.match(changed.out, "attempt 2 of 2026-11-26T22:00:00Z, by a save: committed in 13 ms")
  assert.match(changed.out, "market-data.order_book_depth 10 -> 5 (live)")
  const rejected = (await veloz("history", "show", "last")).out
  assert.match(rejected, "in force afterwards: generation 2")
  assert.match(rejected, "at veloz.config.json:5:3")
  assert.match(rejected, "> 5 | five")
  assert.match((await veloz("history", "show", "current")).out, "attempt 2 of")
  assert.is(JSON.parse((await veloz("history", "show", "3", "--json")).out).diagnostics.length, 1)
})

test("an attempt that is not there, or is none, is told", async () => {
  assert.match((await veloz("history", "show", "9")).err, "has no attempt 9: it has numbers from 1 to 3")
  assert.match((await veloz("history", "show", "newest")).err, `"newest" names no attempt`)
  assert.match((await veloz("history", "-n", "none")).err, "a whole number from 1")
})

test("a damaged attempt is told beside the others", async () => {
  writeFileSync(join(cwd, ".veloz", "history", "attempts", "4.json"), "{")
  const { code, out, err } = await veloz("history")
  assert.is(code, 0)
  assert.match(err, "attempt 4 of the history cannot be read: it is no JSON")
  assert.is(out.trimEnd().split("\n").length, 4)
})

test.run()
