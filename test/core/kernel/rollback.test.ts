import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { Attempt, Rollback, VelozError } from "veloz"
import { HistoryFolder } from "../../../core/history/folder.js"
import { type RunningEngine, startEngine } from "../../../core/kernel/engine.js"
import { runVelozIn } from "../../support/run-veloz.js"

// A whole engine, and the commands that read and roll back what it has kept.

const cwd = mkdtempSync(join(tmpdir(), "veloz-rollback-"))
const lines: string[] = []
let engine: RunningEngine

const PLUGIN = `import { definePlugin } from "veloz"
export default definePlugin({
  name: "greeter",
  version: "1.0.0",
  veloz: "^1.0.0",
  schema: {
    type: "object",
    properties: { note: { type: "string" }, fixed: { type: "string", default: "as built", "x-veloz-reload": "restart" } },
  },
  control({ log, options }) { log.info("GREETING " + options.note) },
})
`

function save(file: string, text: string): void {
  mkdirSync(join(cwd, "plugins"), { recursive: true })
  writeFileSync(join(cwd, file), text)
}

function saveConfig(depth: number, greeter: object | false = {}): void {
  const plugins = { "market-data": { order_book_depth: depth }, "./plugins/greeter.ts": greeter, quoter: false }
  save("veloz.config.json", JSON.stringify({ symbols: ["BTCUSDT"], plugins }))
}

async function start(env: object = {}): Promise<void> {
  const write = (message: string): void => void lines.push(message)
  engine = await startEngine({
    cwd,
    env: { PATH: process.env.PATH, VELOZ_TOPOLOGY: "fused", ...env },
    args: { "plugins.metrics-api.port": 0 },
    log: { debug: () => undefined, info: write, warn: write, error: write },
    version: "1.0.0",
    watch: false,
  })
}

/** The newest line with this in it: others may come between, of the market and of the machine. */
const newest = (part: string): string => lines.filter((line) => line.includes(part)).at(-1) ?? ""
const configuration = () => engine.facade.configuration
const history = () => configuration().history
const generation = (): number => configuration().generation()
const option = (plugin: string, name: string): unknown =>
  (configuration().effective().plugins as Record<string, Record<string, unknown>>)[plugin]?.[name]
const rollBack = (number: number): Promise<Rollback> => history().rollBack(number, "POST /api/config/rollback")
const refusal = (work: Promise<unknown>): Promise<VelozError> =>
  work.then(
    () => assert.unreachable("it was not refused"),
    (error) => error,
  ) as Promise<VelozError>
const veloz = (...words: string[]) => runVelozIn({ cwd }, ...words)

test.before(async () => {
  save("plugins/greeter.ts", PLUGIN.replace("GREETING", "first"))
  saveConfig(10)
  await start()
})
test.after(async () => {
  await engine.stop()
  rmSync(cwd, { recursive: true, force: true })
})

test("each attempt is kept with its number, author, changes and outcome, and the summary is one line", async () => {
  saveConfig(5)
  await engine.reload()
  assert.is(generation(), 2)
  assert.match(
    newest("committed"),
    /^generation 2 committed in \d+ ms: market-data\.order_book_depth 10 -> 5 \(live\)$/,
  )
  saveConfig(-1)
  await engine.reload()
  await engine.reload()
  await configuration().change({ "plugins.market-data.order_book_depth": 6 }, "POST /api/config/market_data")
  const { attempts } = await history().list(10)
  assert.equal(
    attempts.map(({ number, layer, author, outcome, generation: after }) => [number, layer, author, outcome, after]),
    [
      [5, "api", "POST /api/config/market_data", "committed", 5],
      [4, "file", "a save", "rejected", 2],
      [3, "file", "a save", "rejected", 2],
      [2, "file", "a save", "committed", 2],
      [1, "start", "start", "committed", 1],
    ],
  )
  assert.equal(attempts[3].changes, [{ path: "plugins.market-data.order_book_depth", from: 10, to: 5, reload: "live" }])
  assert.ok(attempts.every(({ duration_ms }) => duration_ms! > 0))
  assert.is(generation(), 5)
})

