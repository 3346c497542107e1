import { test } from "uvu"
import * as assert from "uvu/assert"
import { definePlugin, type Plugin } from "veloz"
import { harness } from "veloz/testing"
import { DenyReason } from "../../../core/hot/deny.js"
import { OrderStatus, Side } from "../../../core/hot/records.js"
import type { Harness } from "../../../core/testing/harness.js"
import type { HotRole } from "../../../core/threads/agent.js"
import { SplitEngine } from "../../../core/threads/split-engine.js"

// What a role does whose neighbour takes no turns: rings fill up, nobody waits, and nothing that counts is lost.

interface Heard {
  trades: number[]
  tops: number[]
  updates: number[]
  fills: number
}

/** A strategy that writes down what it hears, and places orders when it is told to. */
function listener(heard: Heard): { plugin: Plugin; place: () => number } {
  let place = (): number => 0
  const plugin = definePlugin<object>({
    name: "listener",
    version: "1.0.0",
    veloz: "^1.0.0",
    strategy({ market, orders }) {
      market.onTrade(({ priceTicks }) => void heard.trades.push(priceTicks))
      market.onTop(({ bidTicks }) => void heard.tops.push(bidTicks))
      orders.onUpdate(({ status }) => void heard.updates.push(status))
      orders.onFill(() => void heard.fills++)
      place = () => orders.place(0, Side.Buy, 10_000, 100)
    },
  })
  return { plugin, place: () => place() }
}

async function started(): Promise<{ engine: Harness; heard: Heard; place: () => number }> {
  const heard: Heard = { trades: [], tops: [], updates: [], fills: 0 }
  const { plugin, place } = listener(heard)
  const engine = await harness(plugin, { topology: "split" })
  return { engine, heard, place }
}

function held(engine: Harness, role: HotRole): { release: () => void } {
  const { hot } = engine
  if (!(hot instanceof SplitEngine)) throw new Error("this engine is not split")
  hot.held.add(role)
  return {
    release() {
      hot.held.delete(role)
      // What found no room comes back a moment later.
      for (let turn = 0; turn < 10; turn += 1) engine.clock.advance("2ms")
    },
  }
}

const price = (ticks: number): string => (ticks / 100).toFixed(2)

test("while a strategy takes nothing, tops conflate to the newest, and trades and reports wait for it in order", async () => {
  const { engine, heard, place } = await started()
  place()
  engine.settle()
  const strategy = held(engine, "strategy")
  const count = 110_000
  for (let number = 1; number <= count; number += 1) {
    engine.trade("BTCUSDT", { price: price(10_000 + number), qty: "1" })
    if (number % 100 !== 0) continue
    engine.top("BTCUSDT", { bid: [price(number), "1"], ask: [price(number + 1), "1"] })
  }
  const [order] = engine.venue.orders.keys()
  engine.venue.fill(order)
  engine.settle()
  assert.equal([heard.trades.length, heard.fills], [0, 0])
  strategy.release()
  assert.equal(heard.trades.length, count)
  assert.ok(heard.trades.every((ticks, index) => ticks === 10_001 + index))
  assert.is(heard.tops.at(-1), count, "the newest top arrives in the end")
  assert.equal([heard.fills, heard.updates.at(-1)], [1, OrderStatus.Filled])
  await engine.close()
})

test("a strategy that takes nothing stops neither the engine's own view nor orders over HTTP", async () => {
  const { engine } = await started()
  held(engine, "strategy")
  for (let number = 1; number <= 80_000; number += 1) {
    engine.top("BTCUSDT", { bid: [price(number), "1"], ask: [price(number + 1), "1"] })
  }
  assert.is(engine.hot.market.tops[0].bidTicks, 80_000)
  assert.is(engine.buy("BTCUSDT", "1", "100.00").state, "open")
  assert.ok(engine.metrics.counter("strategy_ring_full") > 0, "tops have conflated")
  await engine.close()
})

test("when the network takes nothing, new orders are denied, and cancels still find room", async () => {
  const { engine } = await started()
  const open = engine.buy("BTCUSDT", "1", "100.00")
  const network = held(engine, "network")
  const orders = Array.from({ length: 40_000 }, () => engine.buy("BTCUSDT", "1", "100.00"))
  const denied = orders.filter((order) => order.denied === "overloaded")
  assert.ok(denied.length > 0 && denied.length < orders.length, `${denied.length} denied`)
  engine.cancel(open)
  network.release()
  assert.is(open.state, "canceled")
  const placed = engine.venue.requests.filter(({ kind }) => kind === "place").length
  assert.is(placed, 1 + orders.length - denied.length, "what was not denied has reached the venue, once each")
  await engine.close()
})

test("an engine that takes nothing loses no market record and no report that fits its ring and the network's room", async () => {
  const { engine, heard } = await started()
  const order = engine.buy("BTCUSDT", "1", "100.00")
  const busy = held(engine, "engine")
  for (let number = 1; number <= 60_000; number += 1) {
    engine.trade("BTCUSDT", { price: price(10_000 + number), qty: "1" })
  }
  engine.venue.fill(order.id)
  engine.settle()
  assert.is(order.state, "open")
  busy.release()
  assert.is(heard.trades.length, 60_000)
  assert.ok(heard.trades.every((ticks, index) => ticks === 10_001 + index))
  assert.is(order.state, "filled")
  await engine.close()
})

test("a strategy is denied on the spot when the engine takes nothing, and its cancels have room of their own", async () => {
  const { engine, place } = await started()
  held(engine, "engine")
  let placed = 0
  while (place() > 0 && placed < 100_000) placed += 1
  assert.ok(placed < 100_000, "the ring has an end")
  assert.is(place(), -DenyReason.RingFull)
  await engine.close()
})

test.run()
