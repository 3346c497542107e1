/**
 * The header of a server's WebSocket text frame, written right before a payload that is there already. Returns where
 * the frame begins. Frames of a server are not masked, so the same bytes serve every receiver.
 */
export function writeHeaderBefore(bytes: Uint8Array, payloadStart: number, payloadLength: number): number {
  if (payloadLength < 126) {
    bytes[payloadStart - 1] = payloadLength
    bytes[payloadStart - 2] = FINAL_TEXT
    return payloadStart - 2
  }
  if (payloadLength < 65_536) {
    bytes[payloadStart - 1] = payloadLength
    bytes[payloadStart - 2] = payloadLength >>> 8
    bytes[payloadStart - 3] = LENGTH_IN_16
    bytes[payloadStart - 4] = FINAL_TEXT
    return payloadStart - 4
  }
  for (let i = 1; i <= 4; i++) bytes[payloadStart - i] = payloadLength >>> (8 * (i - 1))
  bytes.fill(0, payloadStart - 8, payloadStart - 4)
  bytes[payloadStart - 9] = LENGTH_IN_64
  bytes[payloadStart - 10] = FINAL_TEXT
  return payloadStart - 10
}

export const LONGEST_HEADER = 10

const FINAL_TEXT = 0x81
const LENGTH_IN_16 = 126
const LENGTH_IN_64 = 127