test("the last rejected configuration stays visible with its diagnostics, after others are committed too", async () => {
  const rejected = history().lastRejected()
  assert.is(rejected?.number, 4)
  assert.match(rejected!.summary, /^VELOZ_CONFIG_WRONG_VALUE: .*order_book_depth.* \(veloz\.config\.json:1:\d+\)$/)
  assert.match(rejected!.diagnostics[0].frame!, "order_book_depth")
  const { host, port } = engine.address!
  const answer = await fetch(`http://${host}:${port}/api/config`)
  const { generation: served, last_rejected } = (await answer.json()) as { generation: number; last_rejected: Attempt }
  assert.equal([served, last_rejected.number, last_rejected.diagnostics], [5, 4, rejected!.diagnostics])
})

test("a rollback brings options back, through the same plan and commit, and says of which the file says otherwise", async () => {
  saveConfig(7, { note: "seven" })
  await engine.reload()
  const [current] = (await history().list(1)).attempts
  const rollback = await rollBack(2)
  assert.is(option("market-data", "order_book_depth"), 5)
  assert.is(option("./plugins/greeter.ts", "note"), undefined)
  assert.is(rollback.generation, current.number + 1)
  assert.equal(
    rollback.file_differs.map(({ path, value, file_value, line }) => [path, value, file_value, line]),
    [
      ["plugins.market-data.order_book_depth", 5, 7, 1],
      [`plugins["./plugins/greeter.ts"].note`, undefined, "seven", 1],
    ],
  )
  const summary = lines.find((line) => line.startsWith(`generation ${rollback.generation} committed`))
  assert.match(summary!, "back to generation 2: market-data.order_book_depth 7 -> 5 (live)")
  assert.match(newest("--write"), /veloz\.config\.json:1:\d+ says 7 of plugins\.market-data\.order_book_depth.*--write/)
  const [attempt] = (await history().list(1)).attempts
  assert.is(attempt.restores, 2)
})

test("a rollback to what is in force changes nothing", async () => {
  const before = generation()
  const { generation: after } = await rollBack(before)
  assert.is(after, before)
  assert.is((await history().list(1)).attempts[0].outcome, "unchanged")
})

test("after a save that was refused, a rollback says that the files stand as they were refused", async () => {
  saveConfig(-3)
  await engine.reload()
  const refused = history().lastRejected()!.number
  assert.equal(remains(await rollBack(2)), [refused, []])
  assert.match(newest("--write"), `the files stand as they were when attempt ${refused} was refused`)
  saveConfig(7)
  await engine.reload()
  assert.is((await rollBack(2)).file_refused, null)
})

const remains = ({ file_refused, file_differs }: Rollback): unknown[] => [file_refused, file_differs]

test("the code of a plugin comes back too, until its file changes", async () => {
  const old = generation()
  save("plugins/greeter.ts", PLUGIN.replace("GREETING", "second"))
  await engine.reload()
  assert.ok(lines.includes("second undefined"), lines.join("\n"))
  assert.match(newest("committed"), "code of ./plugins/greeter.ts (plugin)")

  const told = (): number => lines.filter((line) => line === "first undefined").length
  const before = told()
  assert.equal((await rollBack(old)).earlier_code, ["./plugins/greeter.ts"])
  assert.is(told(), before + 1)
  await engine.reload()
  assert.match(newest("generation"), "nothing changes", "a save of something else leaves the code as it is")
  await configuration().change({ "plugins.market-data.order_book_depth": 8 }, "a post")
  assert.is(option("market-data", "order_book_depth"), 8)
  assert.is(told(), before + 1)

  save("plugins/greeter.ts", PLUGIN.replace("GREETING", "third"))
  await engine.reload()
  assert.ok(lines.includes("third undefined"))
  save("plugins/greeter.ts", PLUGIN.replace("GREETING", "second"))
  await engine.reload()
  assert.is(told(), before + 1, "code that a save has replaced does not come back with another save")
})

