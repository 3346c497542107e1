import { type CheckContext, type MarketDataOptions, VelozError } from "veloz"
import { MOST_SNAPSHOT_LEVELS } from "./snapshots.js"

/** A snapshot of the venue has no more levels than it has. */
export function check(options: Readonly<MarketDataOptions>, { report }: CheckContext): void {
  const { use_incremental_updates, order_book_depth } = options
  if (use_incremental_updates || order_book_depth <= MOST_SNAPSHOT_LEVELS) return
  const message = `order_book_depth cannot be ${order_book_depth} without use_incremental_updates: the snapshots of the venue have ${MOST_SNAPSHOT_LEVELS} levels at most; lower it, or take differences`
  const about = { status: 422, httpCode: "not_available", field: "order_book_depth" }
  report(new VelozError("VELOZ_SNAPSHOT_LEVELS", message, { ...about, clashes: ["use_incremental_updates"] }))
}
