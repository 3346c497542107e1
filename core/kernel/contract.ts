import type { Diagnostic } from "../config/diagnostic.js"
import type { Explanation } from "../config/explain.js"
import type { Attempt } from "../history/attempt.js"
import type { Listing, WholeAttempt } from "../history/read.js"
import type { Clock } from "../hot/clock.js"
import type { Link } from "../hot/link.js"
import type { RecordViews } from "../hot/records.js"
import type { Sockets } from "../io/sockets.js"
import type { Connection, Transport } from "../io/transport.js"
import type { CpuTopology } from "../os/cpus.js"
import type { PageWish } from "../os/page-care.js"
import type { ProcessMemoryReading } from "../os/process-memory.js"
import type { CallCost } from "../pipeline/call-meters.js"
import type { SettingName, SettingValues } from "../threads/held-settings.js"
import type { RealtimeWish } from "../threads/realtime-guards.js"
import type { PinWish } from "../threads/topology.js"
import type { HeldReading, Machine, TunableReading, TuningOffer } from "../tuning/tunable.js"
import type { VelozError } from "./errors.js"
import type { FromSchema, ObjectSchema } from "./from-schema.js"

// The contract between the kernel and a plugin. A plugin has up to four parts, one a role; each part is a
// function that gets its context and may return how it is retuned and disposed of. Everything a part taps,
// opens or schedules through its context is undone by the kernel; `dispose` is for what it made itself.

export interface Part {
  /** The options changed in place: derive again whatever was derived from them. Must not throw and not wait. */
  retune?(): void
  /** The part is leaving. Safe to call twice, and after a failed start. */
  dispose?(): void | Promise<void>
}

export interface PluginDefinition<O extends object = Record<string, never>> {
  /** Lower-case words with dashes, as the configuration names it. */
  name: string
  version: string
  /** Range of the plugin API that it was written for, such as "^1.0.0". */
  veloz: string
  description?: string
  /** JSON Schema of the options. Without one, `schemas/<name>.schema.json` beside core; without that, no options. */
  schema?: ObjectSchema
  /** Plugins that must be on. They are also started before this one. */
  requires?: readonly string[]
  /** Plugins that, if on, start before this one. */
  after?: readonly string[]
  /** Plugins that, if on, start after this one. */
  before?: readonly string[]
  /** Services that the control part provides. */
  provides?: readonly (keyof Services & string)[]
  /**
   * The kinds of venue that it is for, lower-case words with dashes: what `venue.kind` may be with it. While that is another
   * one, the plugin is left out as if it were off. Of the plugins in use one provides the service "venue", and its network part
   * speaks with the venue.
   */
  venues?: readonly string[]
  /**
   * Objects to options that fit the schema and cannot be had all the same. Each `report` is one objection, which names
   * the option in `field`, and those that it clashes with in `clashes`: the reader is shown where each was set. Throwing
   * reports the last one. Called on control while a change is planned, before anything is prepared; it must not do
   * anything else.
   */
  check?(options: Readonly<O>, context: CheckContext): void
  /**
   * What it claims of this machine with these options: cores, a priority, ports. Core judges what all plugins claim
   * together while a change is planned, by `veloz check` and `veloz plan` too, and grants it with the commit, for as long as
   * it is claimed. Not asked when `check` objects. It must only read.
   */
  claims?(options: Readonly<O>, context: Surroundings): Claims
  /**
   * What it wants of the machine with these options. Called on control while a change is planned, and by `veloz tune`
   * without an engine: it must read only. Core plans, writes, verifies and undoes what lives in files of the kernel;
   * what lives with the process is the plugin's own matter, which it reports through `tuning` of its control part.
   */
  tuning?(options: Readonly<O>, machine: Machine): TuningOffer
  /**
   * Its hot parts reach nothing but what their context gives them. Then new code of the plugin is primed: made once more
   * before it comes into force, fed with an invented market and invented orders, and thrown away. So the parts that do
   * come into force are fast from their first record on.
   */
  primable?: boolean
  engine?(context: EngineContext<O>): Part | void
  strategy?(context: StrategyContext<O>): Part | void
  network?(context: NetworkContext<O>): Part | void
  /** The only part that may be asynchronous. */
  control?(context: ControlContext<O>): Part | void | Promise<Part | void>
  /** Sub-commands of `veloz` that this plugin adds. */
  commands?: readonly Command[]
}

export interface CheckContext extends Surroundings {
  report(error: VelozError): void
}

/** What the options of a plugin are judged beside. */
export interface Surroundings {
  /** The engine's own options, which may clash with the plugin's. */
  readonly config: {
    readonly symbols: readonly string[]
    readonly venue: { readonly kind: string }
    readonly topology: "auto" | "fused" | "split"
    readonly idle_strategy: "auto" | "park" | "backoff" | "spin"
  }
  /** The CPUs of this machine, as they were before anything was pinned. */
  readonly cpus: CpuTopology
  /** The services that plugins which are on may provide. */
  readonly services: readonly string[]
}

