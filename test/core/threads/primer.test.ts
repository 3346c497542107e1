import { test } from "uvu"
import * as assert from "uvu/assert"
import type { EngineContext, NetworkContext, Plugin, StrategyContext } from "veloz"
import { definePlugin, type PluginDefinition } from "veloz"
import { SystemClock } from "../../../core/hot/clock.js"
import { symbolSpecs } from "../../../core/testing/test-symbols.js"
import type { PluginChange } from "../../../core/threads/messages.js"
import { primeInSlices } from "../../../core/threads/prime-in-slices.js"
import { Primer } from "../../../core/threads/primer.js"
import { createSharedMemory } from "../../../core/threads/shared-memory.js"
import { inEachTopology, type Topology } from "../../support/topologies.js"

const clock = new SystemClock()
const symbols = symbolSpecs([
  { name: "BTCUSDT", quoteAsset: "USDT", minNotional: 1 },
  { name: "ETHUSDT", quoteAsset: "USDT", minNotional: 1 },
])

type Definition = Omit<PluginDefinition<object>, "name" | "version" | "veloz">

/** A primer that knows one plugin. */
function priming(topology: Topology, definition: Definition): { primer: Primer; plugins: PluginChange[] } {
  const plugin = definePlugin({ name: "mine", version: "1.0.0", veloz: "^1.0.0", ...definition }) as unknown as Plugin
  const loader = { load: () => plugin, locate: () => undefined }
  const memory = createSharedMemory(symbols.length, topology)
  const source = { kind: "module", file: "mine" } as const
  const change: PluginChange = { name: "mine", action: "remake", options: {}, source }
  return { primer: new Primer({ symbols, memory, clock, loader }), plugins: [change] }
}

interface Seen {
  decoded: number
  booked: number
  checked: number
  reported: number
  books: number
  trades: number
  filled: number
  disposed: number
}

/** Taps everything, and counts. */
function watcher(seen: Seen): Definition {
  return {
    engine({ market, order }: EngineContext<object>) {
      market.decoded.tap("seen", () => void seen.decoded++)
      market.booked.tap("seen", () => void seen.booked++)
      order.risk.tap("seen", () => {
        seen.checked++
        return 0
      })
      order.report.tap("seen", () => void seen.reported++)
      return { dispose: () => void seen.disposed++ }
    },
    strategy({ market, orders, books }: StrategyContext<object>) {
      market.onBook(({ symbol }) => {
        if (books.get(symbol.index).isLive) seen.books++
      })
      market.onTrade(({ symbol, priceTicks }) => {
        seen.trades++
        if (seen.trades % 10 === 0) orders.place(symbol, 0, priceTicks, 1)
      })
      orders.onFill(() => void seen.filled++)
    },
  }
}

const nothingSeen = (): Seen => {
  return { decoded: 0, booked: 0, checked: 0, reported: 0, books: 0, trades: 0, filled: 0, disposed: 0 }
}

inEachTopology(
  "every tap of new code runs on what is invented, its own orders included, again and again",
  async (topology) => {
    const seen = nothingSeen()
    const { primer, plugins } = priming(topology, watcher(seen))
    for (const time of [1, 2]) {
      const { tookMs, sliceMs } = await primeInSlices(primer, plugins, clock)
      assert.ok(sliceMs > 0 && sliceMs <= tookMs)
      assert.is(seen.disposed, time)
      for (const count of Object.values(seen)) assert.ok(count >= time, JSON.stringify(seen))
    }
    assert.ok(seen.trades >= 2000 && seen.booked >= 2000 && seen.checked >= 2000, JSON.stringify(seen))
    assert.ok(seen.filled >= 100, "the strategy's own orders are filled")
  },
)

inEachTopology("the thread has its turns meanwhile", async (topology) => {
  const { primer, plugins } = priming(topology, watcher(nothingSeen()))
  let turns = 0
  let isOver = false
  const turn = (): void => {
    turns += 1
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await primeInSlices(primer, plugins, clock)
  isOver = true
  assert.ok(turns > 10, `${turns} turns`)
})

inEachTopology(
  "code that throws on what is invented, and code that does not want to be made, is told",
  async (topology) => {
    const throwing = priming(topology, {
      strategy: ({ market }: StrategyContext<object>) =>
        market.onTrade(() => assert.unreachable("on purpose")) as undefined,
    })
    for (const _ of [1, 2]) {
      const { failure } = await primeInSlices(throwing.primer, throwing.plugins, clock)
      assert.match(failure ?? "", /plugin "mine" threw on what is invented, in strategy, .*: on purpose/)
    }
    const refusing = priming(topology, {
      network: (_: NetworkContext<object>) => {
        throw new Error("not twice")
      },
    })
    for (const _ of [1, 2]) {
      const failure = await primeInSlices(refusing.primer, refusing.plugins, clock).catch(
        (error: Error) => error.message,
      )
      assert.match(String(failure), /not twice/)
    }
  },
)

test.run()
