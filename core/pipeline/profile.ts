// Where the time of a path goes: sums of stage durations over the same orders (or updates), so that the means of the
// stages add up to the mean of the whole. One writer, the engine; readers take a whole reading by the sequence.
// | 0 sequence i32 | 8 order count | 16 sums of ORDER_STAGES_NS | ... market count | sums of MARKET_STAGES_NS | (f64)

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

const ORDER_COUNT = 1
const ORDER_SUMS = 2
const MARKET_COUNT = ORDER_SUMS + ORDER_PROFILE.length
const MARKET_SUMS = MARKET_COUNT + 1
const WORDS = MARKET_SUMS + MARKET_PROFILE.length
export const PROFILE_BYTES = WORDS * 8

/** Cumulative counts and sums, in nanoseconds. */
export interface ProfileSums {
  orders: number
  orderNs: number[]
  updates: number
  marketNs: number[]
}

export class Profile {
  readonly #sequence: Int32Array
  readonly #values: Float64Array
  /** The stages of the order or update to be added next. In memory, because as arguments doubles would be boxed. */
  readonly orderNs = new Float64Array(ORDER_PROFILE.length)
  readonly updateNs = new Float64Array(MARKET_PROFILE.length)

  constructor(memory: SharedArrayBuffer | ArrayBuffer) {
    this.#sequence = new Int32Array(memory, 0, 2)
    this.#values = new Float64Array(memory)
  }

  /** Adds the order whose stages lie in `orderNs`. */
  addOrder(): void {
    this.#add(this.orderNs, ORDER_COUNT, ORDER_SUMS)
  }

  /** Adds the update whose stages lie in `updateNs`. */
  addUpdate(): void {
    this.#add(this.updateNs, MARKET_COUNT, MARKET_SUMS)
  }

  #add(stagesNs: Float64Array, count: number, sums: number): void {
    const values = this.#values
    Atomics.add(this.#sequence, 0, 1)
    values[count] += 1
    for (let stage = 0; stage < stagesNs.length; stage += 1) values[sums + stage] += stagesNs[stage]
    Atomics.add(this.#sequence, 0, 1)
  }

  read(): ProfileSums {
    for (;;) {
      const before = Atomics.load(this.#sequence, 0)
      const values = this.#values.slice()
      if ((before & 1) === 0 && Atomics.load(this.#sequence, 0) === before) return sums(values)
    }
  }
}

const sums = (values: Float64Array): ProfileSums => ({
  orders: values[ORDER_COUNT],
  orderNs: [...values.subarray(ORDER_SUMS, MARKET_COUNT)],
  updates: values[MARKET_COUNT],
  marketNs: [...values.subarray(MARKET_SUMS, WORDS)],
})
