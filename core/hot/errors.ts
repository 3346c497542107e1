/**
 * What the data structures of the hot path refuse while they are built. Once they run they answer with numbers
 * (NO_CAPACITY, NO_SLOT, MALFORMED) and throw only for a bug of the caller.
 */
export interface HotError extends Error {
  readonly code: string
}

export function ringCapacityError(capacity: number): HotError {
  return hotError(
    "VELOZ_RING_CAPACITY",
    `cannot size a ring: capacity must be a power of two between 64 and 2^30 bytes, was ${capacity}`,
  )
}

export function ringReserveError(reserve: number, capacity: number): HotError {
  return hotError(
    "VELOZ_RING_RESERVE",
    `cannot reserve ${reserve} bytes of a ring: the reserve must be between 0 and half of the capacity, ${capacity / 2}`,
  )
}

export function recordLengthError(length: number, maximum: number): HotError {
  return hotError(
    "VELOZ_RECORD_LENGTH",
    `cannot claim a record of ${length} bytes: this ring holds records of 0 to ${maximum} bytes; give it a larger capacity`,
  )
}

export function unitTextError(text: string): HotError {
  return hotError(
    "VELOZ_UNIT",
    `cannot take ${JSON.stringify(text)} for a tick or lot size: it must be a positive decimal such as "0.01"`,
  )
}

export function poolCapacityError(capacity: number): HotError {
  return hotError(
    "VELOZ_POOL_CAPACITY",
    `cannot size a pool: capacity must be a whole number between 0 and 2^27, was ${capacity}`,
  )
}

export function slotNotInUseError(slot: number): HotError {
  return hotError("VELOZ_SLOT_NOT_IN_USE", `cannot release slot ${slot}: it is not in use`)
}

export function idLengthError(length: number, maximum: number): HotError {
  return hotError("VELOZ_ID_LENGTH", `cannot index an id of ${length} bytes: ids have 1 to ${maximum} bytes`)
}

export function histogramMemoryError(expected: number, actual: number): HotError {
  return hotError(
    "VELOZ_HISTOGRAM_MEMORY",
    `cannot lay a histogram into this memory: it needs ${expected} words from an even word offset, has ${actual}`,
  )
}

export function counterCapacityError(name: string, capacity: number): HotError {
  return hotError(
    "VELOZ_COUNTER_CAPACITY",
    `cannot add counter ${JSON.stringify(name)}: all ${capacity} slots of this block are named; give it a larger block`,
  )
}

export function clockError(reason: string): HotError {
  return hotError("VELOZ_CLOCK", `cannot read the clock of this system: ${reason}`)
}

function hotError(code: string, message: string): HotError {
  return Object.assign(new Error(`${code}: ${message}`), { code })
}
