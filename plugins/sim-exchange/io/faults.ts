import type { DelayLine } from "./delay-line.js"

/** Troubles that a test can make. All are off until asked for, and nothing outside the process can ask. */
export interface Faults {
  /** Loses the next `count` depth updates of every diff stream message, so that clients see a gap. */
  dropDepthUpdates(count: number): void
  /** Cuts every connection without a goodbye. */
  dropConnections(): void
  /** New connections are refused while true. */
  refuseConnections: boolean
  /** Places the next `count` orders, but answers and reports nothing of them until somebody asks for their state. */
  swallowOrderAnswers(count: number): void
  /** Replaces the configured latency, in milliseconds each way. */
  delayMs: number
}

export class FaultSwitches implements Faults {
  refuseConnections = false
  readonly #inbound: DelayLine
  readonly #outbound: DelayLine
  readonly #cutAll: () => void
  #depthUpdates = 0
  #orderAnswers = 0

  constructor(inbound: DelayLine, outbound: DelayLine, cutAll: () => void) {
    this.#inbound = inbound
    this.#outbound = outbound
    this.#cutAll = cutAll
  }

  dropDepthUpdates(count: number): void {
    this.#depthUpdates = count
  }

  dropConnections(): void {
    this.#cutAll()
  }

  swallowOrderAnswers(count: number): void {
    this.#orderAnswers = count
  }

  get delayMs(): number {
    return this.#outbound.delayMs
  }

  set delayMs(delayMs: number) {
    this.#inbound.delayMs = delayMs
    this.#outbound.delayMs = delayMs
  }

  takeDepthUpdate(): boolean {
    return this.#depthUpdates > 0 && this.#depthUpdates-- > 0
  }

  takeOrderAnswer(): boolean {
    return this.#orderAnswers > 0 && this.#orderAnswers-- > 0
  }
}
