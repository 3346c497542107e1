import koffi from "koffi"

/** What the C library's allocator holds, in bytes: for all threads, outside of V8's heaps. */
export interface MallocReading {
  /** In its arenas, and of that what somebody uses and what lies free. */
  readonly arenaBytes: number
  readonly usedBytes: number
  readonly freeBytes: number
  /** Large blocks, each a mapping of its own. */
  readonly mappedBytes: number
}

/** Reading walks every free block: up to 1.6 ms. Nobody needs that more often. */
const LEAST_GAP_MS = 10_000

/** Asks the allocator (mallinfo2 of glibc 2.33 and newer) at most every ten seconds; `ageMs` is how old the answer is. */
export class MallocReader {
  #last: { readonly reading: MallocReading; readonly atMs: number } | undefined

  constructor(
    private readonly ask: (() => MallocReading) | undefined = bind(),
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Undefined where the C library does not tell. */
  read(): (MallocReading & { readonly ageMs: number }) | undefined {
    if (this.ask === undefined) return undefined
    const nowMs = this.nowMs()
    if (this.#last === undefined || nowMs - this.#last.atMs >= LEAST_GAP_MS) {
      this.#last = { reading: this.ask(), atMs: nowMs }
    }
    return { ...this.#last.reading, ageMs: nowMs - this.#last.atMs }
  }
}

// struct mallinfo2, all size_t:
// | 0 arena | 1 ordblks | 2 smblks | 3 hblks | 4 hblkhd | 5 usmblks | 6 fsmblks | 7 uordblks | 8 fordblks | 9 keepcost |
const MALLINFO = [
  "arena",
  "ordblks",
  "smblks",
  "hblks",
  "hblkhd",
  "usmblks",
  "fsmblks",
  "uordblks",
  "fordblks",
  "keepcost",
]

function bind(): (() => MallocReading) | undefined {
  if (process.platform !== "linux") return undefined
  try {
    const struct = koffi.struct(Object.fromEntries(MALLINFO.map((member) => [member, "size_t"])))
    const call = koffi.load(null).func("mallinfo2", struct, [])
    return () => {
      const { arena, uordblks, fordblks, hblkhd } = call() as Record<string, number | bigint>
      return {
        arenaBytes: Number(arena),
        usedBytes: Number(uordblks),
        freeBytes: Number(fordblks),
        mappedBytes: Number(hblkhd),
      }
    }
  } catch {
    return undefined
  }
}
