/**
 * The venue's rule for keeping a local book: each diff covers the update ids from `firstUpdateId` to `finalUpdateId`,
 * both included, and must continue where the book stands. The first diff after a snapshot may overlap it: quantities
 * are absolute, so what both contain is set twice to the same, and the rule is that of any diff.
 */

/** All of it is in the book already: drop it. */
export const DIFF_STALE = 0
/** Continues the book: apply it. */
export const DIFF_NEXT = 1
/** Updates between the book and this diff are missing: fetch a snapshot again. */
export const DIFF_GAP = 2

/**
 * The names are checked and the numbers written out: a module's constant costs 4 bytes of bytecode where a literal
 * costs 1 or 2, and below 27 bytes a function is inlined wherever it is called, so that no update id is boxed.
 */
export function classifyDiff(localUpdateId: number, firstUpdateId: number, finalUpdateId: number): number {
  if (finalUpdateId <= localUpdateId) return 0 satisfies typeof DIFF_STALE
  return firstUpdateId > localUpdateId + 1 ? (2 satisfies typeof DIFF_GAP) : (1 satisfies typeof DIFF_NEXT)
}
