// The counters of the engine's own paths, by name. Plugins add theirs under their own name.
export const ENGINE_COUNTERS = {
  marketUpdates: "market_updates",
  bookUpdates: "book_updates",
  topUpdates: "top_updates",
  trades: "trades",
  staleUpdates: "stale_updates",
  gaps: "book_gaps",
  snapshotRequests: "snapshot_requests",
  strategyRingFull: "strategy_ring_full",
  ordersEntered: "orders_entered",
  ordersSent: "orders_sent",
  ordersAcked: "orders_acked",
  ordersDenied: "orders_denied",
  ordersRejected: "orders_rejected",
  ordersUnknown: "orders_unknown",
  ordersFilled: "orders_filled",
  ordersCanceled: "orders_canceled",
  ordersExpired: "orders_expired",
  fills: "fills",
  duplicateReports: "duplicate_reports",
  foreignReports: "foreign_reports",
  eventsCoalesced: "order_events_coalesced",
  openOrders: "open_orders",
} as const

export type EngineCounterName = keyof typeof ENGINE_COUNTERS

/** Slot numbers of the engine's counters. */
export type EngineCounters = Readonly<Record<EngineCounterName, number>>

/** The pools of the hot path. Each is owned by one thread, which shows how it stands in counters. */
export type PoolName = "order_pool" | "market_event_pool" | "string_pool"

/** The figures of a pool, in the order in which pools write them. */
export const POOL_FIGURES = [
  "capacity",
  "in_use",
  "peak",
  "allocations",
  "fallbacks",
  "on_heap",
  "bytes",
  "preallocated_bytes",
] as const

/** The counter of one of them. */
export const poolCounter = (pool: PoolName, figure: (typeof POOL_FIGURES)[number]): string => `${pool}_${figure}`
