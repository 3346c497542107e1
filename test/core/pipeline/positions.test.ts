import { test } from "uvu"
import * as assert from "uvu/assert"
import { writeRecordText } from "../../../core/hot/record-text.js"
import {
  EVENT_BYTES,
  EVENT_CLIENT_ID,
  EVENT_FILLED_LOTS,
  EVENT_FILLED_NOTIONAL,
  EVENT_SIDE,
  EVENT_STATUS,
  EVENT_SYMBOL,
  OrderStatus,
  type RecordViews,
  Side,
} from "../../../core/hot/records.js"
import { PositionBook } from "../../../core/pipeline/positions.js"
import { SymbolTable } from "../../../core/pipeline/symbols.js"
import { Harness } from "../../../core/testing/harness.js"
import { symbolSpecs } from "../../../core/testing/test-symbols.js"
import { below, seededRandom } from "../../support/random.js"

const symbols = new SymbolTable(symbolSpecs(["BTCUSDT", { name: "PEPEUSDT", tickSize: "0.00000001", lotSize: "1" }]))
const NOTHING = (): void => undefined

interface Order {
  readonly id: string
  readonly symbol: number
  readonly side: number
  readonly lots: number
  filled: number
  notional: number
  status: number
}

/** Positions that a test feeds with events. */
class Fed {
  /** Twice the price, as the positions take it. */
  twicePrice = 0
  readonly book = new PositionBook(symbols, () => this.twicePrice, NOTHING)
  readonly #views: RecordViews

  constructor() {
    const memory = new ArrayBuffer(EVENT_BYTES)
    this.#views = { f64: new Float64Array(memory), i32: new Int32Array(memory), u8: new Uint8Array(memory) }
  }

