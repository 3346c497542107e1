import { test } from "uvu"
import * as assert from "uvu/assert"
import { Book } from "../../../core/hot/book.js"
import { DepthFlag } from "../../../core/hot/records.js"
import { type Level, writeDepth } from "../../../core/hot/write-market.js"
import { BookSync, DEPTH_HELD, DEPTH_LOST, DEPTH_PARTIAL, DEPTH_STALE } from "../../../core/pipeline/book-sync.js"
import { CallLink } from "../../../core/threads/call-link.js"
import { below, seededRandom } from "../../support/random.js"

const { First, Last, Snapshot, Stream } = DepthFlag
const WHOLE = First | Last

interface Sides {
  bids?: readonly Level[]
  asks?: readonly Level[]
}

/** A book as the market path keeps it, fed by hand. */
class Probe {
  readonly book = new Book()
  requests = 0
  readonly sync: BookSync
  readonly #link = new CallLink()
  #result = 0

  constructor(bufferBytes = 1 << 16) {
    this.sync = new BookSync(this.book, () => void this.requests++, bufferBytes)
    this.#link.connect((_type, offset, length, views) => {
      this.#result = this.sync.onDepth(views, offset, length)
    })
  }

  static live(): Probe {
    const probe = new Probe()
    probe.diff(9, 11)
    probe.snapshot(10, { bids: [[100, 5]], asks: [[102, 5]] })
    return probe
  }

  diff(firstUpdateId: number, finalUpdateId: number, sides: Sides = {}, flags: number = WHOLE): number {
    return this.#write(flags, firstUpdateId, finalUpdateId, sides)
  }

  snapshot(updateId: number, sides: Sides = {}, flags: number = WHOLE): number {
    return this.#write(flags | Snapshot, updateId, updateId, sides)
  }

  #write(flags: number, firstUpdateId: number, finalUpdateId: number, { bids = [], asks = [] }: Sides): number {
    writeDepth(this.#link, { symbol: 0, flags, firstUpdateId, finalUpdateId, bids, asks })
    return this.#result
  }
}

test("diffs are held until a snapshot has come, which is asked for once", () => {
  const probe = new Probe()
  assert.is(probe.diff(11, 12), DEPTH_HELD)
  assert.is(probe.diff(13, 13), DEPTH_HELD)
  assert.is(probe.requests, 1)
  assert.not.ok(probe.sync.isLive)
})

test("a snapshot makes the book live and is continued by what was held", () => {
  const probe = new Probe()
  probe.diff(8, 10, { bids: [[99, 7]] })
  probe.diff(11, 12, { bids: [[100, 3]], asks: [[103, 1]] })
  assert.ok(probe.snapshot(10, { bids: [[100, 5]], asks: [[102, 5]] }) >= 0)
  assert.ok(probe.sync.isLive)
  assert.is(probe.book.lastUpdateId, 12)
  assert.equal([probe.book.bidQty(0), probe.book.askCount, probe.book.bidCount], [3, 2, 1], "8-10 was in the snapshot")
})

test("the first diff after a snapshot may reach back before it", () => {
  const probe = new Probe()
  probe.diff(9, 14, { bids: [[101, 1]] })
  probe.snapshot(10, { bids: [[100, 5]], asks: [[102, 5]] })
  assert.equal([probe.sync.isLive, probe.book.lastUpdateId, probe.book.bestBidTicks], [true, 14, 101])
})

test("a snapshot older than what is held is asked for again", () => {
  const probe = new Probe()
  probe.diff(11, 12)
  assert.is(probe.snapshot(9, { bids: [[100, 5]] }), DEPTH_STALE)
  assert.is(probe.requests, 2)
  assert.not.ok(probe.sync.isLive)
  probe.snapshot(12, { bids: [[100, 5]] })
  assert.ok(probe.sync.isLive)
})

test("a snapshot that what is held does not continue begins the book anew", () => {
  const probe = new Probe()
  probe.diff(11, 12)
  probe.diff(15, 16)
  assert.is(probe.snapshot(11, { bids: [[100, 5]], asks: [[102, 5]] }), DEPTH_LOST, "13 and 14 are missing")
  assert.is(probe.requests, 2)
  assert.ok(probe.snapshot(15, { bids: [[100, 5]], asks: [[102, 5]] }) >= 0)
  assert.is(probe.book.lastUpdateId, 16, "what came behind the gap was held for the next snapshot")
})

