import type { Duplex } from "node:stream"
import type { RawData, WebSocket } from "ws"
import type { TimeUnit } from "../answers.js"
import type { DelayLine } from "./delay-line.js"
import { DirectMessages } from "./direct-messages.js"
import { Outbox } from "./outbox.js"

/** A WebSocket client, its outgoing frames, and the watch over whether it is still there. */
export class Connection {
  readonly unit: TimeUnit
  readonly address: string
  readonly outbox: Outbox
  readonly #webSocket: WebSocket
  readonly #socket: Duplex
  #pingTimer: NodeJS.Timeout
  #pongTimer: NodeJS.Timeout | undefined
  #awaited: string | undefined

  constructor(webSocket: WebSocket, socket: Duplex, address: string, unit: TimeUnit, delay: DelayLine, pingMs: number) {
    this.#webSocket = webSocket
    this.#socket = socket
    this.address = address
    this.unit = unit
    this.outbox = new Outbox(socket, delay)
    this.#pingTimer = setInterval(() => this.#ping(pingMs), pingMs)
    webSocket.on("pong", (payload) => this.#onPong(payload.toString("latin1")))
    webSocket.on("close", () => this.#stopTimers())
    // The close event follows and says all that there is to say.
    webSocket.on("error", () => {})
  }

  /** One listener a connection: most messages do not take the way of the library's event. */
  onMessage(listener: (text: string) => void): void {
    // What was answered leaves before the library reads on: it may say goodbye, and nothing follows a goodbye.
    const flush = () => this.flush()
    new DirectMessages(this.#webSocket, this.#socket, listener, flush)
    this.#webSocket.on("message", (data: RawData) => {
      listener(data.toString())
      flush()
    })
  }

  onClose(listener: () => void): void {
    this.#webSocket.on("close", listener)
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN
  }

  /** Writes one text message at once. */
  send(text: string): void {
    this.outbox.appendText(text)
    this.flush()
  }

  /** Writes what waits. A client that does not read is cut off before it takes the memory. */
  flush(): void {
    if (this.outbox.backlog > MOST_BACKLOG_BYTES) this.terminate()
    else if (this.isOpen) this.outbox.flush()
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason)
  }

  terminate(): void {
    this.#stopTimers()
    this.#webSocket.terminate()
  }

  // As the venue does: a ping every 20 s, and a minute for the pong that carries its payload.
  #ping(pingMs: number): void {
    const payload = String(Date.now())
    this.#webSocket.ping(payload)
    if (this.#pongTimer !== undefined) return
    this.#awaited = payload
    this.#pongTimer = setTimeout(() => this.terminate(), pingMs * 3)
  }

  #onPong(payload: string): void {
    if (this.#awaited === undefined || payload < this.#awaited) return
    clearTimeout(this.#pongTimer)
    this.#pongTimer = undefined
    this.#awaited = undefined
  }

  #stopTimers(): void {
    clearInterval(this.#pingTimer)
    clearTimeout(this.#pongTimer)
  }
}

const MOST_BACKLOG_BYTES = 16 * 1024 * 1024
