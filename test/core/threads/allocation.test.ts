import { test } from "uvu"
import * as assert from "uvu/assert"
import { definePlugin, type Link, type OrderRequest, type Plugin, type StrategyContext, type VenueAdapter } from "veloz"
import { SystemClock } from "../../../core/hot/clock.js"
import { STRING_CELL_BYTES } from "../../../core/hot/pool-sizes.js"
import {
  DEPTH_ASK_COUNT,
  DEPTH_BID_COUNT,
  DEPTH_DECODED_NS,
  DEPTH_EVENT_US,
  DEPTH_FINAL_UPDATE_ID,
  DEPTH_FIRST_UPDATE_ID,
  DEPTH_FLAGS,
  DEPTH_FRAME_NS,
  DEPTH_LEVELS,
  DEPTH_RECEIVED_NS,
  DEPTH_SYMBOL,
  DepthFlag,
  depthBytes,
  REPORT_BYTES,
  REPORT_CUMULATIVE_LOTS,
  REPORT_DECODED_NS,
  REPORT_KIND,
  REPORT_LAST_PRICE_TICKS,
  REPORT_LAST_QTY_LOTS,
  REPORT_RECEIVED_NS,
  REPORT_REQUEST_ID,
  REPORT_TRADE_ID,
  REPORT_VENUE_ID,
  RecordType,
  ReportKind,
  Side,
  TOP_ASK_LOTS,
  TOP_ASK_TICKS,
  TOP_BID_LOTS,
  TOP_BID_TICKS,
  TOP_BYTES,
  TOP_DECODED_NS,
  TOP_FRAME_NS,
  TOP_RECEIVED_NS,
  TOP_SYMBOL,
  TOP_UPDATE_ID,
  TRADE_BYTES,
  TRADE_DECODED_NS,
  TRADE_FRAME_NS,
  TRADE_ID,
  TRADE_PRICE_TICKS,
  TRADE_QTY_LOTS,
  TRADE_RECEIVED_NS,
  TRADE_SYMBOL,
  VENUE_STATUS_BYTES,
  VENUE_STATUS_CHANNEL,
  VENUE_STATUS_UP,
  VenueChannel,
} from "../../../core/hot/records.js"
import { RingBuffer } from "../../../core/hot/ring.js"
import { writeBalance } from "../../../core/hot/write-market.js"
import { FakeConnection, FakeTransportHost } from "../../../core/testing/fake-connection.js"
import { PluginUnderTest, type TestPlugin, ValueLoader } from "../../../core/testing/plugin-under-test.js"
import { symbolSpecs } from "../../../core/testing/test-symbols.js"
import { watchCollections } from "../../../core/threads/collections.js"
import { HotEngine } from "../../../core/threads/hot-engine.js"
import { createSharedMemory } from "../../../core/threads/shared-memory.js"
import { SplitEngine } from "../../../core/threads/split-engine.js"
import marketData from "../../../plugins/market-data/index.js"
import memoryPools from "../../../plugins/memory-pools/index.js"
import orderProcessing from "../../../plugins/order-processing/index.js"
import quoter from "../../../plugins/quoter/index.js"
import { bytesPerCall, NO_ALLOCATION } from "../../support/allocation.js"

// The whole hot engine on the system's clock, with a venue that takes every order and sends nothing anywhere. What is
// measured is the duty cycle: records in, notifications and requests out.

// A process has one topology, here as in an engine: what calls both kinds of links is compiled for neither.
const TOPOLOGY = process.env.VELOZ_TEST_TOPOLOGY === "split" ? "split" : "fused"
// As large as on a real venue, where ids and amounts are no small integers.
const BID = 6_000_000
const ASK = 6_000_002
const FIRST_UPDATE_ID = 50e9
const FIRST_TRADE_ID = 4e9

class NullVenue implements VenueAdapter {
  readonly connection = new FakeConnection("null", () => undefined)
  readonly isReady = true
  /** Of the last order that was placed. A double in memory is not boxed. */
  readonly lastRequestId = new Float64Array(1)

  place(order: OrderRequest): number {
    this.lastRequestId[0] = order.requestId
    return 0
  }
  cancel(): number {
    return 0
  }
  query(): number {
    return 0
  }
  requestSnapshot(): void {}
  replay(): boolean {
    return false
  }
}

