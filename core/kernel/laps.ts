/** Where the time of a change goes, in the order in which it goes there. */
export type ChangePart = "settle" | "read" | "compose" | "plan" | "prepare" | "prime" | "cut" | "dispose"

/** Parts of a change that follow each other without a gap, so that they add up to the whole. */
export class Laps {
  readonly #ms = new Map<ChangePart, number>()
  #lastMs: number

  /** `startedMs` is when the save was noticed, as performance.now() counts. */
  constructor(private readonly startedMs = performance.now()) {
    this.#lastMs = startedMs
  }

  /** What has passed since the part before was this one. */
  end(part: ChangePart): void {
    const nowMs = performance.now()
    this.#ms.set(part, nowMs - this.#lastMs)
    this.#lastMs = nowMs
  }

  /** Up to now, in the middle of a part. */
  get elapsedMs(): number {
    return performance.now() - this.startedMs
  }

  /** Of the parts that have ended. */
  get totalMs(): number {
    return this.#lastMs - this.startedMs
  }

  /** In milliseconds. */
  get parts(): Readonly<Partial<Record<ChangePart, number>>> {
    return Object.fromEntries([...this.#ms].map(([part, ms]) => [part, Math.round(ms * 100) / 100]))
  }
}
