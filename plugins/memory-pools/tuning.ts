import type {
  HeldReading,
  MemoryPoolsOptions,
  ProcessMemoryReading,
  Tunable,
  TunableWish,
  TuningOffer,
  TuningToggle,
} from "veloz"
import type { ThreadHeap } from "./heap-reader.js"
import { MIB } from "./sizes.js"

// How the system and V8 treat the memory of this process. The control part sets it and answers for it.

export const HUGE_PAGES: Tunable = {
  id: "process.huge_pages",
  scope: "process",
  undo: "with the process",
  meaning:
    "Pages of 2 MiB: asked for when pools are touched ahead (pools), or none for this process even where the system gives them to all (never).",
}

export const LOCKED_POOLS: Tunable = {
  id: "process.locked_memory",
  scope: "process",
  undo: "with the process",
  needs: "CAP_IPC_LOCK",
  meaning:
    "The memory of the pools stays in RAM. Not that of V8, which ends the process when it cannot give a page back (mlockall does that).",
}

export const OOM_SCORE: Tunable = {
  id: "process.oom_score_adj",
  scope: "process",
  undo: "with the process",
  needs: "CAP_SYS_RESOURCE",
  meaning: "How readily the kernel ends the engine when memory is short: -1000 never, 1000 first.",
}

export const SEMI_SPACE: Tunable = {
  id: "v8.semi_space_mb",
  scope: "process",
  undo: "with the process",
  unit: "MiB",
  meaning:
    "Half of the space that new objects of a hot thread lie in until V8 looks which of them live on. Sized when the thread starts.",
}

export function tuning(options: Readonly<MemoryPoolsOptions>): TuningOffer {
  const { huge_pages, lock_memory, oom_score_adj, semi_space_mb } = options
  // With what each option is when nothing is wished for, and when it is and the options do not say how. What became a huge
  // page stays one, so that nothing would be switched off.
  const wishes: [Tunable, TunableWish["wish"], option: keyof MemoryPoolsOptions, off?: unknown, on?: unknown][] = [
    [HUGE_PAGES, huge_pages === "system" ? undefined : huge_pages, "huge_pages"],
    [LOCKED_POOLS, lock_memory ? "pools" : undefined, "lock_memory", false, true],
    [OOM_SCORE, oom_score_adj || undefined, "oom_score_adj"],
    [SEMI_SPACE, semi_space_mb || undefined, "semi_space_mb", 0, semi_space_mb || LARGE_SEMI_SPACE_MB],
  ]
  return {
    wishes: wishes.map(([tunable, wish, option, off, on]) => ({
      tunable,
      wish,
      ...(on !== undefined && { toggle: toggleOf(option, off, on) }),
      ...(wish !== undefined && { origin: `plugins.memory-pools.${option}` }),
    })),
  }
}

/** What is measured when nobody wishes for a size: V8's own is 16. */
const LARGE_SEMI_SPACE_MB = 64

function toggleOf(option: keyof MemoryPoolsOptions, off: unknown, on: unknown): TuningToggle {
  const path = `plugins.memory-pools.${option}`
  return { request: "/api/config/memory", path, off: { [option]: off }, on: { [option]: on } }
}

/** Some of what pools count as theirs are objects of V8, which are never locked. */
const LOCKED_SHARE = 0.9

/** Whether the pages of the pools are locked: the kernel counts as many. */
export function readLocked(isWished: boolean, poolBytes: number, memory: ProcessMemoryReading): HeldReading {
  const lockedBytes = memory.lockedBytes ?? null
  const found = lockedBytes === null ? null : `${Math.round(lockedBytes / MIB)} MiB`
  if (!isWished) return { found, verified: null }
  if (lockedBytes !== null && lockedBytes > 0 && lockedBytes >= LOCKED_SHARE * poolBytes)
    return { found, verified: true }
  const note = "not all pools are locked (yet): the log says why, as a rule the capability CAP_IPC_LOCK or ulimit -l"
  return { found, verified: false, note }
}

/** What of this process the kernel has in huge pages, and whether the system gives any. */
export function readHuge(
  wish: MemoryPoolsOptions["huge_pages"],
  isNever: boolean,
  { hugeBytes, hugePagesOfSystem }: ProcessMemoryReading,
): HeldReading {
  const found = isNever ? "never" : hugeBytes === undefined ? null : `${Math.round(hugeBytes / MIB)} MiB`
  if (wish === "system") return { found, verified: null }
  if (wish === "never") return { found, verified: isNever }
  if (hugePagesOfSystem === undefined)
    return { found, verified: false, state: "unavailable", note: "this kernel has none" }
  if (hugePagesOfSystem === "never") {
    return {
      found,
      verified: false,
      state: "unavailable",
      note: "the system gives none: kernel-tuning.thp would be madvise",
    }
  }
  const note = "pools in segments below 2 MiB get theirs when the kernel joins them, later"
  return { found, verified: (hugeBytes ?? 0) > 0, note }
}

/** How large the semi-space of each hot thread may become. */
export function readSemiSpace(wishMb: number, heaps: readonly ThreadHeap[] | undefined): HeldReading {
  const hot = heaps?.filter(({ roles }) => !roles.includes("control")) ?? []
  const parts = hot.map(({ roles, semiSpaceMb = null }) => {
    return { name: roles.join(", "), found: semiSpaceMb, verified: wishMb === 0 || semiSpaceMb === wishMb }
  })
  const isOne = parts.length > 0 && parts.every(({ found }) => found === parts[0].found)
  const isVerified = parts.length > 0 && parts.every(({ verified }) => verified)
  return { found: isOne ? parts[0].found : null, verified: wishMb === 0 ? null : isVerified, parts }
}
