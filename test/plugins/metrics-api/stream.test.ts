import { connect, type Socket } from "node:net"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { EngineFacade, MetricsApiOptions } from "veloz"
import { control } from "../../../plugins/metrics-api/control.js"
import { EventReader } from "../../support/event-reader.js"
import { HttpProbe } from "../../support/http-probe.js"
import { BTCUSDT, ControlProbe, defaultOptions, ETHUSDT } from "../../support/part-contexts.js"

// The stream over real sockets, with a log of few events and a clock that a test moves.

class Rig {
  readonly tops: Record<string, { bid: string; timestamp: number | null }> = {
    BTCUSDT: { bid: "1.00", timestamp: 1 },
    ETHUSDT: { bid: "2.00", timestamp: null },
  }
  readonly probe: ControlProbe<MetricsApiOptions>
  readonly part: ReturnType<typeof control>
  readonly #readers: EventReader[] = []
  http!: HttpProbe

  constructor() {
    const engine = {
      metrics: { figures: () => ({ latency: { a_us: 1 }, throughput: { b: 2 }, counters: { c: 3 } }) },
      market: { top: (symbol: string) => ({ symbol, ...this.tops[symbol] }) },
    } as unknown as Partial<EngineFacade>
    const options = defaultOptions<MetricsApiOptions>("metrics-api")
    this.probe = new ControlProbe("metrics-api", options, engine, [BTCUSDT, ETHUSDT])
    this.part = control(this.probe.context)
  }

  static async start(): Promise<Rig> {
    const rig = new Rig()
    rig.http = await HttpProbe.serving(rig.probe.routes)
    return rig
  }

  async read(query = "", headers: Record<string, string> = {}): Promise<EventReader> {
    const reader = await EventReader.open(this.http.port, query, headers)
    this.#readers.push(reader)
    return reader
  }

  publish(topic: string, type: string, data: object = {}): void {
    this.probe.events.publish(topic, type, data)
  }

  count(name: string): number {
    return this.probe.counters.get(name)?.value ?? 0
  }

