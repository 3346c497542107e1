import type { RecordViews } from "../hot/records.js"

// Client order ids that the engine makes: "vz" epoch "-" owner "-" sequence, numbers in base 36. The epoch is the
// second in which the engine started, so that an id is never used again by a later run.

const BASE = 36
const DIGITS = Uint8Array.from("0123456789abcdefghijklmnopqrstuvwxyz", (digit) => digit.charCodeAt(0))
const DASH = 0x2d

/** Writes the id of an order into a record: length and bytes. Allocates nothing. */
export function writeOrderId(views: RecordViews, offset: number, epoch: number, owner: number, sequence: number): void {
  const { u8 } = views
  const start = offset + 4
  let at = start
  u8[at++] = 0x76
  u8[at++] = 0x7a
  at = writeNumber(u8, at, epoch)
  u8[at++] = DASH
  at = writeNumber(u8, at, owner)
  u8[at++] = DASH
  at = writeNumber(u8, at, sequence)
  views.i32[offset >> 2] = at - start
}

/** The same id as text. */
export const orderIdText = (epoch: number, owner: number | string, sequence: number): string =>
  `vz${epoch.toString(BASE)}-${owner.toString(BASE)}-${sequence.toString(BASE)}`

function writeNumber(u8: Uint8Array, at: number, value: number): number {
  let digits = 1
  for (let power = BASE; power <= value; power *= BASE) digits += 1
  let rest = value
  for (let index = digits - 1; index >= 0; index -= 1) {
    const quotient = Math.floor(rest / BASE)
    u8[at + index] = DIGITS[rest - quotient * BASE]
    rest = quotient
  }
  return at + digits
}