class Rig {
  readonly venue = new NullVenue()
  readonly engine: HotEngine | SplitEngine
  readonly faults: string[] = []
  link!: Link
  orders!: StrategyContext<object>["orders"]
  readonly #clock = new SystemClock()
  readonly #events: RingBuffer
  readonly #waiting: (() => void)[] = []
  readonly #due = (_delayMs: number, callback: () => void): (() => void) => {
    this.#waiting.push(callback)
    return () => undefined
  }
  // Kept in memory, because a double in a field is boxed anew at each write.
  readonly #ids = Float64Array.of(FIRST_UPDATE_ID, FIRST_TRADE_ID)

  private constructor() {
    const memory = createSharedMemory(1, TOPOLOGY)
    // As on a hot thread.
    Rig.#stopWatching ??= watchCollections(memory.metrics[0].collections)
    this.#events = new RingBuffer(memory.events)
    this.engine = new (TOPOLOGY === "fused" ? HotEngine : SplitEngine)({
      symbols: symbolSpecs(["BTCUSDT"]),
      memory,
      clock: this.#clock,
      // Turns come from the test alone.
      scheduler: { after: this.#due, every: () => () => undefined },
      transport: new FakeTransportHost(),
      loader: Rig.#loader,
      epoch: 1,
      orderPoolSize: 4096,
      post: (message) => {
        if (message.type === "fault") this.faults.push(`${message.plugin}: ${message.error.message}`)
      },
    })
  }

  static #loader = new ValueLoader()
  static #stopWatching: (() => void) | undefined

  static async with(...plugins: TestPlugin[]): Promise<Rig> {
    const rig = new Rig()
    const own: Plugin = definePlugin<object>({
      name: "null-venue",
      version: "1.0.0",
      veloz: "^1.0.0",
      network: ({ venue, toEngine }) => {
        rig.link = toEngine
        venue.register(rig.venue)
      },
      strategy: ({ orders }) => {
        rig.orders = orders
      },
    })
    const loaded = [
      PluginUnderTest.fixed(own),
      ...(await Promise.all(plugins.map((wish) => PluginUnderTest.load(wish)))),
    ]
    const changes = loaded.map((plugin) => ({
      name: plugin.name,
      action: "remake" as const,
      options: plugin.options,
      source: Rig.#loader.sourceOf(plugin),
    }))
    rig.engine.prepare({ generation: 1, plugins: changes })
    rig.engine.commit(1)
    rig.#venueUp()
    rig.depth(DepthFlag.Snapshot | DepthFlag.Stream, 0)
    for (const asset of [0, 1]) writeBalance(rig.link, asset, 1e15, 0)
    rig.turn()
    return rig
  }

  turn(): void {
    this.engine.endTurn()
    this.#events.poll(takeAll)
  }

  /** What was put off until later is done now. */
  settle(): void {
    for (let callback = this.#waiting.shift(); callback !== undefined; callback = this.#waiting.shift()) callback()
  }

  /** Two bids and two asks, of which one quantity changes each time. */
  depth(flags: number, iteration: number): void {
    const { f64, i32 } = this.link
    const at = this.link.claim(RecordType.Depth, depthBytes(4))
    this.#ids[0] += 1
    i32[(at + DEPTH_SYMBOL) >> 2] = 0
    i32[(at + DEPTH_FLAGS) >> 2] = flags | DepthFlag.First | DepthFlag.Last
    f64[(at + DEPTH_FIRST_UPDATE_ID) >> 3] = this.#ids[0]
    f64[(at + DEPTH_FINAL_UPDATE_ID) >> 3] = this.#ids[0]
    f64[(at + DEPTH_EVENT_US) >> 3] = this.#clock.wallUs()
    f64[(at + DEPTH_RECEIVED_NS) >> 3] = this.#clock.nowNs()
    f64[(at + DEPTH_FRAME_NS) >> 3] = this.#clock.nowNs()
    f64[(at + DEPTH_DECODED_NS) >> 3] = this.#clock.nowNs()
    i32[(at + DEPTH_BID_COUNT) >> 2] = 2
    i32[(at + DEPTH_ASK_COUNT) >> 2] = 2
    const levels = (at + DEPTH_LEVELS) >> 3
    f64[levels] = BID
    f64[levels + 1] = 1_000 + (iteration & 63)
    f64[levels + 2] = BID - 1 - (iteration & 7)
    f64[levels + 3] = iteration & 1 ? 0 : 500
    f64[levels + 4] = ASK
    f64[levels + 5] = 1_000 + (iteration & 31)
    f64[levels + 6] = ASK + 1 + (iteration & 7)
    f64[levels + 7] = iteration & 1 ? 500 : 0
    this.link.publish()
  }

  top(iteration: number): void {
    const { f64, i32 } = this.link
    const at = this.link.claim(RecordType.Top, TOP_BYTES)
    this.#ids[0] += 1
    i32[(at + TOP_SYMBOL) >> 2] = 0
    f64[(at + TOP_UPDATE_ID) >> 3] = this.#ids[0]
    f64[(at + TOP_BID_TICKS) >> 3] = BID
    f64[(at + TOP_BID_LOTS) >> 3] = 1_000 + (iteration & 63)
    f64[(at + TOP_ASK_TICKS) >> 3] = ASK
    f64[(at + TOP_ASK_LOTS) >> 3] = 1_000
    f64[(at + TOP_RECEIVED_NS) >> 3] = this.#clock.nowNs()
    f64[(at + TOP_FRAME_NS) >> 3] = this.#clock.nowNs()
    f64[(at + TOP_DECODED_NS) >> 3] = this.#clock.nowNs()
    this.link.publish()
  }

  trade(iteration: number): void {
    const { f64, i32 } = this.link
    const at = this.link.claim(RecordType.Trade, TRADE_BYTES)
    i32[(at + TRADE_SYMBOL) >> 2] = 0
    f64[(at + TRADE_ID) >> 3] = iteration
    f64[(at + TRADE_PRICE_TICKS) >> 3] = BID + (iteration & 3)
    f64[(at + TRADE_QTY_LOTS) >> 3] = 1 + (iteration & 15)
    f64[(at + TRADE_RECEIVED_NS) >> 3] = this.#clock.nowNs()
    f64[(at + TRADE_FRAME_NS) >> 3] = this.#clock.nowNs()
    f64[(at + TRADE_DECODED_NS) >> 3] = this.#clock.nowNs()
    this.link.publish()
  }

  /** What the venue says of the last order. */
  report(kind: number, lots: number, cumulative: number): void {
    const { f64, i32, u8 } = this.link
    const at = this.link.claim(RecordType.Report, REPORT_BYTES, true)
    u8.fill(0, at, at + REPORT_BYTES)
    this.#ids[1] += 1
    i32[(at + REPORT_KIND) >> 2] = kind
    f64[(at + REPORT_REQUEST_ID) >> 3] = this.venue.lastRequestId[0]
    f64[(at + REPORT_TRADE_ID) >> 3] = this.#ids[1]
    f64[(at + REPORT_LAST_PRICE_TICKS) >> 3] = BID
    f64[(at + REPORT_LAST_QTY_LOTS) >> 3] = lots
    f64[(at + REPORT_CUMULATIVE_LOTS) >> 3] = cumulative
    f64[(at + REPORT_RECEIVED_NS) >> 3] = this.#clock.nowNs()
    f64[(at + REPORT_DECODED_NS) >> 3] = this.#clock.nowNs()
    i32[(at + REPORT_VENUE_ID) >> 2] = 8
    for (let index = 0; index < 8; index += 1) u8[at + REPORT_VENUE_ID + 4 + index] = 0x31
    this.link.publish()
  }

  #venueUp(): void {
    for (const channel of [VenueChannel.Market, VenueChannel.Orders]) {
      const at = this.link.claim(RecordType.VenueStatus, VENUE_STATUS_BYTES, true)
      this.link.i32[(at + VENUE_STATUS_CHANNEL) >> 2] = channel
      this.link.i32[(at + VENUE_STATUS_UP) >> 2] = 1
      this.link.publish()
    }
  }
}

