import { CommandPluginLoader, createOfflineEngine } from "../../core/cli/offline-engine.js"
import type { Link } from "../../core/hot/link.js"
import { DepthFlag } from "../../core/hot/records.js"
import { writeDepth, writeTop, writeTrade } from "../../core/hot/write-market.js"
import type { NetworkContext, Plugin } from "../../core/kernel/contract.js"
import { definePlugin } from "../../core/kernel/define-plugin.js"
import type { PluginBundle } from "../../core/threads/messages.js"
import { Primer } from "../../core/threads/primer.js"
import { createSharedMemory } from "../../core/threads/shared-memory.js"
import { SYMBOL } from "../engine.js"
import { type BenchCase, type BenchRow, rowsFromBlocks } from "../measure.js"

const ROUNDS = 100
const QUICK_ROUNDS = 20
const WARM_UP_ROUNDS = 6
const WARM_UP_RECORDS = 20_000
const RECORDS = 100
const SUBJECT = "bench-signal"
const SOURCE = "bench-source"

/**
 * A strategy whose code has changed comes into force on a thread where all else is warm. While its code is evaluated
 * and its parts are made the thread takes no input: that cannot be cut. The first update of a book, its top and a trade,
 * and the first hundred, are told with priming and without; priming itself by its longest slice.
 */
export const newCode: BenchCase = {
  name: "new-code",
  run({ quick }) {
    const thread = new Thread()
    thread.warmUp()
    const samplesNs = new Map<string, number[]>()
    const rounds = quick ? QUICK_ROUNDS : ROUNDS
    for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
      for (const isPrimed of [true, false]) {
        for (const [name, ms] of Object.entries(thread.reload(isPrimed))) {
          if (round >= 0) samplesNs.set(name, [...(samplesNs.get(name) ?? []), ms * 1e6])
        }
      }
    }
    return rows(samplesNs)
  },
}

function rows(samplesNs: ReadonlyMap<string, readonly number[]>): BenchRow[] {
  const blocks = new Map([...samplesNs].map(([name, samples]) => [name, [samples]] as const))
  return rowsFromBlocks("new-code", "of a strategy", blocks).map((row) => {
    return { ...row, maxNs: Math.max(...samplesNs.get(row.subject)!) }
  })
}

/** A hot thread of all roles, with a market that this bench writes. */
class Thread {
  #generation = 0
  #updateId = 0
  #link: Link | undefined
  readonly #loader: CommandPluginLoader
  readonly #engine
  readonly #primer: Primer