test("code comes back although its file is gone or broken", async () => {
  const good = generation()
  save("plugins/greeter.ts", "this is no TypeScript")
  await engine.reload()
  assert.match(newest("generation"), "refused")
  saveConfig(7, false)
  await engine.reload()
  assert.is(option("./plugins/greeter.ts", "note"), undefined)
  await rollBack(good)
  assert.equal(configuration().effective().plugins && Object.keys(option("./plugins/greeter.ts", "note") ?? {}), [])
  assert.ok(
    configuration()
      .plugins()
      .some(({ name }) => name === "./plugins/greeter.ts"),
  )
  save("plugins/greeter.ts", PLUGIN.replace("GREETING", "fourth"))
  saveConfig(7)
  await engine.reload()
  assert.ok(lines.includes("fourth undefined"))
})

test("a rollback whose code is no longer kept is refused by name, and nothing changes", async () => {
  const [{ plugins, number }] = (await history().list(20)).attempts
    .filter(({ outcome, plugins }) => {
      return outcome === "committed" && plugins.some(({ name }) => name === "./plugins/greeter.ts")
    })
    .slice(-1)
  const object = plugins.find(({ name }) => name === "./plugins/greeter.ts")!.bundle!.object
  const file = new HistoryFolder(cwd).fileOf(object)
  const code = readFileSync(file, "utf8")
  const before = generation()
  for (const [damage, word] of [
    [() => writeFileSync(file, code.replace("first", "worst")), "another content"],
    [() => rmSync(file), "is gone"],
  ] as const) {
    damage()
    const { status, httpCode, message } = await refusal(rollBack(number))
    assert.equal([status, httpCode], [409, "not_available"])
    assert.match(message, `the code of ./plugins/greeter.ts`)
    assert.match(message, word)
  }
  assert.is(generation(), before)
  writeFileSync(file, code)
})

test("what is no generation, or is not kept, is refused", async () => {
  const before = generation()
  assert.equal(pick(await refusal(rollBack(4))), [409, "VELOZ_HISTORY_NO_GENERATION"])
  assert.equal(pick(await refusal(rollBack(9999))), [404, "VELOZ_HISTORY_UNKNOWN"])
  assert.is(history().lastRejected()?.layer, "file", "a bad wish is no rejected configuration")
  assert.is(generation(), before)
})

const pick = ({ status, code }: VelozError): unknown[] => [status, code]

test("veloz diff says what differs, path by path, and who set it", async () => {
  const { out } = await veloz("diff", "1", "2")
  assert.match(out, /^generation 1 \(.*, start\) -> generation 2 \(.*, a save\)$/m)
  assert.match(out, "plugins.market-data.order_book_depth 10 -> 5")
  await configuration().change({ "plugins.market-data.order_book_depth": 9 }, "POST /api/config/market_data")
  const against = (await veloz("diff", "1")).out
  assert.match(against, "plugins.market-data.order_book_depth 10 -> 9")
  assert.match(against, /veloz\.config\.json:1:\d+ -> POST \/api\/config\/market_data at 20/)
  assert.match(against, /code of \.\/plugins\/greeter\.ts [0-9a-f]{12} -> [0-9a-f]{12}/)
  assert.match((await veloz("diff", "current", "current")).out, "nothing differs")
  assert.match((await veloz("diff", "1", "4")).err, "attempt 4 made no configuration that could be compared")
  const json = JSON.parse((await veloz("diff", "1", "2", "--json")).out)
  assert.equal(json.options[0].path, "plugins.market-data.order_book_depth")
})