  tell({ id, symbol, side, filled, notional, status }: Order): void {
    const { f64, i32 } = this.#views
    i32[EVENT_SYMBOL >> 2] = symbol
    i32[EVENT_SIDE >> 2] = side
    i32[EVENT_STATUS >> 2] = status
    f64[EVENT_FILLED_LOTS >> 3] = filled
    f64[EVENT_FILLED_NOTIONAL >> 3] = notional
    writeRecordText(this.#views, EVENT_CLIENT_ID, id)
    this.book.take(this.#views, 0)
  }

  /** An order that has filled so much, at one price. */
  trade(side: number, lots: number, priceTicks: number, symbol = 0): void {
    const status = OrderStatus.Filled
    this.tell({ id: "t", symbol, side, lots, filled: lots, notional: lots * priceTicks, status })
  }
}

test("before anything happened every position is flat, and nothing is known of the price", () => {
  const flat = { size: "0.00000", entry_price: null, current_price: null, unrealized_pnl: "0.00", realized_pnl: "0.00" }
  const [btc, pepe] = new Fed().book.list()
  assert.equal(btc, { symbol: "BTCUSDT", ...flat })
  assert.equal([pepe.symbol, pepe.size, pepe.realized_pnl], ["PEPEUSDT", "0", "0.00000000"])
})

test("a position is valued at the middle, to half a tick", () => {
  const fed = new Fed()
  fed.trade(Side.Buy, 100_000, 10_000)
  fed.twicePrice = 20_001
  const { size, entry_price, current_price, unrealized_pnl } = fed.book.list()[0]
  assert.equal([size, entry_price, current_price, unrealized_pnl], ["1.00000", "100.00", "100.005", "0.005"])
})

test("what is short has a size below zero, and gains when the price falls", () => {
  const fed = new Fed()
  fed.trade(Side.Sell, 200_000, 10_000)
  fed.trade(Side.Buy, 50_000, 9_900)
  fed.twicePrice = 2 * 9_800
  const [{ size, entry_price, unrealized_pnl, realized_pnl }] = fed.book.list()
  assert.equal([size, entry_price, unrealized_pnl, realized_pnl], ["-1.50000", "100.00", "3.00", "0.50"])
})

test("without a price what is held has no value, and what was realized is known all the same", () => {
  const fed = new Fed()
  fed.trade(Side.Buy, 100_000, 10_000)
  fed.trade(Side.Sell, 50_000, 10_100)
  const [{ current_price, unrealized_pnl, realized_pnl }] = fed.book.list()
  assert.equal([current_price, unrealized_pnl, realized_pnl], [null, null, "0.50"])
})

test("each symbol counts in its own units, however small", () => {
  const fed = new Fed()
  fed.trade(Side.Buy, 3_000_000_000, 1_001, 1)
  fed.twicePrice = 2 * 1_003
  const [, { size, entry_price, current_price, unrealized_pnl }] = fed.book.list()
  assert.equal(
    [size, entry_price, current_price, unrealized_pnl],
    ["3000000000", "0.00001001", "0.00001003", "60.00000000"],
  )
})

test("an average that does not end is rounded to eight decimals", () => {
  const fed = new Fed()
  fed.trade(Side.Sell, 2, 10_000)
  fed.trade(Side.Sell, 1, 10_001)
  assert.is(fed.book.list()[0].entry_price, "100.00333333")
})

test("the denial of an order with the id of an open one takes nothing back", () => {
  const fed = new Fed()
  const open = { id: "mine", symbol: 0, side: Side.Buy, lots: 10, filled: 4, notional: 400, status: 2 }
  fed.tell(open)
  fed.tell({ ...open, filled: 0, notional: 0, status: OrderStatus.Denied })
  fed.tell({ ...open, filled: 10, notional: 1000, status: OrderStatus.Filled })
  assert.is(fed.book.list()[0].size, "0.00010")
})

test("an estimated amount that is not whole counts as the nearest that is", () => {
  const fed = new Fed()
  fed.tell({ id: "e", symbol: 0, side: Side.Buy, lots: 3, filled: 3, notional: 299.6, status: OrderStatus.Filled })
  assert.is(fed.book.list()[0].entry_price, "1.00")
})

test("an id that is used again counts from zero", () => {
  const fed = new Fed()
  fed.trade(Side.Buy, 10, 100)
  fed.trade(Side.Buy, 10, 100)
  assert.is(fed.book.list()[0].size, "0.00020")
})

// Against a naive model: the sums of all fills. Events are left out and repeated as a ring that is full does it; only
// the last event of an order always comes, and comes once.
test("whatever events join, every fill counts once", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seededRandom(seed)
    const fed = new Fed()
    const open: Order[] = []
    let bought = 0
    let paid = 0
    for (let step = 0; step < 300; step += 1) {
      const dice = random()
      if (dice < 0.3 || open.length === 0) {
        const id = `id-${below(random, 20)}`
        if (open.some((order) => order.id === id)) continue
        const side = random() < 0.5 ? Side.Buy : Side.Sell
        open.push({ id, symbol: 0, side, lots: 1 + below(random, 50), filled: 0, notional: 0, status: OrderStatus.New })
        continue
      }
      const order = open[below(random, open.length)]
      if (dice < 0.85 && order.filled < order.lots) {
        const lots = 1 + below(random, order.lots - order.filled)
        const price = 9_000 + below(random, 2_000)
        const sign = order.side === Side.Buy ? 1 : -1
        order.filled += lots
        order.notional += lots * price
        order.status = order.filled === order.lots ? OrderStatus.Filled : OrderStatus.PartiallyFilled
        bought += sign * lots
        paid += sign * lots * price
      } else if (dice > 0.95) order.status = OrderStatus.Canceled
      const isOver = order.status >= OrderStatus.Filled
      if (isOver) open.splice(open.indexOf(order), 1)
      for (let times = isOver ? 1 : below(random, 3); times > 0; times -= 1) fed.tell(order)
    }
    for (const order of open) fed.tell({ ...order, status: OrderStatus.Expired })
    fed.twicePrice = 19_999
    const [{ size, unrealized_pnl, realized_pnl }] = fed.book.list()
    assert.is(size, signed(bought, 5), `seed ${seed}`)
    // In units of half a tick x lot: what selling everything now would bring, less what was paid.
    const worth = bought * fed.twicePrice - 2 * paid
    assert.is(units(realized_pnl) + units(unrealized_pnl!), worth, `seed ${seed}`)
  }
})

test("positions hear of everything when control was too slow for the events", async () => {
  const engine = await new Harness({ orderPoolSize: 4096, venue: { place: "fill" } }).start([])
  const { takeEvents } = engine.control
  engine.control.takeEvents = () => 0
  for (let order = 0; order < 4000; order += 1) {
    if (order % 3 === 0) engine.sell("BTCUSDT", "0.00002", "101.00")
    else engine.buy("BTCUSDT", "0.00001", "100.00")
  }
  assert.ok(engine.metrics.counter("order_events_coalesced") > 1000)
  engine.control.takeEvents = takeEvents
  for (let tick = 0; tick < 10; tick += 1) engine.clock.advance("100ms")
  const [{ size, unrealized_pnl, realized_pnl }] = engine.control.positions.list()
  assert.is(size, "-0.00002")
  assert.is(unrealized_pnl, null)
  assert.is(realized_pnl, "0.02666")
  await engine.close()
})

/** Half ticks x lots in decimal text of eight places. */
function units(text: string): number {
  return Math.round(Number(text) * 2e7)
}

function signed(lots: number, decimals: number): string {
  return (lots / 10 ** decimals).toFixed(decimals)
}

test.run()
