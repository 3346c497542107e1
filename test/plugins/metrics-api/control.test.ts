import { test } from "uvu"
import * as assert from "uvu/assert"
import type { EngineFacade, LatencySummary, MetricsApiOptions } from "veloz"
import { claims } from "../../../plugins/metrics-api/claims.js"
import { control } from "../../../plugins/metrics-api/control.js"
import { FakeConfiguration } from "../../support/fake-configuration.js"
import { HttpProbe } from "../../support/http-probe.js"
import { ControlProbe, defaultOptions } from "../../support/part-contexts.js"

const summary = (p50_us: number | null): LatencySummary => ({ count: 3, p50_us, p95_us: 2, p99_us: 3, max_us: 4 })
const thread = {
  name: "veloz_hot",
  tid: 7,
  roles: ["network", "engine", "strategy"],
  cpu_affinity: [0, 1],
  cpu_time_ms: 12,
  run_queue_wait_ms: 0.5,
  policy: "other",
  priority: 0,
  nice: 0,
  context_switches: { voluntary: 1, involuntary: 2 },
  collections: { count: 2, sum_ms: 3, longest_us: 1800, total: { count: 9, sum_ms: 12, longest_us: 2100 } },
}
const totals = {
  run: "a-run",
  at_seconds: 12.5,
  histograms: { processing: { lowest_ns: [100, 2048], counts: [1, 2] } },
  profile: { orders: 3, order_path_ns: { validation: 18_000 }, updates: 0, market_data_path_ns: {} },
  counters: { orders_sent: 3 },
}
const metrics: EngineFacade["metrics"] = {
  latency: (name) => ({ ...summary(name === "order_to_fill" ? null : 1.5), total: summary(9) }),
  profile: () => ({
    orders: 3,
    order_path: { validation_us: 6, risk_check_us: 1, total_us: 100 },
    updates: 5,
    market_data_path: { strategy_notify_us: null, total_us: null },
    exchange_method: "remainder",
  }),
  rate: () => 0,
  counter: () => 0,
  counters: () => ({}),
  figures: () => ({
    latency: { market_data_age_ms: 0.5 },
    throughput: { orders_per_second: 50, market_updates_per_second: 500 },
    counters: {},
  }),
  requireFigure: () => undefined,
  threads: () => [thread],
  totals: () => totals,
}
const configuration = new FakeConfiguration({ "order-processing": { skip_redundant_validation: false } })
const probe = new ControlProbe("metrics-api", defaultOptions<MetricsApiOptions>("metrics-api"), {
  metrics,
  configuration,
})
control(probe.context)
const http = await HttpProbe.serving(probe.routes)
test.after(() => http.close())

test("it claims the address of its options, with the token of the environment", () => {
  const claimed = (changes: Partial<MetricsApiOptions>) => claims(defaultOptions("metrics-api", changes)).http
  assert.equal(claimed({}), { host: "127.0.0.1", port: 8080 })
  process.env.VELOZ_API_TOKEN = "s3cret"
  const other = claimed({ port: 0 })
  delete process.env.VELOZ_API_TOKEN
  assert.equal(other, { host: "127.0.0.1", port: 0, token: "s3cret" })
})

test("GET /api/health", async () => {
  const { body } = await http.get("/api/health")
  assert.equal(body, { status: "healthy", engine: "running", uptime_seconds: 12.5, version: "1.0.0" })
})

test("GET /api/metrics/latency has the last minute, the whole run under total, and null for no sample", async () => {
  const { latency, throughput } = (await http.get("/api/metrics/latency")).body
  const { total, ...lastMinute } = latency.order_to_ack
  assert.equal(lastMinute, { p50_us: 1.5, p95_us: 2, p99_us: 3, max_us: 4, count: 3 })
  assert.is(total.p50_us, 9)
  assert.is(latency.order_to_fill.p50_us, null)
  assert.is(latency.market_data.exchange_to_engine_p50_us, 1.5)
  assert.is(latency.market_data.exchange_to_engine_p95_us, 2)
  assert.is(latency.market_data.processing_p50_us, 1.5)
  assert.is(latency.market_data.processing_p99_us, 3)
  assert.is(latency.market_data.market_data_age_ms, 0.5)
  assert.equal(throughput, { orders_per_second: 50, market_updates_per_second: 500 })
})

test("GET /api/metrics/profile adds the bottlenecks and what to do about them", async () => {
  const { body } = await http.get("/api/metrics/profile")
  assert.is(body.order_path.total_us, 100)
  assert.is(body.market_data_path.total_us, null)
  assert.is(body.exchange_method, "remainder")
  assert.equal(Object.keys(body.bottlenecks[0]), ["component", "pct_of_total", "recommendation"])
  assert.is(body.bottlenecks[0].component, "validation")
})

test("GET /api/metrics/totals has the sums since the start, the machine, and what the configuration could still set", async () => {
  const { version, machine, advice, ...rest } = (await http.get("/api/metrics/totals")).body
  assert.equal(rest, totals)
  assert.is(version, "1.0.0")
  assert.equal(Object.keys(machine), ["cores", "cpu_model", "kernel", "node"])
  assert.match(advice.order_path.validation, "skip_redundant_validation")
  assert.type(advice.market_data_path, "object")
})

test("GET /api/metrics/threads, /api/config and /api/plugins answer with what the engine has", async () => {
  assert.equal((await http.get("/api/metrics/threads")).body, { threads: [thread] })
  assert.equal((await http.get("/api/config")).body, {
    generation: 1,
    config: configuration.effective(),
    last_rejected: null,
  })
  const { plugins, pipeline } = (await http.get("/api/plugins")).body
  assert.is(plugins[0].name, "market-data")
  assert.equal(pipeline.market, ["book", "notify"])
})

test.run()
