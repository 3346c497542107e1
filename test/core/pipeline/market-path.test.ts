import { test } from "uvu"
import * as assert from "uvu/assert"
import { definePlugin } from "veloz"
import { harness, type TextLevel } from "veloz/testing"
import { VenueChannel } from "../../../core/hot/records.js"

/** A strategy that writes down what it hears of the market. */
function listener(): { heard: string[]; plugin: ReturnType<typeof definePlugin> } {
  const heard: string[] = []
  const plugin = definePlugin<object>({
    name: "listener",
    version: "1.0.0",
    veloz: "^1.0.0",
    strategy({ market, symbols }) {
      market.onBook((book) => {
        const touch = book.isLive ? symbols.price(book.symbol.index, book.bidTicks(0)) : "lost"
        heard.push(`book ${book.symbol.name} ${touch}`)
      })
      market.onTop((top) => heard.push(`top ${symbols.price(top.symbol, top.bidTicks)}`))
      market.onTrade((trade) => heard.push(`trade ${symbols.qty(trade.symbol, trade.qtyLots)}`))
    },
  })
  return { heard, plugin }
}

const bid = (price: string, qty = "1"): { bids: TextLevel[]; asks: TextLevel[] } => ({
  bids: [[price, qty]],
  asks: [["200.00", "1"]],
})

test("a strategy hears of each update of the book, of the touch and of each trade", async () => {
  const { heard, plugin } = listener()
  const engine = await harness(plugin)
  engine.book("BTCUSDT", bid("100.00"))
  engine.top("BTCUSDT", { bid: ["101.00", "1"], ask: ["102.00", "1"] })
  engine.trade("BTCUSDT", { price: "101.00", qty: "0.5" })
  assert.equal(heard, ["book BTCUSDT 100.00", "top 101.00", "trade 0.50000"])
  await engine.close()
})

test("without options that ask for them, no stage stands on the path", async () => {
  const engine = await harness("market-data", { control: false })
  assert.equal(engine.pipeline.market.length, 3, engine.pipeline.market.join(" -> "))
  engine.retune({ conflate_updates: true, update_throttle_us: 1000 })
  assert.equal(engine.pipeline.market.slice(2, 4), ["conflate (market-data)", "throttle (market-data)"])
  engine.retune({ conflate_updates: false, update_throttle_us: 0 })
  assert.equal(engine.pipeline.market.length, 3)
  await engine.close()
})

test("a throttled symbol is told at once, then not before its time, and then the newest", async () => {
  const { heard, plugin } = listener()
  const engine = await harness(["market-data", plugin], { control: false })
  engine.retune("market-data", { update_throttle_us: 1000 })
  engine.book("BTCUSDT", bid("100.00"))
  engine.book("BTCUSDT", bid("101.00"))
  engine.book("BTCUSDT", bid("102.00"))
  assert.equal(heard, ["book BTCUSDT 100.00"])
  engine.clock.advance("900us")
  assert.is(heard.length, 1)
  engine.clock.advance("100us")
  assert.equal(heard, ["book BTCUSDT 100.00", "book BTCUSDT 102.00"])
  await engine.close()
})

test("throttling one symbol leaves the others alone", async () => {
  const { heard, plugin } = listener()
  const engine = await harness(["market-data", plugin], { symbols: ["BTCUSDT", "ETHUSDT"], control: false })
  engine.retune("market-data", { update_throttle_us: 1000 })
  engine.book("BTCUSDT", bid("100.00"))
  engine.book("BTCUSDT", bid("101.00"))
  engine.book("ETHUSDT", bid("50.00"))
  assert.equal(heard, ["book BTCUSDT 100.00", "book ETHUSDT 50.00"])
  await engine.close()
})

test("trades are never held back or joined", async () => {
  const { heard, plugin } = listener()
  const engine = await harness(["market-data", plugin], { control: false })
  engine.retune("market-data", { conflate_updates: true, update_throttle_us: 1_000_000 })
  for (let count = 1; count <= 5; count += 1) engine.trade("BTCUSDT", { price: "100.00", qty: `${count}` })
  assert.equal(
    heard,
    [1, 2, 3, 4, 5].map((qty) => `trade ${qty}.00000`),
  )
  await engine.close()
})

test("every update reaches the book, whatever is told of it", async () => {
  const engine = await harness("market-data", { control: false })
  engine.retune({ update_throttle_us: 1_000_000, order_book_depth: 5 })
  engine.book("BTCUSDT", bid("100.00"))
  for (let price = 1; price <= 9; price += 1) engine.update("BTCUSDT", { bids: [[`10${price}.00`, "1"]] })
  assert.is(engine.published("BTCUSDT").bids[0][0], "109.00")
  assert.is(engine.metrics.counter("book_updates"), 10)
  await engine.close()
})

test("what a stage still held is told before another generation takes over", async () => {
  const { heard, plugin } = listener()
  const engine = await harness(["market-data", plugin], { control: false })
  engine.retune("market-data", { update_throttle_us: 1_000_000 })
  engine.book("BTCUSDT", bid("100.00"))
  engine.book("BTCUSDT", bid("101.00"))
  engine.retune("market-data", { update_throttle_us: 0 })
  assert.equal(heard, ["book BTCUSDT 100.00", "book BTCUSDT 101.00"])
  await engine.close()
})

