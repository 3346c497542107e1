import { HISTOGRAM_WORDS } from "../hot/histogram.js"
import { RingBuffer } from "../hot/ring.js"
import { boardBytes } from "../pipeline/market-board.js"
import { PROFILE_BYTES } from "../pipeline/profile.js"

// The memory that control shares with the hot threads. Each region has one writer, named beside it.

export interface SharedMemory {
  /** Int32 words below: who writes is said there. */
  readonly words: SharedArrayBuffer
  /** Float64 a counter; written by the hot thread that owns the counter. */
  readonly counters: SharedArrayBuffer
  /** HISTOGRAM_WORDS a histogram; written by the engine's thread. */
  readonly histograms: SharedArrayBuffer
  /** Sums of stage durations; written by the engine's thread. */
  readonly profile: SharedArrayBuffer
  /** The published top of each book, seqlocked; written by the engine's thread. */
  readonly boards: SharedArrayBuffer
  /** Ring: control -> engine, wishes for orders and cancels. */
  readonly commands: SharedArrayBuffer
  /** Ring: engine -> control, order events. */
  readonly events: SharedArrayBuffer
}

export const Word = {
  /** The generation that is committed; written by control, read by roles after they see a record. */
  Generation: 0,
  /** Rung by control when the command ring has records. */
  CommandBell: 1,
  /** Rung by the engine when the event ring has records. */
  EventBell: 2,
} as const

export const MAX_COUNTERS = 1024
export const MAX_HISTOGRAMS = 48
const WORD_COUNT = 64
const COMMAND_RING_BYTES = 1 << 18
const EVENT_RING_BYTES = 1 << 21

export function createSharedMemory(symbolCount: number): SharedMemory {
  return {
    words: new SharedArrayBuffer(WORD_COUNT * 4),
    counters: new SharedArrayBuffer(MAX_COUNTERS * 8),
    histograms: new SharedArrayBuffer(MAX_HISTOGRAMS * HISTOGRAM_WORDS * 4),
    profile: new SharedArrayBuffer(PROFILE_BYTES),
    boards: new SharedArrayBuffer(symbolCount * boardBytes()),
    commands: new SharedArrayBuffer(RingBuffer.bytesFor(COMMAND_RING_BYTES)),
    events: new SharedArrayBuffer(RingBuffer.bytesFor(EVENT_RING_BYTES)),
  }
}
