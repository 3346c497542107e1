import { test } from "uvu"
import * as assert from "uvu/assert"
import { openAccount } from "../../../plugins/sim-exchange/account.js"
import { instrumentOf } from "../../../plugins/sim-exchange/instrument.js"
import type { UserOrder } from "../../../plugins/sim-exchange/order.js"
import { OrderRegistry } from "../../../plugins/sim-exchange/order-registry.js"

const ACCOUNT = openAccount(1, { api_key: "k", api_secret: "s" })
const OTHER = openAccount(2, { api_key: "o", api_secret: "s" })
const INSTRUMENT = instrumentOf("BTCUSDT", undefined)

function order(id: number, clientOrderId: string): UserOrder {
  const wish = { instrument: INSTRUMENT, clientOrderId }
  return { id, account: ACCOUNT, wish, status: "NEW", cancelId: "" } as unknown as UserOrder
}

function finish(registry: OrderRegistry, each: UserOrder, cancelId = ""): void {
  each.status = "CANCELED"
  each.cancelId = cancelId
  registry.finish(each)
}

test("an order is its account's alone, and its symbol's", () => {
  const registry = new OrderRegistry()
  const mine = order(1, "a")
  registry.add(mine)
  assert.is(registry.byId(ACCOUNT, "BTCUSDT", 1), mine)
  assert.is(registry.byId(OTHER, "BTCUSDT", 1), undefined)
  assert.is(registry.byId(ACCOUNT, "ETHUSDT", 1), undefined)
  assert.is(registry.byClientId(OTHER, "BTCUSDT", "a"), undefined)
})

test("a cancelled order is found by its own id and by its cancel's, and its id is free", () => {
  const registry = new OrderRegistry()
  const mine = order(1, "a")
  registry.add(mine)
  assert.ok(registry.hasOpen(ACCOUNT, "BTCUSDT", "a"))
  finish(registry, mine, "c")
  assert.is(registry.byClientId(ACCOUNT, "BTCUSDT", "a"), mine)
  assert.is(registry.byClientId(ACCOUNT, "BTCUSDT", "c"), mine)
  assert.not.ok(registry.hasOpen(ACCOUNT, "BTCUSDT", "a"))
})

test("the oldest finished orders are forgotten, open ones never, nor a newer order of the same id", () => {
  const registry = new OrderRegistry(10)
  const open = order(1, "open")
  registry.add(open)
  for (let id = 2; id < 100; id++) {
    const each = order(id, `id-${id}`)
    registry.add(each)
    if (id === 2) {
      finish(registry, each)
      registry.add(order(1000, "id-2"))
    } else finish(registry, each)
  }
  assert.is(registry.byClientId(ACCOUNT, "BTCUSDT", "open"), open)
  assert.is(registry.byClientId(ACCOUNT, "BTCUSDT", "id-2")?.id, 1000)
  assert.is(registry.byId(ACCOUNT, "BTCUSDT", 2), undefined)
  assert.is(registry.byId(ACCOUNT, "BTCUSDT", 99)?.id, 99)
  const remembered = registry.all(ACCOUNT).length
  assert.ok(remembered >= 12 && remembered <= 22, `${remembered} remembered`)
})

test.run()
