import type { Clock } from "../hot/clock.js"
import {
  DepthFlag,
  OrderStatus,
  RecordType,
  ReportKind,
  Side,
  VENUE_STATUS_BYTES,
  VENUE_STATUS_CHANNEL,
  VENUE_STATUS_UP,
  VenueChannel,
} from "../hot/records.js"
import { writeBalance, writeDepth, writeTop, writeTrade } from "../hot/write-market.js"
import { writeReport } from "../hot/write-report.js"
import { SilentTransport, silentConnection } from "../io/silent-transport.js"
import type { NetworkContext, OrderRequest, Plugin, StrategyContext, SymbolSpec } from "../kernel/contract.js"
import { definePlugin } from "../kernel/define-plugin.js"
import type { PluginLoader } from "../kernel/plugin-loader.js"
import { HotEngine } from "./hot-engine.js"
import type { FromThread, PluginChange } from "./messages.js"
import { NO_TIMERS } from "./scheduler.js"
import type { SharedMemory } from "./shared-memory.js"
import { SplitEngine } from "./split-engine.js"

export interface PrimerOptions {
  readonly symbols: readonly SymbolSpec[]
  /** Of its own: what is counted there is nobody's. Its rings say which topology is primed. */
  readonly memory: SharedMemory
  readonly clock: Clock
  readonly loader: Pick<PluginLoader, "load" | "locate">
}

/** As often as it takes for the compiler to have seen what the code does. */
const ROUNDS = 1500
const ORDER_POOL_SIZE = 1024
const NAME = "veloz-primer"

/**
 * New code before it comes into force: its plugins once more, on an engine that is connected to nothing, fed with an
 * invented market and invented orders. The code is that of the parts that are to come, so that these are as fast from
 * their first record on as they would be after thousands. Nothing of it is counted, sent or told anywhere.
 */
export class Primer {
  readonly #engine: HotEngine | SplitEngine
  readonly #market: InventedMarket
  #generation = 0
  #failure: string | undefined
  /** Ever growing, as the numbers of a market are. */
  #round = 0
  #lastRound = 0

  constructor({ symbols, memory, clock, loader }: PrimerOptions) {
    this.#market = new InventedMarket(symbols.length)
    const own = this.#market.plugin
    const options = {
      symbols,
      memory,
      clock,
      transport: new SilentTransport(),
      // What the thread has loaded stays loaded when this engine forgets it.
      loader: {
        load: (source: PluginChange["source"], name: string) => (name === NAME ? own : loader.load(source, name)),
        locate: (error: unknown) => loader.locate(error),
        retain: () => undefined,
      },
      scheduler: NO_TIMERS,
      epoch: 0,
      orderPoolSize: ORDER_POOL_SIZE,
      post: (message: FromThread) => {
        if (message.type === "fault") this.#failure ??= failureText(message)
      },
    }
    this.#engine = memory.rings === undefined ? new HotEngine(options) : new SplitEngine(options)
  }

  /** Makes the parts of these plugins. Throws when one does not want to be made. */
  begin(plugins: readonly PluginChange[]): void {
    this.#failure = undefined
    this.#enter(plugins.map((plugin) => ({ ...plugin, action: "remake" })))
    this.#lastRound = this.#round + ROUNDS
  }

  /** What threw first on what is invented, since `begin`. From there on its part was passed over. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** One round of records. False when all have been. */
  step(): boolean {
    this.#market.write(this.#round)
    this.#engine.takeTurn()
    this.#market.answer()
    this.#engine.takeTurn()
    this.#round += 1
    return this.#round < this.#lastRound
  }

  /** Disposes of the parts. */
  end(): void {
    this.#enter([])
  }

  /** Lets go of the engine as well: of what looks for the remains of parts on it, above all. */
  close(): void {
    this.#engine.stop()
  }

  #enter(plugins: readonly PluginChange[]): void {
    const generation = this.#generation + 1
    this.#engine.prepare({ generation, plugins: [OWN, ...plugins] })
    this.#engine.commit(generation)
    this.#generation = generation
  }
}

