import { hugeKib, hugePages, hugePagesOfSystem } from "./huge-pages.js"
import { MallocReader } from "./malloc.js"
import { lockedKib } from "./page-care.js"

/** Memory of this process as the system and the C library count it; undefined what they do not tell. In bytes. */
export interface ProcessMemoryReading {
  readonly malloc:
    | {
        readonly arenaBytes: number
        readonly usedBytes: number
        readonly freeBytes: number
        readonly mappedBytes: number
      }
    | undefined
  readonly hugeBytes: number | undefined
  readonly lockedBytes: number | undefined
  /** To whom this system gives huge pages: "always", "madvise" (who asks), "never". */
  readonly hugePagesOfSystem: string | undefined
  /** This process gets none, whatever the system gives. */
  readonly isWithoutHugePages: boolean
  /** How old the two that are dear to read (malloc, huge) are. */
  readonly ageMs: number
}

/** What of it is dear is read every ten seconds at most, whoever asks. */
export class ProcessMemory {
  readonly #malloc = new MallocReader()
  #dear: { readonly atMs: number; readonly hugeBytes: number | undefined } | undefined

  read(): ProcessMemoryReading {
    const nowMs = performance.now()
    if (this.#dear === undefined || nowMs - this.#dear.atMs >= LEAST_GAP_MS) {
      this.#dear = { atMs: nowMs, hugeBytes: bytesOf(hugeKib()) }
    }
    const malloc = this.#malloc.read()
    const ageMs = Math.max(malloc?.ageMs ?? 0, nowMs - this.#dear.atMs)
    return {
      malloc,
      hugeBytes: this.#dear.hugeBytes,
      lockedBytes: bytesOf(lockedKib()),
      hugePagesOfSystem: hugePagesOfSystem(),
      isWithoutHugePages: hugePages.read(0) === "never",
      ageMs,
    }
  }
}

const LEAST_GAP_MS = 10_000

const bytesOf = (kib: number | undefined): number | undefined => (kib === undefined ? undefined : kib * 1024)
