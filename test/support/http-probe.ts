import { request } from "node:http"
import { ManualClock } from "../../core/hot/clock.js"
import type { Log, Route } from "../../core/kernel/contract.js"
import { HttpService, type HttpServiceOptions, type OwnedRoute } from "../../core/kernel/http.js"

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into whatever came
  body: any
  headers: Record<string, string | string[] | undefined>
}

/** A server of its own on a free port, for tests that ask over the wire. */
export class HttpProbe {
  readonly clock = new ManualClock(5_000)
  readonly errors: string[] = []
  readonly service: HttpService
  readonly #log: Log = {
    debug() {},
    info() {},
    warn() {},
    error: (message, details) => void this.errors.push(`${message} ${JSON.stringify(details)}`),
  }

  constructor(options: Partial<HttpServiceOptions> = {}) {
    this.service = new HttpService({ clock: this.clock, log: this.#log, version: "1.0.0", ...options })
  }

  static async serving(
    routes: readonly Route[],
    token?: string,
    options: Partial<HttpServiceOptions> = {},
  ): Promise<HttpProbe> {
    const probe = new HttpProbe(options)
    await probe.adopt(routes)
    await probe.service.listen({ host: "127.0.0.1", port: 0, ...(token === undefined ? {} : { token }) })
    return probe
  }

  async adopt(routes: readonly Route[]): Promise<void> {
    const owned: OwnedRoute[] = routes.map((route) => ({ plugin: "test", route }))
    this.service.commit(await this.service.prepare(owned))
  }

  get port(): number {
    return this.service.address!.port
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send("GET", path, undefined, headers)
  }

  /** Sends an object as JSON, and text as it is. */
  post(path: string, body?: object | string, headers: Record<string, string> = {}): Promise<Answer> {
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body)
    return this.send(
      "POST",
      path,
      text,
      text === undefined ? headers : { "content-type": "application/json", ...headers },
    )
  }

  /** Node's own client, because fetch does not let a test choose the Host header. */
  send(method: string, path: string, body: string | undefined, headers: Record<string, string>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: this.port, method, path, headers, agent: false } as const
      const sent = request(options, (response) => {
        let text = ""
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk
        })
        response.on("error", reject)
        response.on("end", () => {
          resolve({ status: response.statusCode!, body: parsed(text), headers: response.headers })
        })
      })
      sent.on("error", reject)
      sent.end(body)
    })
  }

  close(): Promise<void> {
    return this.service.close(50)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
