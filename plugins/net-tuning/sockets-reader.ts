import type { Timers } from "veloz"
import { socketsSilentError } from "./errors.js"
import type { SocketsAnswer, SocketsQuestion } from "./messages.js"
import type { SocketReading } from "./socket.js"

type Readings = readonly SocketReading[]

/** How long the network part may take: it answers within its duty cycle. */
const ANSWER_WITHIN_MS = 1000

/** Asks the network part what its sockets have: one question at a time, however many ask for it. */
export class SocketsReader {
  #question = 0
  #current: Promise<Readings> | undefined
  #next: Promise<Readings> | undefined
  #isGone = false
  #settle: { resolve(readings: Readings): void; reject(error: Error): void } | undefined

  constructor(
    private readonly post: (question: SocketsQuestion) => void,
    private readonly timers: Pick<Timers, "after" | "cancel">,
  ) {}

  read(): Promise<Readings> {
    if (this.#current === undefined) return this.#ask()
    // What is on its way may have been read before this was asked for.
    this.#next ??= this.#current
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.#ask()
      })
    return this.#next
  }

  onAnswer({ question, sockets }: SocketsAnswer): void {
    if (question === this.#question) this.#settle?.resolve(sockets)
  }

  /** The part leaves: who waits is told to ask again. */
  giveUp(): void {
    this.#isGone = true
    this.#settle?.reject(goneError())
  }

  #ask(): Promise<Readings> {
    if (this.#isGone) return Promise.reject(goneError())
    this.#question += 1
    const late = `it had not answered within ${ANSWER_WITHIN_MS} ms: GET /api/metrics/threads and GET /api/plugins may tell why`
    const timer = this.timers.after(ANSWER_WITHIN_MS, () => this.#settle?.reject(socketsSilentError(late)))
    const answer = new Promise<Readings>((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.#current = answer.finally(() => {
      this.timers.cancel(timer)
      this.#current = undefined
    })
    this.post({ question: this.#question })
    return this.#current
  }
}

const goneError = (): Error => socketsSilentError("this plugin was replaced meanwhile")