/** What a plugin claims. Each `option` is the one of the plugin that says so: an error shows where it was set. */
export interface Claims {
  /** Where the kernel is to serve the routes of all plugins. */
  readonly http?: { readonly host: string; readonly port: number; readonly token?: string } | undefined
  /** Where parts of the plugin listen themselves; with 0 for the port nothing has to be free. */
  readonly ports?: readonly { readonly host: string; readonly port: number; readonly option: string }[]
  /** The cores that the thread of a role may use, and no others. */
  readonly pins?: readonly PinWish[]
  /** Where every thread is kept that runs no hot role and that nobody pins, those too that appear later. */
  readonly housekeeping?: readonly number[] | undefined
  /**
   * A real-time priority for the threads of roles, and those that they wait for. Refused when a guard against a thread that
   * runs away is missing, or the kernel does not permit it.
   */
  readonly realtime?: RealtimeWish | undefined
  /** The part of V8's heap that new objects of hot threads lie in: other threads take over when it changes. */
  readonly semiSpaceMb?: number | undefined
}

export interface Plugin<O extends object = object> {
  readonly kind: "veloz-plugin"
  readonly definition: PluginDefinition<O>
  /** The file that defines it, where VeloZ has loaded that file. */
  readonly file?: string
  /** The plugin with options, for `use: [plugin({ ... })]`. */
  (options?: Partial<O>): ConfiguredPlugin
}

export interface ConfiguredPlugin {
  readonly kind: "veloz-configured-plugin"
  readonly plugin: Plugin
  readonly options: object
}

/** Defines a plugin. Options are typed from an inline schema, or named: `definePlugin<MyOptions>({ ... })`. */
export interface DefinePlugin {
  <const S extends ObjectSchema>(definition: PluginDefinition<FromSchema<S>> & { schema: S }): Plugin<FromSchema<S>>
  <O extends object>(definition: PluginDefinition<O>): Plugin<O>
}

// ---- what every part gets

export interface Log {
  debug(message: string, details?: object): void
  info(message: string, details?: object): void
  warn(message: string, details?: object): void
  error(message: string, details?: object): void
}

/** A number in shared memory with one writer. Incrementing it costs a nanosecond and allocates nothing. */
export interface Counter {
  increment(): void
  add(amount: number): void
  set(value: number): void
  get(): number
}

/** Records durations in nanoseconds into shared memory: HDR, three significant digits. */
export interface Histogram {
  record(valueNs: number): void
}

/** Slow, ordered messages between the control part and the hot parts of one plugin. Plain data only. */
export interface Channel {
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}

export interface CommonContext<O> {
  /** This plugin's options on this thread: a live view, overwritten at the cut. What is copied out of it goes stale. */
  readonly options: Readonly<O>
  readonly log: Log
  readonly clock: Clock
  readonly channel: Channel
  /**
   * State that survives a reload: made once, kept while `version` stays the same. When hot threads are made anew, as for
   * another topology, what engine and strategy parts keep goes along: plain data as it is, and anything else through
   * `moving`; what has neither refuses the change. Network parts begin anew then, as their connections do.
   */
  keep<T>(key: string, version: number, make: () => T, moving?: Moving<T>): T
}

/** How kept state goes to another thread. What is saved is plain data; symbols may have other numbers there. */
export interface Moving<T> {
  save(value: T): unknown
  load(saved: unknown): T
}

/** What parts on hot threads have beside: figures that control reads from shared memory. */
export interface HotContext<O> extends CommonContext<O> {
  /** Made at most once a name, which is prefixed with the plugin's own: `max-notional.denied`. */
  counter(name: string): Counter
  histogram(name: string): Histogram
}

export interface Timers {
  /** Calls back about every `periodMs`. Stops with the part. */
  every(periodMs: number, callback: () => void): void
  /** Calls back once. Returns what `cancel` takes. */
  after(delayMs: number, callback: () => void): number
  cancel(timer: number): void
}

// ---- symbols

/** One instrument. Ticks and lots are what prices and quantities are counted in. */
export interface SymbolSpec {
  readonly index: number
  readonly name: string
  readonly baseAsset: string
  readonly quoteAsset: string
  readonly tickSize: string
  readonly lotSize: string
  readonly minPriceTicks: number
  readonly maxPriceTicks: number
  readonly minQtyLots: number
  readonly maxQtyLots: number
  /** In ticks x lots. */
  readonly minNotional: number
}

