/** Small work on ranges of bytes, as ids and keys need it: ASCII text stays bytes on the hot path. */

/** A 32-bit hash of `length` bytes. Ids differ in their last digits, so the end is mixed until every bit depends on it. */
export function hashBytes(bytes: Uint8Array, offset: number, length: number): number {
  let hash = length
  for (let i = offset; i < offset + length; i++) hash = Math.imul(hash ^ bytes[i], FNV_PRIME)
  hash = Math.imul(hash ^ (hash >>> 15), MIX_PRIME)
  return hash ^ (hash >>> 13)
}

export function equalBytes(a: Uint8Array, aOffset: number, b: Uint8Array, bOffset: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    if (a[aOffset + i] !== b[bOffset + i]) return false
  }
  return true
}

/** Copies by hand: ids are short, and `set` of a subarray would allocate the subarray. */
export function copyBytes(
  from: Uint8Array,
  fromOffset: number,
  to: Uint8Array,
  toOffset: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) to[toOffset + i] = from[fromOffset + i]
}

/** Writes ASCII text and returns its length, or -1 when the text has another character; then nothing counts as written. */
export function writeAscii(text: string, to: Uint8Array, offset: number): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > LAST_ASCII) return -1
    to[offset + i] = code
  }
  return text.length
}

export function readAscii(bytes: Uint8Array, offset: number, length: number): string {
  let text = ""
  for (let i = 0; i < length; i++) text += String.fromCharCode(bytes[offset + i])
  return text
}

/** The bytes of an ASCII literal, for comparing with. Made once, kept by the caller. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  writeAscii(text, bytes, 0)
  return bytes
}

const FNV_PRIME = 0x01000193
const MIX_PRIME = 0x2c1b3c6d
const LAST_ASCII = 0x7f
