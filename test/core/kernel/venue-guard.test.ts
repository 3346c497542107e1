import { test } from "uvu"
import * as assert from "uvu/assert"
import { definePlugin, type Plugin, type VenueAdapter } from "veloz"
import { RecordType, VENUE_STATUS_BYTES, VENUE_STATUS_CHANNEL, VENUE_STATUS_UP, VenueChannel } from "veloz/hot"
import { type Harness, harness } from "veloz/testing"

type Call = "onFrame" | "onOpen" | "onClose" | "place" | "cancel"

/** A venue that takes everything, and throws where a test wants it to. */
function shaky(broken: Call): Plugin {
  const attempt = (call: Call): void => {
    if (call === broken) throw new Error(`no ${call}`)
  }
  return definePlugin({
    name: "shaky",
    version: "1.0.0",
    veloz: "^1.0.0",
    network({ transport, venue, toEngine, log, timers }) {
      timers.every(1000, () => log.info("still here"))
      const connection = transport.open({
        key: "orders",
        url: "ws://127.0.0.1:1",
        onOpen: () => {
          for (const channel of [VenueChannel.Market, VenueChannel.Orders]) {
            const at = toEngine.claim(RecordType.VenueStatus, VENUE_STATUS_BYTES, true)
            toEngine.i32[(at + VENUE_STATUS_CHANNEL) >> 2] = channel
            toEngine.i32[(at + VENUE_STATUS_UP) >> 2] = 1
            toEngine.publish()
          }
          attempt("onOpen")
        },
        onClose: () => attempt("onClose"),
        onFrame: () => attempt("onFrame"),
      })
      const append = (text: string): number => {
        const bytes = Buffer.from(text)
        connection.out.set(bytes, connection.claim(bytes.length))
        connection.commit(bytes.length)
        return 0
      }
      const adapter: VenueAdapter = {
        connection,
        isReady: true,
        place() {
          append("place")
          attempt("place")
          return 0
        },
        cancel() {
          append("cancel")
          attempt("cancel")
          return 0
        },
        query: () => append("query"),
        requestSnapshot: () => undefined,
        replay: () => false,
      }
      venue.register(adapter)
    },
  }) as Plugin
}

async function opened(broken: Call): Promise<Harness> {
  const engine = await harness(shaky(broken), { adapter: true })
  engine.connection("orders").open()
  return engine
}

for (const [call, act] of [
  ["onOpen", () => undefined],
  ["onFrame", (engine: Harness) => engine.connection("orders").receive("{")],
  ["onClose", (engine: Harness) => engine.connection("orders").drop()],
] as const) {
  test(`a connection whose ${call} throws is named and opened anew, and its part goes on`, async () => {
    const engine = await opened(call)
    act(engine)
    assert.equal(engine.takeFaults(), [`shaky in network, connection "orders", ${call}: no ${call}`])
    assert.not(engine.connection("orders").isOpen, "it was dropped")
    engine.clock.advance("1s")
    assert.ok(engine.logged.includes("info shaky: still here"))
    await engine.close()
  })
}

test("an adapter that throws in place denies the order, and what it had appended does not leave", async () => {
  const engine = await opened("place")
  const order = engine.buy("BTCUSDT", "0.1", "60000.00")
  assert.is(order.state, "denied")
  assert.equal(engine.takeFaults(), ["shaky in network, venue, place: no place"])
  assert.equal(engine.connection("orders").sent, [])
  await engine.close()
})

test("an adapter that throws in cancel is named, and the order is still known", async () => {
  const engine = await opened("cancel")
  const order = engine.buy("BTCUSDT", "0.1", "60000.00")
  engine.cancel(order)
  assert.equal(engine.takeFaults(), ["shaky in network, venue, cancel: no cancel"])
  assert.not(engine.connection("orders").isOpen)
  assert.is(engine.orders.open.length, 1)
  await engine.close()
})

test.run()
