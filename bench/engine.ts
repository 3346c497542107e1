import { CommandPluginLoader, createOfflineEngine, shippedPlugin } from "../core/cli/offline-engine.js"
import type { SystemClock } from "../core/hot/clock.js"
import { RingBuffer } from "../core/hot/ring.js"
import type { TransportHost } from "../core/io/transport-host.js"
import { bareSymbol } from "../core/kernel/bare-symbol.js"
import type { Log, Plugin, StrategyContext, SymbolSpec } from "../core/kernel/contract.js"
import { definePlugin } from "../core/kernel/define-plugin.js"
import type { HotEngine } from "../core/threads/hot-engine.js"

export interface BenchEngineOptions {
  /** Plugins that stand beside core, with options that are not their defaults. */
  readonly plugins: Readonly<Record<string, object>>
  /** The part of a strategy that stands last. */
  readonly strategy: (context: StrategyContext<object>) => void
  readonly transport?: (clock: SystemClock, endTurn: () => void) => TransportHost
}

/** The hot part of an engine on this thread: the code that `veloz start` runs on its own thread. */
export interface BenchEngine {
  readonly engine: HotEngine
  readonly clock: SystemClock
  /** Reads the order events as control would, so that their ring has room. Returns how many there were. */
  drainEvents(): number
}

export const SYMBOL: SymbolSpec = {
  ...bareSymbol("BTCUSDT", 0, "0.01", "0.00001"),
  baseAsset: "BTC",
  quoteAsset: "USDT",
}

export async function startBenchEngine(options: BenchEngineOptions): Promise<BenchEngine> {
  const loader = new CommandPluginLoader({ [STRATEGY]: strategyPlugin(options.strategy) })
  const { engine, clock, memory } = createOfflineEngine({
    symbols: [SYMBOL],
    loader,
    log: SILENT,
    onFault: (error) => {
      throw error
    },
    transport: options.transport && ((ownClock) => options.transport!(ownClock, () => engine.endTurn())),
    orderPoolSize: ORDERS,
  })
  const named = Object.entries(options.plugins)
  const plugins = await Promise.all(named.map(([name, wishes]) => shippedPlugin(name, loader, wishes)))
  engine.prepare({ generation: 1, plugins: [...plugins, { ...plugins[0], name: STRATEGY, options: {} }] })
  engine.commit(1)
  const events = new RingBuffer(memory.events)
  return { engine, clock, drainEvents: () => events.poll(ignoreRecord) }
}

const STRATEGY = "bench-strategy"
const ORDERS = 16_384
const nothing = (): void => undefined
const ignoreRecord = (): void => undefined
const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: (message) => console.error(message) }

function strategyPlugin(strategy: BenchEngineOptions["strategy"]): Plugin {
  return definePlugin({ name: STRATEGY, version: "1.0.0", veloz: "^1.0.0", strategy }) as Plugin
}