test("an update that the book contains already is stale", () => {
  const probe = Probe.live()
  assert.is(probe.diff(12, 13), 0x7fffffff)
  assert.is(probe.diff(12, 13, { bids: [[100, 1]] }), DEPTH_STALE)
  assert.is(probe.book.bidQty(0), 5)
})

test("an update tells the changed level nearest to the touch", () => {
  const probe = Probe.live()
  assert.is(probe.diff(12, 12, { bids: [[98, 1]], asks: [[104, 2]] }), 1)
  assert.is(probe.diff(13, 13, { bids: [[97, 1]], asks: [[102, 9]] }), 0)
})

test("a skipped update loses the book until a snapshot has come", () => {
  const probe = Probe.live()
  const before = probe.requests
  assert.is(probe.diff(13, 13, { bids: [[99, 1]] }), DEPTH_LOST)
  assert.not.ok(probe.sync.isLive)
  assert.is(probe.requests, before + 1)
  assert.is(probe.diff(14, 14), DEPTH_HELD)
  probe.snapshot(13, {
    bids: [
      [100, 5],
      [99, 1],
    ],
    asks: [[102, 5]],
  })
  assert.equal([probe.sync.isLive, probe.book.lastUpdateId, probe.book.bidCount], [true, 14, 2])
})

test("a late snapshot does not throw a live book back", () => {
  const probe = Probe.live()
  probe.diff(12, 20, { bids: [[101, 1]] })
  assert.is(probe.snapshot(15, { bids: [[90, 1]] }), DEPTH_STALE)
  assert.equal([probe.sync.isLive, probe.book.lastUpdateId, probe.book.bestBidTicks], [true, 20, 101])
  assert.ok(probe.diff(21, 21, { bids: [[101, 2]] }) >= 0, "and the next update continues it")
})

test("a late snapshot of several slices is passed over whole", () => {
  const probe = Probe.live()
  assert.is(probe.snapshot(11, { bids: [[90, 1]] }, First), DEPTH_STALE)
  assert.is(probe.snapshot(11, { bids: [[89, 1]] }, Last), DEPTH_PARTIAL)
  assert.equal([probe.sync.isLive, probe.book.bidCount], [true, 1])
})

test("a snapshot of several slices is live with its last, and updates between them are held", () => {
  const probe = new Probe()
  probe.diff(9, 11)
  assert.is(probe.snapshot(10, { bids: [[100, 5]] }, First), DEPTH_PARTIAL)
  assert.is(probe.diff(12, 12, { bids: [[100, 6]] }), DEPTH_HELD)
  assert.is(probe.snapshot(10, { bids: [[99, 5]] }, 0), DEPTH_PARTIAL)
  assert.ok(probe.snapshot(10, { asks: [[102, 5]] }, Last) >= 0)
  assert.equal([probe.book.bidCount, probe.book.askCount, probe.book.bidQty(0)], [2, 1, 6])
})

test("an update of several slices is applied as one", () => {
  const probe = Probe.live()
  assert.is(probe.diff(12, 14, { bids: [[99, 1]] }, First), DEPTH_PARTIAL)
  assert.is(probe.book.lastUpdateId, 11)
  assert.is(probe.diff(12, 14, { asks: [[104, 1]] }, Last), 1)
  assert.is(probe.book.lastUpdateId, 14)
})

test("slices of an update that lies behind a gap are held together", () => {
  const probe = Probe.live()
  assert.is(probe.diff(13, 14, { bids: [[99, 1]] }, First), DEPTH_LOST)
  assert.is(probe.diff(13, 14, { asks: [[105, 1]] }, Last), DEPTH_HELD)
  probe.snapshot(13, { bids: [[100, 5]], asks: [[102, 5]] })
  assert.equal([probe.book.lastUpdateId, probe.book.bidCount, probe.book.askCount], [14, 2, 2])
})

test("a crossed book is not believed and is asked for anew", () => {
  const probe = Probe.live()
  const before = probe.requests
  assert.is(probe.diff(12, 12, { bids: [[103, 1]] }), DEPTH_LOST)
  assert.equal([probe.sync.isLive, probe.requests, probe.book.bidCount], [false, before + 1, 0])
})