const failureText = ({ plugin, where, error }: Extract<FromThread, { type: "fault" }>): string =>
  `plugin "${plugin}" threw on what is invented, in ${where}: ${error.message}`

/** Made once, and kept as long as the plugins come and go. */
const OWN: PluginChange = { name: NAME, action: "keep", options: {}, source: { kind: "module", file: NAME } }

const MIDDLE_TICKS = 10_000
const PLENTY = 1e12

/** A market that moves a little with each round, a strategy that trades in it, and a venue that fills at once. */
class InventedMarket {
  #network: NetworkContext<object> | undefined
  #strategy: StrategyContext<object> | undefined
  readonly #placed: { requestId: number; qtyLots: number; priceTicks: number }[] = []
  readonly plugin: Plugin

  constructor(private readonly symbolCount: number) {
    this.plugin = definePlugin({
      name: NAME,
      version: "1.0.0",
      veloz: "^1.0.0",
      network: (context: NetworkContext<object>) => this.#register(context),
      strategy: (context: StrategyContext<object>) => {
        this.#strategy = context
      },
    }) as unknown as Plugin
  }

  write(round: number): void {
    const { toEngine, clock } = this.#network!
    if (round === 0) this.#open()
    const symbol = round % this.symbolCount
    const number = Math.floor(round / this.symbolCount) + 1
    const nowNs = clock.nowNs()
    const bid = [MIDDLE_TICKS + (round % 7), 1 + (round % 5)] as const
    const ask = [MIDDLE_TICKS + 10 + (round % 7), 1 + (round % 3)] as const
    const flags = DepthFlag.First | DepthFlag.Last | (number === 1 ? DepthFlag.Snapshot : 0)
    const ids = { firstUpdateId: number, finalUpdateId: number }
    writeDepth(toEngine, { symbol, flags, ...ids, bids: [bid], asks: [ask], nowNs })
    writeTop(toEngine, { symbol, updateId: number, bid, ask, nowNs })
    const buyerIsMaker = round % 2 === 0
    writeTrade(toEngine, { symbol, tradeId: number, priceTicks: bid[0], qtyLots: bid[1], buyerIsMaker, nowNs })
    this.#strategy!.orders.place(symbol, buyerIsMaker ? Side.Buy : Side.Sell, bid[0], bid[1])
  }

  /** Acknowledges and fills what was placed. */
  answer(): void {
    const { toEngine } = this.#network!
    for (const { requestId, qtyLots, priceTicks } of this.#placed.splice(0)) {
      writeReport(toEngine, { kind: ReportKind.Ack, status: OrderStatus.New, requestId })
      const fill = { tradeId: requestId, lastPriceTicks: priceTicks, lastQtyLots: qtyLots, cumulativeLots: qtyLots }
      writeReport(toEngine, { kind: ReportKind.Fill, status: OrderStatus.Filled, requestId, ...fill })
    }
  }

  #register(context: NetworkContext<object>): void {
    this.#network = context
    context.venue.register({
      connection: silentConnection(NAME, true),
      isReady: true,
      place: ({ requestId, qtyLots, priceTicks }: OrderRequest) => {
        this.#placed.push({ requestId, qtyLots, priceTicks })
        return 0
      },
      cancel: () => 0,
      query: () => 0,
      requestSnapshot: () => undefined,
      replay: () => false,
    })
  }

  #open(): void {
    const { toEngine, symbols, assetIndex } = this.#network!
    const at = toEngine.claim(RecordType.VenueStatus, VENUE_STATUS_BYTES, true)
    toEngine.i32[(at + VENUE_STATUS_CHANNEL) >> 2] = VenueChannel.Orders
    toEngine.i32[(at + VENUE_STATUS_UP) >> 2] = 1
    toEngine.publish()
    const assets = new Set(symbols.all.flatMap(({ baseAsset, quoteAsset }) => [baseAsset, quoteAsset]))
    for (const asset of assets) writeBalance(toEngine, assetIndex(asset), PLENTY, 0)
  }
}
