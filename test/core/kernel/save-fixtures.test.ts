import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { type RunningEngine, startEngine } from "../../../core/kernel/engine.js"
import { project } from "../config/project.js"

// Each folder of test/fixtures/save is a case: a configuration that is saved under a running engine, with a plugin, and
// what the engine says of it, and of the save that takes it back. A first.config.ts is in force before. What comes by and by
// is waited for as until.json says.
// The deadlines are shorter than those of an engine. UPDATE_FIXTURES=1 writes what is said now: read it before you keep it.

const CASES = join(process.cwd(), "test/fixtures/save")
const BASE = "export default { plugins: { quoter: false } }\n"
const DEADLINES = { prepareMs: 3000, disposeMs: 200 }

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void
const home = project({ "veloz.config.ts": BASE })
const lines: string[] = []
let engine: RunningEngine

test.before(async () => {
  const at = (level: string) => (message: string) => {
    if (level !== "info" || message.includes("generation")) lines.push(`${level}: ${message}`)
    if (message === "orders may be sent") isReady = true
  }
  let isReady = false
  engine = await startEngine({
    cwd: home.folder,
    env: { PATH: process.env.PATH },
    args: { "plugins.metrics-api.port": 0 },
    log: { debug: () => undefined, info: at("info"), warn: at("warn"), error: at("error") },
    version: "1.0.0",
    watch: false,
    deadlines: DEADLINES,
  })
  await come("orders may be sent", () => isReady)
})
test.after(() => engine.stop())

for (const name of readdirSync(CASES).sort()) {
  test(name, async () => {
    const folder = join(CASES, name)
    const until = existsSync(join(folder, "until.json"))
      ? JSON.parse(readFileSync(join(folder, "until.json"), "utf8"))
      : {}
    if (existsSync(join(folder, "first.config.ts"))) await begin(folder, until.orders)
    rmSync(home.path("veloz.config.ts"))
    for (const file of readdirSync(folder).filter((one) => one.endsWith(".ts")))
      copyFileSync(join(folder, file), home.path(file))
    const saved = await said(until.saved)
    home.write("veloz.config.ts", BASE)
    const text = `${saved}\nback\n\n${await said(until.back)}`
    const expected = join(folder, "expected.txt")
    if (process.env.UPDATE_FIXTURES === "1") writeFileSync(expected, text)
    assert.fixture(text, readFileSync(expected, "utf8"))
  })
}

test.run()

/** Brings what a case starts from into force, with orders of its own if it wants some. */
async function begin(folder: string, hasOrders: boolean): Promise<void> {
  for (const file of readdirSync(folder).filter((one) => one.endsWith(".ts") && one !== "veloz.config.ts"))
    copyFileSync(join(folder, file), home.path(file === "first.config.ts" ? "veloz.config.ts" : file))
  assert.ok(await engine.reload(), lines.join("\n"))
  if (hasOrders) await come("an open order", () => engine.facade.metrics.counter("open_orders") > 0)
}

/** What is said of a save. */
async function said(until?: string): Promise<string> {
  lines.length = 0
  await engine.reload()
  if (until !== undefined) await come(until, () => lines.some((line) => line.includes(until)))
  return `${lines.join("\n")}\n`
    .replaceAll(home.folder, "<project>")
    .replaceAll(process.cwd(), "<veloz>")
    .replaceAll(/generation \d+/g, "generation N")
    .replaceAll(/\b(an|\d+) open orders?/g, "N open orders")
    .replaceAll(/\b(in|for|takes) [\d.]+ ms/g, "$1 ... ms")
}

async function come(what: string, isThere: () => boolean): Promise<void> {
  for (let look = 0; !isThere(); look += 1) {
    assert.ok(look < 500, `${what} has not come:\n${lines.join("\n")}`)
    collect()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
