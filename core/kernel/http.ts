import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import type { Clock } from "../hot/clock.js"
import type { Log } from "./contract.js"
import {
  badRequestError,
  listenError,
  portOverlapsError,
  portTakenError,
  startingError,
  type VelozError,
} from "./errors.js"
import {
  createHttpApp,
  errorAnswer,
  type HttpApp,
  type OwnedRoute,
  RECEIVED_NS,
  type StampedRequest,
} from "./http-app.js"
import { createGuard, type Guard } from "./http-guard.js"
import { RequestValidators } from "./http-schema.js"
import { HttpStreams } from "./http-streams.js"

export type { OwnedRoute } from "./http-app.js"

export interface HttpAddress {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Every request must carry it. */
  readonly token?: string
}

/** Routes and a port that are ready, and that nothing was changed for yet. */
export interface HttpGeneration {
  /** Gives up what was prepared. Safe after the commit, when it does nothing. */
  dispose(): Promise<void>
}

export interface HttpServiceOptions {
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  /** How long requests and streams at a port that is given up may go on. */
  readonly oldPortGraceMs?: number
  /** Names who holds a port, such as "node (pid 4711)", where the system tells. */
  readonly portHolder?: (port: number, host: string) => Promise<string | undefined> | string | undefined
}

/**
 * The HTTP server of an engine. The port belongs to the kernel and stays open while generations come and go: each
 * brings its routes, which are built aside and take over by one assignment; requests that run finish on the old ones.
 */
export class HttpService {
  readonly #options: HttpServiceOptions
  readonly #validators = new RequestValidators()
  readonly #streams = new HttpStreams()
  #current: Serving | undefined
  #port: OpenPort | undefined

  constructor(options: HttpServiceOptions) {
    this.#options = options
  }

  /** Where the server listens: the port that was taken when 0 was asked for. Undefined before it does. */
  get address(): { host: string; port: number } | undefined {
    return this.#port === undefined ? undefined : { host: this.#port.wanted.host, port: this.#port.actualPort }
  }