  async end(): Promise<void> {
    for (const reader of this.#readers) reader.close()
    await this.http.close()
  }
}

test("every event has an id that grows, its type, and its data with the time of it", async () => {
  const rig = await Rig.start()
  const reader = await rig.read()
  rig.publish("orders", "order_update", { status: "NEW" })
  rig.publish("config", "config_reload", { ok: true, timestamp: 5 })
  await reader.until("two events", () => reader.events.length === 2)
  const { response, events } = reader
  assert.equal(
    [response.statusCode, response.headers["content-type"], response.headers["cache-control"]],
    [200, "text/event-stream", "no-store"],
  )
  assert.ok(events[0].id! < events[1].id!)
  assert.equal(
    events.map(({ type, data }) => [type, data]),
    [
      ["order_update", { timestamp: 1_700_000_000_000, status: "NEW" }],
      ["config_reload", { timestamp: 5, ok: true }],
    ],
  )
  await rig.end()
})

test("a filter lets its topics through alone", async () => {
  const rig = await Rig.start()
  const reader = await rig.read("?filter=config,%20orders")
  for (const topic of ["performance", "orders", "market", "config"]) rig.publish(topic, `of_${topic}`)
  await reader.next("of_config")
  assert.equal(reader.types(), [])
  const all = await rig.read("?last_id=0")
  await all.until("four events", () => all.events.length === 4)
  const [first] = all.types()
  assert.is(first, "of_performance")
  await rig.end()
})

test("a topic that is not known, or none, is refused with the list", async () => {
  const rig = await Rig.start()
  for (const filter of ["order", "orders,", "", "performance,Config"]) {
    const { status, body } = await rig.http.get(`/api/stream?filter=${filter}`)
    assert.equal([status, body.error, body.field], [400, "bad_params", "filter"], filter)
    assert.match(body.message, "performance, orders, market, config, tuning")
  }
  rig.publish("my-plugin", "hello")
  const reader = await rig.read("?filter=my-plugin&last_id=0")
  await reader.next("hello")
  await rig.end()
})

test("who comes back with the id of its last event misses none and sees none twice, by header or by address", async () => {
  const rig = await Rig.start()
  const first = await rig.read()
  rig.publish("orders", "a")
  await first.until("a", () => first.events.length === 1)
  const lastId = String(first.lastId)
  first.close()
  rig.publish("orders", "b")
  rig.publish("config", "c")
  for (const [query, headers] of [
    [`?last_id=${lastId}`, {}],
    ["", { "last-event-id": lastId }],
    ["?last_id=0", { "last-event-id": lastId }],
  ] as const) {
    const again = await rig.read(query, headers)
    rig.publish("orders", "d")
    await again.until("d", () => again.types().includes("d"))
    assert.equal(again.types().slice(0, 3), ["b", "c", "d"])
  }
  await rig.end()
})

test("who comes back too late is told of the gap first, and gets what is left", async () => {
  const rig = await Rig.start()
  const start = rig.probe.events.lastId
  for (let count = 0; count < 16; count += 1) rig.publish("orders", `e${count}`)
  const reader = await rig.read(`?last_id=${start + 2}`)
  await reader.next("gap", (gap) => gap.after === start + 2 && gap.missing_to === start + 8)
  await reader.until("the rest", () => reader.events.length === 8)
  assert.equal([reader.events[0].type, reader.events[0].id], ["e8", start + 9])
  // Nothing of another topic is missing, so nothing is said.
  const other = await rig.read(`?filter=config&last_id=${start + 2}`)
  rig.publish("config", "c")
  await other.until("c", () => other.events.length > 0)
  assert.equal(other.types(), ["c"])
  await rig.end()
})

test("an id of another run, or one that never was, is a gap, and 0 is the beginning", async () => {
  const rig = await Rig.start()
  rig.publish("orders", "a")
  for (const id of ["7", "9007199254740991"]) {
    const reader = await rig.read("", { "last-event-id": id })
    await reader.until("two events", () => reader.events.length === 2)
    assert.equal(reader.types(), ["gap", "a"])
    assert.is(reader.events[0].data.after, Number(id))
  }
  const reader = await rig.read("?last_id=0")
  await reader.until("one event", () => reader.events.length === 1)
  assert.equal(reader.types(), ["a"])
  await rig.end()
})

test("an id that is no id is refused", async () => {
  const rig = await Rig.start()
  for (const id of ["x", "-1", "1.5", "", "1e3x"]) {
    const { status, body } = await rig.http.get(`/api/stream?last_id=${id}`)
    assert.equal([status, body.error, body.field], [400, "bad_params", "last_id"], id)
  }
  const { status, body } = await rig.http.get("/api/stream", { "last-event-id": "seven" })
  assert.equal([status, body.error, body.field], [400, "bad_params", "last-event-id"])
  await rig.end()
})

test("a HEAD has the head alone and opens no stream, a POST is not allowed", async () => {
  const rig = await Rig.start()
  const head = await rig.http.send("HEAD", "/api/stream", undefined, {})
  assert.equal([head.status, head.headers["content-type"]], [200, "text/event-stream"])
  assert.is(rig.count("streams_open"), 0)
  const post = await rig.http.post("/api/stream", {})
  assert.equal([post.status, post.body.error], [405, "method_not_allowed"])
  await rig.end()
})

test("latencies and rates come every second, and are made for nobody", async () => {
  const rig = await Rig.start()
  const before = rig.probe.events.lastId
  rig.probe.run(5000)
  assert.is(rig.probe.events.lastId, before)
  const reader = await rig.read("?filter=performance")
  rig.probe.run(2000)
  await reader.until("four events", () => reader.events.length === 4)
  const update = ["latency_update", "throughput_update"]
  assert.equal(reader.types(), [...update, ...update])
  const [{ timestamp: _, ...latency }, { timestamp: __, ...throughput }] = reader.events.map(({ data }) => data)
  assert.equal([latency, throughput], [{ a_us: 1 }, { b: 2 }])
  await rig.end()
})

test("the market is told when it has changed, ten times a second at most, and each symbol for itself", async () => {
  const rig = await Rig.start()
  const reader = await rig.read("?filter=market")
  rig.probe.run(1000)
  rig.tops.BTCUSDT.bid = "1.10"
  rig.tops.BTCUSDT.bid = "1.20"
  rig.tops.ETHUSDT.timestamp = 2
  rig.probe.run(1000)
  await reader.until("three events", () => reader.events.length === 3)
  assert.equal(
    reader.events.map(({ data }) => `${data.symbol} ${data.bid}`),
    ["BTCUSDT 1.00", "BTCUSDT 1.20", "ETHUSDT 2.00"],
  )
  await rig.end()
})

test("a comment comes every ten seconds", async () => {
  const rig = await Rig.start()
  const reader = await rig.read("?filter=orders")
  rig.probe.run(9900)
  rig.publish("orders", "a")
  await reader.next("a")
  assert.equal(reader.comments, [])
  rig.probe.run(100)
  await reader.until("a comment", () => reader.comments.length === 1)
  assert.equal(reader.comments, [": keep-alive"])
  await rig.end()
})

/** A reader that never reads. */
async function deaf(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1")
  socket.on("error", () => undefined)
  socket.write("GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
  socket.pause()
  await new Promise((resolve) => setTimeout(resolve, 50))
  return socket
}

test("a reader that does not read is dropped and counted, and another misses nothing", async () => {
  const rig = await Rig.start()
  const slow = await deaf(rig.http.port)
  const fast = await rig.read("?filter=orders")
  const ids: number[] = []
  // Larger than what kernels hold for a socket: the rest waits in the log, which has room for a few.
  const data = { text: "x".repeat(256 * 1024) }
  for (let count = 0; count < 200 && rig.count("streams_dropped") === 0; count += 1) {
    rig.publish("orders", "large", data)
    await fast.next("large")
    ids.push(count)
  }
  assert.is(rig.count("streams_dropped"), 1)
  assert.is(rig.count("streams_open"), 1)
  assert.is(rig.probe.context.lines.at(-1)!.level, "warn")
  rig.publish("orders", "after")
  await fast.next("after")
  assert.ok(ids.length > 8, "it was not dropped while the log held what it had to read")
  slow.destroy()
  await rig.end()
})

test("as many as may be open are open; one that goes makes room", async () => {
  const rig = await Rig.start()
  const readers = await Promise.all(Array.from({ length: 64 }, () => rig.read()))
  assert.is(rig.count("streams_open"), 64)
  const { status, body } = await rig.http.get("/api/stream")
  assert.equal([status, body.error], [503, "overloaded"])
  readers[0].close()
  await readers[1].until("room", () => rig.count("streams_open") === 63)
  const next = await rig.read()
  rig.publish("orders", "a")
  await next.next("a")
  await rig.end()
})

test("streams outlive a generation of routes; they end with the plugin that owns them, and can be resumed", async () => {
  const rig = await Rig.start()
  const reader = await rig.read()
  await rig.http.adopt(rig.probe.routes)
  rig.publish("orders", "a")
  await reader.next("a")
  rig.publish("orders", "b")
  rig.part.dispose!()
  await reader.until("the end", () => reader.ending)
  assert.is(reader.ending, "ended")
  const again = await rig.read("", { "last-event-id": String(rig.probe.events.lastId - 1) })
  await again.until("b", () => again.events.length === 1)
  assert.equal(again.types(), ["b"])
  await rig.end()
})

test("a server that closes ends its streams at once, also of one that does not read", async () => {
  const rig = await Rig.start()
  const reader = await rig.read()
  const slow = await deaf(rig.http.port)
  const startedMs = performance.now()
  await rig.http.service.close(10_000)
  assert.ok(performance.now() - startedMs < 5000, "it waited for its grace to end")
  await reader.until("the end", () => reader.ending)
  assert.is(reader.ending, "ended")
  slow.destroy()
  assert.is(rig.count("streams_open"), 0)
})

test("a stream asks for the token like everything else", async () => {
  const rig = new Rig()
  rig.http = await HttpProbe.serving(rig.probe.routes, "secret")
  assert.is((await rig.http.get("/api/stream")).status, 401)
  const reader = await rig.read("", { authorization: "Bearer secret" })
  rig.publish("orders", "a")
  await reader.next("a")
  assert.is((await rig.http.get("/api/stream", { host: "evil.example" })).status, 403)
  await rig.end()
})

test.run()