  constructor() {
    const source = definePlugin({
      name: SOURCE,
      version: "1.0.0",
      veloz: "^1.0.0",
      network: ({ toEngine }: NetworkContext<object>) => {
        this.#link = toEngine
      },
    })
    this.#loader = new CommandPluginLoader({ [SOURCE]: source as unknown as Plugin })
    const onFault = (error: Error): void => {
      throw error
    }
    const symbols = [SYMBOL]
    const { engine, clock } = createOfflineEngine({ symbols, loader: this.#loader, log: SILENT, onFault })
    this.#engine = engine
    this.#primer = new Primer({ symbols, memory: createSharedMemory(1), clock, loader: this.#loader })
  }

  /** All that is core's own is warm from then on. */
  warmUp(): void {
    this.reload(false)
    for (let record = 0; record < WARM_UP_RECORDS; record += 1) this.#update()
  }

  /** What it takes, in milliseconds. */
  reload(isPrimed: boolean): Record<string, number> {
    this.#generation += 1
    const generation = this.#generation
    const source = this.#otherCode()
    const subject = { name: SUBJECT, action: "remake", options: {}, source } as const
    const own = { name: SOURCE, action: "keep", options: {}, source } as const
    const held = timeMs(() => this.#engine.prepare({ generation, plugins: [own, subject] }))
    const slice = isPrimed ? Math.max(...this.#prime(source)) : undefined
    this.#engine.commit(generation)
    const first = timeMs(() => this.#update())
    const others = timeMs(() => {
      for (let record = 1; record < RECORDS; record += 1) this.#update()
    })
    const way = isPrimed ? "primed" : "not primed"
    return {
      "held, to evaluate": held,
      ...(slice !== undefined && { "longest slice of priming": slice }),
      [`first update, ${way}`]: first,
      [`first ${RECORDS}, ${way}`]: first + others,
    }
  }

  #prime(source: PluginBundle): number[] {
    const primer = this.#primer
    const plugin = { name: SUBJECT, action: "remake", options: {}, source } as const
    const slices = [timeMs(() => primer.begin([plugin]))]
    for (let isMore = true; isMore; )
      slices.push(
        timeMs(() => {
          isMore = primer.step()
        }),
      )
    slices.push(timeMs(() => primer.end()))
    return slices
  }

  #otherCode(): PluginBundle {
    const number = this.#generation
    return { kind: "bundle", entry: "/signal.js", code: `/* ${number} */${SIGNAL}`, hash: `signal-${number}` }
  }

  #update(): void {
    const link = this.#link!
    this.#updateId += 1
    const id = this.#updateId
    const nowNs = performance.now() * 1e6
    const bid = [10_000 + (id % 7), 5] as const
    const ask = [10_010 + (id % 7), 5] as const
    const flags = DepthFlag.First | DepthFlag.Last | (id === 1 ? DepthFlag.Snapshot : 0)
    writeDepth(link, { symbol: 0, flags, firstUpdateId: id, finalUpdateId: id, bids: [bid], asks: [ask], nowNs })
    writeTop(link, { symbol: 0, updateId: id, bid, ask, nowNs })
    writeTrade(link, { symbol: 0, tradeId: id, priceTicks: bid[0], qtyLots: 1, buyerIsMaker: false, nowNs })
    this.#engine.takeTurn()
  }
}

/** What a strategy does: means, ranges and pressures of what it hears, and a decision. */
const SIGNAL = `
const { definePlugin } = require("veloz")

class Mean {
  constructor(weight) { this.weight = weight; this.value = 0 }
  add(value) { this.value += (value - this.value) * this.weight; return this.value }
}

class Range {
  constructor(length) { this.values = new Float64Array(length); this.next = 0 }
  add(value) { this.values[this.next] = value; this.next = (this.next + 1) % this.values.length }
  width() {
    let [low, high] = [Infinity, -Infinity]
    for (const value of this.values) { low = Math.min(low, value); high = Math.max(high, value) }
    return high - low
  }
}

class Signal {
  constructor() {
    this.fast = new Mean(0.2)
    this.slow = new Mean(0.02)
    this.range = new Range(32)
    this.pressure = 0
    this.decisions = 0
  }
  onTrade({ priceTicks, qtyLots, buyerIsMaker }) {
    this.pressure = 0.9 * this.pressure + (buyerIsMaker ? -qtyLots : qtyLots)
    this.range.add(priceTicks)
    this.decide(this.fast.add(priceTicks) - this.slow.add(priceTicks))
  }
  onTop({ bidTicks, askTicks, bidLots, askLots }) {
    const micro = (bidTicks * askLots + askTicks * bidLots) / (bidLots + askLots)
    this.decide(micro - this.slow.add(micro))
  }
  decide(edge) {
    const width = this.range.width()
    if (Math.abs(edge) > 0.25 * width && Math.sign(edge) === Math.sign(this.pressure)) this.decisions += 1
  }
}

exports.default = definePlugin({
  name: "bench-signal", version: "1.0.0", veloz: "^1.0.0", primable: true,
  engine({ market }) {
    const imbalance = new Mean(0.1)
    market.booked.tap("imbalance", (book, level) => { imbalance.add(level + (book.isLive ? 1 : 0)) })
  },
  strategy({ market }) {
    const signal = new Signal()
    market.onTrade((trade) => signal.onTrade(trade))
    market.onTop((top) => signal.onTop(top))
    market.onBook((book) => { if (book.isLive) signal.decide(book.updateId % 3) })
  },
})
`

function timeMs(act: () => void): number {
  const startedMs = performance.now()
  act()
  return performance.now() - startedMs
}

const nothing = (): void => undefined
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: (message: string) => console.error(message) }
