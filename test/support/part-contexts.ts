import { readFileSync } from "node:fs"
import type {
  BookView,
  CheckContext,
  ControlContext,
  Counter,
  CpuTopology,
  EngineContext,
  EngineFacade,
  HeldReading,
  HotContext,
  NetworkContext,
  ObjectSchema,
  OrderUpdate,
  OrderView,
  PageWish,
  ProcessMemoryReading,
  Route,
  Stage,
  StageContext,
  StrategyContext,
  Surroundings,
  SymbolSpec,
  TopView,
  VelozError,
} from "veloz"
import { ManualClock } from "../../core/hot/clock.js"
import { FIRST_PLUGIN_REASON } from "../../core/hot/deny.js"
import { OrderType, Side, TimeInForce } from "../../core/hot/records.js"
import { EventLog } from "../../core/kernel/event-log.js"
import { collectObjections } from "../../core/kernel/objection.js"
import { SymbolTable } from "../../core/pipeline/symbols.js"

// Contexts for the parts of plugins that record what a part asks for, and let a test play the engine's side.

export const BTCUSDT: SymbolSpec = {
  index: 0,
  name: "BTCUSDT",
  baseAsset: "BTC",
  quoteAsset: "USDT",
  tickSize: "0.01",
  lotSize: "0.00001",
  minPriceTicks: 1,
  maxPriceTicks: 100_000_000,
  minQtyLots: 1,
  maxQtyLots: 900_000_000,
  minNotional: 5_000_000,
}

export const ETHUSDT: SymbolSpec = { ...BTCUSDT, index: 1, name: "ETHUSDT", baseAsset: "ETH", lotSize: "0.0001" }

export const FOUR_CPUS: CpuTopology = {
  online: [0, 1, 2, 3],
  usable: [0, 1, 2, 3],
  permitted: [0, 1, 2, 3],
  cores: [
    [0, 1],
    [2, 3],
  ],
  caches: [],
  nodes: [],
  isolated: [],
  quota: undefined,
}

/** The options that a plugin gets when nobody sets any: the defaults of its schema. */
export function defaultOptions<O extends object>(plugin: string, changes: Partial<O> = {}): O {
  const properties = Object.entries(schemaOf(plugin).properties)
  const defaults = properties.filter(([, { default: value }]) => value !== undefined)
  return { ...Object.fromEntries(defaults.map(([name, { default: value }]) => [name, value])), ...changes } as O
}

export function schemaOf(plugin: string): ObjectSchema {
  const file = new URL(`../../../schemas/${plugin}.schema.json`, import.meta.url)
  return JSON.parse(readFileSync(file, "utf8")) as ObjectSchema
}

/** What a check of a plugin reports of options, beside the engine's defaults. */
export function objectionsOf<O extends object>(
  check: (options: Readonly<O>, context: CheckContext) => void,
  options: Readonly<O>,
  config: Partial<CheckContext["config"]> = {},
  around: Partial<Omit<Surroundings, "config">> = {},
): VelozError[] {
  const context = { ...surroundings(config), ...around }
  return collectObjections("under-test", "check", context, (context) => check(options, context))
}

/** The engine's defaults, on a machine of four CPUs. */
export function surroundings(config: Partial<Surroundings["config"]> = {}): Surroundings {
  const defaults = { symbols: ["BTCUSDT"], venue: { kind: "sim" }, topology: "auto", idle_strategy: "auto" } as const
  return { config: { ...defaults, ...config }, cpus: FOUR_CPUS, services: ["exchange-endpoint", "venue"] }
}

export class FakeCounter implements Counter {
  value = 0
  increment(): void {
    this.value += 1
  }
  add(amount: number): void {
    this.value += amount
  }
  set(value: number): void {
    this.value = value
  }
  get(): number {
    return this.value
  }
}

export interface Recorded {
  readonly clock: ManualClock
  readonly counters: Map<string, FakeCounter>
  readonly lines: { level: string; message: string }[]
}

function common<O extends object>(options: O): HotContext<O> & Recorded {
  const counters = new Map<string, FakeCounter>()
  const kept = new Map<string, unknown>()
  const lines: Recorded["lines"] = []
  const write =
    (level: string) =>
    (message: string): void =>
      void lines.push({ level, message })
  return {
    options,
    clock: new ManualClock(),
    counters,
    lines,
    log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") },
    counter: (name) => getOrMake(counters, name, () => new FakeCounter()),
    histogram: () => ({ record() {} }),
    channel: { post() {}, onMessage() {} },
    keep: <T>(key: string, version: number, make: () => T) => getOrMake(kept, `${key}@${version}`, make) as T,
  }
}

