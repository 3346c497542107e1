import type { HeapReading } from "./heap.js"
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
