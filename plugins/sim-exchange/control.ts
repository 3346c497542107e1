import type { ControlContext, Part, SimExchangeOptions } from "veloz"
import { type LaunchedExchange, launchExchange } from "./io/launch.js"
import "./services.js"

const RELAUNCH_MS = 500

/** Runs the exchange beside an engine that trades at the venue "sim", and tells where it is. */
export async function control(context: ControlContext<SimExchangeOptions>): Promise<Part> {
  const { options, config, provide, log, timers } = context
  const listeners = new Set<() => void>()
  let isDisposed = false

  // Those that the engine asks for later are listed again by an exchange that has to be started anew.
  const symbols = new Set(options.symbols ?? config.symbols)
  const launch = (): Promise<LaunchedExchange> =>
    launchExchange({ ...options, symbols: [...symbols] }, ({ code, signal }) => {
      log.error(`the exchange ended (${signal ?? `code ${code}`}); another one is started`)
      timers.after(RELAUNCH_MS, () => void relaunch())
    })
  const relaunch = async (): Promise<void> => {
    try {
      exchange = await launch()
      if (isDisposed) return await exchange.close()
      for (const listener of listeners) listener()
    } catch (error) {
      log.error(`the exchange did not start: ${(error as Error).message}`)
      timers.after(RELAUNCH_MS, () => void relaunch())
    }
  }

  const list = async (wanted: readonly string[]): Promise<void> => {
    await exchange.list(wanted)
    for (const symbol of wanted) symbols.add(symbol)
  }

  let exchange = await launch()
  const url = (scheme: string): string => `${scheme}://${exchange.host}:${exchange.port}`
  provide("exchange-endpoint", {
    get restUrl() {
      return url("http")
    },
    get streamUrl() {
      return url("ws")
    },
    get apiUrl() {
      return `${url("ws")}/ws-api/v3`
    },
    get apiKey() {
      return exchange.apiKey
    },
    get secret() {
      return exchange.apiSecret
    },
    list: async (wanted) => {
      // With symbols of its own the exchange has these and no others.
      if (options.symbols === undefined) await list(wanted)
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  })
  return {
    retune: () => {
      const { events_per_second, latency_ms } = options
      exchange.retune({ events_per_second, latency_ms })
      if (options.symbols !== undefined) list(options.symbols).catch((error: Error) => log.error(error.message))
    },
    dispose: () => {
      isDisposed = true
      return exchange.close()
    },
  }
}
