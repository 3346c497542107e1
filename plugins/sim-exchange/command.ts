import { randomBytes } from "node:crypto"
import { once } from "node:events"
import type { Command } from "veloz"
import { flagError } from "./errors.js"
import type { RunningExchange } from "./io/exchange.js"
import { DEFAULT_OPTIONS, type ExchangeOptions } from "./options.js"

/** `veloz exchange`: the exchange on its own, for clients other than the engine. */
export const exchangeCommand: Command = {
  name: "exchange",
  summary: "run the embedded exchange on its own, until Ctrl-C",
  options: [
    ["--port <port>", "TCP port to listen on; 0 takes one that is free", "9090"],
    ["--host <host>", "address to listen on", DEFAULT_OPTIONS.host],
    ["--symbols <names>", "symbols to trade, with commas in between", DEFAULT_OPTIONS.symbols.join(",")],
    ["--events-per-second <rate>", "generated events a second for each symbol", `${DEFAULT_OPTIONS.events_per_second}`],
    ["--seed <seed>", "where chance begins", `${DEFAULT_OPTIONS.seed}`],
    ["--latency-ms <ms>", "delay of requests and of events", `${DEFAULT_OPTIONS.latency_ms}`],
  ],
  async run(flags, { log, signal }) {
    process.title = "veloz_exchange"
    const account = readAccount(process.env)
    // The server is loaded when it is wanted: the other commands of veloz pass by here too.
    const { startExchange } = await import("./io/exchange.js")
    const { rehearseOrders } = await import("./io/rehearsal.js")
    const exchange = await startExchange({ ...readFlags(flags), api_key: account.key, api_secret: account.secret })
    const rehearsal = await rehearseOrders(exchange)
    log.info(`exchange: http://${exchange.host}:${exchange.port}/api/v3, ws://${exchange.host}:${exchange.port}`)
    if (account.isMadeUp) log.info(`account of this run: key ${account.key}, secret ${account.secret}`)
    else log.info(`account: key ${account.key}`)
    await runUntil(signal, exchange)
    await rehearsal.close()
    return 0
  },
}

async function runUntil(signal: AbortSignal, exchange: RunningExchange): Promise<void> {
  if (!signal.aborted) await once(signal, "abort")
  await exchange.close()
}

function readFlags(flags: Record<string, string | undefined>): Partial<ExchangeOptions> {
  return {
    host: flags.host,
    port: readNumber(flags, "port", 65_535),
    symbols: flags.symbols?.split(","),
    events_per_second: readNumber(flags, "eventsPerSecond", 100_000),
    seed: readNumber(flags, "seed", Number.MAX_SAFE_INTEGER),
    latency_ms: readNumber(flags, "latencyMs", 10_000),
  }
}

function readNumber(flags: Record<string, string | undefined>, name: string, most: number): number | undefined {
  const text = flags[name]
  if (text === undefined) return undefined
  const value = text.trim() === "" ? Number.NaN : Number(text)
  if (value >= 0 && value <= most) return value
  throw flagError(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, text, most)
}

// Play money, so that a made-up secret may be shown: without it nobody could trade here.
function readAccount(env: NodeJS.ProcessEnv): { key: string; secret: string; isMadeUp: boolean } {
  const { VELOZ_EXCHANGE_API_KEY: key, VELOZ_EXCHANGE_API_SECRET: secret } = env
  if (key && secret) return { key, secret, isMadeUp: false }
  return { key: key || randomBytes(16).toString("hex"), secret: randomBytes(32).toString("hex"), isMadeUp: true }
}
