/** Calls back later, on the same thread. A test has one of its own, which its clock drives. */
export interface Scheduler {
  /** Once, after about `delayMs`; below a millisecond in the next turn of the event loop. Returns what calls it off. */
  after(delayMs: number, callback: () => void): () => void
  /** Again and again, about every `periodMs`. Returns what ends it. */
  every(periodMs: number, callback: () => void): () => void
}

/** Timers that never come. */
export const NO_TIMERS: Scheduler = { after: () => () => undefined, every: () => () => undefined }

export const systemScheduler: Scheduler = {
  after(delayMs, callback) {
    if (delayMs < 1) {
      const immediate = setImmediate(callback)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
  every(periodMs, callback) {
    const timer = setInterval(callback, periodMs)
    return () => clearInterval(timer)
  },
}
