import { createHmac } from "node:crypto"
import { WebSocket } from "ws"
import { VenueError } from "../../../plugins/sim-exchange/venue-error.js"

// biome-ignore lint/suspicious/noExplicitAny: messages of a venue, whose shape is what the tests are about
export type Json = any

/** Code and words of the refusal that a call ends with; code 0 when it ends well. */
export function refusalOf(call: () => unknown): { code: number; message: string } {
  try {
    call()
  } catch (error) {
    if (error instanceof VenueError) return { code: error.code, message: error.message }
    throw error
  }
  return { code: 0, message: "" }
}

export const API_KEY = "test-key"
export const API_SECRET = "test-secret"

/** The parameters with key, time and signature, as a client of the WebSocket API sends them. */
export function signed(
  params: Record<string, string | number> = {},
  secret = API_SECRET,
): Record<string, string | number> {
  const all: Record<string, string | number> = { apiKey: API_KEY, timestamp: Date.now(), ...params }
  const payload = Object.keys(all)
    .sort()
    .map((name) => `${name}=${all[name]}`)
    .join("&")
  return { ...all, signature: createHmac("sha256", secret).update(payload).digest("hex") }
}

/** A signed query string, as a REST client sends it. */
export function signedQuery(params: Record<string, string | number> = {}, secret = API_SECRET): string {
  const query = new URLSearchParams({ ...stringified(params), timestamp: String(Date.now()) }).toString()
  return `${query}&signature=${createHmac("sha256", secret).update(query).digest("hex")}`
}

/** A frame as clients send it, with `first` as its first byte. */
export function maskedFrame(first: number, text: string): Buffer {
  const payload = Buffer.from(text, first === 0x88 ? "latin1" : "utf8")
  const key = [0x1f, 0xe2, 0x03, 0x94]
  const length = payload.length
  const long = Buffer.alloc(8)
  if (length < 65_536) long.writeUInt16BE(length)
  else long.writeBigUInt64BE(BigInt(length))
  const [code, size] = length < 126 ? [length, 0] : length < 65_536 ? [126, 2] : [127, 8]
  const header = [first, 0x80 | code, ...long.subarray(0, size), ...key]
  return Buffer.concat([Buffer.from(header), payload.map((byte, i) => byte ^ key[i & 3])])
}

/** A WebSocket client that keeps what it hears, and waits for what is still to come. */
export class Client {
  readonly messages: Json[] = []
  readonly texts: string[] = []
  isClosed = false
  readonly #socket: WebSocket
  readonly #waiting: { wish: (message: Json) => boolean; resolve: (message: Json) => void }[] = []
  #nextId = 1

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on("message", (data) => this.#hear(data.toString()))
    socket.on("error", () => {})
    socket.on("close", () => {
      this.isClosed = true
    })
  }

  static async open(url: string, options: object = {}): Promise<Client> {
    const socket = new WebSocket(url, options)
    const client = new Client(socket)
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject))
    return client
  }

  get socket(): WebSocket {
    return this.#socket
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message))
  }

  /** Sends a request and resolves with its answer. */
  ask(method: string, params: object = {}): Promise<Json> {
    const id = `request-${this.#nextId++}`
    const answer = this.next((message) => message.id === id)
    this.send({ id, method, params })
    return answer
  }

  /** The first message, already heard or still to come, that fits. */
  next(wish: (message: Json) => boolean): Promise<Json> {
    const heard = this.messages.find(wish)
    if (heard !== undefined) return Promise.resolve(heard)
    return new Promise((resolve) => this.#waiting.push({ wish, resolve }))
  }

  async closed(): Promise<void> {
    if (!this.isClosed) await new Promise((resolve) => this.#socket.once("close", resolve))
  }

  close(): Promise<void> {
    this.#socket.close()
    return this.closed()
  }

  #hear(text: string): void {
    const message = JSON.parse(text)
    this.texts.push(text)
    this.messages.push(message)
    for (const waiting of this.#waiting.filter(({ wish }) => wish(message))) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
      waiting.resolve(message)
    }
  }
}

function stringified(params: Record<string, string | number>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]))
}
