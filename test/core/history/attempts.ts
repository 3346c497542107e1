import type { Attempt } from "../../../core/history/attempt.js"

/** An attempt that has committed nothing in particular. */
export function attempt(number: number, change: Partial<Attempt> = {}): Attempt {
  return {
    number,
    time: 1_700_000_000_000 + number,
    layer: "file",
    author: "a save",
    outcome: "committed",
    generation: number,
    duration_ms: 12.5,
    summary: "market-data.order_book_depth 10 -> 5 (live)",
    changes: [],
    diagnostics: [],
    restores: null,
    engine: { pid: 1, version: "1.0.0", url: null },
    values: null,
    origins: null,
    plugins: [],
    sources: {},
    withheld: [],
    ...change,
  }
}
