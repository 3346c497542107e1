import {
  type ControlContext,
  definePlugin,
  type EngineContext,
  type HotContext,
  type NetworkContext,
  type Part,
  type StrategyContext,
  type SymbolSpec,
} from "veloz"
import {
  DEPTH_FINAL_UPDATE_ID,
  EventCause,
  OrderStatus,
  RecordType,
  ReportKind,
  Side,
  TOP_UPDATE_ID,
  TRADE_ID,
  VENUE_STATUS_BYTES,
  VENUE_STATUS_CHANNEL,
  VENUE_STATUS_UP,
  VenueChannel,
} from "veloz/hot"
import { writeReport } from "../../../core/hot/write-report.js"
import { FakeConnection } from "../../../core/testing/fake-connection.js"
import { symbolSpecs } from "../../../core/testing/test-symbols.js"
import { Flaw, Ledger, ROLES, Sequence, type StormRole } from "./ledger.js"
import { Market } from "./market.js"

export interface StormOptions {
  /** Grows with each generation that comes: the proof of which one handled a record. */
  mark: number
  /** Numbered market records a second, on an intended schedule. */
  rate: number
  /** Trades that may be on their way at once, as a venue's socket would hold the rest back; 0 is no bound. */
  window: number
  /** An order at every so many trades; 0 is none. */
  order_every: number
  /** The part of this role throws while it is prepared. */
  fail_in: "" | StormRole
  /** Asks for a stage of the market path that others may have asked for. */
  conflate: boolean
  /** Only remakes the parts. */
  remade: number
}

/** A symbol a kind, so that nothing is conflated with something else. */
export const STORM_SYMBOLS: readonly SymbolSpec[] = symbolSpecs([
  { name: "TRADES", quoteAsset: "USDT", minNotional: 1 },
  { name: "TOPS", quoteAsset: "USDT", minNotional: 1 },
  { name: "DEPTHS", quoteAsset: "USDT", minNotional: 1 },
])
const PRICE_TICKS = 10_000
const SOURCE_PERIOD_MS = 1

/** A venue, a market and a strategy that note in a ledger which generation has handled what. */
export default definePlugin<StormOptions>({
  name: "storm",
  version: "1.0.0",
  veloz: "^1.0.0",
  provides: ["venue"],
  venues: ["storm"],
  primable: true,
  schema: {
    type: "object",
    properties: {
      mark: { type: "integer", default: 1, "x-veloz-reload": "live" },
      rate: { type: "integer", default: 0, minimum: 0, "x-veloz-reload": "live" },
      window: { type: "integer", default: 0, minimum: 0, "x-veloz-reload": "live" },
      order_every: { type: "integer", default: 0, minimum: 0, "x-veloz-reload": "live" },
      fail_in: { type: "string", default: "", enum: ["", "network", "engine", "strategy"] },
      conflate: { type: "boolean", default: false, "x-veloz-reload": "pipeline" },
      remade: { type: "integer", default: 0 },
    },
  },
  control,
  network,
  engine,
  strategy,
})

/** What a part keeps from one generation to the next. */
interface Kept {
  ledger: Ledger | undefined
  /** Of orders that were flushed and not yet answered. */
  readonly unanswered: { requestId: number; number: number }[]
  readonly market: Market
  isUp: boolean
}

/** A part of one generation: says of everything that it handles that it was handled by this one. */
class StormPart {
  readonly kept: Kept
  #mark: number
  #isMade = false
  #isGone = false
  #scratch: Ledger | undefined

  constructor(
    private readonly role: StormRole,
    private readonly context: HotContext<StormOptions>,
  ) {
    const { options, keep, channel } = context
    if (options.fail_in === role) throw new Error(`the ${role} part does not want to be made`)
    this.#mark = options.mark
    this.kept = keep("storm", 1, (): Kept => ({ ledger: undefined, unanswered: [], market: new Market(), isUp: false }))
    channel.onMessage((message) => {
      this.kept.ledger = new Ledger(message as SharedArrayBuffer)
      this.#enter()
    })
    this.#enter()
  }

