import type { Timers } from "veloz"
import { type HeapAnswer, type HeapQuestion, type HeapReading, HOT_ROLES, type HotRole, readHeap } from "./heap.js"

/** How long the hot threads may take: they answer within their duty cycle. */
const ANSWER_WITHIN_MS = 500

/** The heap of a thread, with the roles that it runs. */
export interface ThreadHeap extends HeapReading {
  readonly roles: readonly (HotRole | "control")[]
}

/** Asks every thread for its heap: one question at a time, however many ask for it. */
export class HeapReader {
  #question = 0
  #current: Promise<readonly ThreadHeap[] | undefined> | undefined
  #answers = new Map<HotRole, HeapReading>()
  #settle: (isComplete: boolean) => void = () => undefined

  constructor(
    private readonly post: (question: HeapQuestion) => void,
    private readonly timers: Pick<Timers, "after" | "cancel">,
  ) {}

  /** One reading a thread, this one's included. Undefined when a thread has not answered. */
  read(): Promise<readonly ThreadHeap[] | undefined> {
    this.#current ??= this.#ask().finally(() => {
      this.#current = undefined
    })
    return this.#current
  }

  onAnswer({ question, role, heap }: HeapAnswer): void {
    if (question !== this.#question) return
    this.#answers.set(role, heap)
    if (this.#answers.size === HOT_ROLES.length) this.#settle(true)
  }

  /** The part leaves: nobody is left waiting. */
  giveUp(): void {
    this.#settle(false)
  }

  async #ask(): Promise<readonly ThreadHeap[] | undefined> {
    this.#question += 1
    this.#answers = new Map()
    const timer = this.timers.after(ANSWER_WITHIN_MS, () => this.#settle(false))
    const isComplete = await new Promise<boolean>((resolve) => {
      this.#settle = resolve
      this.post({ question: this.#question })
    })
    this.timers.cancel(timer)
    if (!isComplete) return undefined
    const heaps = new Map<number, ThreadHeap>()
    for (const [role, heap] of [...this.#answers, ["control", readHeap()] as const]) {
      heaps.set(heap.threadId, { ...heap, roles: [...(heaps.get(heap.threadId)?.roles ?? []), role] })
    }
    return [...heaps.values()]
  }
}
