import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { type RunningEngine, startEngine } from "../../../core/kernel/engine.js"
import { EventReader } from "../../support/event-reader.js"
import { TOPOLOGIES } from "../../support/topologies.js"

// Alerts, and the stream that tells of them, over HTTP and with the whole engine behind.

const PATH = "/api/alerts/latency"
const FINAL = ["FILLED", "CANCELED", "EXPIRED", "REJECTED", "DENIED"]

class Project {
  readonly cwd = mkdtempSync(join(tmpdir(), "veloz-alerts-"))
  readonly lines: string[] = []
  readonly #topology: string
  #engine: RunningEngine | undefined

  constructor(topology: string) {
    this.#topology = topology
  }

  save(plugins: Record<string, unknown> = {}): void {
    const config = { topology: this.#topology, plugins: { "metrics-api": { port: 0 }, quoter: false, ...plugins } }
    writeFileSync(join(this.cwd, "veloz.config.json"), JSON.stringify(config))
  }

  /** The engine with these options alone: started, or as it runs already. */
  async with(plugins?: Record<string, unknown>): Promise<void> {
    this.save(plugins)
    if (this.#engine === undefined) return this.#start()
    await this.engine.reload()
    await this.engine.facade.configuration.change({ "plugins.alerts": null, "plugins.market-data": null }, "a test")
  }

  async #start(): Promise<void> {
    const write = (message: string): void => void this.lines.push(message)
    const log = { debug: write, info: write, warn: write, error: write }
    this.#engine = await startEngine({
      cwd: this.cwd,
      env: { PATH: process.env.PATH },
      log,
      version: "1.0.0",
      watch: false,
    })
  }

  get engine(): RunningEngine {
    return this.#engine!
  }

  read(query = "", headers: Record<string, string> = {}): Promise<EventReader> {
    return EventReader.open(this.engine.address!.port, query, headers)
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test reads into whatever came
  async ask(method: string, path: string, body?: object): Promise<{ status: number; body: any }> {
    const answer = await fetch(`http://127.0.0.1:${this.engine.address!.port}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    })
    return { status: answer.status, body: await answer.json() }
  }

  /** A bid that nobody sells at, once the market is up and orders may be sent. */
  async bid(): Promise<string> {
    for (let attempt = 0; attempt < 1000; attempt += 1) {
      const { bid } = this.engine.facade.market.top("BTCUSDT")
      if (bid !== null && (await this.engine.facade.ping()).ok) return (Number(bid) * 0.9).toFixed(2)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`there was no market in ten seconds: ${this.lines.join("\n")}`)
  }

  async place(client_order_id: string, price: string | undefined): Promise<void> {
    const limit = price === undefined ? { type: "MARKET" } : { price }
    const order = { symbol: "BTCUSDT", side: "BUY", qty: "0.001", client_order_id, ...limit }
    const { status, body } = await this.ask("POST", "/api/order", order)
    assert.is(status, 200, JSON.stringify(body))
  }

  async end(): Promise<void> {
    await this.#engine?.stop()
    rmSync(this.cwd, { recursive: true })
  }
}

const rule = { name: "orders left open", metric: "open_orders", threshold: 0, duration_seconds: 1 }

for (const topology of TOPOLOGIES) {
  // One engine for all of them, in their order: the last one stops it.
  const project = new Project(topology)

  test(`${topology}: an alert fires after its duration and is resolved, seen on the stream, by GET and in the log`, async () => {
    await project.with()
    const price = await project.bid()
    const stream = await project.read("?filter=performance")
    assert.equal(await project.ask("POST", PATH, { alerts: [rule] }), {
      status: 200,
      body: { ok: true, alerts_configured: 1 },
    })
    const stateOf = async (): Promise<string> => (await project.ask("GET", PATH)).body.alerts[0].state
    assert.is(await stateOf(), "ok")
    await project.place("stays", price)
    const { timestamp, ...fired } = await stream.next("performance_alert")
    assert.equal(fired, { ...rule, current: 1 })
    assert.ok(Math.abs(timestamp - Date.now()) < 60_000)
    assert.is(await stateOf(), "firing")
    await project.ask("POST", "/api/cancel", { client_order_id: "stays" })
    const { name, current, reason } = await stream.next("performance_alert_resolved")
    assert.equal([name, current, reason], [rule.name, 0, "measured"])
    assert.is(await stateOf(), "ok")
    assert.equal(
      project.lines.filter((line) => line.startsWith("alert")),
      [
        'alert "orders left open": open_orders is 1, above 0 and has been for 1 s',
        'alert "orders left open" is resolved: open_orders is back at 0',
      ],
    )
    stream.close()
  })

  test(`${topology}: alerts of the file and of the API are one list, which GET /api/config shows`, async () => {
    await project.with({ alerts: { rules: [rule, { ...rule, name: "b" }] } })
    const names = async (): Promise<string[]> => {
      const { alerts } = (await project.ask("GET", PATH)).body
      const { config } = (await project.ask("GET", "/api/config")).body
      assert.equal(
        config.plugins.alerts.rules.map(({ name }: typeof rule) => name),
        alerts.map(({ name }: typeof rule) => name),
      )
      return alerts.map(({ name, threshold }: typeof rule) => `${name} ${threshold}`)
    }
    const added = await project.ask("POST", PATH, {
      alerts: [
        { ...rule, threshold: 5 },
        { ...rule, name: "c" },
      ],
    })
    assert.equal(added.body, { ok: true, alerts_configured: 3 })
    assert.equal(await names(), ["b 0", "orders left open 5", "c 0"])
    const removed = await project.ask("DELETE", `${PATH}/b`)
    assert.equal(removed.body, { ok: true, alerts_configured: 2 })
    // Another option of the file leaves the list alone, the list itself in the file replaces it.
    project.save({ alerts: { rules: [rule, { ...rule, name: "b" }] }, "market-data": { order_book_depth: 3 } })
    await project.engine.reload()
    assert.equal(await names(), ["orders left open 5", "c 0"])
    project.save({ alerts: { rules: [{ ...rule, name: "of the file" }] } })
    await project.engine.reload()
    assert.equal(await names(), ["of the file 0"])
  })

  test(`${topology}: alerts that are posted at once are all there`, async () => {
    await project.with()
    const posts = Array.from({ length: 10 }, (_, index) => {
      return project.ask("POST", PATH, { alerts: [{ ...rule, name: `a${index}` }] })
    })
    assert.ok((await Promise.all(posts)).every(({ status }) => status === 200))
    assert.is((await project.ask("GET", PATH)).body.alerts.length, 10)
  })

  test(`${topology}: every figure that the metrics show can be watched, and an unknown one is told the nearest`, async () => {
    await project.with()
    await project.bid()
    const { latency, throughput } = (await project.ask("GET", "/api/metrics/latency")).body
    const { counters } = (await project.ask("GET", "/api/metrics/counters")).body
    const flat = (prefix: string, group: object): string[] =>
      Object.keys(group)
        .filter((key) => key !== "total" && key !== "count")
        .map((key) => prefix + key)
    const shown = [
      ...flat("order_to_ack_", latency.order_to_ack),
      ...flat("order_to_fill_", latency.order_to_fill),
      ...flat("", latency.market_data),
      ...Object.keys(throughput),
      ...Object.keys(counters),
    ]
    assert.ok(shown.includes("market_data_age_ms") && shown.length > 30, shown.join())
    const alerts = shown.map((metric, index) => ({ name: `a${index}`, metric, threshold: 1e12 }))
    assert.equal((await project.ask("POST", PATH, { alerts })).body, { ok: true, alerts_configured: shown.length })
    const { status, body } = await project.ask("POST", PATH, { alerts: [{ ...rule, metric: "order_to_akc_p99us" }] })
    assert.equal([status, body.error, body.field], [400, "bad_params", "alerts.0.metric"])
    assert.match(body.message, "nearest first, order_to_ack_p99_us,")
    for (const name of shown) assert.match(body.message, name)
  })

  test(`${topology}: a file that names an unknown figure is refused by its path, and starts nothing`, async () => {
    await project.with()
    const stream = await project.read("?filter=config")
    const generation = project.engine.facade.configuration.generation()
    project.save({ alerts: { rules: [rule, { ...rule, name: "b", metric: "open_order" }] } })
    await project.engine.reload()
    const line = project.lines.findLast((text) => text.includes("refused"))!
    assert.match(line, "plugins.alerts.rules[1].metric")
    assert.match(line, "nearest first, open_orders,")
    const refused = await stream.next("config_reload")
    assert.equal([refused.ok, refused.author, refused.generation], [false, "a save", generation])
    assert.match(refused.message, "plugins.alerts.rules[1].metric")
    project.save({ alerts: { rules: [rule] } })
    await project.engine.reload()
    const { ok, changes } = await stream.next("config_reload")
    assert.equal([ok, changes[0].path, changes[0].to[0].name], [true, "plugins.alerts.rules", rule.name])
    stream.close()

    const other = new Project(topology)
    await other.with({ alerts: { rules: [{ ...rule, metric: "nonsense" }] } }).then(
      () => assert.unreachable("it started"),
      (error: Error) => assert.match(error.message, "plugins.alerts.rules[0].metric"),
    )
    await other.end()
  })

  test(`${topology}: the stream has each step of an order and its fills, also across a reload`, async () => {
    await project.with()
    const price = await project.bid()
    const stream = await project.read("?filter=orders")
    const steps = async (id: string, last: string): Promise<string[]> => {
      const found: string[] = []
      while (found.at(-1) !== last) {
        found.push((await stream.next("order_update", (data) => data.client_order_id === id)).event)
      }
      return found
    }
    await project.place("rests", price)
    await project.ask("POST", "/api/config/market_data", { conflate_updates: true })
    await project.ask("POST", "/api/cancel", { client_order_id: "rests" })
    assert.equal(await steps("rests", "canceled"), ["sent", "ack", "canceled"])
    await project.place("takes", undefined)
    const fill = await stream.next("fill", ({ client_order_id }) => client_order_id === "takes")
    assert.equal([fill.symbol, fill.side], ["BTCUSDT", "BUY"])
    assert.ok(Number(fill.price) > Number(price) && Number(fill.qty) > 0 && fill.trade_id >= 0, JSON.stringify(fill))
    stream.close()
  })

  test(`${topology}: a stop with open streams ends within two seconds, and tells first what became of each order`, async () => {
    await project.with({ quoter: { orders_per_second: 100 } })
    await project.bid()
    const streams = await Promise.all(Array.from({ length: 10 }, () => project.read("?last_id=0&filter=orders")))
    await streams[0].until("quotes", () => streams[0].events.length > 50)
    const startedMs = performance.now()
    await project.engine.stop()
    assert.ok(performance.now() - startedMs < 2000)
    for (const stream of streams) {
      await stream.until("the end", () => stream.ending)
      assert.is(stream.ending, "ended")
      const last = new Map(stream.events.map(({ data }) => [data.client_order_id, data.status]))
      assert.ok([...last.values()].includes("CANCELED"))
      for (const [id, status] of last) assert.ok(FINAL.includes(status), `${id} is ${status}`)
    }
    await project.end()
  })
}

test.run()
