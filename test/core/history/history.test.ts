import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { EffectiveConfig } from "../../../core/config/effective.js"
import { History } from "../../../core/history/history.js"
import { listAttempts, readAttempt } from "../../../core/history/read.js"

let root = ""
let told: string[] = []
const BY_FILE = { layer: "file", name: "a save" } as const
const COMMITTED = { outcome: "committed", generation: 1, durationMs: 12.34, summary: "start" } as const

function open(): History {
  const tell = (message: string): void => void told.push(message)
  return new History({ root, version: "1.0.0", url: () => "http://127.0.0.1:8080", warn: tell, info: tell })
}

/** As much of a configuration as is kept. */
function config(options: Record<string, unknown>): EffectiveConfig {
  const values = { plugins: { mine: options } }
  const origins = new Map(
    Object.entries(options).map(([name, value]) => [
      `plugins.mine.${name}`,
      [{ layer: "file", source: "veloz.config.ts", value, file: join(root, "veloz.config.ts"), line: 3, column: 5 }],
    ]),
  )
  return { values, origins } as unknown as EffectiveConfig
}

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), "veloz-history-"))
  told = []
})
test.after.each(() => rmSync(root, { recursive: true, force: true }))

test("numbers go on over restarts, and each attempt is read with its configuration and where it came from", async () => {
  const first = open()
  assert.is((await first.begin(BY_FILE, 0)).number, 1)
  const again = open()
  const begun = await again.begin(BY_FILE, 0)
  assert.is(begun.number, 2)
  await again.end(begun, { ...COMMITTED, config: config({ max: 5 }) })
  const whole = await readAttempt(open(), 2)
  assert.equal(whole.config, { plugins: { mine: { max: 5 } } })
  assert.is(whole.config_origins!["plugins.mine.max"][0].line, 3)
  assert.is(whole.duration_ms, 12.3)
  assert.is((await readAttempt(open(), 1)).outcome, "begun")
  assert.equal(told, [])
})

test("no secret is kept: neither as a value, nor in an origin, a change, a sentence or a line of a file", async () => {
  const history = open()
  const begun = await history.begin(BY_FILE, 1)
  await history.end(begun, {
    outcome: "rejected",
    generation: 1,
    durationMs: 1,
    summary: `api_secret: "s3cret" is wrong`,
    changes: [{ path: "plugins.mine.api_secret", from: "s3cret", to: "s3cret", reload: "live" }],
    diagnostics: [
      {
        code: "X",
        message: `api_secret = "s3cret"`,
        path: "plugins.mine.api_secret",
        value: "s3cret",
        frame: `api_secret: "s3cret",`,
      },
    ],
    config: config({ api_secret: "s3cret", url: "https://me:s3cret@host/" }),
  })
  const names = readdirSync(join(root, ".veloz", "history"), { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile())
  assert.is(files.length, 3)
  for (const { parentPath, name } of files) assert.not.match(readFileSync(join(parentPath, name), "utf8"), "s3cret")
  assert.is(history.lastRejected?.number, begun.number)
})

test("a folder that cannot be written costs one notice, and the attempts are read from memory", async () => {
  writeFileSync(join(root, ".veloz"), "a file in the way")
  const history = open()
  for (const number of [1, 2]) {
    const begun = await history.begin(BY_FILE, 0)
    assert.is(begun.number, number)
    await history.end(begun, { ...COMMITTED, config: config({ max: number }) })
  }
  assert.is(told.length, 1)
  assert.match(told[0], /cannot be written.*memory/)
  assert.is((await listAttempts(history, 10)).attempts.length, 2)
  assert.equal((await readAttempt(history, 2)).config, { plugins: { mine: { max: 2 } } })

  rmSync(join(root, ".veloz"))
  const begun = await history.begin(BY_FILE, 2)
  await history.end(begun, { ...COMMITTED, config: config({ max: 3 }) })
  assert.match(told[1], /written to .* again/)
  assert.equal(await history.numbers(), [3, 2, 1])
  assert.equal((await readAttempt(open(), 2)).config, { plugins: { mine: { max: 2 } } }, "it is on the disk now")
  assert.equal(await open().numbers(), [3, 2, 1])
})

test("what is written later takes the number of nobody who has it by then", async () => {
  writeFileSync(join(root, ".veloz"), "a file in the way")
  const history = open()
  await history.end(await history.begin(BY_FILE, 0), { ...COMMITTED, config: config({ max: 1 }) })
  rmSync(join(root, ".veloz"))
  await new Promise((resolve) => setTimeout(resolve, 5))
  const other = open()
  await other.end(await other.begin(BY_FILE, 0), { ...COMMITTED, config: config({ max: 10 }) })
  await history.end(await history.begin(BY_FILE, 1), { ...COMMITTED, config: config({ max: 2 }) })
  assert.equal((await readAttempt(open(), 1)).config, { plugins: { mine: { max: 10 } } })
  assert.equal((await readAttempt(history, 1)).config, { plugins: { mine: { max: 1 } } })
})

test("what is kept in memory is bounded", async () => {
  writeFileSync(join(root, ".veloz"), "a file in the way")
  const history = open()
  for (let number = 1; number <= 60; number++) {
    await history.end(await history.begin(BY_FILE, 0), { ...COMMITTED, config: config({ max: number }) })
  }
  assert.is((await history.numbers()).length, 50)
  assert.equal((await readAttempt(history, 60)).config, { plugins: { mine: { max: 60 } } })
  assert.match(await readAttempt(history, 1).then(String, String), /has no attempt 1: it has numbers from 11 to 60/)
})

test("a clock that is set back changes no order", async () => {
  const history = open()
  const now = Date.now
  try {
    for (const time of [2000, 1000]) {
      Date.now = () => time
      await history.end(await history.begin(BY_FILE, 0), COMMITTED)
    }
  } finally {
    Date.now = now
  }
  const { attempts } = await listAttempts(open(), 10)
  assert.equal(
    attempts.map(({ number, time }) => [number, time]),
    [
      [2, 1000],
      [1, 2000],
    ],
  )
})

test.run()
