import { test } from "uvu"
import * as assert from "uvu/assert"
import { type ComparedFigure, compareReadings } from "../../../core/measure/comparison.js"
import type { Reading } from "../../../core/measure/reading.js"
import { figures, reading } from "./readings.js"

const LATER = { started_at: "2026-01-02T03:10:00.000Z" }

function figureOf(before: Reading, after: Reading, path: string): ComparedFigure {
  const found = compareReadings(before, after).figures.find((figure) => figure.path === path)
  if (found === undefined) throw new Error(`no figure ${path}`)
  return found
}

test("half the latency is 50 % better and a factor of 2; twice the latency is 100 % worse and a half", () => {
  const { verdict, improvement_pct, factor } = figureOf(reading(800), reading(400), "latency.order_to_ack.p50_us")
  assert.equal([verdict, improvement_pct, factor], ["better", 50, 2])
  const worse = figureOf(reading(400), reading(800), "latency.order_to_ack.p99_us")
  assert.equal([worse.verdict, worse.improvement_pct, worse.factor], ["worse", -100, 0.5])
})

test("a higher rate is better", () => {
  const faster = { throughput: { orders_per_second: 75, market_updates_per_second: 700 } }
  const after = reading(800, { ...faster, slices: Array.from({ length: 10 }, () => figures(800, 150, faster)) })
  const { better, verdict, improvement_pct, factor } = figureOf(reading(800), after, "throughput.orders_per_second")
  assert.equal([better, verdict, improvement_pct, factor], ["higher", "better", 50, 1.5])
})

test("a difference that is smaller than those between the pieces is noise", () => {
  assert.is(figureOf(reading(800), reading(804), "latency.order_to_ack.p50_us").verdict, "noise")
  assert.is(figureOf(reading(800), reading(700), "latency.order_to_ack.p50_us").verdict, "better")
})

test("a percentile needs ten samples beyond it in both readings", () => {
  const few = reading(400, { ...figures(400, 999) })
  assert.is(figureOf(reading(800), few, "latency.order_to_ack.p99_us").verdict, "few")
  assert.is(figureOf(few, reading(800), "latency.order_to_ack.p99_us").verdict, "few")
  assert.is(figureOf(reading(800), few, "latency.order_to_ack.p95_us").verdict, "better")
})

test("pieces without a value do not count, and fewer than five of them tell nothing", () => {
  const slices = reading(400).slices.map((slice, index) => (index < 4 ? slice : figures(null, 0)))
  assert.is(figureOf(reading(800), reading(400, { slices }), "latency.order_to_ack.p50_us").verdict, "few")
})

test("what has no value in one of the readings has no improvement", () => {
  const { improvement_pct, factor, verdict } = figureOf(reading(8), reading(4), "latency.order_to_fill.p50_us")
  assert.equal([improvement_pct, factor, verdict], [null, null, "none"])
})

test("a stage that only one of the readings knows is listed with the value that there is", () => {
  const after = reading(4)
  after.profile = { ...after.profile, order_path: { ...after.profile.order_path, fresh_us: 3 } }
  const { before, after: now, verdict } = figureOf(reading(8), after, "profile.order_path.fresh_us")
  assert.equal([before, now, verdict], [null, 3, "none"])
})

test("options that differ are listed by path, a switch and a list among them", () => {
  const values = {
    symbols: ["BTCUSDT", "ETHUSDT"],
    plugins: { "order-processing": { batch_size: 10, batch_wait_us: 100 }, alerts: {} },
  }
  const after = reading(8, { ...LATER, configuration: { first_generation: 2, last_generation: 2, values } })
  assert.equal(compareReadings(reading(8), after).configuration, [
    { path: "symbols", before: ["BTCUSDT"], after: ["BTCUSDT", "ETHUSDT"] },
    { path: "plugins.order-processing.batch_size", before: 1, after: 10 },
    { path: "plugins.alerts", before: false, after: true },
    { path: "plugins.order-processing.batch_wait_us", before: undefined, after: 100 },
  ])
})

test("readings of one machine, version and load come without a warning", () => {
  assert.equal(compareReadings(reading(8), reading(4, LATER)).warnings, [])
})

test("what else the figures may differ by is warned of", () => {
  const first = reading(8)
  const { values } = first.configuration
  const busier = { ...values, plugins: { quoter: { orders_per_second: 100 } } }
  const cases: [change: Partial<Reading>, expected: RegExp][] = [
    [{ machine: { cores: 8, cpu_model: "a model" } }, /machines differ: cores was 2, then 8/],
    [{ machine: { cores: 2 } }, /cpu_model was a model, then undefined/],
    [{ version: "1.1.0" }, /versions of VeloZ differ: 1.0.0, then 1.1.0/],
    [{ configuration: { first_generation: 1, last_generation: 3, values } }, /changed during the reading after/],
    [
      { configuration: { first_generation: 1, last_generation: 1, values: busier } },
      /load .*plugins.quoter.orders_per_second/,
    ],
    [{ throughput: { orders_per_second: 60, market_updates_per_second: 700 } }, /orders_per_second was 50, then 60/],
    [{ started_at: first.started_at }, /same reading/],
    [{ started_at: "2026-01-01T00:00:00.000Z" }, /before was taken after/],
  ]
  for (const [change, expected] of cases) {
    const { warnings } = compareReadings(first, reading(8, { ...LATER, ...change }))
    assert.is(warnings.length, 1, `${expected}: ${warnings.join("; ")}`)
    assert.match(warnings[0], expected)
  }
})

test.run()
