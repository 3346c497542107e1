import { fail } from "node:assert"
import { parsePath } from "../config/path.js"
import { ManualClock } from "../hot/clock.js"
import { Counters } from "../hot/counters.js"
import { parseUnits } from "../hot/decimal.js"
import { writeRecordText } from "../hot/record-text.js"
import {
  DepthFlag,
  ORDER_BYTES,
  ORDER_CLIENT_ID,
  ORDER_ENTERED_NS,
  ORDER_ORIGIN,
  ORDER_OWNER,
  ORDER_PRICE_TICKS,
  ORDER_QTY_LOTS,
  ORDER_SIDE,
  ORDER_SYMBOL,
  ORDER_TIF,
  ORDER_TOKEN,
  ORDER_TYPE,
  OrderType,
  Origin,
  RecordType,
  Side,
  TimeInForce,
  VenueChannel,
} from "../hot/records.js"
import { RingBuffer } from "../hot/ring.js"
import { type Level, writeBalance, writeDepth, writeTop, writeTrade } from "../hot/write-market.js"
import type {
  EngineEvent,
  EngineFacade,
  Log,
  MetricsReader,
  NetworkContext,
  PluginReading,
  Route,
  Services,
  SymbolSpec,
  Symbols,
  VenueAdapter,
} from "../kernel/contract.js"
import { definePlugin } from "../kernel/define-plugin.js"
import { orderPlugins } from "../kernel/plugin-order.js"
import { publishOrders } from "../kernel/publish-orders.js"
import { EngineMetrics } from "../measure/engine-metrics.js"
import { ASSET_DECIMALS } from "../pipeline/assets.js"
import { BoardReader } from "../pipeline/board-reader.js"
import { DenyReasons } from "../pipeline/deny-reasons.js"
import { describePaths } from "../pipeline/describe.js"
import { createReadModels, type ReadModels } from "../pipeline/read-models.js"
import { COLLECTIONS_BYTES } from "../threads/collections.js"
import { HotEngine } from "../threads/hot-engine.js"
import type { FromThread, PluginChange, PreparedAnswer } from "../threads/messages.js"
import { createSharedMemory, type SharedMemory } from "../threads/shared-memory.js"
import { SplitEngine } from "../threads/split-engine.js"
import { collectGarbage } from "./collect-garbage.js"
import { ControlSide } from "./control-side.js"
import { type Duration, durationMs } from "./duration.js"
import { FakeTransportHost, type TestConnection } from "./fake-connection.js"
import { FakeVenue, type VenueAnswers } from "./fake-venue.js"
import { Leftovers } from "./leftovers.js"
import { ManualScheduler } from "./manual-scheduler.js"
import { OptionWatch } from "./option-watch.js"
import { PluginUnderTest, type TestPlugin, ValueLoader } from "./plugin-under-test.js"
import { type ReplayCount, replayRecording } from "./replay.js"
import { TestOrder, TestOrders } from "./test-orders.js"
import { DEFAULT_SYMBOL, symbolSpecs, type TestSymbol } from "./test-symbols.js"

export interface HarnessOptions {
  /** The first one is the default of what a test leaves out. BTCUSDT alone unless said otherwise. */
  readonly symbols?: readonly TestSymbol[]
  /** What the venue does with requests; "ack", "cancel" and "status" unless said otherwise. */
  readonly venue?: Partial<VenueAnswers>
  /** Slots of the order pool. */
  readonly orderPoolSize?: number
  /** How the roles meet: by calls, as in `fused`, or through rings, as in `split`. VELOZ_TEST_TOPOLOGY unless said. */
  readonly topology?: "fused" | "split"
  /** False leaves control parts out. */
  readonly control?: boolean
  /** True when a plugin of the test is the venue adapter: then there is no fake venue, and the test speaks for the venue. */
  readonly adapter?: boolean
  /** Services that the plugins use, and that none of them provides. */
  readonly services?: Partial<Services>
}

export interface OrderExtras {
  readonly type?: keyof typeof OrderType
  readonly tif?: keyof typeof TimeInForce
  /** Client order id. */
  readonly id?: string
}

/** Price and quantity of one level, as decimal text. */
export type TextLevel = readonly [price: string, qty: string]

