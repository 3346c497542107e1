import type { MarketDataOptions, NetworkContext, Part } from "veloz"
import { levelsCovering } from "./snapshots.js"

/** Says how the venue's depth is wanted: differences, or snapshots of as many levels as are published. */
export function network({ options, subscriptions }: NetworkContext<MarketDataOptions>): Part {
  const retune = (): void => {
    subscriptions.wish(options.use_incremental_updates ? 0 : levelsCovering(options.order_book_depth))
  }
  retune()
  return { retune }
}
