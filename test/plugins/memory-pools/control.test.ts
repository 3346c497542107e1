import { test } from "uvu"
import * as assert from "uvu/assert"
import { type EngineFacade, type MemoryPoolsOptions, VelozError } from "veloz"
import { control } from "../../../plugins/memory-pools/control.js"
import type { HeapAnswer, HeapQuestion, HotRole } from "../../../plugins/memory-pools/heap.js"
import { stringCells } from "../../../plugins/memory-pools/sizes.js"
import { FakeConfiguration } from "../../support/fake-configuration.js"
import { HttpProbe } from "../../support/http-probe.js"
import { ControlProbe, defaultOptions } from "../../support/part-contexts.js"

const MIB = 2 ** 20
const configuration = new FakeConfiguration({
  "memory-pools": { ...defaultOptions<MemoryPoolsOptions>("memory-pools") },
})
const counters: Record<string, number> = {
  ...pool("order_pool", 16_384, 16_384 * 643, { in_use: 3, peak: 5, allocations: 8, fallbacks: 2, on_heap: 1 }),
  ...pool("market_event_pool", 65_536, 12 * MIB, {}),
  ...pool("string_pool", stringCells(16), 16 * MIB, { in_use: 6, peak: 9, allocations: 3, fallbacks: 1 }),
}
const threads = [
  { run_queue_wait_ms: 1, context_switches: { voluntary: 0, involuntary: 4 } },
  { run_queue_wait_ms: 2.5, context_switches: { voluntary: 9, involuntary: 7 } },
]
const metrics = {
  counter: (name: string) => counters[name],
  threads: () => threads,
} as unknown as EngineFacade["metrics"]
const options = defaultOptions<MemoryPoolsOptions>("memory-pools")
const probe = new ControlProbe("memory-pools", options, { configuration, metrics })

/** The heaps of the hot threads, by role. A role that is missing does not answer. */
let heaps: Partial<Record<HotRole, HeapAnswer["heap"]>> = {}
let onMessage: (message: unknown) => void = () => undefined
const heap = (threadId: number, totalMb: number, usedMb: number, outsideMb: number): HeapAnswer["heap"] => ({
  threadId,
  totalBytes: totalMb * MIB,
  usedBytes: usedMb * MIB,
  outsideBytes: outsideMb * MIB,
  semiSpaceMb: 64,
})

const part = control({
  ...probe.context,
  channel: {
    post: (message: unknown) => {
      const { question } = message as HeapQuestion
      for (const [role, heap] of Object.entries(heaps)) setImmediate(() => onMessage({ question, role, heap }))
    },
    onMessage: (listener) => {
      onMessage = listener
    },
  },
  timers: {
    every() {},
    after: (_delayMs, callback) => Number(setTimeout(callback, 20)),
    cancel: (timer) => clearTimeout(timer),
  },
})
const http = await HttpProbe.serving(probe.routes)
test.after(() => http.close())

test("GET /api/metrics/memory shows each pool, and null for the hits of one that nobody asked", async () => {
  const { status, body } = await http.get("/api/metrics/memory")
  assert.is(status, 200)
  assert.equal(body.pools.order_pool, {
    capacity: 16_384,
    in_use: 3,
    peak_usage: 5,
    allocations: 8,
    pool_hits_pct: 75,
    heap_fallbacks: 2,
    on_heap: 1,
  })
  assert.is(body.pools.market_event_pool.pool_hits_pct, null)
  assert.is(body.pools.string_pool.pool_hits_pct, 66.667)
})

test("the heap is that of all threads, each counted once however many roles it has", async () => {
  heaps = { network: heap(7, 1000, 100, 500), engine: heap(7, 1000, 100, 500), strategy: heap(8, 3000, 900, 0) }
  const { body } = await http.get("/api/metrics/memory")
  const { allocated_mb, resident_mb, fragmentation_pct } = body.heap
  assert.ok(allocated_mb > 4500 && allocated_mb < 4900, `${allocated_mb}: theirs and this test's own`)
  assert.ok(fragmentation_pct > 70 && fragmentation_pct < 76, `${fragmentation_pct}`)
  assert.ok(resident_mb > 10)
})

test("each heap is told by itself, beside the allocator's and the system's figures", async () => {
  heaps = { network: heap(7, 1000, 100, 500), engine: heap(7, 1000, 100, 500), strategy: heap(8, 3000, 900, 0) }
  const malloc = { arenaBytes: 8 * MIB, usedBytes: 6 * MIB, freeBytes: 2 * MIB, mappedBytes: MIB }
  probe.memory = { ...probe.memory, malloc, hugeBytes: 4 * MIB, lockedBytes: 0, ageMs: 1500 }
  const { body } = await http.get("/api/metrics/memory")
  const [fused, strategy, control] = body.isolates
  assert.equal(fused, {
    roles: ["network", "engine"],
    reserved_mb: 1000,
    used_mb: 100,
    outside_mb: 500,
    semi_space_mb: 64,
  })
  assert.equal([strategy.roles, control.roles, control.semi_space_mb], [["strategy"], ["control"], null])
  const told = { arena_mb: 8, used_mb: 6, free_mb: 2, mapped_mb: 1, fragmentation_pct: 25, age_seconds: 1.5 }
  assert.equal(body.malloc, told)
  assert.equal([body.process.huge_pages_mb, body.process.locked_mb], [4, 0])
  assert.equal([body.process.run_queue_wait_ms, body.process.involuntary_switches], [3.5, 11])
  assert.ok(body.process.minor_faults > 100)
  probe.memory = { ...probe.memory, malloc: undefined, hugeBytes: undefined, lockedBytes: undefined }
  const bare = (await http.get("/api/metrics/memory")).body
  assert.equal([bare.malloc, bare.process.huge_pages_mb, bare.process.locked_mb], [null, null, null])
})

