import koffi from "koffi"
import { clockError } from "./errors.js"

/**
 * Time for the hot path, 0 bytes a call. The monotonic clock counts nanoseconds since a base second that is handed
 * in, so that the count fits a double exactly and all threads of the process agree on it.
 */
export interface Clock {
  /** The monotonic second that `nowNs` counts from. Hand it to the other threads. */
  readonly baseSeconds: number
  /** Nanoseconds since the base second. Never runs backwards; the only clock that latencies are taken from. */
  nowNs(): number
  /** Writes `nowNs` to `into[index]`: a time that crosses a call that is not inlined would be boxed. */
  stampNs(into: Float64Array, index: number): void
  /** Microseconds since 1970 by the system's clock, which may be stepped. For venue timestamps and signatures. */
  wallUs(): number
  /** Writes `wallUs` to `into[index]`. */
  stampWallUs(into: Float64Array, index: number): void
}

/**
 * The clock of the system, through libc. The first thread leaves `baseSeconds` out, the others are given its value.
 *
 * What returns a double is kept so small that the compiler always inlines it: otherwise the double would be boxed on
 * its way out, 16 bytes a call.
 */
export class SystemClock implements Clock {
  readonly baseSeconds: number
  private readonly clockGettime: (clock: number) => number
  private readonly monotonic = process.platform === "darwin" ? 6 : 1
  // | 0 seconds i64 | 8 nanoseconds i64 |, little-endian; the low words are enough until the year 2106.
  private readonly timespec = new Uint32Array(new ArrayBuffer(16))
  private readonly result = new Float64Array(1)

  constructor(baseSeconds?: number) {
    this.clockGettime = bindClockGettime(this.timespec)
    const status = this.clockGettime(this.monotonic)
    if (status !== 0) throw clockError(`clock_gettime(CLOCK_MONOTONIC) returned ${status}`)
    this.baseSeconds = baseSeconds ?? this.timespec[0]
  }

  nowNs(): number {
    this.readMonotonic()
    return this.result[0]
  }

  stampNs(into: Float64Array, index: number): void {
    this.readMonotonic()
    into[index] = this.result[0]
  }

  wallUs(): number {
    this.readWall()
    return this.result[0]
  }

  stampWallUs(into: Float64Array, index: number): void {
    this.readWall()
    into[index] = this.result[0]
  }

  private readMonotonic(): void {
    const timespec = this.timespec
    this.clockGettime(this.monotonic)
    this.result[0] = (timespec[0] - this.baseSeconds) * 1e9 + timespec[2]
  }

  private readWall(): void {
    const timespec = this.timespec
    this.clockGettime(CLOCK_REALTIME)
    this.result[0] = timespec[0] * 1e6 + Math.floor(timespec[2] / 1000)
  }
}

/**
 * Microseconds from the monotonic time to the time of day: `nowNs() / 1000` plus this is `wallUs()`. A thread that is put
 * aside between the two clocks finds them closer than they are, so the largest of three readings is the best.
 */
export function wallOffsetUs(clock: Clock): number {
  let offsetUs = Number.NEGATIVE_INFINITY
  for (let reading = 0; reading < 3; reading += 1) {
    offsetUs = Math.max(offsetUs, clock.wallUs() - clock.nowNs() / 1000)
  }
  return offsetUs
}

/** A clock that a test moves by hand. Both clocks advance together; only the wall clock can be stepped. */
export class ManualClock implements Clock {
  readonly baseSeconds = 0
  readonly #time = new Float64Array(2)

  constructor(nowNs = 0, wallUs = 1_700_000_000_000_000) {
    this.#time[0] = nowNs
    this.#time[1] = wallUs * 1000 - nowNs
  }

  nowNs(): number {
    return this.#time[0]
  }

  wallUs(): number {
    return Math.floor((this.#time[0] + this.#time[1]) / 1000)
  }

  stampNs(into: Float64Array, index: number): void {
    into[index] = this.nowNs()
  }

  stampWallUs(into: Float64Array, index: number): void {
    into[index] = this.wallUs()
  }

  advanceNs(nanoseconds: number): void {
    this.#time[0] += nanoseconds
  }

  advanceMs(milliseconds: number): void {
    this.#time[0] += milliseconds * 1e6
  }

  stepWallUs(microseconds: number): void {
    this.#time[1] += microseconds * 1000
  }
}

const CLOCK_REALTIME = 0

// libc is handed the address as a number, which takes two thirds of the time of handing it the array. It stays true:
// an ArrayBuffer of its own is not moved, and `timespec` is kept by the caller. A closure holds the number, because
// out of a field of the class it would be boxed at each call.
function bindClockGettime(timespec: Uint32Array): (clock: number) => number {
  try {
    // Null means this process: its own libc is loaded already, whatever that is called here.
    const call = koffi.load(null).func("clock_gettime", "int", ["int", "uintptr_t"])
    const address = Number(koffi.address(timespec))
    return (clock) => call(clock, address)
  } catch (error) {
    throw clockError(`libc has no clock_gettime (${error instanceof Error ? error.message : error})`)
  }
}
