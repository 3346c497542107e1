// What the network role measures of the venue and the engine reckons with: doubles in memory that both share.

export const VenueFigure = {
  /** Venue time minus ours in microseconds, as the adapter measured it. */
  ClockOffsetUs: 0,
  /** The kernel's round trip to the venue in nanoseconds: the part of an answer's time that is the network's. */
  RoundTripNs: 1,
} as const

export const VENUE_FIGURES_BYTES = 16
