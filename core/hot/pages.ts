/** The smallest page of the processors that VeloZ runs on. */
const PAGE_BYTES = 4096

/**
 * Makes the system give every page of this memory now, and leaves what is in it. Only a write does: pages that were
 * merely read are all the same page of zeros.
 */
export function touchPages(bytes: Uint8Array, from = 0, to = bytes.length): void {
  if (from === 0) care?.(bytes)
  for (let at = from; at < to; at += PAGE_BYTES) Atomics.or(bytes, at, 0)
}

/** Called with a block of memory before its first page is touched ahead. */
export type PageCare = (bytes: Uint8Array) => void

/** What this thread asks of the system for such blocks: for whole ones, for of parts no page could be a huge one. */
export function carePages(next: PageCare | undefined): void {
  care = next
}

let care: PageCare | undefined
