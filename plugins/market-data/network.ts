import type { MarketDataOptions, NetworkContext, Part } from "veloz"

/** Whole-depth snapshots come in these sizes. */
const SNAPSHOT_LEVELS = [5, 10, 20]

/** Says how the venue's depth is wanted: differences, or snapshots of as many levels as are published. */
export function network({ options, subscriptions, log }: NetworkContext<MarketDataOptions>): Part {
  const retune = (): void => {
    const levels = options.use_incremental_updates ? 0 : covering(options.order_book_depth)
    if (levels > 0 && levels < options.order_book_depth) {
      log.warn(
        `the venue's snapshots have at most ${levels} levels, order_book_depth asks for ${options.order_book_depth}`,
      )
    }
    subscriptions.wish(levels)
  }
  retune()
  return { retune }
}

function covering(depth: number): number {
  return SNAPSHOT_LEVELS.find((levels) => levels >= depth) ?? SNAPSHOT_LEVELS[SNAPSHOT_LEVELS.length - 1]
}
