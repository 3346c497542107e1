import { engineAwayError, engineForeignError, engineRefusesError } from "../kernel/errors.js"

/** Asks a running engine over HTTP. */
export class EngineClient {
  constructor(
    readonly url: string,
    private readonly token: string | undefined,
    private readonly signal: AbortSignal,
    private readonly deadlineMs = DEADLINE_MS,
  ) {}

  /** Throws a VelozError unless the answer is a JSON object that has `member`. */
  get<T>(path: string, member: keyof T & string): Promise<T> {
    return this.#answer("GET", path, member)
  }

  /** The same, with a body if there is one. */
  post<T>(path: string, member: keyof T & string, body?: object): Promise<T> {
    return this.#answer("POST", path, member, body)
  }

  async #answer<T>(method: string, path: string, member: keyof T & string, body?: object): Promise<T> {
    const { status, answer } = await this.#ask(method, this.url + path, body)
    if (status !== 200) {
      const { message } = (answer ?? {}) as { message?: string }
      throw engineRefusesError(this.url + path, status, message ?? "it gives no reason")
    }
    if (typeof answer !== "object" || answer === null || !(member in answer)) throw engineForeignError(this.url)
    return answer as T
  }

  async #ask(method: string, address: string, body?: object): Promise<{ status: number; answer: unknown }> {
    const request = new AbortController()
    const stop = (): void => request.abort()
    const late = new Error(`no answer came in ${this.deadlineMs} ms`)
    const timer = setTimeout(() => request.abort(late), this.deadlineMs)
    this.signal.addEventListener("abort", stop)
    try {
      const headers = new Headers(this.token === undefined ? [] : [["authorization", `Bearer ${this.token}`]])
      if (body !== undefined) headers.set("content-type", "application/json")
      const content = body === undefined ? {} : { body: JSON.stringify(body) }
      const response = await fetch(address, { method, ...content, headers, signal: request.signal })
      const text = await response.text()
      return { status: response.status, answer: parsed(text) }
    } catch (error) {
      this.signal.throwIfAborted()
      const { cause, message } = error as Error & { cause?: Error }
      throw engineAwayError(this.url, cause?.message || message)
    } finally {
      clearTimeout(timer)
      this.signal.removeEventListener("abort", stop)
    }
  }
}

/** Where the engine of this environment listens, as "veloz start" would choose it. */
export function engineUrl({ VELOZ_HOST, VELOZ_PORT }: NodeJS.ProcessEnv): string {
  const host = EVERYWHERE.get(VELOZ_HOST ?? "") ?? (VELOZ_HOST || "127.0.0.1")
  return `http://${host.includes(":") ? `[${host}]` : host}:${VELOZ_PORT || 8080}`
}

const DEADLINE_MS = 10_000
/** Addresses to listen on that are none to ask, and what reaches them from this machine. */
const EVERYWHERE = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
])

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
