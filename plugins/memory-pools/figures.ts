import type { ProcessMemoryReading, ThreadReading } from "veloz"
import type { HeapReading } from "./heap.js"
import type { ThreadHeap } from "./heap-reader.js"
import { MIB } from "./sizes.js"

// What the routes answer, from the engine's counters and the readings of the heaps.

type Counter = (name: string) => number

export const POOLS = ["order_pool", "market_event_pool", "string_pool"] as const
export type PoolName = (typeof POOLS)[number]

export interface PoolFigures {
  capacity: number
  in_use: number
  peak_usage: number
  allocations: number
  pool_hits_pct: number | null
  heap_fallbacks: number
  on_heap: number
}

export function poolFigures(pool: PoolName, counter: Counter): PoolFigures {
  const read = (figure: string): number => counter(`${pool}_${figure}`)
  const allocations = read("allocations")
  const fallbacks = read("fallbacks")
  return {
    capacity: read("capacity"),
    in_use: read("in_use"),
    peak_usage: read("peak"),
    allocations,
    pool_hits_pct: allocations === 0 ? null : rounded((100 * (allocations - fallbacks)) / allocations, 3),
    heap_fallbacks: fallbacks,
    on_heap: read("on_heap"),
  }
}

export function memoryUsage(counter: Counter): Record<string, number> {
  const mb = (pool: PoolName): number => rounded(counter(`${pool}_bytes`) / MIB, 3)
  const preallocated = POOLS.reduce((sum, pool) => sum + counter(`${pool}_preallocated_bytes`), 0)
  return {
    order_pool_mb: mb("order_pool"),
    market_event_pool_mb: mb("market_event_pool"),
    string_pool_mb: mb("string_pool"),
    total_preallocated_mb: rounded(preallocated / MIB, 3),
  }
}

/** The heap of each thread by itself; empty where a thread has not said how its own is. */
export function isolateFigures(heaps: readonly ThreadHeap[] | undefined): Record<string, unknown>[] {
  return (heaps ?? []).map(({ roles, totalBytes, usedBytes, outsideBytes, semiSpaceMb }) => ({
    roles,
    reserved_mb: rounded(totalBytes / MIB, 3),
    used_mb: rounded(usedBytes / MIB, 3),
    outside_mb: rounded(outsideBytes / MIB, 3),
    semi_space_mb: semiSpaceMb ?? null,
  }))
}

/** What the C library's allocator holds; null where it does not tell. */
export function mallocFigures({ malloc, ageMs }: ProcessMemoryReading): Record<string, number> | null {
  if (malloc === undefined) return null
  const { arenaBytes, usedBytes, freeBytes, mappedBytes } = malloc
  return {
    arena_mb: rounded(arenaBytes / MIB, 3),
    used_mb: rounded(usedBytes / MIB, 3),
    free_mb: rounded(freeBytes / MIB, 3),
    mapped_mb: rounded(mappedBytes / MIB, 3),
    fragmentation_pct: arenaBytes === 0 ? 0 : rounded((100 * freeBytes) / arenaBytes, 1),
    age_seconds: rounded(ageMs / 1000, 1),
  }
}

/** What the process has cost and been given, as the system counts it. */
export function processFigures(
  { hugeBytes, lockedBytes }: ProcessMemoryReading,
  threads: readonly ThreadReading[],
  usage = process.resourceUsage(),
): Record<string, number | null> {
  const sum = (read: (thread: ThreadReading) => number): number => threads.reduce((total, one) => total + read(one), 0)
  return {
    huge_pages_mb: hugeBytes === undefined ? null : rounded(hugeBytes / MIB, 3),
    locked_mb: lockedBytes === undefined ? null : rounded(lockedBytes / MIB, 3),
    minor_faults: usage.minorPageFault,
    major_faults: usage.majorPageFault,
    run_queue_wait_ms: rounded(
      sum(({ run_queue_wait_ms }) => run_queue_wait_ms),
      3,
    ),
    involuntary_switches: sum(({ context_switches }) => context_switches.involuntary),
  }
}

/** Of the heaps of all threads together; null where a thread has not said how its own is. */
export function heapFigures(heaps: readonly HeapReading[] | undefined, residentBytes: number): Record<string, unknown> {
  const resident_mb = rounded(residentBytes / MIB, 3)
  if (heaps === undefined) return { allocated_mb: null, resident_mb, fragmentation_pct: null }
  const sum = (read: (heap: HeapReading) => number): number => heaps.reduce((total, heap) => total + read(heap), 0)
  const totalBytes = sum((heap) => heap.totalBytes)
  const allocatedBytes = totalBytes + sum((heap) => heap.outsideBytes)
  return {
    allocated_mb: rounded(allocatedBytes / MIB, 3),
    resident_mb,
    fragmentation_pct: rounded((100 * (totalBytes - sum((heap) => heap.usedBytes))) / totalBytes, 1),
  }
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
