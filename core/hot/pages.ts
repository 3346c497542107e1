/** The smallest page of the processors that VeloZ runs on. */
const PAGE_BYTES = 4096

/**
 * Makes the system give every page of this memory now, and leaves what is in it. Only a write does: pages that were
 * merely read are all the same page of zeros.
 */
export function touchPages(bytes: Uint8Array, from = 0, to = bytes.length): void {
  for (let at = from; at < to; at += PAGE_BYTES) Atomics.or(bytes, at, 0)
}
