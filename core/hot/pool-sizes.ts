import { BYTES_TO_KEEP_A_SLOT } from "./pool.js"
import { ID_BYTES, TEXT_BYTES } from "./records.js"

// What one object takes of its pool, by which sizes in bytes become capacities and the other way round.

/** The fields of an order, each a double. */
export const ORDER_ROW_BYTES = 512
/** An order in its pool: its fields, and the venue's words. */
export const ORDER_SLOT_BYTES = ORDER_ROW_BYTES + TEXT_BYTES + BYTES_TO_KEEP_A_SLOT
/** An id in the string pool. */
export const STRING_CELL_BYTES = ID_BYTES + BYTES_TO_KEEP_A_SLOT
/** What a market record is reckoned with: a touch, a trade, or a depth of up to three levels and its header. */
export const MARKET_RECORD_BYTES = 128