export interface Symbols {
  readonly all: readonly SymbolSpec[]
  /** Throws when the engine does not trade the symbol. */
  get(name: string): SymbolSpec
  /** -1 when the engine does not trade the symbol. */
  indexOf(name: string): number
  /** Decimal text to ticks. Throws when malformed or off the tick. */
  ticks(symbol: string, price: string | number): number
  /** Decimal text to lots. Throws when malformed or off the lot. */
  lots(symbol: string, qty: string | number): number
  /** A notional in the quote asset, as ticks x lots, rounded down. */
  notional(symbol: string, amount: string | number): number
  /** Ticks to decimal text. */
  price(symbol: number, ticks: number): string
  /** Lots to decimal text. */
  qty(symbol: number, lots: number): string
}

// ---- engine

/** An order, during a call. One reused view: copy what you keep. */
export interface OrderView {
  /** The slot that the order lives in: stable while it is open. */
  readonly slot: number
  readonly symbol: number
  readonly side: number
  readonly type: number
  readonly tif: number
  readonly priceTicks: number
  readonly qtyLots: number
  readonly filledLots: number
  /** Of its last fill, which is the one that is reported where the cause is Fill; 0 before the first. */
  readonly lastPriceTicks: number
  readonly lastQtyLots: number
  /** Ticks x lots. A market order counts with the opposite touch. */
  readonly notional: number
  readonly status: number
  readonly origin: number
  readonly owner: number
  readonly clientId: string
}

/** Taps of a hook that may object: 0, or a deny reason. The first other than 0 ends the check. */
export interface DenyTaps {
  /** `deferrable` checks may run after the send when `async_risk_check` is on (a late deny cancels). */
  tap(name: string, check: (order: OrderView) => number, options?: { deferrable?: boolean }): void
}

export interface Taps<F> {
  tap(name: string, listener: F): void
}

/** Decides when an item goes on to the next stage: at once, later, or joined with others. */
export interface Stage {
  /** Takes an item; passes it on by calling `next`, now or later. */
  offer(item: number): void
  /** The thread has nothing more to do right now: pass on what need not wait. */
  idle?(): void
}

export interface StageContext {
  /** Calls `Stage.idle` again after about `delayUs`, if nothing else does before. */
  wakeAfter(delayUs: number): void
  readonly clock: Clock
}

/** Adds a stage to a pipeline. Items are symbol numbers (market) or 0 (order frames). */
export type AddStage<Name extends string> = (
  name: Name,
  make: (next: (item: number) => void, context: StageContext) => Stage,
) => void

export interface BookView {
  readonly symbol: SymbolSpec
  readonly updateId: number
  /** False while the book is being fetched or repaired: do not trade on it. */
  readonly isLive: boolean
  /** Levels that are published: order_book_depth at most. */
  readonly bidCount: number
  readonly askCount: number
  /** Level 0 is the best. 0 when there is no such level. */
  bidTicks(level: number): number
  bidLots(level: number): number
  askTicks(level: number): number
  askLots(level: number): number
}

export interface EngineContext<O> extends HotContext<O> {
  readonly symbols: Symbols
  readonly books: { get(symbol: number): BookView }
  readonly tops: { get(symbol: number): TopView }
  readonly order: {
    /** A deny reason of this plugin; over HTTP it reads `risk_<name>` with underscores. */
    reason(name: string, message?: string): number
    readonly validate: DenyTaps
    readonly risk: DenyTaps
    readonly sent: Taps<(order: OrderView) => void>
    readonly report: Taps<(order: OrderView, cause: number) => void>
    /** Orders that are open at the venue or on their way there. */
    openCount(): number
    /** Validation of orders from typed API calls is left out when true. */
    trustTyped(trust: boolean): void
    /** Deferrable risk checks run after the send when true. Read when the paths are composed. */
    deferRisk(defer: boolean): void
    /** Open orders are cancelled when the engine stops. */
    cancelOnStop(cancel: boolean): void
  }
  readonly market: {
    /** A record has arrived at the engine, before the book. */
    readonly decoded: Taps<(type: number, offset: number, views: RecordViews) => void>
    /** The book of a symbol has taken an update. */
    readonly booked: Taps<(book: BookView, changedLevel: number) => void>
    readonly stage: AddStage<"conflate" | "throttle">
    /** Levels that books publish. */
    publishDepth(levels: number): void
  }
  readonly account: {
    /** What is free of an asset, in 1e-8 units, less what orders on their way may take. -1 when not known. */
    freeUnits(asset: string): number
    /** Units of 1e-8 that an order may take, and of which asset: quote when buying, base when selling. */
    requiredUnits(order: OrderView): number
    /** False when less than that is free. True when it is not known what is free: then the venue decides. */
    covers(order: OrderView): boolean
    requiredAsset(order: OrderView): string
  }
  /**
   * Sizes of the pools that this role owns. What is in use keeps its place: a larger pool grows between turns, a
   * smaller one lends less at once and gives memory back as it empties. `preallocate` touches every page.
   */
  readonly pools: {
    /** Slots for open orders. */
    resizeOrders(slots: number, preallocate?: boolean): void
    /** Cells for client and venue order ids. */
    resizeStrings(cells: number, preallocate?: boolean): void
    /** What is asked of the system for the pages of pools on this thread, as they are touched ahead. */
    keepPages(wish: PageWish): void
  }
}

