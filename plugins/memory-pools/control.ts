import { setTimeout as sleep } from "node:timers/promises"
import type { ControlContext, MemoryPoolsOptions, Part } from "veloz"
import {
  heapFigures,
  isolateFigures,
  mallocFigures,
  memoryUsage,
  POOLS,
  type PoolName,
  poolFigures,
  processFigures,
} from "./figures.js"
import { isAnswer } from "./heap.js"
import { HeapReader } from "./heap-reader.js"
import { isTouched, stringCells } from "./sizes.js"
import { HUGE_PAGES, LOCKED_POOLS, OOM_SCORE, readHuge, readLocked, readSemiSpace, SEMI_SPACE } from "./tuning.js"

/** Pools grow between turns of their threads. Most are done within this time; of others the answer says how far they are. */
const GROWTH_WITHIN_MS = 2000
const LOOK_AGAIN_MS = 5

export function control(context: ControlContext<MemoryPoolsOptions>): Part {
  const { options, http, engine, channel, timers, tuning, processMemory } = context
  const counter = (name: string): number => engine.metrics.counter(name)
  const reader = new HeapReader((question) => channel.post(question), timers)
  channel.onMessage((message) => {
    if (isAnswer(message)) reader.onAnswer(message)
  })
  http.route({
    method: "GET",
    url: "/api/metrics/memory",
    summary: "The pools of the hot path, the heaps, the allocator, and what the system has given",
    handler: async () => {
      const heaps = await reader.read()
      const memory = processMemory()
      return {
        pools: Object.fromEntries(POOLS.map((pool) => [pool, poolFigures(pool, counter)])),
        heap: heapFigures(heaps, process.memoryUsage.rss()),
        isolates: isolateFigures(heaps),
        malloc: mallocFigures(memory),
        process: processFigures(memory, engine.metrics.threads()),
      }
    },
  })
  http.route({
    method: "POST",
    url: "/api/config/memory",
    summary: "Changes the sizes of the pools, live",
    body: context.schema,
    handler: async ({ body }) => {
      const changes = Object.entries(body).map(([name, value]) => [`plugins.memory-pools.${name}`, value])
      await engine.configuration.change(Object.fromEntries(changes), "POST /api/config/memory")
      const config = currentOptions(context)
      await grown(context, config)
      return { ok: true, memory_config: config, memory_usage: memoryUsage(counter) }
    },
  })

  tuning.report(SEMI_SPACE.id, async () => readSemiSpace(options.semi_space_mb, await reader.read()))
  tuning.report(LOCKED_POOLS.id, () => {
    const poolBytes = POOLS.reduce((sum, pool) => sum + counter(`${pool}_bytes`), 0)
    return readLocked(options.lock_memory, poolBytes, processMemory())
  })
  const score = tuning.hold(OOM_SCORE.id, "oom_score_adj", options.oom_score_adj || undefined)
  const huge = tuning.hold(HUGE_PAGES.id, "huge_pages", neverOf(options))
  // The last answer counts: this one knows what the pools have, too.
  tuning.report(HUGE_PAGES.id, () => {
    const memory = processMemory()
    return readHuge(options.huge_pages, memory.isWithoutHugePages, memory)
  })
  return {
    retune: () => {
      score.change(options.oom_score_adj || undefined)
      huge.change(neverOf(options))
    },
    dispose: () => reader.giveUp(),
  }
}

function neverOf({ huge_pages }: Readonly<MemoryPoolsOptions>): "never" | undefined {
  return huge_pages === "never" ? "never" : undefined
}

/** Settles when the pools are as large as they are wished, or after a while. */
async function grown({ engine }: ControlContext<MemoryPoolsOptions>, wish: MemoryPoolsOptions): Promise<void> {
  const { metrics } = engine
  const wished = {
    order_pool: wish.order_pool_size,
    market_event_pool: wish.market_event_pool_size,
    string_pool: stringCells(wish.string_pool_size_mb),
  }
  const isGrown = (pool: PoolName): boolean =>
    metrics.counter(`${pool}_capacity`) >= wished[pool] &&
    (!isTouched(wish) || metrics.counter(`${pool}_preallocated_bytes`) === metrics.counter(`${pool}_bytes`))
  for (let waitedMs = 0; waitedMs < GROWTH_WITHIN_MS && !POOLS.every(isGrown); waitedMs += LOOK_AGAIN_MS) {
    await sleep(LOOK_AGAIN_MS)
  }
}

/** Read from the engine, because a change may have replaced this very part and its view of the options. */
function currentOptions({ engine }: ControlContext<MemoryPoolsOptions>): MemoryPoolsOptions {
  return (engine.configuration.effective().plugins as Record<string, MemoryPoolsOptions>)["memory-pools"]
}