/** A stage as the engine runs it: a test offers items, lets it idle, and sees what comes out and when it would wake. */
export class StageProbe {
  readonly passed: number[] = []
  wakeUs: number | undefined
  readonly stage: Stage

  constructor(make: (next: (item: number) => void, context: StageContext) => Stage, clock: ManualClock) {
    const wakeAfter = (delayUs: number): void => {
      this.wakeUs = delayUs
    }
    this.stage = make((item) => void this.passed.push(item), { clock, wakeAfter })
  }

  /** What has come out since the last call. */
  take(): number[] {
    return this.passed.splice(0)
  }
}

export interface FakeBook extends BookView {
  isLive: boolean
}

export interface FakeTop {
  symbol: number
  bidTicks: number
  bidLots: number
  askTicks: number
  askLots: number
}

function markets(specs: readonly SymbolSpec[]): { books: FakeBook[]; tops: FakeTop[] } {
  const tops = specs.map(({ index }) => ({ symbol: index, bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0 }))
  const books = specs.map((symbol, index) => ({
    symbol,
    updateId: 1,
    isLive: true,
    bidCount: 1,
    askCount: 1,
    bidTicks: () => tops[index].bidTicks,
    bidLots: () => tops[index].bidLots,
    askTicks: () => tops[index].askTicks,
    askLots: () => tops[index].askLots,
  }))
  return { books, tops }
}

type Check = (order: OrderView) => number

export class EngineProbe<O extends object> {
  readonly validate: { name: string; check: Check }[] = []
  readonly risk: { name: string; check: Check; deferrable: boolean }[] = []
  readonly stages = new Map<string, StageProbe>()
  readonly books: FakeBook[]
  readonly tops: FakeTop[]
  readonly free = new Map<string, number>()
  openCount = 0
  publishedDepth = 0
  trustsTyped = false
  defersRisk = false
  cancelsOnStop = false
  readonly pools: Record<string, [size: number, preallocate: boolean | undefined]> = {}
  pages: PageWish | undefined
  readonly context: EngineContext<O> & Recorded
  readonly #reasons: string[] = []

  constructor(
    readonly options: O,
    specs: readonly SymbolSpec[] = [BTCUSDT],
  ) {
    const { books, tops } = markets(specs)
    this.books = books
    this.tops = tops
    const base = common(options)
    this.context = {
      ...base,
      symbols: new SymbolTable(specs),
      books: { get: (symbol) => books[symbol] },
      tops: { get: (symbol) => tops[symbol] },
      order: {
        reason: (name) => FIRST_PLUGIN_REASON + this.#reasons.push(name) - 1,
        validate: { tap: (name, check) => void this.validate.push({ name, check }) },
        risk: {
          tap: (name, check, { deferrable = false } = {}) => void this.risk.push({ name, check, deferrable }),
        },
        sent: { tap() {} },
        report: { tap() {} },
        openCount: () => this.openCount,
        trustTyped: (trust) => {
          this.trustsTyped = trust
        },
        deferRisk: (defer) => {
          this.defersRisk = defer
        },
        cancelOnStop: (cancel) => {
          this.cancelsOnStop = cancel
        },
      },
      market: {
        decoded: { tap() {} },
        booked: { tap() {} },
        stage: (name, make) => void this.stages.set(name, new StageProbe(make, base.clock)),
        publishDepth: (levels) => {
          this.publishedDepth = levels
        },
      },
      account: {
        freeUnits: (asset) => this.free.get(asset) ?? -1,
        requiredUnits: ({ side, priceTicks, qtyLots }) =>
          side === Side.Buy ? priceTicks * qtyLots * 10 : qtyLots * 1000,
        covers: (order) => {
          const { account } = this.context
          const freeUnits = account.freeUnits(account.requiredAsset(order))
          return freeUnits < 0 || account.requiredUnits(order) <= freeUnits
        },
        requiredAsset: ({ symbol, side }) => (side === Side.Buy ? specs[symbol].quoteAsset : specs[symbol].baseAsset),
      },
      pools: {
        resizeOrders: (slots, preallocate) => {
          this.pools.orders = [slots, preallocate]
        },
        resizeStrings: (cells, preallocate) => {
          this.pools.strings = [cells, preallocate]
        },
        keepPages: (wish) => {
          this.pages = wish
        },
      },
    } as EngineContext<O> & Recorded
  }