// ---- strategy

export interface Fill {
  readonly handle: number
  readonly symbol: number
  readonly side: number
  readonly priceTicks: number
  readonly qtyLots: number
  readonly tradeId: number
}

export interface OrderUpdate {
  readonly handle: number
  readonly symbol: number
  readonly side: number
  readonly status: number
  readonly reason: number
  readonly priceTicks: number
  readonly qtyLots: number
  readonly filledLots: number
}

/** The venue's own best bid and ask. Newer than the book between two depth updates. */
export interface TopView {
  readonly symbol: number
  readonly bidTicks: number
  readonly bidLots: number
  readonly askTicks: number
  readonly askLots: number
}

export interface PublicTrade {
  readonly symbol: number
  readonly priceTicks: number
  readonly qtyLots: number
  readonly buyerIsMaker: boolean
}

export interface StrategyContext<O> extends HotContext<O> {
  readonly symbols: Symbols
  readonly books: { get(symbol: number): BookView }
  readonly tops: { get(symbol: number): TopView }
  readonly market: {
    onBook(listener: (book: BookView) => void): void
    onTop(listener: (top: TopView) => void): void
    onTrade(listener: (trade: PublicTrade) => void): void
  }
  readonly orders: {
    /**
     * Places an order. Returns a handle (> 0), or minus a deny reason when it is refused on the spot; a denial that is
     * found later arrives as an update.
     */
    place(symbol: number, side: number, priceTicks: number, qtyLots: number, type?: number, tif?: number): number
    /** Asks for a cancel. Returns 0, or a deny reason. */
    cancel(handle: number): number
    onUpdate(listener: (update: OrderUpdate) => void): void
    onFill(listener: (fill: Fill) => void): void
  }
  readonly timers: Timers
}

// ---- network

/** An order on its way out, during a call. One reused view. */
export interface OrderRequest {
  /** Carry it to the venue and back: a Report names it. A safe integer. */
  readonly requestId: number
  readonly symbol: number
  readonly side: number
  readonly type: number
  readonly tif: number
  readonly priceTicks: number
  readonly qtyLots: number
  /** ASCII of the client order id. */
  readonly clientIdBytes: Uint8Array
  readonly clientIdOffset: number
  readonly clientIdLength: number
}

/** What a venue adapter does for the order path. Each call appends a frame to `connection` and does not flush it. */
export interface VenueAdapter {
  /** The connection that orders travel on; undefined while it is not known. */
  readonly connection: Connection | undefined
  /** True when orders can be sent now. */
  readonly isReady: boolean
  /** Requests that are on their way and have no answer yet. Left out where that is not known. */
  readonly inFlight?: number
  /** Return 0, or a deny reason when the frame cannot be made. */
  place(order: OrderRequest): number
  cancel(order: OrderRequest): number
  /** Ask for the state of an order whose outcome is not known. Never sends an order again. */
  query(order: OrderRequest): number
  /**
   * Ask the venue for a sign of life on the connection of orders, without an order; a Pong record with this token is the
   * answer. Returns 0, or a deny reason. Left out where the venue has no such request.
   */
  ping?(token: number): number
  /** Fetch the whole depth of a symbol; it arrives as Depth records with the Snapshot flag. */
  requestSnapshot(symbol: number, levels: number): void
  /**
   * A raw market-data message from elsewhere (a recording), as if it had been received. Returns false when it is no
   * message of this venue, and nothing came of it.
   */
  replay(bytes: Uint8Array, offset: number, length: number, receivedNs: number): boolean
}

export interface NetworkContext<O> extends HotContext<O> {
  readonly symbols: Symbols
  readonly transport: Transport
  /** The sockets below all connections, those of other plugins included. */
  readonly sockets: Sockets
  /** Records for the engine: layouts in "veloz/hot". */
  readonly toEngine: Link
  /** How market data is asked for: one plugin wishes, the adapter subscribes. */
  readonly subscriptions: {
    /** Levels of the whole-depth snapshots that are wanted instead of diffs, or 0 for diffs. */
    readonly wholeDepthLevels: number
    wish(wholeDepthLevels: number): void
    onChange(listener: () => void): void
  }
  /** The number of an asset in Balance records; -1 when no symbol of the engine has it. */
  assetIndex(asset: string): number
  readonly order: {
    readonly stage: AddStage<"batch">
  }
  readonly venue: {
    register(adapter: VenueAdapter): void
    /** Venue time minus ours in microseconds, as the adapter measured it, and how far that may be off. */
    setClockOffsetUs(offsetUs: number, doubtUs: number): void
  }
  /** The pool of market records between receipt and the end of their handling, resized as those of the engine role. */
  readonly marketEvents: {
    resize(records: number, preallocate?: boolean): void
    keepPages(wish: PageWish): void
  }
  readonly timers: Timers
}

