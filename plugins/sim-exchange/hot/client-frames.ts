/** What `ClientFrames.read` found where it looked. */
export const FrameKind = {
  /** A frame that has not come whole yet. */
  Partial: 0,
  /** A message in ASCII that is one short frame; it has been unmasked. */
  Text: 1,
  /** A ping, a pong or a close, still masked. */
  Control: 2,
  /** Whatever else: a fragment, binary data, other characters, a long message, a breach of the protocol. */
  Other: 3,
} as const

/** No request of the hot path is longer; what is goes the slow way. */
export const LONGEST_PAYLOAD = 4096

/** Reads the frames that clients trade with, and leaves all others as they came. */
export class ClientFrames {
  /** Of a text: where it lies. */
  textStart = 0
  /** One past a text or a control frame. */
  end = 0

  read(bytes: Uint8Array, start: number, limit: number): number {
    if (limit - start < 2) return FrameKind.Partial
    const first = bytes[start]
    const isControl = first === FINAL_CLOSE || first === FINAL_PING || first === FINAL_PONG
    let length = bytes[start + 1] - MASKED
    if ((first !== FINAL_TEXT && !isControl) || length < 0 || length === LENGTH_IN_64) return FrameKind.Other
    let keyAt = start + 2
    if (length === LENGTH_IN_16) {
      keyAt = start + 4
      if (limit < keyAt) return FrameKind.Partial
      length = (bytes[start + 2] << 8) | bytes[start + 3]
      if (isControl || length > LONGEST_PAYLOAD) return FrameKind.Other
    }
    this.textStart = keyAt + KEY_BYTES
    this.end = this.textStart + length
    if (this.end > limit) return FrameKind.Partial
    if (isControl) return FrameKind.Control
    return this.#unmask(bytes, keyAt) ? FrameKind.Text : FrameKind.Other
  }

  /** False when it is not ASCII; then the frame is as it was. */
  #unmask(bytes: Uint8Array, keyAt: number): boolean {
    if (applyKey(bytes, keyAt, this.textStart, this.end) <= LAST_ASCII) return true
    applyKey(bytes, keyAt, this.textStart, this.end)
    return false
  }
}

const FINAL_TEXT = 0x81
const FINAL_CLOSE = 0x88
const FINAL_PING = 0x89
const FINAL_PONG = 0x8a
const MASKED = 0x80
const LENGTH_IN_16 = 126
const LENGTH_IN_64 = 127
const KEY_BYTES = 4
const LAST_ASCII = 0x7f

/** Masks or unmasks in place. Returns the bits that any of the resulting bytes has. */
function applyKey(bytes: Uint8Array, keyAt: number, start: number, end: number): number {
  let bits = 0
  for (let i = start; i < end; i++) bits |= bytes[i] ^= bytes[keyAt + ((i - start) & 3)]
  return bits
}
