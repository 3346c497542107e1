import type { EngineView } from "./engine-view.js"
import type { Check } from "./finding.js"

// What people ask when tuning does not do what they hoped for.

/** Of the same thread, over its whole life: beyond this it waits for processors more than chance would have it. */
const WAIT_SHARE = 0.1
/** Spikes: the slowest order of a minute against the usual one. */
const SPIKE_FACTOR = 20
/** Of a spike: a pause of this share of it is its cause, or most of it. */
const PAUSE_SHARE = 0.5
/** From here on writes of one frame each are what limits the rate of orders. */
const BUSY_ORDERS_PER_SECOND = 5_000

const optionsOf = ({ config }: EngineView, plugin: string): Readonly<Record<string, unknown>> =>
  config.plugins[plugin] || {}

const isLoopback = (peer: string | null): boolean => /^(127\.|\[?::1|\[?::ffff:127\.)/.test(peer ?? "")

/** The longest that the collector stopped a thread at once, in the last minute. */
function longestCollection(threads: EngineView["threads"]): { name: string; pauseUs: number } {
  const pauses = threads.map(({ name, collections }) => ({ name, pauseUs: collections?.longest_us ?? 0 }))
  return pauses.reduce((worst, one) => (one.pauseUs > worst.pauseUs ? one : worst), { name: "", pauseUs: 0 })
}

export const ENGINE_CHECKS: readonly Check<EngineView>[] = [
  ({ memory }) => {
    const full = Object.entries(memory?.pools ?? {}).filter(([, { heap_fallbacks }]) => heap_fallbacks > 0)
    if (full.length === 0) return undefined
    return {
      id: "pools-overflow",
      kind: "problem",
      seen: full.map(([name, pool]) => `${name} (${pool.capacity}) was full ${pool.heap_fallbacks} times`).join(", "),
      means: "what found no room became objects of the heap, and those are what the collector stops threads for",
      mend: `raise ${full.map(([name]) => `plugins.memory-pools.${name}_${name === "string_pool" ? "size_mb" : "size"}`).join(", ")}`,
    }
  },
  ({ memory }) => {
    const faults = memory?.process.major_faults ?? 0
    if (faults === 0) return undefined
    return {
      id: "pages-read-back",
      kind: "problem",
      seen: `${faults} pages of the engine were read from the disk while it ran`,
      means: "each stops a thread for as long as the disk takes, which shows as spikes",
      mend: "free memory; set plugins.memory-pools.preallocate and lock_memory",
    }
  },
  ({ latency: { order_to_ack }, threads }) => {
    const { p50_us, max_us, p99_us } = order_to_ack
    if (p50_us === null || max_us === null || max_us < p50_us * SPIKE_FACTOR) return undefined
    const { name, pauseUs } = longestCollection(threads)
    const seen = `order_to_ack takes ${p50_us} us as a rule, ${p99_us} us at p99, and ${max_us} us at worst in the last minute`
    if (pauseUs >= max_us * PAUSE_SHARE) {
      return {
        id: "spikes-collections",
        kind: "problem",
        seen: `${seen}; the collector stopped thread ${name} for ${pauseUs} us at once, in the same minute`,
        means: "orders waited while the heap of that thread was collected",
        mend: "plugins.memory-pools.semi_space_mb makes collections of hot threads rarer; GET /api/plugins tells whose calls are slow, and code that allocates for each message is what fills a heap",
      }
    }
    return {
      id: "spikes",
      kind: "problem",
      seen,
      means: `a page that is read back, or a thread that waited for a processor. ${pauseUs === 0 ? "No heap was collected" : `No collection of a heap: the longest stopped ${name} for ${pauseUs} us`} in that minute`,
      mend: "the other findings say which; GET /api/metrics/threads tells who waited",
    }
  },
  ({ threads }) => {
    const waiting = threads.filter((thread) => {
      const isHot = thread.roles.some((role) => role !== "runtime" && role !== "control")
      return isHot && thread.run_queue_wait_ms > thread.cpu_time_ms * WAIT_SHARE && thread.cpu_time_ms > 100
    })
    if (waiting.length === 0) return undefined
    const seen = waiting.map(
      ({ name, run_queue_wait_ms: waited, cpu_time_ms: ran }) =>
        `${name} ran ${Math.round(ran)} ms and waited ${Math.round(waited)} ms for a CPU`,
    )
    return {
      id: "waits-for-cpu",
      kind: "problem",
      seen: seen.join(", "),
      means: "another thread has the core that the hot thread needs",
      mend: "plugins.cpu-affinity gives it a core of its own and keeps the others off; isolcpus= keeps other programs off",
    }
  },
  (view) => {
    const affinity = view.tunables.find(({ id }) => id === "thread.affinity")
    if (affinity === undefined || affinity.wanted === null) return undefined
    if (affinity.state === "verified") {
      return {
        id: "taskset-shows-main",
        kind: "note",
        seen: `hot threads are pinned: ${affinity.found ?? affinity.wanted}`,
        means: "taskset -cp $(pgrep veloz_engine) shows the main thread alone, which is not one of them",
        mend: "taskset -acp $(pgrep -o veloz_engine) shows all threads, GET /api/metrics/threads those with their roles",
      }
    }
    return {
      id: "affinity-without-effect",
      kind: "problem",
      seen: `thread.affinity is wished for (${affinity.wanted}) and ${affinity.state}`,
      means: affinity.note ?? "the kernel runs the threads elsewhere",
      mend: "veloz tune explain thread.affinity",
    }
  },
  (view) => {
    const options = optionsOf(view, "cpu-affinity")
    const lists = Object.entries(options).filter(
      ([name, value]) => name.endsWith("_cores") && Array.isArray(value) && value.length > 0,
    )
    if (options.enabled === true || lists.length === 0) return undefined
    return {
      id: "affinity-off",
      kind: "problem",
      seen: `${lists.map(([name]) => name).join(", ")} name cores, and plugins.cpu-affinity.enabled is false`,
      means: "no thread is pinned",
      mend: "plugins.cpu-affinity.enabled: true",
    }
  },
  ({ sockets }) => {
    if (sockets.length === 0 || !sockets.every(({ peer }) => isLoopback(peer))) return undefined
    return {
      id: "loopback",
      kind: "note",
      seen: "every connection of the venue is on this machine",
      means:
        "buffers, busy polling, congestion control and network cards have no effect on loopback: latencies stay as they are",
      mend: "measure network settings at a venue that a network card leads to",
    }
  },
  (view) => {
    const { batch_size: batchSize } = optionsOf(view, "order-processing")
    if (batchSize !== 1 || view.ordersPerSecond < BUSY_ORDERS_PER_SECOND) return undefined
    return {
      id: "batch-size-1",
      kind: "problem",
      seen: `${Math.round(view.ordersPerSecond)} orders a second, and each frame is a system call of its own (batch_size 1)`,
      means: "the calls limit the rate; for the latency of a single order 1 is right",
      mend: "plugins.order-processing.batch_size: 10, or the preset high-throughput",
    }
  },
  ({ tunables }) => {
    const placebos = tunables.filter(({ state, wanted }) => state === "placebo" && wanted !== null)
    if (placebos.length === 0) return undefined
    return {
      id: "placebos",
      kind: "note",
      seen: `wished for: ${placebos.map(({ id }) => id).join(", ")}`,
      means: placebos.map(({ id, note }) => `${id}: ${note ?? "it does nothing"}`).join("; "),
      mend: "take them out of the configuration",
    }
  },
  ({ tunables }) => {
    const open = tunables.filter(
      ({ state, wanted }) =>
        wanted !== null && ["foreign", "owned", "needs_privilege", "refused", "downgrade"].includes(state),
    )
    if (open.length === 0) return undefined
    return {
      id: "wishes-not-in-force",
      kind: "problem",
      seen: open.map(({ id, state }) => `${id} is ${state}`).join(", "),
      means: open.map(({ id, note }) => `${id}: ${note ?? "see veloz tune explain"}`).join("; "),
      mend: `veloz tune explain ${open[0].id}`,
    }
  },
  (view) => {
    const { mode } = optionsOf(view, "kernel-tuning")
    const planned = view.tunables.filter(
      ({ state, wanted, plugin }) => plugin === "kernel-tuning" && state === "wanted" && wanted !== null,
    )
    if (planned.length === 0 || mode !== "plan") return undefined
    return {
      id: "planned-only",
      kind: "note",
      seen: `${planned.length} values of the kernel are planned and not set: kernel-tuning.mode is "plan"`,
      means: "nothing of the kernel has changed, so that no latency can have",
      mend: 'look with veloz tune plan; then VELOZ_KERNEL_TUNING=apply, or mode: "apply" in the configuration',
    }
  },
]