// ---- control

export interface Route {
  method: "GET" | "POST" | "DELETE"
  url: string
  /** JSON Schemas; a body or query that does not fit answers 400 `bad_params` with the field. */
  body?: object
  query?: object
  /** JSON Schema of the answer: members that it does not list are left out. Makes the answer of a hot route cheaper. */
  response?: object
  summary?: string
  /** The answer is text and no JSON: the media type of it. The handler returns a string. */
  text?: string
  /**
   * The answer goes on for as long as its reader stays: the media type of it. The handler returns a Readable of node, which
   * is destroyed when its reader goes, and ended when the server stops.
   */
  stream?: string
  handler(request: HttpRequest): unknown
}

export interface HttpRequest {
  /** As its schema says. A number that a double would round arrives as its text. */
  readonly body: Record<string, unknown>
  /** As its schema says: an integer parameter is a number here. */
  readonly query: Record<string, unknown>
  readonly params: Record<string, string>
  readonly headers: Record<string, string | string[] | undefined>
  /** When the request was received, on the engine's clock. */
  readonly receivedNs: number
}

export interface Command {
  name: string
  summary: string
  /** Flags as commander declares them: ["--port <port>", "TCP port to listen on"]. */
  options?: readonly (readonly [flags: string, description: string, fallback?: string])[]
  /** Runs until the promise settles; the exit code of the process, 0 when nothing is returned. */
  run(
    options: Record<string, string | undefined>,
    environment: { log: Log; signal: AbortSignal },
  ): Promise<number | void>
}

/** Services by name. A plugin that provides another adds it here by interface augmentation. */
export interface Services {
  /** The venue that the engine trades at. The kernel asks it for the symbols before hot parts are made. */
  venue: {
    readonly symbols: readonly SymbolSpec[]
    /**
     * Names where orders go and whose they are, so that it is known whether those that are open are there in another
     * generation too. Left out where there is only one such place.
     */
    readonly account?: string
  }
}

export interface ControlContext<O> extends CommonContext<O> {
  /** Root options of the configuration: symbols, venue. */
  readonly config: { readonly symbols: readonly string[]; readonly venue: { readonly kind: string } }
  /** The JSON Schema of this plugin's options, for routes that change them. */
  readonly schema: ObjectSchema
  readonly http: { route(route: Route): void }
  /** The running engine. While the first generation is prepared its members answer 503: read them when asked. */
  readonly engine: EngineFacade
  readonly events: Events
  /**
   * Everything of a generation is prepared, hot parts and their counters too, and nothing is in force: the last moment to
   * object to its options, in the way of `check` of the plugin, which is for what can be judged by the options alone.
   */
  onPrepared(check: (options: Readonly<O>, context: CheckContext) => void): void
  /** Made at most once a name, which is prefixed with the plugin's. GET /api/metrics/counters shows it. */
  counter(name: string): Counter
  readonly threads: {
    /** Keeps these cores from sleeping, with threads that burn the time that nobody wants. Undone when the part leaves. */
    warm(cores: readonly number[]): void
    /** The CPUs of this machine, as they were before anything was pinned. */
    topology(): CpuTopology
  }
  /** What the system and the C library say of this process's memory. What is dear of it is up to ten seconds old. */
  processMemory(): ProcessMemoryReading
  readonly tuning: {
    /**
     * Answers how a tunable of this plugin stands that the plugin sets itself, such as an option of its sockets. May ask
     * another thread. Until the part leaves.
     */
    report(id: string, read: () => HeldReading | Promise<HeldReading>): void
    /**
     * Holds a setting of this process, or of its hot threads, from the commit on, and answers for the tunable `id`;
     * undefined is no wish. What the kernel refuses is told there and in the log. Undone when the part leaves.
     */
    hold<S extends SettingName>(
      id: string,
      setting: S,
      value: SettingValues[S] | undefined,
    ): HeldSwitch<SettingValues[S]>
  }
  provide<K extends keyof Services>(name: K, service: Services[K]): void
  use<K extends keyof Services>(name: K): Services[K]
  /** Like `use`, but undefined when nobody provides it. */
  find<K extends keyof Services>(name: K): Services[K] | undefined
  readonly timers: Timers
}

