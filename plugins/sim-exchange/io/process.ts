import type { ExchangeOptions } from "../options.js"
import { type RunningExchange, startExchange } from "./exchange.js"
import {
  isLaunchRequest,
  isListRequest,
  type LaunchReply,
  type ListReply,
  type ListRequest,
  type RetuneRequest,
} from "./launch-messages.js"
import { rehearseOrders } from "./rehearsal.js"

/**
 * The exchange as a process of its own. Options come as the first message of the parent, so that secrets are never on
 * a command line; it tells the port, and ends with the parent, however the parent ended.
 */
function runExchangeProcess(): void {
  process.title = "veloz_exchange"
  let exchange: Promise<RunningExchange> | undefined
  process.on("message", (message) => {
    if (isLaunchRequest(message)) exchange ??= start(message.options)
    else if (isListRequest(message)) exchange?.then((running) => answerList(running, message))
    else exchange?.then((running) => running.retune((message as RetuneRequest).retune))
  })
  // The channel closes with the parent, kill -9 included. Nothing here is worth keeping, so there is nothing to wait for.
  process.on("disconnect", () => process.exit(0))
  process.on("SIGTERM", () => process.exit(0))
  process.on("SIGINT", () => process.exit(0))
}

async function start(options: Partial<ExchangeOptions>): Promise<RunningExchange> {
  try {
    const exchange = await startExchange(options)
    if (options.rehearse_orders !== false) await rehearseOrders(exchange)
    reply({ ready: true, host: exchange.host, port: exchange.port })
    return exchange
  } catch (error) {
    reply({ ready: false, message: error instanceof Error ? error.message : String(error) })
    // The parent ends the channel when it has read the reason; it ends this process too.
    return new Promise(() => {})
  }
}

function answerList(exchange: RunningExchange, { list }: ListRequest): void {
  try {
    exchange.list(list)
    reply({ listed: true })
  } catch (error) {
    const { message, code = "" } = error as Error & { code?: string }
    reply({ listed: false, message, code })
  }
}

function reply(message: LaunchReply | ListReply): void {
  process.send?.(message)
}

runExchangeProcess()