test("more than can be held begins anew with the next message", () => {
  const probe = new Probe(4096)
  let result = DEPTH_HELD
  let updateId = 11
  while (result === DEPTH_HELD) result = probe.diff(updateId, updateId++, { bids: [[100, updateId]] })
  assert.is(result, DEPTH_LOST)
  const first = updateId
  assert.is(probe.diff(first, first, { bids: [[100, 77]] }), DEPTH_HELD)
  assert.is(probe.requests, 2)
  assert.is(probe.snapshot(first - 5), DEPTH_STALE, "a snapshot that does not reach what is held")
  assert.is(probe.diff(first + 1, first + 1, { bids: [[100, 78]] }), DEPTH_HELD)
  probe.snapshot(first, { bids: [[100, 77]] })
  assert.equal([probe.sync.isLive, probe.book.bidQty(0)], [true, 78])
})

test("a snapshot that did not come is asked for again, but not by a live book or one that nobody told of", () => {
  const probe = new Probe()
  probe.sync.askAgain()
  assert.is(probe.requests, 0)
  probe.diff(11, 11)
  probe.sync.askAgain()
  assert.is(probe.requests, 2)
  probe.snapshot(11, { bids: [[100, 5]] })
  probe.sync.askAgain()
  assert.is(probe.requests, 2)
})

test("messages of a stream of snapshots replace the book and have no gaps", () => {
  const probe = new Probe()
  const whole = First | Last | Stream
  assert.is(probe.snapshot(10, { bids: [[100, 5]], asks: [[102, 5]] }, whole), 0)
  assert.is(probe.snapshot(50, { bids: [[200, 5]], asks: [[202, 5]] }, whole), 0)
  assert.equal([probe.sync.isLive, probe.book.bidCount, probe.book.bestBidTicks, probe.requests], [true, 1, 200, 0])
})

test("after a stream of snapshots, diffs begin the book anew", () => {
  const probe = new Probe()
  probe.snapshot(10, { bids: [[100, 5]] }, First | Last | Stream)
  assert.is(probe.diff(20, 21), DEPTH_LOST)
  assert.is(probe.requests, 1)
})

test("a restarted book forgets all, and asks when the next update comes", () => {
  const probe = Probe.live()
  probe.sync.restart()
  const before = probe.requests
  assert.equal([probe.sync.isLive, probe.book.bidCount], [false, 0])
  assert.is(probe.diff(900, 901), DEPTH_HELD)
  assert.is(probe.requests, before + 1)
})

test("whatever is lost, doubled or late, a live book is the venue's book", () => {
  for (let seed = 1; seed <= 40; seed += 1) followVenue(seed)
})

/** A venue whose updates reach the book through a line that loses, doubles and delays snapshots. */
function followVenue(seed: number): void {
  const random = seededRandom(seed)
  const probe = new Probe(1 << 14)
  const truth = new Map<number, number>()
  const snapshots: { updateId: number; bids: Level[] }[] = []
  let asked = 0
  let lived = 0
  let updateId = 0
  for (let step = 0; step < 400; step += 1) {
    const first = updateId + 1
    updateId += 1 + below(random, 3)
    const bids: Level[] = Array.from({ length: 1 + below(random, 3) }, () => [1 + below(random, 20), below(random, 4)])
    for (const [price, qty] of bids) {
      if (qty === 0) truth.delete(price)
      else truth.set(price, qty)
    }
    const fate = random()
    if (fate < 0.93) probe.diff(first, updateId, { bids })
    if (fate < 0.05) probe.diff(first, updateId, { bids })
    while (asked < probe.requests) {
      asked += 1
      snapshots.push({ updateId, bids: [...truth].map(([price, qty]): Level => [price, qty]) })
    }
    if (snapshots.length > 0 && random() < 0.3) {
      const { updateId: id, bids: levels } = snapshots.shift()!
      probe.snapshot(id, { bids: levels })
    }
    if (random() < 0.1) probe.sync.askAgain()
    if (!probe.sync.isLive || probe.book.lastUpdateId !== updateId) continue
    lived += 1
    const seen = Array.from({ length: probe.book.bidCount }, (_, level) => [
      probe.book.bidPrice(level),
      probe.book.bidQty(level),
    ])
    assert.equal(
      seen,
      [...truth].sort(([a], [b]) => b - a),
      `seed ${seed}, step ${step}`,
    )
  }
  assert.ok(lived > 50, `seed ${seed}: the book was live in ${lived} of 400 steps`)
}

test.run()