const NO_FILE = "a test has no configuration file, so that there is nothing to explain, to plan or to bring back"
const EPOCH = 1
const VERSION = "1.0.0"
const ROUNDS_AT_MOST = 10_000
const POOL_SIZE = 1024

/** The hot part of an engine in the calling thread: no socket, no thread, and time that passes when the test says so. */
export class Harness {
  readonly orders = new TestOrders()
  readonly venue: FakeVenue
  readonly symbols: Symbols
  readonly clock: { readonly nowNs: () => number; readonly advance: (duration: Duration) => void }
  /** What plugins logged, as `warn plugin: message`. */
  readonly logged: string[] = []
  /** What plugins posted to their control parts. */
  readonly posted: { readonly plugin: string; readonly message: unknown }[] = []
  /** What control knows: orders, positions, the account. */
  readonly control: ReadModels
  /** The engine itself, for tests that look deeper. */
  readonly hot: HotEngine | SplitEngine
  readonly memory: SharedMemory
  readonly #clock = new ManualClock()
  readonly #scheduler: ManualScheduler
  readonly #transport: FakeTransportHost
  readonly #loader = new ValueLoader()
  readonly #reasons = new DenyReasons()
  readonly #boards: BoardReader
  readonly #commands: RingBuffer
  readonly #metrics: EngineMetrics
  readonly #specs: readonly SymbolSpec[]
  readonly #updateIds: number[]
  readonly #leftovers = new Leftovers()
  readonly #watch = new OptionWatch()
  readonly #side: ControlSide
  readonly #withControl: boolean
  readonly #isAdapterTested: boolean
  readonly #faults: string[] = []
  #context: NetworkContext<object> | undefined
  /** Who reads recordings, and the adapter that it has made. */
  #decoding: PluginUnderTest | undefined
  #decoder: VenueAdapter | undefined
  #plugins: readonly PluginUnderTest[] = []
  /** The plugins and the venue, in the order in which they were started. */
  #ordered: readonly PluginUnderTest[] = []
  #prepared: readonly PreparedAnswer[] = []
  #generation = 0
  #token = 0
  #tradeId = 0
  #isSettling = false

