import { test } from "uvu"
import * as assert from "uvu/assert"
import type { Services } from "veloz"
import { ServiceRegistry } from "../../../core/kernel/services.js"

const venue = (account: string): Services["venue"] => ({ symbols: [], account })

/** The registry of a generation in force, with a venue of one plugin that another uses. */
function first(): ServiceRegistry {
  const registry = new ServiceRegistry()
  registry.provide("binance", "venue", venue("one"))
  registry.use({ name: "kept" }, "venue")
  registry.commit()
  return registry
}

test("a part that is kept finds what the newest generation provides", () => {
  const old = first()
  const next = old.without(new Set(["binance"]))
  next.provide("binance", "venue", venue("two"))
  assert.is(old.get("venue")?.account, "one", "until that is in force")
  next.commit()
  assert.is(old.use({ name: "kept" }, "venue").account, "two")
  assert.equal([...next.usersOf(["binance"])], ["kept"])
})

test("a generation that does not come changes nothing", () => {
  const old = first()
  old.without(new Set(["binance"])).provide("binance", "venue", venue("two"))
  assert.is(old.get("venue")?.account, "one")
  const next = old.without(new Set())
  next.commit()
  assert.is(old.get("venue")?.account, "one")
  assert.is(next.get("venue")?.account, "one")
})

test.run()