test("settings of the process are held as the options wish, and change with them", () => {
  const held = (): unknown[] => [probe.held.get("process.huge_pages"), probe.held.get("process.oom_score_adj")]
  assert.equal(held(), [undefined, undefined])
  Object.assign(options, { huge_pages: "never", oom_score_adj: -500 })
  part.retune!()
  assert.equal(held(), ["never", -500])
  Object.assign(options, { huge_pages: "pools", oom_score_adj: 0 })
  part.retune!()
  assert.equal(held(), [undefined, undefined])
  options.huge_pages = "system"
})

test("when a thread does not answer, what is not known is null", async () => {
  heaps = { network: heap(7, 1000, 100, 500), engine: heap(7, 1000, 100, 500) }
  const { status, body } = await http.get("/api/metrics/memory")
  assert.is(status, 200)
  assert.equal([body.heap.allocated_mb, body.heap.fragmentation_pct], [null, null])
  assert.ok(body.heap.resident_mb > 10)
})

test("POST /api/config/memory changes the options, waits for the pools and tells their bytes", async () => {
  let isGrown = false
  const wait = setTimeout(() => {
    isGrown = true
    Object.assign(counters, pool("order_pool", 20_000, 20_000 * 643, {}))
  }, 60)
  const { status, body } = await http.post("/api/config/memory", { order_pool_size: 20_000 })
  clearTimeout(wait)
  assert.is(status, 200)
  assert.ok(isGrown)
  assert.equal(body.memory_config, { ...defaultOptions("memory-pools"), order_pool_size: 20_000 })
  assert.equal(body.memory_usage, {
    order_pool_mb: 12.264,
    market_event_pool_mb: 12,
    string_pool_mb: 16,
    total_preallocated_mb: 0,
  })
  assert.equal(configuration.changes.at(-1), {
    changes: { "plugins.memory-pools.order_pool_size": 20_000 },
    author: "POST /api/config/memory",
  })
})

test("what is touched is told, and waited for", async () => {
  setTimeout(() => {
    for (const name of ["order_pool", "market_event_pool", "string_pool"]) {
      counters[`${name}_preallocated_bytes`] = counters[`${name}_bytes`]
    }
  }, 30)
  const { body } = await http.post("/api/config/memory", { preallocate: true })
  assert.is(body.memory_usage.total_preallocated_mb, 40.264)
})

for (const [name, body, field] of [
  ["a size that is no number", { order_pool_size: "many" }, "order_pool_size"],
  ["a pool of none", { order_pool_size: 0 }, "order_pool_size"],
  ["half an order", { order_pool_size: 1.5 }, "order_pool_size"],
  ["more than there can be", { market_event_pool_size: 2 ** 40 }, "market_event_pool_size"],
  ["a switch that is a word", { preallocate: "yes" }, "preallocate"],
  ["an option that is not known", { pool_size: 1 }, "pool_size"],
] as const) {
  test(`POST /api/config/memory refuses ${name}`, async () => {
    const before = configuration.changes.length
    const answer = await http.post("/api/config/memory", body)
    assert.equal([answer.status, answer.body.error, answer.body.field], [400, "bad_params", field])
    assert.is(configuration.changes.length, before)
  })
}

test("POST /api/config/memory without a body is refused, with an empty one it answers what is there", async () => {
  assert.is((await http.post("/api/config/memory")).status, 400)
  const { status, body } = await http.post("/api/config/memory", {})
  assert.is(status, 200)
  assert.is(body.memory_config.order_pool_size, 20_000)
})

test("what the configuration refuses is refused with its words", async () => {
  configuration.refusal = new VelozError("VELOZ_POOLS_TOO_LARGE", "too large", {
    status: 422,
    httpCode: "not_enough_memory",
  })
  const answer = await http.post("/api/config/memory", { string_pool_size_mb: 4096 })
  configuration.refusal = undefined
  assert.equal([answer.status, answer.body.error], [422, "not_enough_memory"])
})

test("a part that leaves keeps nobody waiting", async () => {
  heaps = {}
  const waiting = http.get("/api/metrics/memory")
  await new Promise((resolve) => setTimeout(resolve, 5))
  part.dispose!()
  assert.is((await waiting).body.heap.allocated_mb, null)
})

function pool(name: string, capacity: number, bytes: number, figures: Record<string, number>): Record<string, number> {
  const all = { capacity, in_use: 0, peak: 0, allocations: 0, fallbacks: 0, on_heap: 0, bytes, preallocated_bytes: 0 }
  return Object.fromEntries(
    Object.entries({ ...all, ...figures }).map(([figure, value]) => [`${name}_${figure}`, value]),
  )
}

test.run()