function takeAll(): void {}

function allocatesNothing(bytes: number, rig: Rig): void {
  assert.equal(rig.faults, [])
  assert.ok(bytes < NO_ALLOCATION, `${bytes.toFixed(2)} bytes an event`)
}

const listener = definePlugin<object>({
  name: "listener",
  version: "1.0.0",
  veloz: "^1.0.0",
  strategy({ market, orders, counter }) {
    const lots = counter("lots")
    market.onBook((book) => lots.add(book.bidLots(0)))
    market.onTop((top) => lots.add(top.askLots))
    market.onTrade((trade) => lots.add(trade.qtyLots))
    orders.onUpdate((update) => lots.add(update.filledLots))
    orders.onFill((fill) => lots.add(fill.qtyLots))
  },
})

test("an update of the book allocates nothing on its way to the strategies", async () => {
  const rig = await Rig.with(marketData, listener)
  const bytes = bytesPerCall((iteration) => {
    rig.depth(0, iteration)
    rig.turn()
  })
  allocatesNothing(bytes, rig)
})

test("neither does one that passes conflation and throttling", async () => {
  const rig = await Rig.with(marketData({ conflate_updates: true, update_throttle_us: 1 }), listener)
  const bytes = bytesPerCall((iteration) => {
    rig.depth(0, iteration)
    rig.turn()
  })
  allocatesNothing(bytes, rig)
})