test("the history is read over HTTP, and rolled back to", async () => {
  const { host, port } = engine.address!
  const ask = async (path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }> => {
    const headers = { "content-type": "application/json" }
    const wish = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) }
    const answer = await fetch(`http://${host}:${port}/api/config${path}`, wish)
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  const { attempts } = (await ask("/history?limit=2")).body as { attempts: { number: number }[] }
  assert.is(attempts.length, 2)
  assert.is(attempts[0].number, generation())
  const { body: one } = await ask("/history/2")
  assert.is(
    (one.config as { plugins: Record<string, Record<string, unknown>> }).plugins["market-data"].order_book_depth,
    5,
  )
  assert.is((await ask("/history/current")).body.number, generation())
  assert.is(((await ask("")).body.last_rejected as { outcome: string; number: number }).number > 4, true)

  const answer = await ask("/rollback", { generation: 2 })
  assert.equal([answer.status, answer.body.ok, answer.body.restored], [200, true, 2])
  assert.is(answer.body.generation, generation())
  assert.is(option("market-data", "order_book_depth"), 5)

  const refusals: [string, object | undefined, number, string][] = [
    ["/history/none", undefined, 400, "bad_params"],
    ["/history/999999", undefined, 404, "not_found"],
    ["/history?limit=0", undefined, 400, "bad_params"],
    ["/rollback", { generation: "two" }, 400, "bad_params"],
    ["/rollback", {}, 400, "bad_params"],
    ["/rollback", { generation: 999999 }, 404, "not_found"],
    ["/rollback", { generation: 4 }, 409, "not_available"],
  ]
  const before = generation()
  for (const [path, body, status, error] of refusals) {
    const refused = await ask(path, body)
    assert.equal([refused.status, refused.body.error], [status, error], path)
  }
  assert.is(generation(), before)
  await configuration().change({ "plugins.market-data.order_book_depth": 9 }, "POST /api/config/market_data")
})

test("veloz rollback finds the engine of the project, and tells what the next start would bring back", async () => {
  const { code, out, err } = await veloz("rollback", "2")
  assert.is(code, 0, err)
  assert.is(option("market-data", "order_book_depth"), 5)
  assert.match(out, /generation \d+ is in force, with the values and the code of generation 2/)
  assert.match(out, "says 7 of plugins.market-data.order_book_depth")
  assert.match(out, "./plugins/greeter.ts runs the code of generation 2")
})

test("veloz rollback --write puts the files back, keeps what stood there, and the reload finds nothing to change", async () => {
  const before = readFileSync(join(cwd, "veloz.config.json"), "utf8")
  const { code, out, err } = await veloz("rollback", "2", "--write")
  assert.is(code, 0, err)
  assert.match(readFileSync(join(cwd, "veloz.config.json"), "utf8"), `"order_book_depth":5`)
  assert.match(readFileSync(join(cwd, "plugins", "greeter.ts"), "utf8"), "first")
  const kept = /veloz\.config\.json is as it was in generation 2; what stood there is kept in (\S+)/.exec(out)
  assert.is(readFileSync(kept![1], "utf8"), before)
  const now = generation()
  await engine.reload()
  assert.is(generation(), now)
  const { attempts } = await history().list(1)
  assert.is(attempts[0].outcome, "unchanged")
  assert.match((await veloz("rollback", "2", "--write")).out, "the files stand as in generation 2 already")
})

test("of a generation that a rollback made, the files of the first one are put back, and what requests had set is told", async () => {
  saveConfig(7)
  await engine.reload()
  const made = (await rollBack(2)).generation
  const { out } = await veloz("rollback", String(made), "--write")
  assert.match(out, "veloz.config.json is as it was in generation 2")
  assert.match(readFileSync(join(cwd, "veloz.config.json"), "utf8"), `"order_book_depth":5`)
  await engine.reload()
  await configuration().change({ "plugins.market-data.order_book_depth": 9 }, "a post")
  assert.match(
    (await veloz("rollback", "current", "--write")).err,
    "It is the number of a generation",
    "a rollback is to a number",
  )
  const told = (await veloz("rollback", String(generation()), "--write")).out
  assert.match(told, "order_book_depth was 9 by a post, and no file says so: after the next start it is 5")
})