  /** The name of the first reason that objects to the order, or undefined. */
  verdict(order: Partial<OrderView>): string | undefined {
    const view = orderView(order)
    for (const { check } of [...this.validate, ...this.risk]) {
      const reason = check(view)
      if (reason !== 0) return this.#reasons[reason - FIRST_PLUGIN_REASON]
    }
    return undefined
  }
}

export function orderView(changes: Partial<OrderView> = {}): OrderView {
  const priceTicks = changes.priceTicks ?? 6_000_000
  const qtyLots = changes.qtyLots ?? 100
  return {
    slot: 0,
    symbol: 0,
    side: Side.Buy,
    type: OrderType.Limit,
    tif: TimeInForce.Gtc,
    priceTicks,
    qtyLots,
    filledLots: 0,
    lastPriceTicks: 0,
    lastQtyLots: 0,
    notional: priceTicks * qtyLots,
    status: 0,
    origin: 0,
    owner: 0,
    clientId: "t-1",
    ...changes,
  }
}

export interface PlacedOrder {
  handle: number
  side: number
  priceTicks: number
  qtyLots: number
}

export class StrategyProbe<O extends object> {
  readonly book: FakeBook
  readonly top: FakeTop
  readonly placed: PlacedOrder[] = []
  readonly cancelled: number[] = []
  /** A deny reason that the next orders are refused with on the spot. */
  refusal = 0
  readonly context: StrategyContext<O> & Recorded
  #handle = 0
  readonly #onBook: ((book: BookView) => void)[] = []
  readonly #onTop: ((top: TopView) => void)[] = []
  readonly #onUpdate: ((update: OrderUpdate) => void)[] = []
  readonly #timers: (() => void)[] = []