/** A setting that is held, to be changed while it is. */
export interface HeldSwitch<V> {
  change(value: V | undefined): void
}

/** Something that has happened. */
export interface EngineEvent {
  /** Grows with each event, and from one run of the engine to the next. */
  readonly id: number
  readonly topic: string
  readonly type: string
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly data: object
}

export interface EventsSince {
  /** Oldest first. */
  readonly events: readonly EngineEvent[]
  /** Set when events were forgotten: up to this id some may be missing. */
  readonly missingTo: number | undefined
}

/** What happens in the engine, told to whoever listens on control; the newest of each topic are kept for who comes late. */
export interface Events {
  /** Topics are "performance", "orders", "market", "config", "tuning", and any other. `data` is plain, and copied. */
  publish(topic: string, type: string, data: object): void
  /**
   * Calls back, in a turn of its own, with what was published of these topics since the last call, oldest first; undefined
   * stands for all. It ends with the part, or when what is returned is called. A listener that throws is not called again.
   */
  listen(topics: readonly string[] | undefined, listener: (events: readonly EngineEvent[]) => void): () => void
  /** Whether anybody listens to a topic: what is told every second need not be told to nobody. */
  isWanted(topic: string): boolean
  /** At most `limit` events of these topics that came after the one with this id. */
  since(id: number, topics: readonly string[] | undefined, limit: number): EventsSince
  /** The newest id that was given out. */
  readonly lastId: number
  /** Topics that are known: those of the engine, and those that somebody has published under. */
  readonly topics: readonly string[]
}

/** What control parts see of the running engine. */
export interface EngineFacade {
  readonly symbols: Symbols
  readonly orders: OrderDesk
  readonly positions: PositionReader
  readonly account: AccountReader
  /** Asks the engine and the venue for a sign of life. Throws VelozError when the engine gives none. */
  ping(): Promise<ExecutionPing>
  readonly market: MarketReader
  readonly metrics: MetricsReader
  readonly configuration: ConfigurationAccess
  readonly tuning: TuningReader
  readonly version: string
  readonly uptimeSeconds: () => number
}

/** An order as control knows it: built from the engine's events, in their order. */
export interface OrderState {
  readonly client_order_id: string
  readonly venue_order_id: string | null
  readonly symbol: string
  readonly side: "BUY" | "SELL"
  readonly type: string
  readonly price: string | null
  readonly qty: string
  readonly filled_qty: string
  readonly avg_price: string | null
  readonly status: string
  /** Milliseconds since 1970. */
  readonly created_at: number
  readonly updated_at: number
  /** Why it was denied or rejected: a code and the words. */
  readonly reason?: { code: string; message: string }
}

export interface OrderWish {
  symbol: string
  side: "BUY" | "SELL"
  qty: string | number
  price?: string | number
  type?: "LIMIT" | "MARKET" | "LIMIT_MAKER"
  tif?: "GTC" | "IOC" | "FOK"
  client_order_id?: string
  /** When it entered VeloZ, on the engine's clock. */
  enteredNs: number
}

/** What became of the orders that were to be cancelled together. */
export interface CancelAllOutcome {
  /** All of them are over. */
  readonly ok: boolean
  readonly canceled: number
  /** Over in another way: filled or expired before the cancel came, or never accepted. */
  readonly ended_otherwise: number
  /** Not over yet. The engine goes on asking until each is. */
  readonly unconfirmed: number
}

/** The order path as control uses it. A promise settles when the venue has answered, or the engine has denied. */
export interface OrderDesk {
  /** Throws VelozError with an HTTP status for what is denied, rejected or unknown. */
  place(wish: OrderWish): Promise<OrderState>
  cancel(clientOrderId: string, symbol?: string): Promise<OrderState>
  /**
   * Cancels every order that is open now, or every one of a symbol; what strategies place from then on is not meant.
   * Settles when the venue has finished all of them, or after five seconds.
   */
  cancelAll(symbol?: string): Promise<CancelAllOutcome>
  get(clientOrderId: string): OrderState | undefined
  /** Open orders, then the finished ones, newest first. */
  list(): OrderState[]
  /** The latest events, newest first. */
  events(): { sequence: number; event: string; order: OrderState; timestamp: number }[]
}

/** Decimal text. Amounts of money are in the quote asset, without the venue's commission. */
export interface PositionState {
  readonly symbol: string
  /** Bought less sold: below 0 when more was sold. */
  readonly size: string
  /** The average price of what is held; null when nothing is. */
  readonly entry_price: string | null
  /** The middle of the best bid and ask, or else the last trade; null before the market has said anything. */
  readonly current_price: string | null
  /** What closing at `current_price` would gain; null when there is no such price. */
  readonly unrealized_pnl: string | null
  /** What closing has gained. */
  readonly realized_pnl: string
}

