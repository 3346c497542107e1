import type { RecordViews } from "./records.js"

/**
 * The sending end between two roles: a direct call when they share a thread, a ring when they do not.
 * The code of a role does not know which. Records are written in place: claim, fill, publish. The next claim may move
 * what was claimed before it, so each record is filled before the next is claimed.
 */
export interface Link extends RecordViews {
  /**
   * Room for a record of `length` payload bytes, as the byte offset of its payload in the views, or NO_CAPACITY.
   * `reserved` may also use the room that is kept for cancels and reports.
   */
  claim(type: number, length: number, reserved?: boolean): number
  /** The records that were claimed are whole, and go to the other side in their order. */
  publish(): void
  /** Forgets the records that were claimed since the last publish. */
  abort(): void
}
