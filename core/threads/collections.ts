import { PerformanceObserver } from "node:perf_hooks"

// | 0 count f64 | 8 sum, ms f64 | 16 longest, ms f64, since the reader cleared it |
export const COLLECTIONS_BYTES = 24
export const COLLECTION_COUNT = 0
export const COLLECTION_SUM_MS = 1
export const COLLECTION_LONGEST_MS = 2

/**
 * Writes down for how long the collector of this thread's heap has stopped it, each time. While it does not, this costs
 * nothing; of a collection, V8 makes one entry, which is taken in when the thread comes to its event loop.
 */
export function watchCollections(memory: SharedArrayBuffer): () => void {
  const cells = new Float64Array(memory)
  const observer = new PerformanceObserver((entries) => {
    for (const { duration } of entries.getEntries()) {
      cells[COLLECTION_COUNT] += 1
      cells[COLLECTION_SUM_MS] += duration
      if (duration > cells[COLLECTION_LONGEST_MS]) cells[COLLECTION_LONGEST_MS] = duration
    }
  })
  observer.observe({ entryTypes: ["gc"] })
  return () => observer.disconnect()
}
