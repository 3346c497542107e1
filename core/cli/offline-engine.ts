import { defaultsOf, shippedSchemas } from "../config/schemas.js"
import { SystemClock } from "../hot/clock.js"
import * as hot from "../hot/index.js"
import * as veloz from "../index.js"
import type { TransportHost } from "../io/transport-host.js"
import { WebSocketTransport } from "../io/websocket-transport.js"
import type { Log, Plugin, SymbolSpec } from "../kernel/contract.js"
import { pluginThrewError } from "../kernel/errors.js"
import { PluginLoader } from "../kernel/plugin-loader.js"
import { PluginSources } from "../kernel/plugin-sources.js"
import { HotEngine } from "../threads/hot-engine.js"
import type { FromThread, PluginChange, PluginSource } from "../threads/messages.js"
import { createSharedMemory, type SharedMemory } from "../threads/shared-memory.js"

/** The hot part of an engine on the calling thread, that nobody tells where a venue is: it connects to nothing. */
export interface OfflineEngine {
  readonly engine: HotEngine
  readonly memory: SharedMemory
  readonly clock: SystemClock
}

export interface OfflineOptions {
  readonly symbols: readonly SymbolSpec[]
  readonly loader: PluginLoader
  readonly log: Log
  /** A plugin failed; the engine goes on without it. */
  readonly onFault: (error: Error) => void
  /** Where connections come from. Nobody asks for one unless a plugin is told where its venue is. */
  readonly transport?: (clock: SystemClock) => TransportHost
  readonly orderPoolSize?: number
}

export function createOfflineEngine(options: OfflineOptions): OfflineEngine {
  const { symbols, loader, log, onFault, orderPoolSize = ORDER_POOL_SIZE } = options
  const memory = createSharedMemory(symbols.length)
  const clock = new SystemClock()
  const post = (message: FromThread): void => {
    if (message.type === "log") log[message.level](message.message, { plugin: message.plugin, ...message.details })
    if (message.type === "fault") onFault(pluginThrewError(message.plugin, message.where, message.error))
  }
  const transport = options.transport?.(clock) ?? new WebSocketTransport({ clock })
  return {
    engine: new HotEngine({ symbols, memory, clock, transport, loader, epoch: 0, orderPoolSize, post }),
    memory,
    clock,
  }
}

/** Loads plugins as the engine does, and those that a command brings itself by their name. */
export class CommandPluginLoader extends PluginLoader {
  readonly #own: ReadonlyMap<string, Plugin>

  constructor(own: Readonly<Record<string, Plugin>> = {}) {
    super({ veloz, "veloz/hot": hot })
    this.#own = new Map(Object.entries(own))
  }

  override load(source: PluginSource, specifier: string): Plugin {
    return this.#own.get(specifier) ?? super.load(source, specifier)
  }
}

/** A plugin that stands beside core, new, with the defaults of its schema where `options` say nothing. */
export async function shippedPlugin(name: string, loader: PluginLoader, options: object = {}): Promise<PluginChange> {
  const schema = (await shippedSchemas()).plugins.get(name)
  const defaults = (schema === undefined ? {} : defaultsOf(schema)) as Record<string, unknown>
  const { source } = await new PluginSources(loader).find(name, process.cwd())
  return { name, action: "remake", options: { ...defaults, ...options }, source }
}

// Enough for who places no order.
const ORDER_POOL_SIZE = 1024
