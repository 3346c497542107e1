import { type ChildProcess, fork } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { VelozError } from "veloz"
import { childError } from "../errors.js"
import type { ExchangeOptions } from "../options.js"
import type { LaunchReply, LaunchRequest, ListReply, ListRequest, RetuneRequest } from "./launch-messages.js"

export interface LaunchedExchange {
  readonly host: string
  readonly port: number
  readonly pid: number
  /** Of the embedded account; made up for this run where the options name none. */
  readonly apiKey: string
  readonly apiSecret: string
  retune(options: RetuneRequest["retune"]): void
  /** Opens a market for each of these symbols that has none. Rejects, and opens none, when one is not known. */
  list(symbols: readonly string[]): Promise<void>
  /** Ends the process. Safe to call twice. */
  close(): Promise<void>
}

export interface ExchangeExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * Starts the exchange as a process of its own and resolves with where it listens. `onExit` is called when it ends
 * without having been closed; whether to start another one is the caller's decision.
 */
export async function launchExchange(
  options: Partial<ExchangeOptions>,
  onExit: (exit: ExchangeExit) => void = () => {},
): Promise<LaunchedExchange> {
  const apiKey = options.api_key || randomBytes(32).toString("hex")
  const apiSecret = options.api_secret || randomBytes(32).toString("hex")
  const child = startChild()
  const exit = exitOf(child)
  const request: LaunchRequest = { launch: true, options: { ...options, api_key: apiKey, api_secret: apiSecret } }
  child.send(request)
  const reply = await Promise.race([firstReply(child), exit])
  if (!isReply(reply)) throw childError(`it ended with ${reply.signal ?? `code ${reply.code}`} before it was ready`)
  if (!reply.ready) {
    child.disconnect()
    throw childError(reply.message)
  }
  return new Launched(child, exit, reply, apiKey, apiSecret, onExit)
}

class Launched implements LaunchedExchange {
  readonly host: string
  readonly port: number
  readonly pid: number
  readonly apiKey: string
  readonly apiSecret: string
  readonly #child: ChildProcess
  readonly #exit: Promise<ExchangeExit>
  #isClosing = false
  #lists: Promise<void> = Promise.resolve()

  constructor(
    child: ChildProcess,
    exit: Promise<ExchangeExit>,
    { host, port }: { host: string; port: number },
    apiKey: string,
    apiSecret: string,
    onExit: (exit: ExchangeExit) => void,
  ) {
    this.host = host
    this.port = port
    this.pid = child.pid!
    this.apiKey = apiKey
    this.apiSecret = apiSecret
    this.#child = child
    this.#exit = exit
    exit.then((reason) => {
      if (!this.#isClosing) onExit(reason)
    })
  }

  retune(options: RetuneRequest["retune"]): void {
    const request: RetuneRequest = { retune: options }
    if (this.#child.connected) this.#child.send(request)
  }

  list(symbols: readonly string[]): Promise<void> {
    // One question at a time, so that each answer is to the oldest.
    const answered = this.#lists.then(() => this.#list({ list: symbols }))
    this.#lists = answered.catch(() => undefined)
    return answered
  }

  async #list(request: ListRequest): Promise<void> {
    if (!this.#child.connected) throw childError("it has ended")
    this.#child.send(request)
    const ended = this.#exit.then(() => undefined)
    const reply = (await Promise.race([once(this.#child, "message").then(([message]) => message), ended])) as
      | ListReply
      | undefined
    if (reply === undefined) throw childError("it ended")
    if (!reply.listed) throw new VelozError(reply.code, reply.message, { status: 400, httpCode: "bad_params" })
  }

  async close(): Promise<void> {
    this.#isClosing = true
    if (this.#child.connected) this.#child.disconnect()
    await this.#exit
  }
}

function startChild(): ChildProcess {
  const entry = fileURLToPath(new URL("./process.js", import.meta.url))
  return fork(entry, [], {
    // A session of its own: Ctrl-C in the terminal must reach the engine alone, which still has orders to cancel here.
    detached: true,
    // The engine's own flags (an inspector's port, a heap limit) are not meant for the exchange. At the pace of real
    // orders V8's default budget takes minutes until their path is compiled.
    execArgv: ["--interrupt-budget=10000"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  })
}

async function firstReply(child: ChildProcess): Promise<LaunchReply> {
  const [message] = await once(child, "message")
  return message
}

function exitOf(child: ChildProcess): Promise<ExchangeExit> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }))
    child.once("error", () => resolve({ code: null, signal: null }))
  })
}

function isReply(reply: LaunchReply | ExchangeExit): reply is LaunchReply {
  return "ready" in reply
}
