import { lastError, libcCall } from "./libc.js"
import { readFileIfAny } from "./read-file.js"

// What the system does with pages that VeloZ has allocated for itself, such as those of pools. Never with those of V8:
// it gives pages back by a call that fails on locked ones, and then ends the process.

/** Wishes for the pages of pools. */
export interface PageWish {
  /** They stay in RAM. */
  readonly lock: boolean
  /** They are of 2 MiB, where the system gives such pages to who asks. */
  readonly huge: boolean
}

/** Locks the pages of a block, each as it is touched. Returns why it could not, in a sentence with the mend. */
export function lockPages(bytes: Uint8Array): string | undefined {
  const call = libcCall("mlock2", "int", ["void *", "size_t", "unsigned int"])
  if (call === undefined) return `memory cannot be locked on ${process.platform}, or by this C library`
  return call(bytes, bytes.length, MLOCK_ONFAULT) === 0 ? undefined : explain(lastError())
}

/** Nothing of this process is locked any more. */
export function unlockPages(): void {
  libcCall("munlockall", "int", [])?.()
}

/** Asks for huge pages for a whole block, before it is touched. Returns why it could not. */
export function adviseHuge(bytes: Uint8Array): string | undefined {
  // The address of the bytes, which memcpy returns.
  const addressOf = libcCall("memcpy", "uintptr_t", ["void *", "void *", "size_t"])
  const madvise = libcCall("madvise", "int", ["uintptr_t", "size_t", "int"])
  if (addressOf === undefined || madvise === undefined) return `there are no huge pages on ${process.platform}`
  const start = addressOf(bytes, bytes, 0)
  const from = Math.ceil(start / PAGE_BYTES) * PAGE_BYTES
  const to = Math.floor((start + bytes.length) / PAGE_BYTES) * PAGE_BYTES
  if (to <= from || madvise(from, to - from, MADV_HUGEPAGE) === 0) return undefined
  return `the kernel gives no huge pages to who asks (${lastError()})`
}

/** KiB that are locked now; undefined where the system does not tell. */
export function lockedKib(): number | undefined {
  const [, kib] = /^VmLck:\s+(\d+)/m.exec(readFileIfAny("/proc/self/status") ?? "") ?? []
  return kib === undefined ? undefined : Number(kib)
}

const MLOCK_ONFAULT = 1
const MADV_HUGEPAGE = 14
const PAGE_BYTES = 4096

function explain(error: string): string {
  if (!["ENOMEM", "EPERM", "EAGAIN"].includes(error)) return `the kernel refuses to lock memory (${error})`
  const [, soft] = /^Max locked memory\s+(\S+)/m.exec(readFileIfAny("/proc/self/limits") ?? "") ?? []
  return `pools are not locked (${error}): it takes the capability CAP_IPC_LOCK, or a limit above their size (ulimit -l, LimitMEMLOCK= of systemd); the limit is ${soft ?? "not known"} bytes`
}
