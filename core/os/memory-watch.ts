/**
 * The heap limit of a thread that runs code of users, in MB. V8 ends a thread that reaches its limit, unless a single
 * large object does so, such as a list that doubles: that ends the process. So the limit is far away, and the growth of
 * the process is watched from outside.
 */
export const FAR_HEAP_LIMIT_MB = 8192

/** So little is allocated between two looks that it does not matter beside any limit. */
const LOOK_MS = 20

/** Calls back when the process has grown by so much from now on. Returns what ends the watch. */
export function watchGrowth(bytes: number, onTooLarge: () => void): () => void {
  const mostBytes = process.memoryUsage.rss() + bytes
  const looking = setInterval(() => {
    if (process.memoryUsage.rss() < mostBytes) return
    clearInterval(looking)
    onTooLarge()
  }, LOOK_MS)
  return () => clearInterval(looking)
}
