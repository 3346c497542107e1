import { engineAwayError, engineForeignError, engineRefusesError } from "../kernel/errors.js"

/** Asks a running engine over HTTP. */
export class EngineClient {
  constructor(
    readonly url: string,
    private readonly token: string | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /** Throws a VelozError unless the answer is a JSON object that has `member`. */
  async get<T>(path: string, member: keyof T & string): Promise<T> {
    const response = await this.#fetch(this.url + path)
    const answer: unknown = await response.json().catch(() => undefined)
    if (!response.ok) {
      const { message } = (answer ?? {}) as { message?: string }
      throw engineRefusesError(this.url + path, response.status, message ?? response.statusText)
    }
    if (typeof answer !== "object" || answer === null || !(member in answer)) throw engineForeignError(this.url)
    return answer as T
  }

  async #fetch(address: string): Promise<Response> {
    const headers = new Headers(this.token === undefined ? [] : [["authorization", `Bearer ${this.token}`]])
    try {
      return await fetch(address, { headers, signal: AbortSignal.any([this.signal, AbortSignal.timeout(DEADLINE_MS)]) })
    } catch (error) {
      this.signal.throwIfAborted()
      const { cause, message } = error as Error & { cause?: Error }
      throw engineAwayError(this.url, cause?.message || message)
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
