import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { PoolFigures } from "../../../plugins/memory-pools/figures.js"
import { RunningEngine } from "../../support/running-engine.js"
import { TOPOLOGIES } from "../../support/topologies.js"

// A whole engine that runs out of every pool, over HTTP.

const COMMAND = [process.execPath, fileURLToPath(new URL("../../../core/cli/main.js", import.meta.url))]

interface Order {
  client_order_id: string
  status: string
}

class SmallEngine {
  readonly #cwd = mkdtempSync(join(tmpdir(), "veloz-pools-"))
  engine!: RunningEngine
  #placed = 0
  #price = ""

  constructor(private readonly topology: string) {}

  async start(): Promise<void> {
    const pools = { order_pool_size: 1, market_event_pool_size: 1, string_pool_size_mb: 1 }
    const config = { topology: this.topology, plugins: { "memory-pools": pools, quoter: false } }
    writeFileSync(join(this.#cwd, "veloz.config.json"), JSON.stringify(config))
    this.engine = await RunningEngine.start(COMMAND, this.#cwd)
    await this.until("an order is taken", async () => {
      const { bid } = (await this.engine.get("/api/market")) as { bid: string }
      this.#price = (Math.floor(Number(bid) * 90) / 100).toFixed(2)
      const id = await this.place()
      return (await this.post("/api/cancel", { client_order_id: id })).status === "CANCELED"
    })
  }

  /** An order far below the market, which stays open. */
  async place(): Promise<string> {
    this.#placed += 1
    const id = `pools-${this.#placed}`
    const order = { side: "BUY", symbol: "BTCUSDT", qty: "0.001", price: this.#price, client_order_id: id }
    assert.is((await this.post("/api/order", order)).ok, true)
    return id
  }

  async pools(): Promise<Record<"order_pool" | "market_event_pool" | "string_pool", PoolFigures>> {
    return ((await this.engine.get("/api/metrics/memory")) as { pools: never }).pools
  }

  async open(): Promise<string[]> {
    const { orders } = (await this.engine.get("/api/orders_state")) as unknown as { orders: Order[] }
    return orders
      .filter(({ status }) => status === "NEW")
      .map((order) => order.client_order_id)
      .sort()
  }

  async post(path: string, body: object): Promise<Record<string, unknown>> {
    const headers = { "content-type": "application/json" }
    const answer = await fetch(this.engine.url + path, { method: "POST", headers, body: JSON.stringify(body) })
    const json = (await answer.json()) as Record<string, unknown>
    if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(json)}`)
    return json
  }

  async resize(changes: object): Promise<Record<string, number>> {
    return (await this.post("/api/config/memory", changes)).memory_usage as Record<string, number>
  }

  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    let last: unknown
    for (let attempt = 0; attempt < 600; attempt += 1) {
      try {
        if (await isSo()) return
      } catch (error) {
        last = error
      }
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error(`it did not come true that ${what}: ${last}\n${this.engine.output}`)
  }

  async end(): Promise<number | null> {
    const code = await this.engine.stop()
    rmSync(this.#cwd, { recursive: true })
    return code
  }
}

for (const topology of TOPOLOGIES) {
  const small = new SmallEngine(topology)
  const opened: string[] = []

  test(`${topology}: an engine starts with pools of one`, () => small.start())

  test(`${topology}: an order pool of one takes more orders, and counts each that it has no room for`, async () => {
    const before = (await small.pools()).order_pool
    assert.equal([before.capacity, before.in_use, before.on_heap], [1, 0, 0])
    for (let count = 0; count < 6; count += 1) opened.push(await small.place())
    const { order_pool } = await small.pools()
    assert.equal([order_pool.capacity, order_pool.in_use, order_pool.peak_usage, order_pool.on_heap], [1, 1, 1, 5])
    assert.is(order_pool.heap_fallbacks - before.heap_fallbacks, 5)
    assert.is(order_pool.allocations - before.allocations, 6)
    assert.ok(order_pool.pool_hits_pct! > 0 && order_pool.pool_hits_pct! < 100)
    assert.equal(await small.open(), [...opened].sort())
  })

  test(`${topology}: it grows under open orders, and has room for the next`, async () => {
    const usage = await small.resize({ order_pool_size: 3000, market_event_pool_size: 20_000, string_pool_size_mb: 2 })
    assert.ok(usage.order_pool_mb > 1.8 && usage.order_pool_mb < 2.5, JSON.stringify(usage))
    assert.ok(usage.string_pool_mb > 1.99 && usage.string_pool_mb <= 2)
    assert.is(usage.total_preallocated_mb, 0)
    const before = (await small.pools()).order_pool
    assert.is(before.capacity, 3000)
    for (let count = 0; count < 20; count += 1) opened.push(await small.place())
    const { order_pool } = await small.pools()
    assert.equal([order_pool.in_use, order_pool.on_heap], [21, 5])
    assert.is(order_pool.heap_fallbacks, before.heap_fallbacks)
    assert.equal(await small.open(), [...opened].sort())
  })

  test(`${topology}: preallocated pools say so`, async () => {
    const usage = await small.resize({ preallocate: true })
    const { order_pool_mb, market_event_pool_mb, string_pool_mb, total_preallocated_mb } = usage
    assert.ok(Math.abs(order_pool_mb + market_event_pool_mb + string_pool_mb - total_preallocated_mb) < 0.01)
    assert.is((await small.resize({ preallocate: false })).total_preallocated_mb, 0)
  })

  test(`${topology}: it shrinks under open orders, of which none is lost`, async () => {
    await small.resize({ order_pool_size: 2, market_event_pool_size: 1, string_pool_size_mb: 1 })
    const shrunk = (await small.pools()).order_pool
    assert.equal([shrunk.capacity, shrunk.in_use, shrunk.on_heap], [21, 21, 5])
    assert.equal(await small.open(), [...opened].sort())
    for (const id of opened.splice(0)) {
      assert.is((await small.post("/api/cancel", { client_order_id: id })).status, "CANCELED")
    }
    assert.equal(await small.open(), [])
    const { order_pool, string_pool } = await small.pools()
    assert.equal([order_pool.capacity, order_pool.in_use, order_pool.on_heap, string_pool.in_use], [2, 0, 0, 0])
    const id = await small.place()
    assert.is((await small.pools()).order_pool.heap_fallbacks, order_pool.heap_fallbacks, "the pool is used again")
    await small.post("/api/cancel", { client_order_id: id })
  })

  test(`${topology}: the market goes on through all of it, and no update is missed`, async () => {
    const before = (await small.pools()).market_event_pool
    assert.is(before.capacity, 1)
    await small.until("market records came", async () => {
      const { allocations } = (await small.pools()).market_event_pool
      return allocations > before.allocations + 50
    })
    const { counters } = (await small.engine.get("/api/metrics/counters")) as { counters: Record<string, number> }
    assert.is(counters.book_gaps, 0)
    assert.is(counters.market_event_pool_capacity, 1)
  })

  test(`${topology}: the heap of every thread is known`, async () => {
    const { heap } = (await small.engine.get("/api/metrics/memory")) as { heap: Record<string, number> }
    assert.ok(heap.allocated_mb > 5 && heap.resident_mb > 20, JSON.stringify(heap))
    assert.ok(heap.fragmentation_pct > 0 && heap.fragmentation_pct < 100)
  })

  test(`${topology}: it ends`, async () => {
    assert.is(await small.end(), 0)
  })
}

test.run()
