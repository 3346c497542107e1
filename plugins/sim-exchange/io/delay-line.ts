/**
 * Holds back what passes, in order, by a fixed time: the distance to a venue. With a delay of 0 and nothing held, it
 * calls through at once.
 */
export class DelayLine {
  /** Milliseconds; a timer's resolution, so fractions round up. */
  delayMs: number
  readonly #held: { dueMs: number; action: () => void }[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(delayMs: number) {
    this.delayMs = delayMs
  }

  get isDirect(): boolean {
    return this.delayMs === 0 && this.#held.length === 0
  }

  pass(action: () => void): void {
    if (this.isDirect) action()
    else this.#hold(action)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#held.length = 0
  }

  #hold(action: () => void): void {
    const last = this.#held.at(-1)?.dueMs ?? 0
    this.#held.push({ dueMs: Math.max(performance.now() + this.delayMs, last), action })
    this.#timer ??= setTimeout(() => this.#release(), this.delayMs)
  }

  #release(): void {
    this.#timer = undefined
    const nowMs = performance.now()
    // Taken out before it runs: an action may pass another one.
    while (this.#held.length > 0 && this.#held[0].dueMs <= nowMs) this.#held.shift()!.action()
    if (this.#held.length > 0) this.#timer ??= setTimeout(() => this.#release(), this.#held[0].dueMs - nowMs)
  }
}
