import type { MemoryPoolsOptions, PageWish } from "veloz"
import { MARKET_RECORD_BYTES, ORDER_SLOT_BYTES, STRING_CELL_BYTES } from "veloz/hot"

export const MIB = 2 ** 20

/** The ids that a string pool of this size holds, with what the pool keeps of each. */
export function stringCells(sizeMb: number): number {
  return Math.floor((sizeMb * MIB) / STRING_CELL_BYTES)
}

/** What pools of these sizes take, without the index of order ids and the spill of market records. */
export function poolBytes(options: Readonly<MemoryPoolsOptions>): number {
  const { order_pool_size, market_event_pool_size, string_pool_size_mb } = options
  return order_pool_size * ORDER_SLOT_BYTES + market_event_pool_size * MARKET_RECORD_BYTES + string_pool_size_mb * MIB
}

/** What is asked of the system for the pages of the pools. */
export function pagesOf({ lock_memory, huge_pages }: Readonly<MemoryPoolsOptions>): PageWish {
  return { lock: lock_memory, huge: huge_pages === "pools" }
}

/** Pages that are locked or huge are touched ahead: they are asked for then. */
export function isTouched(options: Readonly<MemoryPoolsOptions>): boolean {
  const { lock, huge } = pagesOf(options)
  return options.preallocate || lock || huge
}
