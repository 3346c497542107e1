import { test } from "uvu"
import * as assert from "uvu/assert"
import { streamsUrl } from "../../../plugins/binance/market-feed.js"

test("all symbols share one combined stream, in microseconds", () => {
  assert.is(
    streamsUrl("wss://host:9443/", ["BTCUSDT", "ETHUSDT"], 0),
    "wss://host:9443/stream?streams=btcusdt@depth@100ms/btcusdt@trade/btcusdt@bookTicker/ethusdt@depth@100ms/ethusdt@trade/ethusdt@bookTicker&timeUnit=MICROSECOND",
  )
})

test("whole books come in the venue's smallest size that is enough", () => {
  for (const [levels, size] of [
    [1, 5],
    [5, 5],
    [6, 10],
    [20, 20],
    [1000, 20],
  ]) {
    assert.ok(streamsUrl("ws://h", ["A"], levels).includes(`streams=a@depth${size}@100ms/`))
  }
})

test.run()
