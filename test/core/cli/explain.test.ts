import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { runVeloz } from "../../support/run-veloz.js"

const folder = mkdtempSync(join(tmpdir(), "veloz-explain-"))
test.after(() => rmSync(folder, { recursive: true }))

test("a stage is printed when the configuration asks for it, with the plugin that brings it", async () => {
  const without = await explain({ "market-data": { conflate_updates: false, update_throttle_us: 0 } })
  assert.not.match(without.out, "conflate")
  assert.not.match(without.out, "throttle")
  const both = await explain({ "market-data": { conflate_updates: true, update_throttle_us: 500 } })
  assert.match(both.out, /conflate.*market-data/)
  assert.match(both.out, /throttle.*market-data/)
})

test("both paths name the adapter and the risk checks", async () => {
  const { code, out } = await explain({})
  assert.is(code, 0)
  assert.match(out, /^market path\n {2}receive, decode: binance\n/)
  assert.match(out, /^order path\n/m)
  assert.match(out, /^ {2}risk: .*order-processing/m)
})

test("--set is heard, and a wrong option is refused with its path", async () => {
  const batched = await explain({}, "--set", "plugins.order-processing.batch_size=8")
  assert.match(batched.out, /batch.*order-processing/)
  const wrong = await explain({}, "--set", "plugins.order-processing.batch_sise=8")
  assert.is(wrong.code, 1)
  assert.is(wrong.out, "")
  assert.match(wrong.err, "batch_size")
})

test.run()

async function explain(plugins: Record<string, object>, ...words: string[]) {
  const file = join(folder, "veloz.config.json")
  writeFileSync(file, JSON.stringify({ plugins }))
  return runVeloz("explain", "pipeline", "--config", file, ...words)
}
