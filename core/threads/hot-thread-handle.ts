import { Worker } from "node:worker_threads"
import { threadDiedError, threadSilentError, VelozError } from "../kernel/errors.js"
import type {
  FromThread,
  HotThreadData,
  PreparedAnswer,
  PrepareRequest,
  SentError,
  StoppedAnswer,
  ToThread,
} from "./messages.js"

type Told = Exclude<FromThread["type"], "prepared" | "committed" | "refused" | "started" | "stopped">

/** What control hears of a hot thread beside the answers to its requests. */
export type ThreadListener = (message: Extract<FromThread, { type: Told }>) => void

const ANSWER_DEADLINE_MS = 10_000

/** A hot thread as control holds it: requests with answers, and one listener for the rest. */
export class HotThreadHandle {
  readonly #worker: Worker
  readonly #name: string
  #waiting: { types: readonly string[]; resolve(message: FromThread): void; reject(error: Error): void }[] = []
  #death: Error | undefined

  private constructor(
    name: string,
    listener: ThreadListener,
    private readonly onDeath: (error: Error) => void,
  ) {
    this.#name = name
    this.#worker = new Worker(new URL("./hot-thread.js", import.meta.url), { name })
    this.#worker.on("message", (message: FromThread) => this.#onMessage(message, listener))
    this.#worker.on("error", (error) => this.#onEnd(threadDiedError(name, error.stack ?? error.message)))
    this.#worker.on("exit", (code) => this.#onEnd(threadDiedError(name, `exit code ${code}`)))
  }

  /** Starts the thread. It has no engine until `open`. */
  static async start(
    name: string,
    listener: ThreadListener,
    onDeath: (error: Error) => void,
  ): Promise<{ thread: HotThreadHandle; tid: number | undefined }> {
    const thread = new HotThreadHandle(name, listener, onDeath)
    const started = await thread.#expect("its start", ["started"])
    return { thread, tid: (started as Extract<FromThread, { type: "started" }>).tid }
  }

  /** Gives the thread its engine. */
  open(data: HotThreadData): void {
    this.#send({ type: "open", data })
  }

  async prepare(request: PrepareRequest): Promise<PreparedAnswer> {
    this.#send({ type: "prepare", ...request })
    const answer = await this.#expect(`prepare ${request.generation}`, ["prepared", "refused"])
    if (answer.type === "refused") throw receivedError(answer.error)
    return answer as PreparedAnswer
  }

  /** Returns how long the thread took no input, in microseconds. */
  async commit(generation: number): Promise<number> {
    this.#send({ type: "commit", generation })
    const answer = await this.#expect(`commit ${generation}`, ["committed"])
    return (answer as Extract<FromThread, { type: "committed" }>).pauseUs
  }

  abort(generation: number): void {
    this.#send({ type: "abort", generation })
  }

  channel(plugin: string, message: unknown): void {
    this.#send({ type: "channel", plugin, message })
  }

  /** Never rejects: a thread that is gone has stopped. */
  async stop(graceMs: number): Promise<StoppedAnswer | undefined> {
    if (this.#death !== undefined) return undefined
    this.#death = threadDiedError(this.#name, "it was stopped")
    this.#worker.postMessage({ type: "stop", graceMs } satisfies ToThread)
    const answer = await this.#expect("stop", ["stopped"], graceMs + 500).catch(() => undefined)
    await this.#worker.terminate()
    return answer as StoppedAnswer | undefined
  }

  #send(message: ToThread): void {
    if (this.#death !== undefined) throw this.#death
    this.#worker.postMessage(message)
  }

  #expect(request: string, types: readonly string[], deadlineMs = ANSWER_DEADLINE_MS): Promise<FromThread> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting)
        reject(threadSilentError(this.#name, request, deadlineMs))
      }, deadlineMs)
      const waiting = {
        types,
        resolve: (message: FromThread) => {
          clearTimeout(timer)
          resolve(message)
        },
        reject: (error: Error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
      this.#waiting.push(waiting)
    })
  }

  #onMessage(message: FromThread, listener: ThreadListener): void {
    const index = this.#waiting.findIndex(({ types }) => types.includes(message.type))
    if (index >= 0) this.#waiting.splice(index, 1)[0].resolve(message)
    else if (message.type === "channel" || message.type === "log" || message.type === "fault") listener(message)
  }

  #onEnd(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
    if (this.#death !== undefined) return
    this.#death = error
    this.onDeath(error)
  }
}

function receivedError({ code, message, stack }: SentError): VelozError {
  const error = new VelozError(code ?? "VELOZ_PLUGIN_THREW", message)
  if (stack !== undefined) error.stack = stack
  return error
}
