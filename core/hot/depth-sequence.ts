/**
 * The venue's rule for keeping a local book: each diff covers the update ids from `firstUpdateId` to `finalUpdateId`,
 * both included, and must continue where the book stands.
 */

/** All of it is in the book already: drop it. */
export const DIFF_STALE = 0
/** Continues the book: apply it. */
export const DIFF_NEXT = 1
/** Updates between the book and this diff are missing: fetch a snapshot again. */
export const DIFF_GAP = 2

export function classifyDiff(localUpdateId: number, firstUpdateId: number, finalUpdateId: number): number {
  if (finalUpdateId <= localUpdateId) return DIFF_STALE
  return firstUpdateId > localUpdateId + 1 ? DIFF_GAP : DIFF_NEXT
}

/**
 * The first diff after a snapshot may begin before the snapshot's end and overlap it: quantities are absolute, so what
 * both contain is set twice to the same. The rule is therefore that of any diff; it has a name of its own because here
 * a gap means that the snapshot is too old, there that a message was lost.
 */
export function classifyFirstDiff(snapshotUpdateId: number, firstUpdateId: number, finalUpdateId: number): number {
  return classifyDiff(snapshotUpdateId, firstUpdateId, finalUpdateId)
}
