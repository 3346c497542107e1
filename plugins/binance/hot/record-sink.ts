import type { RecordViews } from "veloz/hot"

/** Where decoded records go: the network role's link to the engine, or what a test puts in its place. */
export interface RecordSink extends RecordViews {
  claim(type: number, length: number, reserved?: boolean): number
  publish(): void
  abort(): void
}

/** A sink that has no room answers this. */
export const NO_CAPACITY = -1

export interface NowClock {
  nowNs(): number
}

export interface Count {
  increment(): void
}
