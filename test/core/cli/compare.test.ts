import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { runVeloz } from "../../support/run-veloz.js"
import { reading } from "../measure/readings.js"

const folder = mkdtempSync(join(tmpdir(), "veloz-compare-"))
test.after(() => rmSync(folder, { recursive: true }))

function file(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content))
  return path
}

const before = file("before.json", reading(800))
const values = { symbols: ["BTCUSDT"], plugins: { "order-processing": { batch_size: 10 }, alerts: false } }
const after = file(
  "after.json",
  reading(400, {
    started_at: "2026-01-02T03:10:00.000Z",
    machine: { cores: 4, cpu_model: "a model" },
    configuration: { first_generation: 2, last_generation: 2, values },
  }),
)

test("the table has before, after, the improvement in the better direction, what was changed, and the warnings", async () => {
  const { code, out, err } = await runVeloz("compare", before, after)
  assert.equal([code, err], [0, ""])
  assert.match(out, /order_to_ack p50 +800\.0 +400\.0 +\+50\.0 % +2\.00x +better/)
  assert.match(out, /order_to_fill p50 +- +- +- +-\n/)
  assert.match(out, /orders_per_second +50\.0 +50\.0 +0\.0 % +1\.00x +noise/)
  assert.match(out, "plugins.order-processing.batch_size: 1 -> 10")
  assert.match(out, "warning: the machines differ: cores was 2, then 4")
})

test("a worse figure has a minus, and the same configuration is said to be the same", async () => {
  const { out } = await runVeloz("compare", before, file("slow.json", reading(1000)))
  assert.match(out, /order_to_ack p95 +1600\.0 +2000\.0 +-25\.0 % +0\.80x +worse/)
  assert.match(out, "the configuration is the same")
})

test("--json has the same as data", async () => {
  const { code, out } = await runVeloz("compare", before, after, "--json")
  assert.is(code, 0)
  const comparison = JSON.parse(out)
  assert.equal(Object.keys(comparison), ["before", "after", "figures", "configuration", "warnings"])
  assert.is(comparison.figures[0].verdict, "better")
})

test("a file that is no reading, or not there, is refused by its name", async () => {
  const bad = file("bad.json", { ...reading(8), latency: [] })
  const { code, out, err } = await runVeloz("compare", before, bad)
  assert.equal([code, out], [1, ""])
  assert.match(err, `VELOZ_READING_INVALID: ${bad} is no reading`)
  assert.match(err, "latency must be an object, was []")
  const gone = await runVeloz("compare", join(folder, "none.json"), after)
  assert.is(gone.code, 1)
  assert.match(gone.err, /VELOZ_READING_UNREADABLE: .*none\.json.*ENOENT/)
  assert.match((await runVeloz("compare", folder, after)).err, "VELOZ_READING_UNREADABLE")
})

test("one file is not enough", async () => {
  const { code, err } = await runVeloz("compare", before)
  assert.is(code, 1)
  assert.match(err, "missing required argument 'after'")
})

test.run()