/** What the engine's own orders have bought and sold since it started. */
export interface PositionReader {
  /** One for each symbol, in their order. */
  list(): PositionState[]
}

/** The venue's last word on one asset, as decimal text; null for an amount too large to be counted exactly. */
export interface BalanceState {
  readonly asset: string
  /** What may still be spent, as the venue has it: orders on their way are not taken off. */
  readonly free: string | null
  /** What open orders hold. */
  readonly locked: string | null
}

export interface AccountReader {
  /** Assets of the engine's symbols of which the venue has said something. */
  balances(): BalanceState[]
}

/** How alive the way of an order is, as it was measured. */
export interface ExecutionPing {
  /** The venue answers, and orders may be sent. */
  readonly ok: boolean
  readonly venue: "up" | "away"
  /** From control to the engine and back. */
  readonly engine_rtt_us: number
  /** From the network role to the venue and back, on the connection of orders; null when it did not answer. */
  readonly venue_rtt_us: number | null
  /** When the answer was complete: milliseconds since 1970. */
  readonly timestamp: number
}

export interface MarketReader {
  top(symbol: string): {
    symbol: string
    price: string | null
    bid: string | null
    ask: string | null
    timestamp: number | null
  }
  book(
    symbol: string,
    depth?: number,
  ): { symbol: string; last_update_id: number; bids: [string, string][]; asks: [string, string][] }
}

/** Decimal microseconds over the last 60 s; null where there was no sample. */
export interface LatencySummary {
  count: number
  p50_us: number | null
  p95_us: number | null
  p99_us: number | null
  max_us: number | null
}

export interface MetricsReader {
  latency(name: string): LatencySummary & { total: LatencySummary }
  profile(): ProfileReading
  /** Events a second over the last 60 s (or since start, when younger). */
  rate(counter: string): number
  counter(name: string): number
  counters(): Record<string, number>
  /** Everything that is measured, by names that need no path: order_to_ack_p99_us, market_data_age_ms, fills. */
  figures(): Figures
  /** Throws VelozError 400, with the names of all figures, nearest first, unless one is called so. `field` named it. */
  requireFigure(name: string, field: string): void
  threads(): ThreadReading[]
  /** Everything as it has added up since the start: the difference of two is a reading of the time between them. */
  totals(): MetricsTotals
}

export interface MetricsTotals {
  /** Names this run of the engine: totals of two runs have no difference. */
  run: string
  /** When they were read, on a clock that is never set. */
  at_seconds: number
  histograms: Record<string, HistogramTotals>
  profile: ProfileTotals
  counters: Record<string, number>
}

/** Samples by bucket, the buckets without one left out: the lowest value of each, and how many samples it holds. */
export interface HistogramTotals {
  lowest_ns: number[]
  counts: number[]
}

/** Sums over the same orders, and over the same updates. */
export interface ProfileTotals {
  orders: number
  order_path_ns: Record<string, number>
  updates: number
  market_data_path_ns: Record<string, number>
}

/** What has no sample is null. */
export interface Figures {
  /** Of each histogram, of the last 60 s: `<name>_p50_us` and its like. And the age of the market data. */
  readonly latency: Readonly<Record<string, number | null>>
  readonly throughput: Readonly<Record<string, number>>
  readonly counters: Readonly<Record<string, number>>
}

export interface ProfileReading {
  orders: number
  order_path: Record<string, number | null>
  updates: number
  market_data_path: Record<string, number | null>
  exchange_method: string
}

/** For each stage that an option would make cheaper, what to set. */
export interface ProfileAdvice {
  order_path: Record<string, string>
  market_data_path: Record<string, string>
}

export interface Bottleneck {
  component: string
  pct_of_total: number
  recommendation: string
}

export interface ThreadReading {
  name: string
  tid: number
  roles: string[]
  cpu_affinity: number[]
  cpu_time_ms: number
  /** Time that it was ready to run and another had the CPU. */
  run_queue_wait_ms: number
  /** "other" is the ordinary one; "fifo" and "rr" are real-time. */
  policy: string
  /** Of a real-time policy, from 1 to 99; 0 of all others. */
  priority: number
  nice: number
  context_switches: { voluntary: number; involuntary: number }
  /** Of the heap that the thread has for itself; null for a thread without one. */
  collections: CollectionReading | null
}

/** How long V8's collector has stopped a thread. Null when it has not. */
export interface CollectionSummary {
  count: number
  sum_ms: number
  longest_us: number | null
}

/** Over the last 60 s, and since the thread runs. */
export interface CollectionReading extends CollectionSummary {
  total: CollectionSummary
}

/** What every plugin wants of the machine, and how it stands. */
export interface TuningReader {
  readings(): Promise<TunableReading[]>
}