test("as many levels are published as are asked for, and the book keeps all", async () => {
  const engine = await harness("market-data", { control: false })
  const bids: TextLevel[] = Array.from({ length: 30 }, (_, level) => [`${100 - level}.00`, "1"])
  engine.book("BTCUSDT", { bids, asks: [["200.00", "1"]] })
  engine.retune({ order_book_depth: 5 })
  assert.is(engine.published("BTCUSDT").bids.length, 5)
  engine.retune({ order_book_depth: 25 })
  assert.is(engine.published("BTCUSDT").bids.length, 25)
  assert.is(engine.hot.market.books[0].book.bidCount, 30)
  await engine.close()
})

test("an older touch does not replace a newer one, from whichever source", async () => {
  const engine = await harness([])
  const [top] = engine.hot.market.tops
  engine.top("BTCUSDT", { bid: ["101.00", "1"], ask: ["102.00", "1"] })
  engine.book("BTCUSDT", bid("103.00"))
  assert.is(top.bidTicks, 10_300, "the book is newer")
  engine.top("BTCUSDT", { bid: ["104.00", "1"], ask: ["105.00", "1"] })
  assert.is(top.bidTicks, 10_400, "the touch is newer")
  await engine.close()
})

test("a gap makes the book untrusted, tells the strategies, and asks for a snapshot", async () => {
  const { heard, plugin } = listener()
  const engine = await harness(plugin)
  engine.book("BTCUSDT", bid("100.00"))
  engine.skip("BTCUSDT")
  engine.update("BTCUSDT", { bids: [["101.00", "1"]] })
  assert.equal(heard, ["book BTCUSDT 100.00", "book BTCUSDT lost"])
  assert.equal(engine.venue.snapshotRequests, [0])
  assert.is(engine.metrics.counter("book_gaps"), 1)
  await engine.close()
})

test("a snapshot that does not come is asked for again", async () => {
  const engine = await harness([])
  engine.update("BTCUSDT", { bids: [["101.00", "1"]] })
  assert.is(engine.venue.snapshotRequests.length, 1)
  engine.clock.advance("9s")
  const { length } = engine.venue.snapshotRequests
  assert.ok(length >= 4 && length <= 6, `${length} requests in nine seconds`)
  await engine.close()
})

test("when the streams are gone no book is live, and another server's lower ids are taken", async () => {
  const { heard, plugin } = listener()
  const engine = await harness(plugin)
  for (let count = 0; count < 5; count += 1) engine.book("BTCUSDT", bid("100.00"))
  engine.venue.status(VenueChannel.Market, false)
  engine.settle()
  assert.is(heard.at(-1), "book BTCUSDT lost")
  engine.restartIds("BTCUSDT")
  engine.venue.status(VenueChannel.Market, true)
  engine.top("BTCUSDT", { bid: ["90.00", "1"], ask: ["91.00", "1"] })
  assert.is(heard.at(-1), "top 90.00")
  await engine.close()
})

test("each update is measured from its frame to the strategies", async () => {
  const engine = await harness("market-data", { control: false })
  engine.retune({ update_throttle_us: 1000 })
  for (let count = 0; count < 4; count += 1) engine.book("BTCUSDT", bid("100.00"))
  engine.clock.advance("1ms")
  assert.is(engine.metrics.counter("market_updates"), 4)
  assert.is(engine.metrics.profile().updates, 2, "two notifications: the first, and the newest of the rest")
  await engine.close()
})

test("a listener of the market that throws is stopped and its orders are cancelled", async () => {
  const plugin = definePlugin<object>({
    name: "fragile",
    version: "1.0.0",
    veloz: "^1.0.0",
    strategy({ market, orders }) {
      market.onBook((book) => {
        if (book.bidTicks(0) === 10_100) throw new Error("unlucky number")
        orders.place(0, 0, book.bidTicks(0), 100)
      })
    },
  })
  const engine = await harness(plugin)
  engine.book("BTCUSDT", bid("100.00"))
  const [order] = engine.orders.open
  engine.book("BTCUSDT", bid("101.00"))
  assert.equal(engine.takeFaults(), ['fragile in strategy, market.onBook "onBook": unlucky number'])
  assert.is(order.state, "canceled")
  engine.book("BTCUSDT", bid("100.00"))
  assert.is(engine.orders.all.length, 1, "it is not called again")
  await engine.close()
})

test("raw records are seen before the book, and levels after it", async () => {
  const seen: string[] = []
  const plugin = definePlugin<object>({
    name: "watcher",
    version: "1.0.0",
    veloz: "^1.0.0",
    engine({ market }) {
      market.decoded.tap("raw", (type) => void seen.push(`record ${type}`))
      market.booked.tap("book", (book, level) => void seen.push(`level ${level}, ${book.bidCount} bids`))
    },
  })
  const engine = await harness(plugin)
  engine.book("BTCUSDT", bid("100.00"))
  engine.update("BTCUSDT", { bids: [["99.00", "1"]] })
  assert.equal(seen, ["record 1", "level 0, 1 bids", "record 1", "level 1, 2 bids"])
  await engine.close()
})

test.run()
