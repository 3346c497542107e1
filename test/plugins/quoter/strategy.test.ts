import { test } from "uvu"
import * as assert from "uvu/assert"
import type { QuoterOptions } from "veloz"
import { ManualClock } from "../../../core/hot/clock.js"
import { OrderStatus, Side } from "../../../core/hot/records.js"
import { QuoteTable } from "../../../plugins/quoter/hot/quote-table.js"
import { Quoter } from "../../../plugins/quoter/hot/quoter.js"
import { strategy } from "../../../plugins/quoter/strategy.js"
import { bytesPerCall, NO_ALLOCATION } from "../../support/allocation.js"
import { defaultOptions, FakeCounter, StrategyProbe } from "../../support/part-contexts.js"

/** A quoter at 60000.00 / 60000.10 whose venue acknowledges and cancels at once, unless told not to. */
function running(changes: Partial<QuoterOptions> = {}, { isAnswered = true } = {}) {
  const probe = new StrategyProbe(defaultOptions<QuoterOptions>("quoter", changes))
  probe.context.clock.advanceMs(5_000)
  const part = strategy(probe.context)!
  let acknowledged = 0
  let answered = 0
  const step = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 1) {
      probe.run(1)
      while (isAnswered && acknowledged < probe.placed.length) {
        probe.update(probe.placed[acknowledged++].handle, OrderStatus.New)
      }
      while (isAnswered && answered < probe.cancelled.length) {
        probe.update(probe.cancelled[answered++], OrderStatus.Canceled)
      }
    }
  }
  const open = (): number => probe.placed.length - new Set(probe.cancelled).size
  probe.touch(6_000_000, 6_000_010)
  return { probe, part, step, open }
}

test("it places at its rate, both sides in turn, behind the touch", () => {
  const { probe, step } = running()
  step(10_000)
  assert.ok(Math.abs(probe.placed.length - 500) <= 2, `${probe.placed.length}`)
  const [first, second] = probe.placed
  assert.equal([first.side, first.priceTicks, first.qtyLots], [Side.Buy, 5_999_995, 100])
  assert.equal([second.side, second.priceTicks, second.qtyLots], [Side.Sell, 6_000_015, 100])
})

test("it has one quote a side open: each new one has the one before cancelled", () => {
  const { probe, step, open } = running()
  step(5_000)
  assert.is(open(), 2)
  assert.equal(probe.cancelled.slice(0, 3), [1, 2, 3])
})

test("a quote stays until the venue has acknowledged the one that replaces it", () => {
  const { probe, step } = running({}, { isAnswered: false })
  step(100)
  const [first, second] = probe.placed.filter(({ side }) => side === Side.Buy)
  probe.update(first.handle, OrderStatus.New)
  assert.equal(probe.cancelled, [])
  probe.update(second.handle, OrderStatus.New)
  assert.equal(probe.cancelled, [first.handle])
  probe.update(second.handle, OrderStatus.New)
  assert.equal(probe.cancelled, [first.handle], "nor is it asked for twice")
})

test("it follows the touch", () => {
  const { probe, step } = running()
  probe.touch(6_100_000, 6_100_020)
  step(100)
  const latest = probe.placed.at(-1)!
  assert.is(latest.priceTicks, latest.side === Side.Buy ? 6_099_995 : 6_100_025)
})

test("it never has more than a few quotes open, even when the venue answers nothing", () => {
  const { probe, step } = running({}, { isAnswered: false })
  step(10_000)
  assert.is(probe.placed.length, 8)
  assert.ok(probe.context.counters.get("skipped")!.value > 100)
  assert.ok(probe.cancelled.length >= 8, "it asks again for cancels that were not answered")
})

test("a quote that is filled is gone", () => {
  const { probe, step } = running({}, { isAnswered: false })
  step(10_000)
  for (const { handle } of probe.placed.slice(0, 8)) probe.update(handle, OrderStatus.Filled)
  step(1_000)
  assert.is(probe.placed.length, 16)
})

test("an order whose outcome is not known keeps its place until it is", () => {
  const { probe, step } = running({}, { isAnswered: false })
  step(10_000)
  for (const { handle } of probe.placed) probe.update(handle, OrderStatus.Unknown)
  step(1_000)
  assert.is(probe.placed.length, 8)
})

