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