  /** It has come when the first record does: the market begins after everybody has it. Who is primed has none. */
  get ledger(): Ledger {
    return this.kept.ledger ?? (this.#scratch ??= new Ledger(Ledger.allocate()))
  }

  pass(kind: number, station: number, number: number): void {
    this.ledger.pass(kind, station, number, this.#checkedMark(kind, station))
    const delayUs = this.ledger.takeDelay(ROLES.indexOf(this.role))
    if (delayUs > 0) this.#work(delayUs)
  }

  passNewest(kind: number, station: number, number: number): void {
    this.ledger.passNewest(kind, station, number, this.#checkedMark(kind, station))
  }

  /** What the kernel is given of it. */
  get part(): Part {
    return {
      retune: () => {
        this.#mark = this.context.options.mark
      },
      dispose: () => {
        if (this.#isGone) return
        this.#isGone = true
        if (this.#isMade) this.kept.ledger?.partDisposed(this.role)
      },
    }
  }

  #work(delayUs: number): void {
    const { clock } = this.context
    const endNs = clock.nowNs() + delayUs * 1000
    while (clock.nowNs() < endNs);
  }

  #enter(): void {
    if (this.kept.ledger === undefined || this.#isMade) return
    this.#isMade = true
    this.kept.ledger.partMade(this.role)
  }

  #checkedMark(kind: number, station: number): number {
    const { mark } = this.context.options
    if (this.#isGone) this.ledger.flaw(Flaw.Gone, kind, station, this.#mark, mark)
    // The options change with the cut, and `retune` is called before anything else is.
    if (mark !== this.#mark) this.ledger.flaw(Flaw.Torn, kind, station, mark, this.#mark)
    return this.#mark
  }
}

function control({ provide, http, keep, channel, timers }: ControlContext<StormOptions>): void {
  const memory = keep("ledger", 1, () => Ledger.allocate())
  provide("venue", { symbols: STORM_SYMBOLS })
  timers.after(0, () => channel.post(memory))
  http.route({ method: "GET", url: "/api/storm", handler: () => new Ledger(memory).read() })
}

function network(context: NetworkContext<StormOptions>): Part {
  const { options, toEngine, venue, timers, clock } = context
  const part = new StormPart("network", context)
  const { kept } = part
  const appended: Kept["unanswered"] = []
  const connection = new FakeConnection("storm", () => {
    for (const order of appended.splice(0)) {
      part.pass(Sequence.Order, 3, order.number)
      kept.unanswered.push(order)
    }
  })
  venue.register({
    connection,
    isReady: true,
    place: ({ requestId, qtyLots }) => {
      part.pass(Sequence.Order, 2, qtyLots)
      appended.push({ requestId, number: qtyLots })
      return 0
    },
    cancel: () => 0,
    query: () => 0,
    requestSnapshot: () => undefined,
    replay: () => false,
  })
  timers.every(SOURCE_PERIOD_MS, () => {
    if (kept.ledger === undefined) return
    if (!kept.isUp) kept.isUp = sayUp(context)
    answer(part, context)
    kept.market.publishDue(toEngine, part, options, clock.nowNs())
  })
  return part.part
}

function sayUp({ toEngine }: NetworkContext<StormOptions>): true {
  const at = toEngine.claim(RecordType.VenueStatus, VENUE_STATUS_BYTES, true)
  toEngine.i32[(at + VENUE_STATUS_CHANNEL) >> 2] = VenueChannel.Orders
  toEngine.i32[(at + VENUE_STATUS_UP) >> 2] = 1
  toEngine.publish()
  return true
}

/** Each order is accepted and filled, a turn of the venue later. */
function answer(part: StormPart, { toEngine }: NetworkContext<StormOptions>): void {
  for (const { requestId, number } of part.kept.unanswered.splice(0)) {
    part.pass(Sequence.Ack, 0, number)
    writeReport(toEngine, { kind: ReportKind.Ack, status: OrderStatus.New, requestId })
    part.pass(Sequence.Fill, 0, number)
    writeReport(toEngine, {
      kind: ReportKind.Fill,
      status: OrderStatus.Filled,
      requestId,
      tradeId: number,
      lastPriceTicks: PRICE_TICKS,
      lastQtyLots: number,
      cumulativeLots: number,
    })
  }
}

function engine(context: EngineContext<StormOptions>): Part {
  const { options, order, market } = context
  const part = new StormPart("engine", context)
  market.decoded.tap("ledger", (type, offset, { f64 }) => {
    if (type === RecordType.Trade) part.pass(Sequence.Trade, 1, f64[(offset + TRADE_ID) >> 3])
    else if (type === RecordType.Top) part.pass(Sequence.Top, 1, f64[(offset + TOP_UPDATE_ID) >> 3])
    else part.pass(Sequence.Depth, 1, f64[(offset + DEPTH_FINAL_UPDATE_ID) >> 3])
  })
  market.booked.tap("ledger", ({ updateId }) => part.pass(Sequence.Depth, 2, updateId))
  order.risk.tap("ledger", ({ qtyLots }) => {
    part.pass(Sequence.Order, 1, qtyLots)
    return 0
  })
  order.sent.tap("ledger", ({ qtyLots }) => part.pass(Sequence.Order, 4, qtyLots))
  order.report.tap("ledger", ({ qtyLots }, cause) => {
    if (cause === EventCause.Ack) part.pass(Sequence.Ack, 1, qtyLots)
    if (cause === EventCause.Fill) part.pass(Sequence.Fill, 1, qtyLots)
  })
  if (options.conflate) market.stage("conflate", (next) => ({ offer: next }))
  return part.part
}

function strategy(context: StrategyContext<StormOptions>): Part {
  const { options, market, orders, clock } = context
  const part = new StormPart("strategy", context)
  market.onTrade(({ priceTicks: number }) => {
    part.pass(Sequence.Trade, 2, number)
    part.ledger.handled(clock.nowNs())
    if (options.order_every > 0 && number % options.order_every === 0) place()
  })
  market.onTop(({ bidTicks }) => part.passNewest(Sequence.Top, 2, bidTicks))
  market.onBook(({ updateId }) => part.passNewest(Sequence.Depth, 3, updateId))
  orders.onUpdate(({ qtyLots, status, reason }) => {
    if (status === OrderStatus.New) part.pass(Sequence.Ack, 2, qtyLots)
    else if (status === OrderStatus.Filled) part.pass(Sequence.Fill, 2, qtyLots)
    else part.ledger.flaw(Flaw.Refused, Sequence.Order, 0, reason, 0)
  })
  const place = (): void => {
    const number = part.ledger.last(Sequence.Order, 0) + 1
    part.pass(Sequence.Order, 0, number)
    // No room for orders: they are denied on the spot, as they should be.
    if (orders.place(0, Side.Buy, PRICE_TICKS, number) < 0) part.ledger.takeBack(Sequence.Order)
  }
  return part.part
}