  /** Builds the routes of a generation, and opens its port if that is another one. The old ones serve meanwhile. */
  async prepare(routes: readonly OwnedRoute[], address?: HttpAddress): Promise<HttpGeneration> {
    const listed = [...routes, ...this.#indexRoute(routes)]
    const app = await createHttpApp(listed, this.#validators, this.#streams, this.#options.log)
    try {
      const guard = address === undefined ? undefined : createGuard(address.host, address.token)
      const port = address === undefined || this.#port?.isFor(address) ? undefined : await this.#open(address)
      return new PreparedGeneration(new Serving(app), port, guard)
    } catch (error) {
      await app.close()
      throw error
    }
  }

  /** Whether a generation could listen there. Throws what `prepare` would, and leaves nothing. */
  async try(address: HttpAddress): Promise<void> {
    if (!this.#port?.isFor(address)) await (await this.#open(address)).close(0)
  }

  /** From the next request on, the prepared routes answer, at the prepared port. Cannot fail. */
  commit(generation: HttpGeneration): void {
    const { serving, port, guard } = (generation as PreparedGeneration).take()
    const { oldServing, oldPort } = { oldServing: this.#current, oldPort: this.#port }
    this.#current = serving
    if (port !== undefined) this.#port = port
    if (guard !== undefined && this.#port !== undefined) this.#port.guard = guard
    oldServing?.retire()
    if (port !== undefined) void this.#giveUp(oldPort)
  }

  /** Listens there, with the routes that are served now. A new port is open before the old one closes. */
  async listen(address: HttpAddress): Promise<{ host: string; port: number }> {
    const guard = createGuard(address.host, address.token)
    if (!this.#port?.isFor(address)) {
      const port = await this.#open(address)
      void this.#giveUp(this.#port)
      this.#port = port
    }
    this.#port.guard = guard
    return this.address!
  }

  /** Takes no more requests, lets those that run finish for `graceMs`, ends streams, and closes every connection. */
  async close(graceMs = 500): Promise<void> {
    this.#streams.end()
    const { port, serving } = { port: this.#port, serving: this.#current }
    this.#port = undefined
    await port?.close(graceMs)
    this.#current = undefined
    serving?.retire()
  }

  /** Streams tell of the new port before they end with the old one. */
  #giveUp(port: OpenPort | undefined): Promise<void> | undefined {
    const { oldPortGraceMs = OLD_PORT_GRACE_MS } = this.#options
    return port?.close(oldPortGraceMs, () => this.#streams.end((response) => port.has(response)))
  }

  async #open(address: HttpAddress): Promise<OpenPort> {
    const port = new OpenPort(address, (from, request, response) => this.#answer(from, request, response))
    try {
      await port.listen()
      return port
    } catch (error) {
      throw await this.#explain(address, error as NodeJS.ErrnoException)
    }
  }

  async #explain({ host, port }: HttpAddress, error: NodeJS.ErrnoException): Promise<VelozError> {
    if (error.code !== "EADDRINUSE") return listenError(host, port, error.message)
    const { address } = this
    if (address?.port === port && address.host !== host) return portOverlapsError(host, port, address.host)
    return portTakenError(host, port, await this.#options.portHolder?.(port, host))
  }

  #answer(port: OpenPort, request: IncomingMessage, response: ServerResponse): void {
    // First of all, because the latency of an order starts here.
    ;(request as StampedRequest)[RECEIVED_NS] = this.#options.clock.nowNs()
    if (port.isClosing) response.shouldKeepAlive = false
    const serving = this.#current
    const refusal = port.guard?.(request) ?? (serving === undefined ? startingError() : undefined)
    if (refusal === undefined) serving!.handle(request, response)
    else refuse(response, refusal)
  }

  #indexRoute(routes: readonly OwnedRoute[]): OwnedRoute[] {
    if (routes.some(({ route }) => route.method === "GET" && route.url === "/")) return []
    const listed = routes
      .map(({ plugin, route: { method, url, summary } }) => ({ method, url, plugin, ...(summary && { summary }) }))
      .sort((a, b) => a.url.localeCompare(b.url) || a.method.localeCompare(b.method))
    const answer = { name: "veloz", version: this.#options.version, routes: listed }
    const route = { method: "GET", url: "/", summary: "What there is to ask for", handler: () => answer } as const
    return [{ plugin: "veloz", route }]
  }
}

const OLD_PORT_GRACE_MS = 5_000
/** As long as an answer that is ended may take to leave. */
const LAST_WORDS_MS = 500

/** The routes of one generation, and the requests that run on them. */
class Serving {
  #running = 0
  #isRetired = false
  readonly #finished = (): void => {
    this.#running -= 1
    this.#closeWhenDone()
  }

  constructor(private readonly app: HttpApp) {}

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.#running += 1
    response.once("close", this.#finished)
    this.app.handle(request, response)
  }

  /** Another generation answers from now on. */
  retire(): void {
    this.#isRetired = true
    this.#closeWhenDone()
  }

  #closeWhenDone(): void {
    if (this.#isRetired && this.#running === 0) void this.app.close()
  }
}

class PreparedGeneration implements HttpGeneration {
  #held: { serving: Serving; port: OpenPort | undefined; guard: Guard | undefined } | undefined

  constructor(serving: Serving, port: OpenPort | undefined, guard: Guard | undefined) {
    this.#held = { serving, port, guard }
  }

  take(): { serving: Serving; port: OpenPort | undefined; guard: Guard | undefined } {
    const held = this.#held
    if (held === undefined)
      throw new Error("VELOZ_BUG: a generation of routes was committed twice or after its dispose")
    this.#held = undefined
    return held
  }

  async dispose(): Promise<void> {
    const held = this.#held
    this.#held = undefined
    held?.serving.retire()
    await held?.port?.close(0)
  }
}

/** A server that listens. */
class OpenPort {
  guard: Guard | undefined
  isClosing = false
  readonly #server: Server
  readonly #sockets = new WeakSet<Socket>()

  constructor(
    readonly wanted: HttpAddress,
    answer: (from: OpenPort, request: IncomingMessage, response: ServerResponse) => void,
  ) {
    this.guard = createGuard(wanted.host, wanted.token)
    this.#server = createServer(SERVER_OPTIONS, (request, response) => answer(this, request, response))
    this.#server.on("clientError", refuseUnreadable)
    this.#server.on("connection", (socket) => this.#sockets.add(socket))
  }

  /** Whether the answer goes over a connection of this port. */
  has({ socket }: ServerResponse): boolean {
    return socket !== null && this.#sockets.has(socket)
  }

  get actualPort(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? this.wanted.port
  }

  isFor({ host, port }: HttpAddress): boolean {
    return this.wanted.host === host && (this.wanted.port === port || this.actualPort === port)
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject)
      this.#server.listen({ host: this.wanted.host, port: this.wanted.port }, () => {
        this.#server.off("error", reject)
        resolve()
      })
    })
  }

  /** Takes no more connections, and cuts off those that are left after `graceMs`; `onLast` ends what has no end before. */
  close(graceMs: number, onLast?: () => void): Promise<void> {
    this.isClosing = true
    return new Promise((resolve) => {
      const cut = (): void => this.#server.closeAllConnections()
      const last = (): void => {
        onLast?.()
        timer = setTimeout(cut, LAST_WORDS_MS)
      }
      let timer = setTimeout(onLast === undefined ? cut : last, graceMs)
      this.#server.close(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}

// A request must come as a whole within ten seconds: no order is in a hurry that dawdles on the wire.
const SERVER_OPTIONS = { keepAliveTimeout: 60_000, headersTimeout: 5_000, requestTimeout: 10_000, noDelay: true }

function refuse(response: ServerResponse, error: VelozError): void {
  const { status, answer } = errorAnswer(error)
  const text = JSON.stringify(answer)
  if (status === 401) response.setHeader("www-authenticate", "Bearer")
  // The body of a refused request is not read, so nothing can follow it on this connection.
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    connection: "close",
  })
  response.end(text)
}

function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy()
    return
  }
  const { answer } = errorAnswer(badRequestError(error.message))
  const text = JSON.stringify(answer)
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
}
