import type { RingBuffer, RingHandler } from "../hot/ring.js"
import type { RingLink } from "./ring-link.js"

/** Where a role takes records from another thread. */
export interface Inlet {
  readonly ring: RingBuffer
  readonly handler: RingHandler
  /** Where a marker that comes in here goes on to. Undefined for what comes from control, which sends none. */
  readonly onward?: RingLink
  /** While this has no room for what records may bring, they stay where they are. */
  readonly into?: RingLink
}