export interface ConfigurationAccess {
  generation(): number
  /** The whole effective configuration, plain data. */
  effective(): Record<string, unknown>
  /**
   * Changes option paths through plan, prepare and commit. Throws VelozError when refused; nothing changed then. Changes that
   * build on what is in force are given as a function, which is called when their turn has come.
   */
  change(changes: Record<string, unknown> | (() => Record<string, unknown>), author: string): Promise<void>
  /** The options at a path, or all: what each is, and who set it. Throws VelozError 404 where there is no such path. */
  explain(path?: string): ExplainReading
  /**
   * What would become of everything, were these paths changed, or the file saved as it is now, or this one in its place.
   * Changes nothing.
   */
  plan(wish: PlanWish): Promise<PlanReading>
  plugins(): PluginReading[]
  pipeline(): { market: string[]; order: string[] }
  readonly history: HistoryAccess
  /**
   * From now on these options may be tried: when the lease is not renewed in time, and with 0 seconds at once, what requests
   * have set there is again what it was when the lease was taken. Throws VelozError when another holds one.
   */
  lease(wish: LeaseWish): Promise<void>
}

export interface LeaseWish {
  /** Who it is, for people; the same one renews. */
  readonly holder: string
  readonly paths: readonly string[]
  readonly seconds: number
}

/** The attempts to change the configuration, over restarts of the engine. */
export interface HistoryAccess {
  list(limit: number): Promise<Listing>
  /** By its number, or the one in force (`current`), or the newest (`last`). Throws VelozError when it is not kept. */
  read(attempt: string): Promise<WholeAttempt>
  /** The last attempt of this run that was rejected. */
  lastRejected(): Attempt | undefined
  /** Brings the values and the code of a generation back. Throws VelozError when refused; nothing changed then. */
  rollBack(number: number, author: string): Promise<Rollback>
}

export interface Rollback {
  /** The generation that is in force now. */
  readonly generation: number
  readonly restored: number
  /** Options that the environment or the command line holds at another value than they had then. */
  readonly kept: readonly { path: string; value: unknown; wanted: unknown; source: string }[]
  /** Options of which the file says otherwise: it is read again at the next start. Empty where it was refused. */
  readonly file_differs: readonly {
    path: string
    value: unknown
    file_value: unknown
    file: string
    line: number
    column: number
  }[]
  /** The save that was refused and still stands in the files; null where they are what was last read. */
  readonly file_refused: number | null
  /** Plugins that run other code than stands on disk, until that changes. */
  readonly earlier_code: readonly string[]
}

export type { CallCost }

export interface ExplainReading {
  /** Null where no engine runs with it. */
  readonly generation: number | null
  readonly file: string | null
  readonly options: readonly Explanation[]
}

/** What the two paths are made of: a line a stage, with the plugins that put it there. */
export interface PipelineReading {
  /** Null where no engine runs with it. */
  readonly generation: number | null
  readonly market: readonly string[]
  readonly order: readonly string[]
}

export interface PlanWish {
  /** Values by path, instead of what a file says. */
  readonly changes?: Readonly<Record<string, unknown>>
  /** A file beside the configuration's, as if it stood in its place. */
  readonly file?: string
}

export interface PlanReading {
  /** A change that is refused changes nothing at all. */
  readonly outcome: "nothing" | "changes" | "refused"
  readonly changes: readonly PathPlan[]
  readonly plugins: readonly PluginPlan[]
  /** What becomes of the hot threads, and why. */
  readonly threads: { readonly action: "keep" | "retune" | "replace"; readonly reason: string }
  /** The plugins in the order in which they start, where that changes. */
  readonly order: readonly string[] | null
  /** Why it is refused. */
  readonly problems: readonly Diagnostic[]
}

export interface PathPlan {
  readonly path: string
  /** Null where nothing was set, or is. */
  readonly from: unknown
  readonly to: unknown
  readonly action:
    | "keep"
    | "leave out"
    | "retune"
    | "restart plugin"
    | "rebuild pipeline"
    | "replace threads"
    | "needs restart"
    | "refuse"
  readonly reason: string
  readonly set_by: { readonly source: string; readonly file?: string; readonly line?: number; readonly column?: number }
}

export interface PluginPlan {
  readonly plugin: string
  readonly action: "keep" | "retune" | "restart" | "add" | "remove"
  readonly reason: string
}

export interface PluginReading {
  name: string
  version: string
  state: string
  stages: string[]
  /** Milliseconds that it took to prepare, and its predecessor to leave: `prepare_control_ms`, `dispose_hot_ms`, ... */
  timings: Record<string, number>
  /** What its calls cost, by part and hook. */
  calls: Record<string, CallCost>
  /** How many of its parts of generations that are over are still held in memory, by role. Empty where all is well. */
  held: Record<string, number>
}