test("neither do the touch and trades", async () => {
  const rig = await Rig.with(marketData, listener)
  const bytes = bytesPerCall((iteration) => {
    rig.top(iteration)
    rig.trade(iteration)
    rig.turn()
  })
  allocatesNothing(bytes, rig)
})

test("an order allocates nothing from the strategy to its last fill", async () => {
  const rig = await Rig.with(orderProcessing({ max_orders_per_second: 0 }), listener)
  let placed = 0
  const bytes = bytesPerCall((iteration) => {
    placed += rig.orders.place(0, iteration & 1 ? Side.Buy : Side.Sell, BID, 1_000) > 0 ? 1 : 0
    rig.turn()
    rig.report(ReportKind.Ack, 0, 0)
    rig.report(ReportKind.Fill, 400, 400)
    rig.report(ReportKind.Fill, 600, 1_000)
    rig.turn()
  })
  assert.ok(placed > 0 && rig.engine.orders.openCount === 0, `${rig.engine.orders.openCount} of ${placed} are open`)
  allocatesNothing(bytes, rig)
})

test("neither does one in pools of other sizes, with records that pass the one of market data", async () => {
  const sizes = { order_pool_size: 5000, market_event_pool_size: 900, string_pool_size_mb: 1, preallocate: true }
  const rig = await Rig.with(orderProcessing({ max_orders_per_second: 0 }), memoryPools(sizes), listener)
  rig.settle()
  const { pool, strings } = rig.engine.orders.store
  assert.equal([pool.capacity, strings.slots.capacity], [5000, Math.floor(2 ** 20 / STRING_CELL_BYTES)])
  const bytes = bytesPerCall((iteration) => {
    rig.orders.place(0, iteration & 1 ? Side.Buy : Side.Sell, BID, 1_000)
    rig.top(iteration)
    rig.turn()
    rig.report(ReportKind.Fill, 1_000, 1_000)
    rig.turn()
  })
  assert.ok(pool.allocations > 1000 && pool.inUse === 0)
  assert.equal([pool.fallbacks, strings.slots.fallbacks], [0, 0])
  allocatesNothing(bytes, rig)
})

test("neither does one that is denied, nor one that is cancelled", async () => {
  const rig = await Rig.with(orderProcessing({ max_orders_per_second: 0, max_order_qty: "0.5" }), listener)
  const bytes = bytesPerCall(() => {
    rig.orders.place(0, Side.Buy, BID, 90_000)
    rig.orders.cancel(rig.orders.place(0, Side.Buy, BID, 1_000))
    rig.turn()
    rig.report(ReportKind.Canceled, 0, 0)
    rig.turn()
  })
  assert.is(rig.engine.orders.openCount, 0)
  allocatesNothing(bytes, rig)
})

test("the quoter allocates nothing while it quotes", async () => {
  const rig = await Rig.with(
    marketData,
    orderProcessing({ max_orders_per_second: 0 }),
    quoter({ orders_per_second: 100_000 }),
  )
  const bytes = bytesPerCall((iteration) => {
    rig.top(iteration)
    rig.turn()
    rig.report(ReportKind.Canceled, 0, 0)
    rig.turn()
  })
  allocatesNothing(bytes, rig)
})

test.run()
