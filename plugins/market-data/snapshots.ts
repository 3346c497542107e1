/** Whole-depth snapshots come in these sizes. */
const SNAPSHOT_LEVELS = [5, 10, 20]

export const MOST_SNAPSHOT_LEVELS = 20

/** The smallest snapshot that covers a depth. */
export function levelsCovering(depth: number): number {
  return SNAPSHOT_LEVELS.find((levels) => levels >= depth) ?? MOST_SNAPSHOT_LEVELS
}
