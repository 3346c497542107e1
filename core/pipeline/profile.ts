// Where the time of a path goes: sums of stage durations over the same orders (or updates), so that the means of the
// stages add up to the mean of the whole. One writer, the role at the end of the path; readers take a whole reading by
// the sequence.
// | 0 sequence i32 | 8 count f64 | 16 sums of the stages in ns f64 ... |

export const ORDER_PROFILE = [
  "api_receive",
  "validation",
  "risk_check",
  "serialization",
  "network_send",
  "exchange_processing",
  "network_receive",
] as const

export const MARKET_PROFILE = ["websocket_receive", "deserialization", "order_book_update", "strategy_notify"] as const

const COUNT = 1
const SUMS = 2

export const profileBytes = (stages: readonly string[]): number => (SUMS + stages.length) * 8

/** Cumulative: how many, and the sum of each stage in nanoseconds. */
export interface ProfileSums {
  readonly count: number
  readonly stagesNs: readonly number[]
}

/** The sums of one path. */
export class Profile {
  readonly #sequence: Int32Array
  readonly #values: Float64Array
  /** The stages of what is added next, in ns. In memory, because as arguments doubles would be boxed. */
  readonly stagesNs: Float64Array

  /** Over memory of `profileBytes` of the path's stages. */
  constructor(memory: SharedArrayBuffer | ArrayBuffer) {
    this.#sequence = new Int32Array(memory, 0, 2)
    this.#values = new Float64Array(memory)
    this.stagesNs = new Float64Array(this.#values.length - SUMS)
  }

  /** Adds the order or update whose stages lie in `stagesNs`. */
  add(): void {
    const values = this.#values
    const stages = this.stagesNs
    Atomics.add(this.#sequence, 0, 1)
    values[COUNT] += 1
    for (let stage = 0; stage < stages.length; stage += 1) values[SUMS + stage] += stages[stage]
    Atomics.add(this.#sequence, 0, 1)
  }

  read(): ProfileSums {
    for (;;) {
      const before = Atomics.load(this.#sequence, 0)
      const values = this.#values.slice()
      if ((before & 1) === 0 && Atomics.load(this.#sequence, 0) === before) {
        return { count: values[COUNT], stagesNs: [...values.subarray(SUMS)] }
      }
    }
  }
}