test("numbers and history go on after a restart, and generations of before come back", async () => {
  const last = (await history().list(1)).attempts[0].number
  await engine.stop()
  await start({ VELOZ_BATCH_SIZE: "7" })
  assert.is(generation(), last + 1)
  const { kept } = await rollBack(1)
  assert.is(option("market-data", "order_book_depth"), 10)
  const batch = kept.find(({ path }) => path === "plugins.order-processing.batch_size")
  assert.equal([batch?.value, batch?.source], [7, "VELOZ_BATCH_SIZE"])
  assert.match(lines.filter((line) => line.includes("batch_size")).at(-1)!, "stays 7, as VELOZ_BATCH_SIZE says")
})

test("two engines of one project share its history, and no number", async () => {
  const first = engine
  await start()
  const second = engine
  try {
    assert.ok(generation() > first.facade.configuration.generation())
    for (const depth of [11, 12, 13]) {
      const changes = { "plugins.market-data.order_book_depth": depth }
      await Promise.all([first, second].map(({ facade }) => facade.configuration.change(changes, "a post")))
    }
    const { attempts, damaged } = await history().list(6)
    assert.is(new Set(attempts.map(({ number }) => number)).size, 6)
    assert.ok(attempts.every(({ outcome, author }) => outcome === "committed" && author === "a post"))
    assert.equal(damaged, [])
  } finally {
    engine = first
    await second.stop()
  }
})

test("a change that needs a restart is refused by a rollback as by a save, and --write prepares the restart", async () => {
  await engine.stop()
  saveConfig(7, { fixed: "otherwise" })
  await start()
  const before = generation()
  const error = await refusal(rollBack(1))
  assert.equal([error.status, error.httpCode], [409, "restart_needed"])
  assert.match(error.message, "fixed")
  assert.is(generation(), before)
  assert.is((await history().list(1)).attempts[0].outcome, "rejected")
  const { code, out, err } = await veloz("rollback", "1", "--write")
  assert.is(code, 1)
  assert.match(err, "fixed")
  assert.match(out, "the next start reads them")
  await engine.stop()
  await start()
  assert.is(option("./plugins/greeter.ts", "fixed"), "as built")
})

test("symbols come back while the engine runs", async () => {
  await engine.stop()
  save("veloz.config.json", JSON.stringify({ symbols: ["ETHUSDT"], plugins: { quoter: false } }))
  await start()
  await rollBack(1)
  assert.equal(configuration().effective().symbols, ["BTCUSDT"])
  assert.is(engine.facade.market.top("BTCUSDT").symbol, "BTCUSDT")
})

test("a start that is refused is an attempt too, and rollback --write mends the files without an engine", async () => {
  await engine.stop()
  saveConfig(-5)
  assert.match((await refusal(start())).message, "order_book_depth")
  assert.match((await veloz("history", "-n", "1")).out, /start +rejected/)
  assert.match((await veloz("rollback", "2")).err, "VELOZ_ENGINE_AWAY")
  const { code, out } = await veloz("rollback", "2", "--write")
  assert.is(code, 0)
  assert.match(out, "veloz.config.json is as it was in generation 2")
  assert.match(out, "the next start reads them")
  await start()
  assert.is(option("market-data", "order_book_depth"), 5)
})

test("an engine whose configuration holds a secret keeps neither the secret nor the text that says it", async () => {
  const secret = "made-up-secret-7"
  const plugins = { quoter: false, "sim-exchange": { api_key: "made-up-key-7", api_secret: secret } }
  await engine.stop()
  save("veloz.config.json", JSON.stringify({ plugins }))
  await start()
  const folder = new HistoryFolder(cwd)
  const files = readdirSync(folder.path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const { parentPath, name } of files) {
    assert.not.match(readFileSync(join(parentPath, name), "utf8"), /made-up-(secret|key)-7/)
  }
  assert.equal((await history().list(1)).attempts[0].withheld, ["veloz.config.json"])
  const { code, err } = await veloz("rollback", String(generation()), "--write")
  assert.is(code, 1)
  assert.match(err, "does not keep the text of veloz.config.json")
})

test.run()
