import { BLANK, NOT_A_MESSAGE, openRecording } from "../io/recording.js"
import type { VenueAdapter } from "../kernel/contract.js"

/** What became of the lines of a recording. */
export interface ReplayCount {
  /** Lines that are messages. */
  messages: number
  /** Lines that are none, or that the adapter cannot read. */
  badLines: number
}

export interface ReplayTarget {
  readonly adapter: Pick<VenueAdapter, "replay">
  /** Lets so much time pass, with everything that is due in it. */
  advance(ns: number): void
  nowNs(): number
  /** Lets everything happen that a message brings about. */
  settle(): void
}

/** Sends a recording (a line a message, `LOCAL_NS JSON`) through an adapter, each message at its own time. */
export async function replayRecording(file: string, target: ReplayTarget): Promise<ReplayCount> {
  const count = { messages: 0, badLines: 0 }
  let lastNs: bigint | undefined
  for await (const { bytes, offsets, lengths } of (await openRecording(file)).blocks()) {
    for (const [line, offset] of offsets.entries()) {
      if (offset === BLANK) continue
      if (offset === NOT_A_MESSAGE) {
        count.badLines += 1
        continue
      }
      const localNs = localTime(bytes, offset)
      // Clocks of recorders are set back now and then: that is no time.
      if (lastNs !== undefined && localNs > lastNs) target.advance(Number(localNs - lastNs))
      lastNs = localNs
      count.messages += 1
      if (!target.adapter.replay(bytes, offset, lengths[line], target.nowNs())) count.badLines += 1
      target.settle()
    }
  }
  return count
}

/** The digits before the space that a message stands behind. */
function localTime(bytes: Uint8Array, messageOffset: number): bigint {
  const end = messageOffset - 1
  let start = end
  while (start > 0 && isDigit(bytes[start - 1])) start -= 1
  return BigInt(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1"))
}

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57