  constructor(options: HarnessOptions) {
    this.#specs = symbolSpecs(options.symbols ?? [DEFAULT_SYMBOL])
    this.#updateIds = this.#specs.map(() => 0)
    const settle = (): void => this.settle()
    this.#scheduler = new ManualScheduler(this.#clock, settle)
    this.#transport = new FakeTransportHost(() => this.#clock.nowNs(), settle)
    this.clock = {
      nowNs: () => this.#clock.nowNs(),
      advance: (duration) => this.#scheduler.advanceNs(durationMs(duration) * 1e6),
    }
    this.venue = new FakeVenue(() => this.#context!.toEngine)
    Object.assign(this.venue.answers, options.venue)
    const topology = options.topology ?? topologyOf(process.env.VELOZ_TEST_TOPOLOGY)
    this.memory = createSharedMemory(this.#specs.length, topology)
    this.hot = new (topology === "fused" ? HotEngine : SplitEngine)({
      symbols: this.#specs,
      memory: this.memory,
      clock: this.#clock,
      scheduler: this.#scheduler,
      transport: this.#transport,
      loader: this.#loader,
      epoch: EPOCH,
      orderPoolSize: options.orderPoolSize ?? POOL_SIZE,
      post: (message) => this.#onMessage(message),
    })
    this.symbols = this.hot.symbols
    this.#commands = new RingBuffer(this.memory.commands)
    this.#boards = new BoardReader(this.memory.boards, this.hot.symbols)
    this.control = createReadModels({
      symbols: this.hot.symbols,
      clock: this.#clock,
      reasons: this.#reasons,
      boards: this.#boards,
      events: new RingBuffer(this.memory.events),
      commands: this.#commands,
      ring: () => void this.hot.takeTurn(),
    })
    this.control.desk.onEvent(this.orders.onEvent)
    this.#metrics = new EngineMetrics({
      memory: this.memory,
      clock: this.#clock,
      market: this.#boards,
      control: new Counters(new Float64Array(0)),
      readThreads: () => [],
      collections: new SharedArrayBuffer(COLLECTIONS_BYTES),
    })
    const { services = {}, control = true, adapter = false } = options
    this.#isAdapterTested = adapter
    this.#withControl = control
    this.#side = new ControlSide({
      clock: this.#clock,
      scheduler: this.#scheduler,
      symbols: this.#specs,
      engine: this.#facade(),
      services,
      log: (plugin) => this.#log(plugin),
      post: (plugin, message) => this.post(plugin, message),
      onFault: (plugin, where, error) => {
        this.#faults.push(`${plugin} in ${where}: ${error instanceof Error ? error.message : String(error)}`)
      },
    })
    publishOrders(this.control.desk, this.#side.events)
    this.hot.start()
  }

  /** Starts the engine with its first plugins, and the venue. */
  async start(wishes: readonly TestPlugin[]): Promise<this> {
    await this.reload(...wishes)
    // An adapter says itself that its venue is up.
    if (!this.#isAdapterTested) {
      this.venue.status(VenueChannel.Market, true)
      this.venue.status(VenueChannel.Orders, true)
    }
    this.settle()
    return this
  }

  // ---- orders

  /** An order as it comes over HTTP. Without a price it is a market order. */
  buy(symbol: string, qty: string, price?: string, extras?: OrderExtras): TestOrder {
    return this.#place("buy", symbol, qty, price, extras)
  }

  sell(symbol: string, qty: string, price?: string, extras?: OrderExtras): TestOrder {
    return this.#place("sell", symbol, qty, price, extras)
  }

  cancel(order: TestOrder | string): void {
    const { f64, i32 } = this.#commands
    const at = this.#commands.claim(RecordType.CancelOrder, ORDER_BYTES, true)
    i32[(at + ORDER_SYMBOL) >> 2] = -1
    f64[(at + ORDER_ENTERED_NS) >> 3] = this.#clock.nowNs()
    f64[(at + ORDER_TOKEN) >> 3] = 0
    i32[(at + ORDER_ORIGIN) >> 2] = Origin.Http
    i32[(at + ORDER_OWNER) >> 2] = -1
    writeRecordText(this.#commands, at + ORDER_CLIENT_ID, idOf(order))
    this.#sendCommands()
  }

  /** A trade at the venue: what is left of the order at its own price, unless said otherwise. */
  fill(order: TestOrder | string, qty?: string, price?: string): void {
    const { symbol } = this.venue.orders.get(idOf(order)) ?? { symbol: 0 }
    const { name } = this.#specs[symbol]
    const lots = qty === undefined ? undefined : this.symbols.lots(name, qty)
    const ticks = price === undefined ? undefined : this.symbols.ticks(name, price)
    this.venue.fill(idOf(order), lots, ticks)
    this.settle()
  }

  // ---- the market

  /** The whole book of a symbol, in place of what it was. */
  book(symbol: string, { bids = [], asks = [] }: { bids?: readonly TextLevel[]; asks?: readonly TextLevel[] }): void {
    const { Snapshot, Stream } = DepthFlag
    this.#depth(symbol, bids, asks, Snapshot | Stream)
  }

  /** A change of a book: the quantities at these prices, 0 takes the level away. */
  update(symbol: string, { bids = [], asks = [] }: { bids?: readonly TextLevel[]; asks?: readonly TextLevel[] }): void {
    this.#depth(symbol, bids, asks, 0)
  }

  /** The venue's own best bid and ask, newer than the book. */
  top(symbol: string, { bid, ask }: { bid: TextLevel; ask: TextLevel }): void {
    const { index } = this.symbols.get(symbol)
    this.#updateIds[index] += 1
    writeTop(this.#context!.toEngine, {
      symbol: index,
      updateId: this.#updateIds[index],
      bid: this.#level(symbol, bid),
      ask: this.#level(symbol, ask),
      nowNs: this.#clock.nowNs(),
    })
    this.settle()
  }

  trade(
    symbol: string,
    { price, qty, buyerIsMaker = false }: { price: string; qty: string; buyerIsMaker?: boolean },
  ): void {
    this.#tradeId += 1
    writeTrade(this.#context!.toEngine, {
      symbol: this.symbols.get(symbol).index,
      tradeId: this.#tradeId,
      priceTicks: this.symbols.ticks(symbol, price),
      qtyLots: this.symbols.lots(symbol, qty),
      buyerIsMaker,
      nowNs: this.#clock.nowNs(),
    })
    this.settle()
  }

  /** An update of the venue's that is lost on its way: the next one leaves a gap. */
  skip(symbol: string): void {
    this.#updateIds[this.symbols.get(symbol).index] += 1
  }

  /** The venue begins to count its updates anew, as another server does. */
  restartIds(symbol: string): void {
    this.#updateIds[this.symbols.get(symbol).index] = 0
  }

  /**
   * Sends a recording through the real market path in simulated time: a line a message, `LOCAL_NS JSON`, as the plugin
   * `decoder` reads it, gzipped or not. Timers run in between. It counts its updates by itself: do not mix it with `book`.
   */
  async replay(file: string, decoder = "binance"): Promise<ReplayCount> {
    if (this.#decoder === undefined) {
      this.#decoding = await PluginUnderTest.load(decoder)
      this.#venueUnderTest = this.#venueUnderTest.remade()
      await this.#change(this.#plugins)
    }
    return replayRecording(file, {
      adapter: this.#decoder!,
      advance: (ns) => this.#scheduler.advanceNs(ns),
      nowNs: () => this.#clock.nowNs(),
      settle: () => this.settle(),
    })
  }

  /** What the venue says is free of an asset. */
  balance(asset: string, free: string, locked = "0"): void {
    const units = (text: string): number => parseUnits(text, { decimals: ASSET_DECIMALS, step: 1 })
    writeBalance(this.#context!.toEngine, this.#context!.assetIndex(asset), units(free), units(locked))
    this.settle()
  }

  /** The published book, as GET /api/book answers it. */
  published(symbol: string, depth?: number): { bids: [string, string][]; asks: [string, string][] } {
    const { bids, asks } = this.#boards.book(symbol, depth)
    return { bids, asks }
  }

  // ---- configurations

  /**
   * Changes options of the first plugin, or of the one that is named, as a saved configuration does. Options that start a
   * plugin anew, where that has a control part, are changed by `change`, which may wait.
   */
  retune(options: object): void
  retune(plugin: string, options: object): void
  retune(...wish: [object] | [string, object]): void {
    const [name, options] = wish.length === 2 ? wish : [this.#plugins[0].name, wish[0]]
    const plugins = this.#changed(name, options)
    if (this.#withControl && this.#side.isMaking(plugins, this.#actionOf)) {
      throw new RangeError(`these options start ${name} anew: await engine.change({ ... })`)
    }
    const prepared = this.#prepareHot(plugins)
    this.#side.retune(plugins, this.#actionOf)
    this.#commitHot(plugins, prepared)
  }

  /** The same for any option, whatever it brings about. */
  change(options: object): Promise<void>
  change(plugin: string, options: object): Promise<void>
  async change(...wish: [object] | [string, object]): Promise<void> {
    const [name, options] = wish.length === 2 ? wish : [this.#plugins[0].name, wish[0]]
    await this.#change(this.#changed(name, options))
  }

  /** Another set of plugins. Those that stay with the same options are kept. */
  async reload(...wishes: readonly TestPlugin[]): Promise<void> {
    await this.#change(await Promise.all(wishes.map((wish) => PluginUnderTest.load(wish, this.#watch))))
  }

  /** Makes the first plugin, or the one that is named, anew, as when its code has changed. */
  async remake(plugin: string = this.#plugins[0].name): Promise<void> {
    this.#find(plugin)
    await this.#change(this.#plugins.map((other) => (other.name === plugin ? other.remade() : other)))
  }

  /** What the paths are composed of, as `veloz explain pipeline` says it. */
  get pipeline(): { readonly market: readonly string[]; readonly order: readonly string[] } {
    return describePaths(this.#prepared)
  }

  /** Timers of parts that wait. Each thread's own tick is not counted. */
  get pendingTimers(): number {
    return this.#scheduler.count - this.memory.metrics.length
  }

  /** Sends a message to the hot parts of a plugin, as its control part does. */
  post(plugin: string, message: unknown): void {
    this.hot.onChannel(plugin, structuredClone(message))
    this.settle()
  }

  // ---- connections

  /** A connection that a plugin has opened: the test opens, feeds and drops it, and sees what was sent. */
  connection(key: string): TestConnection {
    return this.#transport.find(key) ?? fail(`no plugin has opened a connection with the key ${JSON.stringify(key)}`)
  }

  // ---- control

  /** The answer of a route of a plugin: `await engine.request("GET", "/api/limits")`. */
  async request(method: Route["method"], url: string, body?: object): Promise<{ status: number; body: unknown }> {
    const answer = await this.#side.ask(method, url, body)
    this.settle()
    return answer
  }

  /** What was published under a topic, oldest first, the steps of orders included. */
  async events(topic?: string): Promise<readonly EngineEvent[]> {
    // Listeners hear of events in a turn of their own.
    await new Promise((resolve) => setImmediate(resolve))
    return this.#side.published.filter((event) => topic === undefined || event.topic === topic)
  }

  // ---- figures, faults, and the end

  get metrics(): MetricsReader {
    return this.#metrics
  }

  /** Hands over the faults of plugins since the last call: a test that expects none need not ask, `close` does. */
  takeFaults(): string[] {
    return this.#faults.splice(0)
  }

  /** Hands over copies of options that have gone stale since the last call: `close` fails on any. */
  takeStale(): string[] {
    return this.#watch.takeStale()
  }

  /** How many parts of each plugin were made and are still held, those that run included. Collects garbage. */
  async heldParts(): Promise<ReadonlyMap<string, number>> {
    await collectGarbage()
    return this.#watch.held()
  }

  /** Lets everything happen that needs no time: answers of the venue, events, the ends of turns. */
  settle(): void {
    if (this.#isSettling) return
    this.#isSettling = true
    try {
      for (let round = 0; ; round += 1) {
        if (round === ROUNDS_AT_MOST) fail(`the engine and the venue have talked for ${round} rounds without an end`)
        this.hot.endTurn()
        this.control.takeEvents()
        if (!this.venue.hasAnswers) return
        this.venue.deliver()
      }
    } finally {
      this.#isSettling = false
    }
  }

  /**
   * Ends the engine. Fails when a plugin has failed unasked, holds a stale copy of an option, or has left something of its
   * own open: a timer, a socket, a listener.
   */
  async close(): Promise<void> {
    const draining = this.hot.drain(0)
    this.settle()
    await draining
    this.hot.stop()
    await this.#side.close()
    this.control.close()
    const [fault] = this.#faults
    if (fault !== undefined) fail(`a plugin failed: ${fault}`)
    const [stale] = this.takeStale()
    if (stale !== undefined) fail(stale)
    const left = await this.#leftovers.left()
    if (left.length > 0) {
      fail(
        `plugins have left open after dispose(): ${left.join(", ")}; use what the context offers, or end it in dispose()`,
      )
    }
  }

  #place(
    side: "buy" | "sell",
    symbol: string,
    qty: string,
    price: string | undefined,
    extras: OrderExtras = {},
  ): TestOrder {
    const token = ++this.#token
    const order = new TestOrder(extras.id ?? `test-${token}`, symbol, side, qty, price ?? null)
    const type = extras.type ?? (price === undefined ? "Market" : "Limit")
    const { f64, i32 } = this.#commands
    const at = this.#commands.claim(RecordType.NewOrder, ORDER_BYTES)
    i32[(at + ORDER_SYMBOL) >> 2] = this.symbols.get(symbol).index
    i32[(at + ORDER_SIDE) >> 2] = side === "buy" ? Side.Buy : Side.Sell
    i32[(at + ORDER_TYPE) >> 2] = OrderType[type]
    i32[(at + ORDER_TIF) >> 2] = TimeInForce[extras.tif ?? "Gtc"]
    f64[(at + ORDER_PRICE_TICKS) >> 3] = price === undefined ? 0 : this.symbols.ticks(symbol, price)
    f64[(at + ORDER_QTY_LOTS) >> 3] = this.symbols.lots(symbol, qty)
    f64[(at + ORDER_ENTERED_NS) >> 3] = this.#clock.nowNs()
    f64[(at + ORDER_TOKEN) >> 3] = token
    i32[(at + ORDER_ORIGIN) >> 2] = Origin.Http
    i32[(at + ORDER_OWNER) >> 2] = -1
    writeRecordText(this.#commands, at + ORDER_CLIENT_ID, order.id)
    this.orders.add(order)
    this.#sendCommands()
    return order
  }

  #sendCommands(): void {
    this.#commands.publish()
    this.hot.takeTurn()
    this.settle()
  }

  #depth(symbol: string, bids: readonly TextLevel[], asks: readonly TextLevel[], flags: number): void {
    const { index } = this.symbols.get(symbol)
    const updateId = this.#updateIds[index] + 1
    this.#updateIds[index] = updateId
    writeDepth(this.#context!.toEngine, {
      symbol: index,
      flags: flags | DepthFlag.First | DepthFlag.Last,
      firstUpdateId: updateId,
      finalUpdateId: updateId,
      bids: bids.map((level) => this.#level(symbol, level)),
      asks: asks.map((level) => this.#level(symbol, level)),
      nowNs: this.#clock.nowNs(),
    })
    this.settle()
  }

  #level(symbol: string, [price, qty]: TextLevel): Level {
    return [this.symbols.ticks(symbol, price), this.symbols.lots(symbol, qty)]
  }

  #find(name: string): PluginUnderTest {
    const found = this.#plugins.find((plugin) => plugin.name === name)
    if (found === undefined) throw new RangeError(`no plugin ${name} is running`)
    return found
  }

  #changed(name: string, options: object): PluginUnderTest[] {
    this.#find(name)
    return this.#plugins.map((plugin) => (plugin.name === name ? plugin.with(options) : plugin))
  }

  readonly #actionOf = (plugin: PluginUnderTest): PluginChange["action"] =>
    plugin.actionAfter(this.#ordered.find(({ name }) => name === plugin.name))

  async #change(plugins: readonly PluginUnderTest[]): Promise<void> {
    const side = this.#withControl ? await this.#side.prepare(this.#inOrder(plugins), this.#actionOf) : undefined
    let prepared: readonly PreparedAnswer[]
    try {
      prepared = this.#prepareHot(plugins)
      if (side !== undefined) this.#side.check(side)
    } catch (error) {
      this.hot.abort()
      if (side !== undefined) await this.#side.abandon(side)
      throw error
    }
    this.#side.retune(plugins, this.#actionOf)
    this.#commitHot(plugins, prepared)
    if (side !== undefined) await this.#side.commit(side)
    this.settle()
  }

  #inOrder(plugins: readonly PluginUnderTest[]): PluginUnderTest[] {
    const wished = plugins.map((plugin) => ({ name: plugin.name, definition: startable(plugin), plugin }))
    return orderPlugins(wished).map(({ plugin }) => plugin)
  }

  /** Throws, and changes nothing, when a plugin fails. */
  #prepareHot(plugins: readonly PluginUnderTest[]): readonly PreparedAnswer[] {
    const changes = this.#inOrder([this.#venueUnderTest, ...plugins]).map((plugin) => ({
      name: plugin.name,
      action: this.#actionOf(plugin),
      options: plugin.options,
      source: this.#loader.sourceOf(plugin),
    }))
    return [this.hot.prepare({ generation: this.#generation + 1, plugins: changes })].flat()
  }

  #commitHot(plugins: readonly PluginUnderTest[], prepared: readonly PreparedAnswer[]): void {
    const ordered = this.#inOrder([this.#venueUnderTest, ...plugins])
    for (const old of this.#ordered) {
      const changed = ordered.find(({ name }) => name === old.name)
      if (changed !== undefined && this.#actionOf(changed) === "retune") {
        this.#watch.changing(old.name, changed.changedAfter(old))
      } else if (changed === undefined || this.#actionOf(changed) === "remake") this.#watch.forget(old.name)
    }
    for (const [block, answer] of prepared.entries()) this.#metrics.learn(block, answer.metrics)
    for (const [name, number, text] of prepared.flatMap(({ reasons }) => reasons)) {
      this.#reasons.learn(name, number, text)
    }
    this.#generation += 1
    this.hot.commit(this.#generation)
    this.#prepared = prepared
    this.#ordered = ordered
    this.#plugins = plugins
    this.settle()
  }

  #facade(): EngineFacade {
    const { desk: orders, positions, account, probe } = this.control
    return {
      symbols: this.symbols,
      orders,
      positions,
      account,
      ping: () => probe.ping(),
      market: this.#boards,
      metrics: this.#metrics,
      configuration: {
        generation: () => this.#generation,
        effective: () => ({
          symbols: this.#specs.map(({ name }) => name),
          plugins: Object.fromEntries(this.#plugins.map(({ name, options }) => [name, options])),
        }),
        change: (changes) => this.#changeOptions(typeof changes === "function" ? changes() : changes),
        explain: () => fail(NO_FILE),
        plan: () => fail(NO_FILE),
        plugins: () => this.#plugins.map((plugin) => this.#readPlugin(plugin)),
        pipeline: () => ({ market: [...this.pipeline.market], order: [...this.pipeline.order] }),
        lease: () => fail(NO_FILE),
        history: {
          list: () => fail(NO_FILE),
          read: () => fail(NO_FILE),
          lastRejected: () => undefined,
          rollBack: () => fail(NO_FILE),
        },
      },
      tuning: { readings: () => Promise.resolve([]) },
      version: VERSION,
      uptimeSeconds: () => this.#clock.nowNs() / 1e9,
    }
  }

  /** Nothing is measured in a harness; a fault is told of the part that had it. */
  #readPlugin({ name, plugin }: PluginUnderTest): PluginReading {
    const start = `${name} in `
    const fault = this.#faults
      .find((text) => text.startsWith(start))
      ?.slice(start.length)
      .split(":")[0]
    const stages = [...this.pipeline.market, ...this.pipeline.order].filter((stage) => stage.includes(`(${name})`))
    const state = fault === undefined ? "running" : `failed in ${fault}`
    return { name, version: plugin.definition.version, state, stages, timings: {}, calls: {}, held: {} }
  }

  /** Options by path, as a route changes them. */
  async #changeOptions(changes: Readonly<Record<string, unknown>>): Promise<void> {
    let plugins = this.#plugins
    for (const [path, value] of Object.entries(changes)) {
      const [, name, option] = parsePath(path) ?? []
      this.#find(name)
      plugins = plugins.map((plugin) => (plugin.name === name ? plugin.with({ [option]: value }) : plugin))
    }
    await this.#change(plugins)
  }

  #log(plugin: string): Log {
    const at = (level: keyof Log) => (message: string) => void this.logged.push(`${level} ${plugin}: ${message}`)
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }
  }

  readonly #venuePlugin = definePlugin<object>({
    name: "fake-venue",
    version: "1.0.0",
    veloz: "^1.0.0",
    network: (context) => {
      this.#context = context
      if (!this.#isAdapterTested) context.venue.register(this.venue)
      if (this.#decoding === undefined) return undefined
      const { options, plugin } = this.#decoding
      const register = (adapter: VenueAdapter): void => void (this.#decoder = adapter)
      const own = { ...context, options, venue: { register, setClockOffsetUs: () => undefined } }
      return plugin.definition.network?.(own as never)
    },
  })
  #venueUnderTest = PluginUnderTest.fixed(this.#venuePlugin)

  #onMessage(message: FromThread): void {
    if (message.type === "log") this.logged.push(`${message.level} ${message.plugin}: ${message.message}`)
    if (message.type === "channel") {
      this.posted.push({ plugin: message.plugin, message: message.message })
      this.#side.onChannel(message.plugin, message.message)
    }
    if (message.type === "fault") this.#faults.push(`${message.plugin} in ${message.where}: ${message.error.message}`)
  }
}

function topologyOf(text: string | undefined): "fused" | "split" {
  if (text === undefined || text === "fused" || text === "split") return text ?? "fused"
  throw new RangeError(`The topology of tests, VELOZ_TEST_TOPOLOGY, is "fused" or "split", not "${text}"`)
}

const idOf = (order: TestOrder | string): string => (typeof order === "string" ? order : order.id)

/** What a plugin requires is taken to be there: a test runs what it names, and nothing else. */
function startable({ plugin }: PluginUnderTest): { after: readonly string[]; before: readonly string[] } {
  const { requires = [], after = [], before = [] } = plugin.definition
  return { after: [...requires, ...after], before }
}
