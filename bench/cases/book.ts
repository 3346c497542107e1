import assert from "node:assert/strict"
import { Book } from "../../core/hot/book.js"
import { Side } from "../../core/hot/records.js"
import { below, seededRandom } from "../../test/support/random.js"
import { compare, type Subject } from "../measure.js"

/**
 * One level of one side is set or taken away and the best bid and ask are read, as a strategy does after every update.
 * The market wanders by a tick every fifty updates and takes the levels it reaches away; four of five updates are
 * within ten ticks of it, the rest anywhere in a thousand. Where and what the next one is cannot be predicted.
 */
export const book = compare({
  name: "book",
  operation: "level update",
  prepare() {
    const updates = makeUpdates()
    const subjects = [bookSubject(updates), arraySubject(updates), mapSubject(updates)]
    assertSameBest(subjects)
    return subjects
  },
})

const UPDATES = 1 << 16
const LAST_UPDATE = UPDATES - 1
const TICK = 1_000_000
const LEVELS = 1_000

interface BookSubject extends Subject {
  bestBid(): number
  bestAsk(): number
}

interface Updates {
  sides: Uint8Array
  /** Pairs of ticks and lots. */
  levels: Float64Array
}

function makeUpdates(): Updates {
  const random = seededRandom(20240808)
  const updates: Updates = { sides: new Uint8Array(UPDATES), levels: new Float64Array(2 * UPDATES) }
  const live = [new Set<number>(), new Set<number>()]
  let middle = 6_000_000
  let count = 0
  const put = (side: number, price: number, quantity: number) => {
    if (count === UPDATES) return
    updates.sides[count] = side
    updates.levels[2 * count] = price * TICK
    updates.levels[2 * count + 1] = quantity
    count++
    if (quantity === 0) live[side].delete(price)
    else live[side].add(price)
  }
  while (count < UPDATES) {
    if (random() < 0.02) {
      middle += random() < 0.5 ? 1 : -1
      for (const side of [Side.Buy, Side.Sell]) if (live[side].has(middle)) put(side, middle, 0)
    }
    const side = below(random, 2)
    const distance = 1 + below(random, random() < 0.8 ? 10 : LEVELS)
    put(side, side === Side.Buy ? middle - distance : middle + distance, random() < 0.45 ? 0 : 1 + below(random, 1e9))
  }
  return updates
}

function bookSubject(updates: Updates): BookSubject {
  const { sides, levels } = updates
  const book = new Book()
  const best = new Float64Array(1)
  return {
    name: "veloz Book",
    run(operation) {
      const at = operation & LAST_UPDATE
      book.applyAt(sides[at], levels, 2 * at)
      best[0] = book.bestBidTicks + book.bestAskTicks
    },
    bestBid: () => book.bestBidTicks,
    bestAsk: () => book.bestAskTicks,
  }
}

interface Level {
  price: number
  quantity: number
}

/** What many a first book is: arrays of objects in order, searched from the front and spliced. */
function arraySubject(updates: Updates): BookSubject {
  const books: Level[][] = [[], []]
  const bestOf = (side: number) => books[side][0]?.price ?? 0
  const best = new Float64Array(1)
  return {
    name: "sorted array of objects",
    run(operation) {
      const at = operation & LAST_UPDATE
      const side = updates.sides[at]
      applyToArray(books[side], side, { price: updates.levels[2 * at], quantity: updates.levels[2 * at + 1] })
      best[0] = bestOf(Side.Buy) + bestOf(Side.Sell)
    },
    bestBid: () => bestOf(Side.Buy),
    bestAsk: () => bestOf(Side.Sell),
  }
}

function applyToArray(levels: Level[], side: number, level: Level): void {
  const at = levels.findIndex(({ price }) => (side === Side.Buy ? price <= level.price : price >= level.price))
  const isThere = at >= 0 && levels[at].price === level.price
  if (level.quantity === 0) {
    if (isThere) levels.splice(at, 1)
  } else {
    levels.splice(at < 0 ? levels.length : at, isThere ? 1 : 0, level)
  }
}

/** A Map of prices a side, with the best kept and looked for again when it is taken away. */
function mapSubject(updates: Updates): BookSubject {
  const books = [new Map<number, number>(), new Map<number, number>()]
  const bests = [0, 0]
  const best = new Float64Array(1)
  return {
    name: "Map of prices",
    run(operation) {
      const at = operation & LAST_UPDATE
      const side = updates.sides[at]
      bests[side] = applyToMap(books[side], side, bests[side], updates.levels[2 * at], updates.levels[2 * at + 1])
      best[0] = bests[0] + bests[1]
    },
    bestBid: () => bests[Side.Buy],
    bestAsk: () => bests[Side.Sell],
  }
}

function applyToMap(levels: Map<number, number>, side: number, best: number, price: number, quantity: number): number {
  const better = side === Side.Buy ? Math.max : Math.min
  if (quantity === 0) {
    if (!levels.delete(price) || price !== best) return best
    let found = 0
    for (const other of levels.keys()) found = found === 0 ? other : better(found, other)
    return found
  }
  levels.set(price, quantity)
  return best === 0 ? price : better(best, price)
}

function assertSameBest([first, ...others]: readonly BookSubject[]): void {
  for (let operation = 0; operation < 20_000; operation++) {
    first.run(operation)
    for (const other of others) {
      other.run(operation)
      assert.equal(other.bestBid(), first.bestBid(), `${other.name} after update ${operation}`)
      assert.equal(other.bestAsk(), first.bestAsk(), `${other.name} after update ${operation}`)
    }
  }
}
