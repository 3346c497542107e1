import { test } from "uvu"
import * as assert from "uvu/assert"
import { Book, NO_CHANGE } from "../../../core/hot/book.js"
import { Side } from "../../../core/hot/records.js"
import { below, seededRandom } from "../../support/random.js"

test("an empty book has no levels, best prices of 0 and is not crossed", () => {
  const book = new Book()
  assert.equal([book.bidCount, book.askCount, book.bestBidTicks, book.bestAskTicks], [0, 0, 0, 0])
  assert.equal([book.bestBidLots, book.bestAskLots], [0, 0])
  assert.not(book.isCrossed())
})

test("apply answers the level that changed, counted from the best of its side", () => {
  const book = new Book()
  assert.is(book.apply(Side.Buy, 100, 5), 0)
  assert.is(book.apply(Side.Buy, 99, 5), 1)
  assert.is(book.apply(Side.Buy, 101, 5), 0)
  assert.is(book.apply(Side.Buy, 99, 7), 2)
  assert.is(book.apply(Side.Sell, 105, 5), 0)
  assert.is(book.apply(Side.Sell, 104, 5), 0)
  assert.is(book.apply(Side.Sell, 106, 5), 2)
  assert.is(book.apply(Side.Buy, 101, 0), 0)
  assert.is(book.apply(Side.Sell, 106, 0), 2)
  assert.equal([book.bestBidTicks, book.bestBidLots, book.bestAskTicks, book.bestAskLots], [100, 5, 104, 5])
})

test("apply answers NO_CHANGE for an unknown level that is deleted and for a quantity that is held", () => {
  const book = new Book()
  assert.is(book.apply(Side.Buy, 100, 0), NO_CHANGE)
  book.apply(Side.Buy, 100, 5)
  assert.is(book.apply(Side.Buy, 100, 5), NO_CHANGE)
  assert.is(book.apply(Side.Buy, 101, 0), NO_CHANGE)
  assert.is(book.apply(Side.Buy, 99, 0), NO_CHANGE)
})

test("isCrossed is true when a bid is at or above an ask", () => {
  const book = new Book()
  book.apply(Side.Buy, 100, 1)
  book.apply(Side.Sell, 101, 1)
  assert.not(book.isCrossed())
  book.apply(Side.Buy, 101, 1)
  assert.ok(book.isCrossed())
})

test("prices in ticks of 1e-8 and far from each other are exact", () => {
  const book = new Book()
  book.apply(Side.Sell, 6_183_764_000_000, 154_698_000)
  book.apply(Side.Sell, 20_000_000_000_000, 1)
  book.apply(Side.Sell, 1, 2)
  assert.equal([book.askPrice(0), book.askPrice(1), book.askPrice(2)], [1, 6_183_764_000_000, 20_000_000_000_000])
})

test("clear empties both sides and forgets the update id", () => {
  const book = new Book()
  book.apply(Side.Buy, 100, 1)
  book.apply(Side.Sell, 101, 1)
  book.lastUpdateId = 50093239218
  book.clear()
  assert.equal([book.bidCount, book.askCount, book.lastUpdateId], [0, 0, 0])
})

test("copyLevels copies the best levels as pairs of ticks and lots", () => {
  const book = new Book()
  for (let i = 0; i < 5; i++) {
    book.apply(Side.Buy, 100 - i, i + 1)
    book.apply(Side.Sell, 101 + i, i + 10)
  }
  const into = new Float64Array(16)
  assert.is(book.copyLevels(Side.Buy, 2, into, 1), 2)
  assert.equal([...into.subarray(1, 5)], [100, 1, 99, 2])
  assert.is(book.copyLevels(Side.Sell, 20, into, 0), 5)
  assert.equal([...into.subarray(0, 4)], [101, 10, 102, 11])
})

test("a snapshot of thousands of levels, best first, ends in order", () => {
  const book = new Book()
  for (let i = 0; i < 5_000; i++) assert.is(book.apply(Side.Buy, 10_000 - i, 1), i)
  assert.is(book.bidCount, 5_000)
  for (let i = 0; i < 5_000; i++) assert.is(book.bidPrice(i), 10_000 - i)
})

test("any sequence of updates leaves the book that a map of prices would be", () => {
  for (let seed = 1; seed <= 12; seed++) compareWithMaps(seed)
})

function compareWithMaps(seed: number): void {
  const random = seededRandom(seed)
  const book = new Book()
  const maps = [new Map<number, number>(), new Map<number, number>()]
  const width = [8, 60, 3_000][seed % 3]
  for (let step = 0; step < 2_000; step++) {
    const side = below(random, 2)
    const price = (1_000_000 + below(random, width)) * (seed % 2 === 0 ? 1 : 1_000_000)
    const quantity = random() < 0.4 ? 0 : 1 + below(random, 3)
    const map = maps[side]
    const before = map.get(price) ?? 0
    const levelBefore = sorted(map, side).indexOf(price)
    if (quantity === 0) map.delete(price)
    else map.set(price, quantity)

    const level = book.apply(side, price, quantity)
    if (before === quantity) assert.is(level, NO_CHANGE)
    else assert.is(level, quantity === 0 ? levelBefore : sorted(map, side).indexOf(price))
    if (step % 97 === 0) assertSame(book, maps)
  }
  assertSame(book, maps)
}

function assertSame(book: Book, [bids, asks]: Map<number, number>[]): void {
  const bidPrices = sorted(bids, Side.Buy)
  const askPrices = sorted(asks, Side.Sell)
  assert.equal([book.bidCount, book.askCount], [bidPrices.length, askPrices.length])
  for (const [level, price] of bidPrices.entries()) {
    assert.ok(book.bidPrice(level) === price && book.bidQty(level) === bids.get(price), `bid level ${level}`)
  }
  for (const [level, price] of askPrices.entries()) {
    assert.ok(book.askPrice(level) === price && book.askQty(level) === asks.get(price), `ask level ${level}`)
  }
  assert.is(book.isCrossed(), bidPrices.length > 0 && askPrices.length > 0 && bidPrices[0] >= askPrices[0])
}

function sorted(map: Map<number, number>, side: number): number[] {
  return [...map.keys()].sort((a, b) => (side === Side.Buy ? b - a : a - b))
}

test.run()
