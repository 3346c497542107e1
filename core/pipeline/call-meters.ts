import type { Clock } from "../hot/clock.js"

// What the code of plugins costs while the engine runs. One call of 64 is timed, beside the first few. A call that was
// slow has the next one timed as well.

/** From here on a call is slow: on a hot thread, where all of a message takes some microseconds, and on control. */
export const SLOW_CALL_MS = { hot: 1, control: 100 } as const

/** So many timed calls in a row have to be slow before it is told: a thread that is put aside makes one call look so. */
const SLOW_IN_A_ROW = 3
const FIRST_TIMED = 4
const TIMED_OF = 64

/** Doubles a meter: | timed calls | sum in ns | most in ns | unused |. */
const WORDS = 4
export const MAX_METERS = 256
export const METER_BYTES = MAX_METERS * WORDS * 8

// biome-ignore lint/suspicious/noExplicitAny: taps of all hooks are timed alike
type Timed = (...args: any[]) => any

/** Tells of a call of a plugin: "strategy, market.onBook "onBook"". */
export type OnSlow = (plugin: string, where: string, durationNs: number) => void

/** The meter of one function of a plugin. */
export class CallMeter {
  /** Calls until the next one that is timed. */
  left = 1
  #fresh = FIRST_TIMED
  #slowInARow = 0
  #isTold = false
  readonly #times = new Float64Array(2)

  constructor(
    private readonly clock: Clock,
    private readonly words: Float64Array,
    private readonly offset: number,
    private readonly slowNs: number,
    private readonly onSlow: (durationNs: number) => void,
  ) {}

  /** Calls, and times one call of 64. Most pay for a decrement and a comparison. */
  call<F extends Timed>(fn: F, first?: unknown, second?: unknown, third?: unknown): ReturnType<F> {
    this.left -= 1
    return this.left > 0 ? fn(first, second, third) : this.time(fn, first, second, third)
  }

  /** Calls, and times it. */
  time<F extends Timed>(call: F, first?: unknown, second?: unknown, third?: unknown): ReturnType<F> {
    // A predecessor's figures end with the first call of its successor.
    if (this.#fresh === FIRST_TIMED) this.words.fill(0, this.offset, this.offset + WORDS)
    this.clock.stampNs(this.#times, 0)
    const result = call(first, second, third)
    this.clock.stampNs(this.#times, 1)
    const { words, offset } = this
    const durationNs = this.#times[1] - this.#times[0]
    words[offset] += 1
    words[offset + 1] += durationNs
    if (durationNs > words[offset + 2]) words[offset + 2] = durationNs
    if (this.#fresh > 0) this.#fresh -= 1
    this.#slowInARow = durationNs > this.slowNs ? this.#slowInARow + 1 : 0
    this.left = this.#fresh > 0 || this.#slowInARow > 0 ? 1 : TIMED_OF
    if (this.#slowInARow >= SLOW_IN_A_ROW && !this.#isTold) this.#tell(durationNs)
    return result
  }

  #tell(durationNs: number): void {
    this.#isTold = true
    this.onSlow(durationNs)
  }
}

/** Gives out meters in memory that control reads, by name: a successor has the place of its predecessor. */
export class CallMeters {
  readonly names: string[] = []
  readonly #words: Float64Array

  constructor(
    private readonly clock: Clock,
    readonly memory: SharedArrayBuffer,
    private readonly slowMs: number,
    private readonly onSlow: OnSlow,
  ) {
    this.#words = new Float64Array(memory)
  }

  make(plugin: string, where: string): CallMeter {
    const name = meterName(plugin, where)
    const known = this.names.indexOf(name)
    const slot = known === -1 && this.names.length < MAX_METERS ? this.names.push(name) - 1 : known
    // Without room for its figures it is timed all the same: that it is slow is told.
    const words = slot === -1 ? new Float64Array(WORDS) : this.#words
    const onSlow = (durationNs: number): void => this.onSlow(plugin, where, durationNs)
    return new CallMeter(this.clock, words, Math.max(0, slot) * WORDS, this.slowMs * 1e6, onSlow)
  }
}

/** What calls of a plugin cost, as GET /api/plugins tells it. */
export interface CallCost {
  /** Calls that were timed, of all that there were. */
  readonly timed_calls: number
  readonly mean_us: number
  readonly max_us: number
}

/** Reads the meters of a plugin, by what they measure. */
export function readMeters(memory: SharedArrayBuffer, names: readonly string[], plugin: string): [string, CallCost][] {
  const words = new Float64Array(memory)
  return names.flatMap((name, slot): [string, CallCost][] => {
    if (!name.startsWith(meterName(plugin, ""))) return []
    const [timed, sumNs, mostNs] = words.subarray(slot * WORDS)
    if (timed === 0) return []
    const cost = { timed_calls: timed, mean_us: microseconds(sumNs / timed), max_us: microseconds(mostNs) }
    return [[name.slice(meterName(plugin, "").length), cost]]
  })
}

const meterName = (plugin: string, where: string): string => `${plugin}\n${where}`

const microseconds = (ns: number): number => Math.round(ns) / 1000
