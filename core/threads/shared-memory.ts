import { HISTOGRAM_WORDS } from "../hot/histogram.js"
import { RingBuffer } from "../hot/ring.js"
import { METER_BYTES } from "../pipeline/call-meters.js"
import { boardBytes } from "../pipeline/market-board.js"
import { MARKET_PROFILE, ORDER_PROFILE, profileBytes } from "../pipeline/profile.js"
import { VENUE_FIGURES_BYTES } from "../pipeline/venue-figures.js"
import { COLLECTIONS_BYTES } from "./collections.js"

// The memory that control shares with the hot threads. Each region has one writer, named beside it.

export interface SharedMemory {
  /** Int32 words below: who writes is said there. */
  readonly words: SharedArrayBuffer
  /** A block for each hot thread: written by that thread alone. */
  readonly metrics: readonly MetricMemory[]
  /** Sums of stage durations of orders; written by the engine. */
  readonly orderProfile: SharedArrayBuffer
  /** Sums of stage durations of market data; written by the strategy, where that path ends. */
  readonly marketProfile: SharedArrayBuffer
  /** What the network measures of the venue. */
  readonly venue: SharedArrayBuffer
  /** The published top of each book, seqlocked; written by the engine. */
  readonly boards: SharedArrayBuffer
  /** Ring: control -> engine, wishes for orders and cancels. */
  readonly commands: SharedArrayBuffer
  /** Ring: engine -> control, order events. */
  readonly events: SharedArrayBuffer
  /** The rings between the roles, where each has a thread of its own. */
  readonly rings: RoleRings | undefined
}

export interface MetricMemory {
  /** Float64 a counter. */
  readonly counters: SharedArrayBuffer
  /** HISTOGRAM_WORDS a histogram. */
  readonly histograms: SharedArrayBuffer
  /** What the calls of plugins cost. */
  readonly meters: SharedArrayBuffer
  /** How long the collector has stopped the thread. */
  readonly collections: SharedArrayBuffer
}

export interface RoleRings {
  readonly networkToEngine: SharedArrayBuffer
  readonly engineToNetwork: SharedArrayBuffer
  readonly engineToStrategy: SharedArrayBuffer
  readonly strategyToEngine: SharedArrayBuffer
}

/** Words that threads signal by, on cache lines of their own. A bell has two words. */
export const Word = {
  /** The generation that is in force: written by who cuts, read by the others after they see a record. */
  Generation: 0,
  /** The attempt at a cut that is under way, or 0; written by the network. */
  CutAttempt: 16,
  /** The newest attempt whose marker has reached the engine, or the strategy; written there, read when it came too late. */
  EngineAttempt: 17,
  StrategyAttempt: 18,
  ControlBell: 32,
  NetworkBell: 48,
  EngineBell: 64,
  StrategyBell: 80,
} as const

/** Where the thread of each role says how far a marker has come. */
export const ATTEMPTS = {
  network: Word.CutAttempt,
  engine: Word.EngineAttempt,
  strategy: Word.StrategyAttempt,
} as const

/** Which block of metrics is whose. Where all roles share a thread, its first one is the network. */
export const BLOCKS = { network: 0, engine: 1, strategy: 2 } as const

/** What wakes the thread of each role. */
export const BELLS = { network: Word.NetworkBell, engine: Word.EngineBell, strategy: Word.StrategyBell } as const

const MAX_COUNTERS = 1024
export const MAX_HISTOGRAMS = 48
const WORD_COUNT = 96
const COMMAND_RING_BYTES = 1 << 18
const EVENT_RING_BYTES = 1 << 21
/** Market data comes in bursts, and notifications of deep books are long. */
const MARKET_RING_BYTES = 1 << 22
const ORDER_RING_BYTES = 1 << 20

/** Memory for an engine whose roles share one thread, or for one with a thread each. */
export function createSharedMemory(symbolCount: number, topology: "fused" | "split" = "fused"): SharedMemory {
  const isSplit = topology === "split"
  return {
    words: new SharedArrayBuffer(WORD_COUNT * 4),
    metrics: Array.from({ length: isSplit ? 3 : 1 }, () => ({
      counters: new SharedArrayBuffer(MAX_COUNTERS * 8),
      histograms: new SharedArrayBuffer(MAX_HISTOGRAMS * HISTOGRAM_WORDS * 4),
      meters: new SharedArrayBuffer(METER_BYTES),
      collections: new SharedArrayBuffer(COLLECTIONS_BYTES),
    })),
    orderProfile: new SharedArrayBuffer(profileBytes(ORDER_PROFILE)),
    marketProfile: new SharedArrayBuffer(profileBytes(MARKET_PROFILE)),
    venue: new SharedArrayBuffer(VENUE_FIGURES_BYTES),
    boards: new SharedArrayBuffer(symbolCount * boardBytes()),
    commands: ring(COMMAND_RING_BYTES),
    events: ring(EVENT_RING_BYTES),
    rings: isSplit
      ? {
          networkToEngine: ring(MARKET_RING_BYTES),
          engineToNetwork: ring(ORDER_RING_BYTES),
          engineToStrategy: ring(MARKET_RING_BYTES),
          strategyToEngine: ring(ORDER_RING_BYTES),
        }
      : undefined,
  }
}

const ring = (capacity: number): SharedArrayBuffer => new SharedArrayBuffer(RingBuffer.bytesFor(capacity))