test("a side that is denied rests for a second while the other goes on", () => {
  const { probe, step } = running()
  step(100)
  const bought = probe.placed.filter(({ side }) => side === Side.Buy).at(-1)!
  probe.update(bought.handle, OrderStatus.Denied)
  const before = probe.placed.length
  step(900)
  const since = probe.placed.slice(before)
  assert.ok(since.length > 10)
  assert.ok(since.every(({ side }) => side === Side.Sell))
  step(300)
  assert.ok(probe.placed.slice(before).some(({ side }) => side === Side.Buy))
})

test("an order that is refused on the spot rests its side too", () => {
  const { probe, step } = running({ orders_per_second: 1000 })
  probe.refusal = 1
  step(500)
  assert.is(probe.context.counters.get("refused")!.value, 2)
})

test("it does not quote on a book that is repaired, and what it has open there goes when it is stale", () => {
  const { probe, step, open } = running({ refresh_ms: 200 })
  step(100)
  probe.book.isLive = false
  const before = probe.placed.length
  step(300)
  assert.is(probe.placed.length, before)
  assert.is(open(), 0)
})

test("it does not quote without a touch", () => {
  const probe = new StrategyProbe(defaultOptions<QuoterOptions>("quoter"))
  strategy(probe.context)
  probe.run(500)
  assert.is(probe.placed.length, 0)
})

test("a rate of 0 pauses it and cancels what is open; another rate takes effect at once", () => {
  const { probe, part, step, open } = running()
  step(1_000)
  probe.options.orders_per_second = 0
  part.retune!()
  const before = probe.placed.length
  step(500)
  assert.is(probe.placed.length, before)
  assert.is(open(), 0)
  probe.options.orders_per_second = 200
  step(1_000)
  assert.ok(Math.abs(probe.placed.length - before - 200) <= 2, `${probe.placed.length - before}`)
})

test("it follows its live quantity and offset, and keeps the quantity when the new one is off the lot", () => {
  const { probe, part, step } = running()
  Object.assign(probe.options, { qty: "0.002", offset_ticks: 50 })
  part.retune!()
  step(100)
  const bought = probe.placed.filter(({ side }) => side === Side.Buy).at(-1)!
  assert.equal([bought.qtyLots, bought.priceTicks], [200, 5_999_950])
  probe.options.qty = "0.0000001"
  part.retune!()
  step(100)
  assert.is(probe.placed.at(-1)!.qtyLots, 200)
  assert.match(probe.context.lines.at(-1)!.message, "quoter.qty stays")
})

test("a quantity below the venue's minimum is raised to it, with a warning", () => {
  const { probe, step } = running({ qty: "0" })
  step(100)
  assert.is(probe.placed[0].qtyLots, 1)
  assert.is(probe.context.lines[0].level, "warn")
})

test("a symbol that is not traded refuses to start", () => {
  const probe = new StrategyProbe(defaultOptions<QuoterOptions>("quoter", { symbol: "DOGEUSDT" }))
  assert.throws(() => strategy(probe.context), /DOGEUSDT/)
})

test("a reload takes over the quotes that are open", () => {
  const { probe, step, open } = running()
  step(1_000)
  strategy(probe.context)
  assert.is(open(), 2)
  step(1_000)
  assert.ok(open() <= 2, `${open()}`)
})

test("quoting allocates nothing", () => {
  const clock = new ManualClock(1e9)
  const cancelled = new Float64Array(1)
  let handle = 0
  const quoter = new Quoter({
    symbol: 0,
    options: { orders_per_second: 1000, offset_ticks: 5, refresh_ms: 1000 },
    book: { isLive: true },
    top: { bidTicks: 6_000_000, askTicks: 6_000_010 },
    orders: {
      place: () => ++handle,
      cancel: (quote) => {
        cancelled[0] = quote
        return 0
      },
    },
    quotes: new QuoteTable(),
    clock,
    counters: { placed: new FakeCounter(), refused: new FakeCounter(), skipped: new FakeCounter() },
  })
  quoter.qtyLots = 100
  const update = { handle: 0, side: 0, status: OrderStatus.New as number }
  const bytes = bytesPerCall(() => {
    clock.advanceMs(1)
    quoter.turn()
    update.handle = handle
    update.status = OrderStatus.New
    quoter.onUpdate(update)
    update.handle = cancelled[0]
    update.status = OrderStatus.Canceled
    quoter.onUpdate(update)
  })
  assert.ok(bytes < NO_ALLOCATION, `${bytes}`)
  assert.ok(handle > 50_000, `${handle}`)
})

test.run()
