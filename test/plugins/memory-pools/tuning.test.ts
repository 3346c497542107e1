import { test } from "uvu"
import * as assert from "uvu/assert"
import type { MemoryPoolsOptions, ProcessMemoryReading } from "veloz"
import type { ThreadHeap } from "../../../plugins/memory-pools/heap-reader.js"
import { MIB } from "../../../plugins/memory-pools/sizes.js"
import { readHuge, readLocked, readSemiSpace, tuning } from "../../../plugins/memory-pools/tuning.js"
import { defaultOptions } from "../../support/part-contexts.js"

function wished(changes: Partial<MemoryPoolsOptions>): unknown[] {
  const { wishes } = tuning(defaultOptions<MemoryPoolsOptions>("memory-pools", changes))
  return wishes.map(({ wish, origin }) => (wish === undefined ? undefined : `${wish} by ${origin}`))
}

const heap = (roles: ThreadHeap["roles"], semiSpaceMb: number | undefined): ThreadHeap => {
  return { threadId: 1, totalBytes: 1, usedBytes: 1, outsideBytes: 1, roles, semiSpaceMb }
}

test("what is wished of memory is told with its option", () => {
  assert.equal(wished({}), [undefined, undefined, undefined, undefined])
  const all = { huge_pages: "pools", lock_memory: true, oom_score_adj: -1, semi_space_mb: 64 } as const
  assert.equal(wished(all), [
    "pools by plugins.memory-pools.huge_pages",
    "pools by plugins.memory-pools.lock_memory",
    "-1 by plugins.memory-pools.oom_score_adj",
    "64 by plugins.memory-pools.semi_space_mb",
  ])
})

test("requests switch what comes back when it is switched off, and nothing that stays", () => {
  const toggles = (more: Partial<MemoryPoolsOptions>): unknown[] => {
    const { wishes } = tuning({ ...defaultOptions<MemoryPoolsOptions>("memory-pools"), ...more })
    return wishes.flatMap(({ toggle }) => (toggle === undefined ? [] : [[toggle.path, toggle.off, toggle.on]]))
  }
  const locked = ["plugins.memory-pools.lock_memory", { lock_memory: false }, { lock_memory: true }]
  const semiSpace = (mb: number): unknown[] => [
    "plugins.memory-pools.semi_space_mb",
    { semi_space_mb: 0 },
    { semi_space_mb: mb },
  ]
  assert.equal(toggles({}), [locked, semiSpace(64)])
  assert.equal(toggles({ huge_pages: "pools", semi_space_mb: 32 }), [locked, semiSpace(32)])
})

test("the semi-space is in force when the heap of every hot thread has it; that of control does not count", () => {
  const control = heap(["control"], undefined)
  const { found, verified } = readSemiSpace(64, [heap(["network"], 64), heap(["engine"], 64), control])
  assert.equal([found, verified], [64, true])
  const mixed = readSemiSpace(64, [heap(["network"], 64), heap(["engine"], undefined), control])
  assert.equal([mixed.found, mixed.verified], [null, false])
  assert.equal(
    mixed.parts?.map(({ name, found }) => [name, found]),
    [
      ["network", 64],
      ["engine", null],
    ],
  )
  assert.is(readSemiSpace(0, [heap(["engine"], undefined)]).verified, null)
  assert.is(readSemiSpace(64, undefined).verified, false)
})

const MEMORY: ProcessMemoryReading = {
  malloc: undefined,
  hugeBytes: 4 * MIB,
  lockedBytes: 40 * MIB,
  hugePagesOfSystem: "madvise",
  isWithoutHugePages: false,
  ageMs: 0,
}

test("pools are locked when the kernel counts as much as they have touched", () => {
  assert.equal(readLocked(true, 39 * MIB, MEMORY), { found: "40 MiB", verified: true })
  assert.equal(readLocked(false, 39 * MIB, MEMORY), { found: "40 MiB", verified: null })
  const some = readLocked(true, 45 * MIB, MEMORY)
  assert.is(some.verified, false)
  assert.match(some.note!, "CAP_IPC_LOCK")
  assert.is(readLocked(true, 0, { ...MEMORY, lockedBytes: 0 }).verified, false)
  assert.equal(readLocked(false, 0, { ...MEMORY, lockedBytes: undefined }).found, null)
})

test("huge pages are there when the kernel counts some, unavailable where the system gives none", () => {
  assert.equal(readHuge("system", false, MEMORY), { found: "4 MiB", verified: null })
  assert.is(readHuge("pools", false, MEMORY).verified, true)
  assert.is(readHuge("pools", false, { ...MEMORY, hugeBytes: 0 }).verified, false)
  assert.is(readHuge("pools", false, { ...MEMORY, hugePagesOfSystem: "never" }).state, "unavailable")
  assert.is(readHuge("pools", false, { ...MEMORY, hugePagesOfSystem: undefined }).state, "unavailable")
  assert.equal(readHuge("never", true, MEMORY), { found: "never", verified: true })
})

test.run()
