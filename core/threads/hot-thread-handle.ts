import { Worker } from "node:worker_threads"
import { threadDiedError, threadSilentError, VelozError } from "../kernel/errors.js"
import type { FromThread, SentError, ToThread } from "./messages.js"

const TOLD = ["channel", "log", "fault", "slow", "disposed", "held"] as const

/** What control hears of a hot thread without having asked. */
export type Told = Extract<FromThread, { type: (typeof TOLD)[number] }>

export type ThreadListener = (message: Told) => void

type Answer<T extends FromThread["type"]> = Extract<FromThread, { type: T }>

interface Waiting {
  readonly types: readonly string[]
  /** Of which generation, where that is what was asked: the answer to an earlier one may never come, or come late. */
  readonly generation: number | undefined
  resolve(message: FromThread): void
  reject(error: Error): void
}

const ANSWER_DEADLINE_MS = 10_000
const STOP_DEADLINE_MS = 500

/** A hot thread as control holds it: requests with answers, and one listener for the rest. */
export class HotThreadHandle {
  readonly #worker: Worker
  #waiting: Waiting[] = []
  #death: Error | undefined
  #tid: number | undefined
  #timerSlackNs: number | undefined
  /** The plugin that it has begun to make, until it answers. */
  #loading: string | undefined

  private constructor(
    private threadName: string,
    listener: ThreadListener,
    private readonly onDeath: (error: Error) => void,
    semiSpaceMb: number | undefined,
  ) {
    const name = threadName
    // V8 counts three of them to the young generation.
    const resourceLimits = semiSpaceMb === undefined ? {} : { maxYoungGenerationSizeMb: 3 * semiSpaceMb }
    this.#worker = new Worker(new URL("./hot-thread.js", import.meta.url), { name, resourceLimits })
    this.#worker.on("message", (message: FromThread) => this.#onMessage(message, listener))
    this.#worker.on("error", (error) => this.#onEnd(threadDiedError(this.name, error.stack ?? error.message)))
    this.#worker.on("exit", (code) => this.#onEnd(threadDiedError(this.name, `exit code ${code}`)))
  }

  /**
   * Starts the thread. It has no roles until it is told to open. V8 sizes the part of its heap for new objects once, at
   * the start: by `semiSpaceMb`, or as V8 likes.
   */
  static async start(
    name: string,
    listener: ThreadListener,
    onDeath: (error: Error) => void,
    semiSpaceMb?: number,
  ): Promise<HotThreadHandle> {
    const thread = new HotThreadHandle(name, listener, onDeath, semiSpaceMb)
    const { tid, timerSlackNs } = await thread.expect("its start", ["started"])
    thread.#tid = tid
    thread.#timerSlackNs = timerSlackNs
    return thread
  }

  get name(): string {
    return this.threadName
  }

  /** What its messages and errors call it from now on. */
  rename(name: string): void {
    this.threadName = name
  }

  /** The number of the thread in the operating system; undefined where that does not tell. */
  get tid(): number | undefined {
    return this.#tid
  }

  /** What the thread has said of it last; undefined where there is no such thing. */
  get timerSlackNs(): number | undefined {
    return this.#timerSlackNs
  }

  /** Why it has ended, by itself or because it was stopped. */
  get death(): Error | undefined {
    return this.#death
  }

  get isDead(): boolean {
    return this.#death !== undefined
  }

  send(message: ToThread): void {
    if (this.#death !== undefined) throw this.#death
    this.#worker.postMessage(message)
  }

  /** Sends a message and waits for an answer of one of these types. A refusal rejects. */
  async ask<T extends FromThread["type"]>(
    message: ToThread,
    types: readonly T[],
    deadlineMs = ANSWER_DEADLINE_MS,
  ): Promise<Answer<T>> {
    this.send(message)
    return this.expect(message.type, types, deadlineMs, generationOf(message))
  }

  /** Waits for an answer to what another thread was asked. */
  async expect<T extends FromThread["type"]>(
    request: string,
    types: readonly T[],
    deadlineMs = ANSWER_DEADLINE_MS,
    generation?: number,
  ): Promise<Answer<T>> {
    const answer: FromThread = await this.#expect(request, [...types, "refused"], deadlineMs, generation)
    if (answer.type === "refused") throw receivedError(answer.error)
    return answer as Answer<T>
  }

  /** Never rejects: a thread that is gone has stopped. */
  async stop(): Promise<void> {
    if (this.#death !== undefined) return
    this.#death = threadDiedError(this.name, "it was stopped")
    this.#worker.postMessage({ type: "stop" } satisfies ToThread)
    await this.#expect("stop", ["stopped"], STOP_DEADLINE_MS).catch(() => undefined)
    await this.#worker.terminate()
  }

  #expect(
    request: string,
    types: readonly string[],
    deadlineMs = ANSWER_DEADLINE_MS,
    generation?: number,
  ): Promise<FromThread> {
    return new Promise((resolve, reject) => {
      const forget = (): void => {
        clearTimeout(timer)
        this.#waiting = this.#waiting.filter((other) => other !== waiting)
      }
      const waiting: Waiting = {
        types,
        generation,
        resolve: (message) => {
          forget()
          resolve(message)
        },
        reject: (error) => {
          forget()
          reject(error)
        },
      }
      const silent = (): VelozError => threadSilentError(this.name, request, deadlineMs, this.#loading)
      const timer = setTimeout(() => waiting.reject(silent()), deadlineMs)
      this.#waiting.push(waiting)
    })
  }

  #onMessage(message: FromThread, listener: ThreadListener): void {
    if (isTold(message)) return listener(message)
    this.#loading = message.type === "loading" ? message.plugin : undefined
    if (message.type === "timer_slack") this.#timerSlackNs = message.ns
    const isMeant = ({ types, generation }: Waiting): boolean =>
      types.includes(message.type) && (generation === undefined || generation === generationOf(message))
    this.#waiting.find(isMeant)?.resolve(message)
  }

  #onEnd(error: Error): void {
    for (const { reject } of [...this.#waiting]) reject(error)
    if (this.#death !== undefined) return
    this.#death = error
    this.onDeath(error)
  }
}

const isTold = (message: FromThread): message is Told => (TOLD as readonly string[]).includes(message.type)

const generationOf = (message: FromThread | ToThread): number | undefined =>
  "generation" in message ? message.generation : undefined

export function receivedError({ code, message, stack, field }: SentError): VelozError {
  const error = new VelozError(code ?? "VELOZ_PLUGIN_THREW", message, field === undefined ? {} : { field })
  if (stack !== undefined) error.stack = stack
  return error
}