  constructor(
    readonly options: O,
    specs: readonly SymbolSpec[] = [BTCUSDT],
  ) {
    const { books, tops } = markets(specs)
    this.book = books[0]
    this.top = tops[0]
    const base = common(options)
    this.context = {
      ...base,
      symbols: new SymbolTable(specs),
      books: { get: (symbol) => books[symbol] },
      tops: { get: (symbol) => tops[symbol] },
      market: {
        onBook: (listener) => void this.#onBook.push(listener),
        onTop: (listener) => void this.#onTop.push(listener),
        onTrade() {},
      },
      orders: {
        place: (_symbol, side, priceTicks, qtyLots) => {
          if (this.refusal !== 0) return -this.refusal
          this.#handle += 1
          this.placed.push({ handle: this.#handle, side, priceTicks, qtyLots })
          return this.#handle
        },
        cancel: (handle) => {
          this.cancelled.push(handle)
          return 0
        },
        onUpdate: (listener) => void this.#onUpdate.push(listener),
        onFill() {},
      },
      timers: {
        every: (_periodMs, callback) => void this.#timers.push(callback),
        after: () => 0,
        cancel() {},
      },
    } as StrategyContext<O> & Recorded
  }

  touch(bidTicks: number, askTicks: number): void {
    this.top.bidTicks = bidTicks
    this.top.askTicks = askTicks
    for (const listener of this.#onTop) listener(this.top)
    for (const listener of this.#onBook) listener(this.book)
  }

  /** Lets time pass in steps of a millisecond, with the timers due each. */
  run(ms: number): void {
    for (let passed = 0; passed < ms; passed += 1) {
      this.context.clock.advanceMs(1)
      for (const timer of this.#timers) timer()
    }
  }

  update(handle: number, status: number): void {
    const { side, priceTicks, qtyLots } = this.placed.find((order) => order.handle === handle)!
    const update = { handle, symbol: 0, side, status, reason: 0, priceTicks, qtyLots, filledLots: 0 }
    for (const listener of this.#onUpdate) listener(update)
  }
}

export class NetworkProbe<O extends object> {
  readonly stages = new Map<string, StageProbe>()
  readonly wishes: number[] = []
  marketEvents: [records: number, preallocate: boolean | undefined] | undefined
  pages: PageWish | undefined
  readonly context: NetworkContext<O> & Recorded

  constructor(
    readonly options: O,
    specs: readonly SymbolSpec[] = [BTCUSDT],
  ) {
    const base = common(options)
    this.context = {
      ...base,
      symbols: new SymbolTable(specs),
      subscriptions: {
        wholeDepthLevels: 0,
        wish: (levels: number) => void this.wishes.push(levels),
        onChange() {},
      },
      marketEvents: {
        resize: (records: number, preallocate?: boolean) => {
          this.marketEvents = [records, preallocate]
        },
        keepPages: (wish: PageWish) => {
          this.pages = wish
        },
      },
      order: {
        stage: (name: string, make: ConstructorParameters<typeof StageProbe>[0]) =>
          void this.stages.set(name, new StageProbe(make, base.clock)),
      },
    } as unknown as NetworkContext<O> & Recorded
  }
}

export class ControlProbe<O extends object> {
  readonly routes: Route[] = []
  readonly events = new EventLog(new ManualClock(), EVENTS_KEPT)
  readonly counters: ReadonlyMap<string, FakeCounter>
  warmed: readonly number[] | undefined
  memory: ProcessMemoryReading = {
    malloc: undefined,
    hugeBytes: undefined,
    lockedBytes: undefined,
    hugePagesOfSystem: "madvise",
    isWithoutHugePages: false,
    ageMs: 0,
  }
  /** Settings that are held, by the tunables that they are. */
  readonly held = new Map<string, unknown>()
  /** The machine: four CPUs on two cores, unless a test says otherwise. */
  topology: CpuTopology = FOUR_CPUS
  readonly context: ControlContext<O> & Recorded
  /** How the part answers for tunables that it holds itself. */
  readonly reports = new Map<string, () => HeldReading | Promise<HeldReading>>()

  readonly #timers: { periodMs: number; dueMs: number; callback: () => void }[] = []
  readonly #checks: ((options: Readonly<O>, context: CheckContext) => void)[] = []

  constructor(
    plugin: string,
    readonly options: O,
    engine: Partial<EngineFacade> = {},
    specs: readonly SymbolSpec[] = [BTCUSDT],
  ) {
    const { events } = this
    const every = (periodMs: number, callback: () => void): void => {
      this.#timers.push({ periodMs, dueMs: periodMs, callback })
    }
    const base = common(options)
    this.counters = base.counters
    this.context = {
      ...base,
      events,
      timers: { every, after: () => 0, cancel() {} },
      onPrepared: (check: (options: Readonly<O>, context: CheckContext) => void) => void this.#checks.push(check),
      config: { symbols: specs.map(({ name }) => name), venue: { kind: "sim" } },
      schema: schemaOf(plugin),
      http: { route: (route: Route) => void this.routes.push(route) },
      engine: { symbols: new SymbolTable(specs), version: "1.0.0", uptimeSeconds: () => 12.5, ...engine },
      threads: {
        warm: (cores: readonly number[]) => {
          this.warmed = cores
        },
        topology: () => this.topology,
      },
      processMemory: () => this.memory,
      tuning: {
        report: (id: string, read: () => HeldReading | Promise<HeldReading>) => void this.reports.set(id, read),
        hold: (id: string, _setting: string, value: unknown) => {
          this.held.set(id, value)
          return { change: (changed: unknown) => void this.held.set(id, changed) }
        },
      },
    } as unknown as ControlContext<O> & Recorded
  }

  /** A generation with these options is prepared: what the part has against them. */
  prepared(options: Readonly<O>): VelozError[] {
    return this.#checks.flatMap((check) => objectionsOf(check, options))
  }

  /** Lets time pass in steps of 100 ms, with the timers due each. */
  run(ms: number): void {
    const { clock } = this.context
    for (const endMs = clock.nowNs() / 1e6 + ms; clock.nowNs() / 1e6 < endMs; ) {
      clock.advanceMs(100)
      for (const timer of this.#timers) {
        if (clock.nowNs() / 1e6 < timer.dueMs) continue
        timer.dueMs += timer.periodMs
        timer.callback()
      }
    }
  }
}

/** Few, so that a test can fill them. */
const EVENTS_KEPT = 8

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
