import type { Connection } from "./connection.js"
import type { Stream, Subscriber } from "./market-streams.js"

/** Finds a stream by its name; undefined for names that nothing is sent on. */
export type FindStream = (name: string) => Stream | undefined

/** What one client of the stream endpoints has subscribed to, and its control messages. */
export class StreamSession implements Subscriber {
  readonly connection: Connection
  isCombined: boolean
  readonly #findStream: FindStream
  readonly #names = new Set<string>()

  constructor(connection: Connection, isCombined: boolean, findStream: FindStream) {
    this.connection = connection
    this.isCombined = isCombined
    this.#findStream = findStream
    connection.onMessage((text) => connection.send(this.#answer(text)))
    connection.onClose(() => this.unsubscribe([...this.#names]))
  }

  subscribe(names: readonly string[]): void {
    for (const name of names) {
      this.#names.add(name)
      this.#findStream(name)?.subscribers.add(this)
    }
  }

  unsubscribe(names: readonly string[]): void {
    for (const name of names) {
      this.#names.delete(name)
      this.#findStream(name)?.subscribers.delete(this)
    }
  }

  #answer(text: string): string {
    let request: unknown
    try {
      request = JSON.parse(text)
    } catch {
      return refusal(3, "Invalid JSON: expected value at line 1 column 1")
    }
    if (typeof request !== "object" || request === null) return refusal(2, "Invalid request: expected an object")
    const { id, method, params } = request as Record<string, unknown>
    if (!isRequestId(id)) return refusal(2, "Invalid request: request ID must be an unsigned integer")
    if (typeof method !== "string") return refusal(2, "Invalid request: missing field `method`")
    return this.#handle(method, params, id)
  }

  #handle(method: string, params: unknown, id: unknown): string {
    switch (method) {
      case "SUBSCRIBE":
      case "UNSUBSCRIBE":
        return this.#change(method, params, id)
      case "LIST_SUBSCRIPTIONS":
        return success([...this.#names], id)
      case "SET_PROPERTY":
        return this.#setProperty(params, id)
      case "GET_PROPERTY":
        return isCombinedProperty(params) ? success(this.isCombined, id) : refusal(0, "Unknown property", id)
    }
    const known = "`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`"
    return refusal(2, `Invalid request: unknown variant \`${method}\`, expected one of ${known}`, id)
  }

  #change(method: "SUBSCRIBE" | "UNSUBSCRIBE", params: unknown, id: unknown): string {
    if (!Array.isArray(params) || !params.every((name) => typeof name === "string")) {
      return refusal(2, "Invalid request: params must be a list of stream names", id)
    }
    if (method === "UNSUBSCRIBE") this.unsubscribe(params)
    else if (new Set([...this.#names, ...params]).size > MOST_STREAMS) {
      return refusal(2, `Invalid request: a connection can listen to ${MOST_STREAMS} streams at most`, id)
    } else this.subscribe(params)
    return success(null, id)
  }

  #setProperty(params: unknown, id: unknown): string {
    if (!isCombinedProperty(params)) return refusal(0, "Unknown property", id)
    const value = (params as unknown[])[1]
    if (typeof value !== "boolean") return refusal(1, "Invalid value type: expected Boolean", id)
    this.isCombined = value
    return success(null, id)
  }
}

const MOST_STREAMS = 1024

function isRequestId(id: unknown): boolean {
  return id === null || Number.isSafeInteger(id) || (typeof id === "string" && id.length <= 36)
}

function isCombinedProperty(params: unknown): boolean {
  return Array.isArray(params) && params[0] === "combined"
}

function success(result: unknown, id: unknown): string {
  return JSON.stringify({ result, id })
}

function refusal(code: number, msg: string, id?: unknown): string {
  return JSON.stringify({ error: { code, msg }, id: id ?? null })
}
